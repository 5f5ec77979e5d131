"""Sessions of the account: how long they last, where one is logged in, and that they are ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from kindline.clients.login_models import Entry, Login
from kindline.clients.models import Account
from kindline.journal.queries import facts_of
from kindline.site.account import proving, sessions, sweeping
from kindline.site.models import AccountSession
from kindline.staff import known_browsers
from kindline.staff.models import Employee, EmployeeSession
from kindline.standard.profile import Profile
from tests.site.account.conftest import seat
from tests.site.account.test_account import EMAIL, PASSWORD, by_password, code_of_last_letter, entered
from tests.site.account.test_factors import confirmed

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("quick_passwords")]
Site = Callable[..., Profile]
SECOND = dt.timedelta(seconds=1)
PAGE = "/account/sessions/"


@pytest.fixture
def owner(site: Site, visitor: Browser, account: Account) -> Browser:
    """Somebody who is in his account."""
    site("krc")
    return entered(visitor)


def is_in(browser: Browser) -> bool:
    """Whether the account opens."""
    return bool(browser.get("/account/").status_code == 200)


def aged(**back: dt.timedelta) -> None:
    """Let what was noted lie so far back."""
    AccountSession.objects.update(**{name: timezone.now() - by for name, by in back.items()})


def proven(browser: Browser, word: str = "sessions") -> str:
    """Shown anew by the password; where one goes on."""
    answer = browser.post(f"/account/again/?for={word}", {"password": PASSWORD})
    return answer.headers["Location"]


def elsewhere() -> Browser:
    """The same person in another browser."""
    other = Browser(headers={"user-agent": "Firefox/140 (Windows)", "accept-language": "en"})
    by_password(other)
    return other


def test_a_session_ends_after_half_an_hour_without_anything_done(owner: Browser) -> None:
    aged(seen_at=sessions.IDLE - 2 * SECOND)
    assert is_in(owner)
    assert AccountSession.objects.get().seen_at > timezone.now() - dt.timedelta(minutes=1), "what is done is noted"
    aged(seen_at=sessions.IDLE)
    assert owner.get("/account/").headers["Location"] == "/account/enter/"
    assert owner.post("/account/ask/", {"substance": "Пломба. " * 20}).status_code == 401, "and nothing typed is lost"


def test_a_session_ends_after_twelve_hours_whatever_is_done(owner: Browser) -> None:
    aged(opened_at=sessions.WHOLE - 2 * SECOND)
    assert is_in(owner)
    aged(opened_at=sessions.WHOLE)
    assert not is_in(owner)


def test_asking_how_long_it_goes_on_does_not_prolong_it_and_a_press_does(owner: Browser) -> None:
    aged(seen_at=sessions.IDLE - dt.timedelta(minutes=1))
    assert 50 < owner.get("/account/stay/").json()["left_s"] <= 60
    assert 50 < owner.get("/account/stay/").json()["left_s"] <= 60
    assert owner.post("/account/stay/").json()["left_s"] > 1700
    assert owner.get("/account/stay/").json()["left_s"] > 1700
    aged(seen_at=sessions.IDLE)
    answer = owner.post("/account/stay/")
    assert (answer.status_code, answer.json()) == (401, {"left_s": 0})


def test_leaving_ends_the_session_and_clears_what_the_browser_kept(owner: Browser) -> None:
    cookies = {name: one.value for name, one in owner.cookies.items()}
    answer = owner.post("/account/leave/")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert answer.headers["Location"] == "/account/left/"
    assert "data-left" in owner.get("/account/left/").content.decode()
    for name, value in cookies.items():
        owner.cookies[name] = value
    assert not is_in(owner), "the cookie of before is worth nothing"
    assert not AccountSession.objects.exists()
    facts = facts_of("login", Login.objects.get().pk)
    assert [one.data["reason"] for one in facts if one.kind == "account_sessions_ended"] == ["left"]


def test_where_one_is_logged_in_is_seen_and_one_is_ended(owner: Browser) -> None:
    other = elsewhere()
    for address in (PAGE, "/account/"):
        page = owner.get(address).content.decode()
        assert "Firefox, Windows" in page
        assert page.count("this browser") == 1
    row = AccountSession.objects.get(browser__startswith="Firefox")
    answer = owner.post(PAGE, {"verb": "one", "session": row.pk})
    assert answer.headers["Location"] == "/account/again/?for=sessions"
    assert is_in(other), "first it is shown anew who ends it (ASVS 7.5.2)"
    assert proven(owner) == PAGE
    owner.post(PAGE, {"verb": "one", "session": row.pk})
    assert not is_in(other)
    assert is_in(owner)


def test_all_others_are_ended_and_no_strangers(owner: Browser, account: Account) -> None:
    one, two = elsewhere(), elsewhere()
    stranger = Login.objects.create(email="other@example.com", made_at=timezone.now())
    theirs = sessions.SESSIONS.open(stranger, browser="", now=timezone.now())
    proven(owner)
    owner.post(PAGE, {"verb": "one", "session": theirs.pk})
    owner.post(PAGE, {"verb": "others"})
    assert (is_in(one), is_in(two), is_in(owner)) == (False, False, True)
    assert AccountSession.objects.filter(pk=theirs.pk).exists()
    facts = facts_of("login", account.logins.get().pk)
    assert [one.data for one in facts if one.kind == "account_sessions_ended"] == [{"count": 2, "reason": "others"}]


def test_a_new_password_ends_the_others_in_the_list_too(owner: Browser) -> None:
    other = elsewhere()
    other.post("/account/password/", {"old": PASSWORD, "password": "нова тиха вода 12"})
    assert not is_in(owner)
    assert AccountSession.objects.count() == 1


def test_it_is_shown_anew_by_a_code_from_a_letter_once(owner: Browser) -> None:
    assert owner.post("/account/again/?for=sessions", {"password": "no"}).status_code == 422
    assert not Entry.objects.latest("pk").entered, "its owner sees the attempt"
    assert "on its way" in owner.post("/account/again/?for=sessions", {"verb": "send"}).content.decode()
    code = code_of_last_letter()
    assert owner.post("/account/again/?for=sessions", {"password": code}).headers["Location"] == PAGE
    assert owner.post("/account/again/?for=sessions", {"password": code}).status_code == 422
    assert owner.post("/account/again/?for=//evil.example", {"password": PASSWORD}).headers["Location"] == "/account/"


def test_a_code_to_enter_shows_nothing_and_one_to_show_it_lets_nobody_in(owner: Browser) -> None:
    """ASVS 6.6.2: each is for what it was asked for, in the session that asked."""
    owner.post("/account/letter/", {"email": EMAIL})
    to_enter = code_of_last_letter()
    assert owner.post("/account/again/?for=sessions", {"password": to_enter}).status_code == 422
    owner.post("/account/again/?for=sessions", {"verb": "send"})
    to_show, other = code_of_last_letter(), elsewhere()
    assert owner.post("/account/code/", {"code": to_show}).status_code == 422
    assert other.post("/account/again/?for=sessions", {"password": to_show}).status_code == 422
    assert owner.post("/account/again/?for=sessions", {"password": to_show}).headers["Location"] == PAGE
    assert owner.post("/account/code/", {"code": to_enter}).status_code == 302


def test_what_was_shown_holds_for_ten_minutes(owner: Browser) -> None:
    proven(owner)
    kept = owner.session
    kept[proving.PROVEN] -= proving.LASTS_S
    kept.save()
    assert owner.post(PAGE, {"verb": "others"}).headers["Location"].startswith("/account/again/")


def test_who_guesses_is_held_back_here_too(owner: Browser) -> None:
    for _ in range(known_browsers.FREE):
        assert owner.post("/account/again/", {"password": "no"}).status_code == 422
    assert owner.post("/account/again/", {"password": PASSWORD}).status_code == 429


def test_where_there_is_a_second_factor_it_is_asked_for_too(site: Site, visitor: Browser, account: Account) -> None:
    site("krc")
    entered(visitor)
    login = account.logins.get()
    codes = confirmed(login)
    seat(visitor, login)
    visitor.post("/account/again/", {"verb": "send"})
    letter = code_of_last_letter()
    assert visitor.post("/account/again/", {"password": letter, "code": "000000"}).status_code == 422
    assert Entry.objects.latest("pk").way == "second"
    answer = visitor.post("/account/again/?for=sessions", {"password": letter, "code": codes[0]})
    assert answer.headers["Location"] == PAGE, "a wrong second factor does not use the letter's code up"


def test_a_code_stands_in_for_the_password_just_after_the_entry_alone(owner: Browser) -> None:
    owner.post("/account/leave/")
    owner.post("/account/letter/", {"email": "elkin@example.com"})
    owner.post("/account/code/", {"code": code_of_last_letter()})
    assert b'name="old"' not in owner.get("/account/password/").content
    kept = owner.session
    kept["account_by_code"] -= 600
    kept.save()
    assert b'name="old"' in owner.get("/account/password/").content
    assert proven(owner, "password") == "/account/password/"
    assert b'name="old"' not in owner.get("/account/password/").content


def test_what_is_sent_after_the_session_waits_whole_and_files_are_asked_for_once_more(owner: Browser) -> None:
    AccountSession.objects.all().delete()
    typed = {"account": "1234567", "substance": "Пломба сорвана", "kind": "complaint", "consent": "on"}
    answer = owner.post("/account/ask/", typed | {"files": SimpleUploadedFile("акт.pdf", b"%PDF-1.7 words")})
    page = answer.content.decode()
    assert answer.status_code == 401
    assert all(f'<textarea name="{name}" hidden>{value}</textarea>' in page for name, value in typed.items())
    assert 'type="file" name="files"' in page
    assert 'enctype="multipart/form-data"' in page
    both = owner.post("/account/data/", {"verb": "ways", "client": "1", "notices": ["sms", "email"]}).content.decode()
    assert all(f'<textarea name="notices" hidden>{way}</textarea>' in both for way in ("sms", "email"))
    readings = owner.post("/account/readings/", {"m-1-": "1234", "taken_on": "2026-01-01"})
    assert '<textarea name="m-1-" hidden>1234</textarea>' in readings.content.decode()
    for press in ({"verb": "begin"}, {"password": PASSWORD, "old": PASSWORD}):
        assert owner.post("/account/factor/", press).headers["Location"] == "/account/enter/"


def test_entering_anew_in_a_browser_ends_what_was_there(owner: Browser) -> None:
    """Who adds an account enters by a code once more: his own browser is not listed again as one to be ended."""
    assert f'value="{EMAIL}"' in owner.get("/account/register/").content.decode()
    before = AccountSession.objects.get()
    owner.post("/account/letter/", {"email": EMAIL})
    assert owner.post("/account/code/", {"code": code_of_last_letter()}).status_code == 302
    assert AccountSession.objects.get().pk != before.pk


def test_an_employee_who_enters_his_account_in_the_browser_of_his_desk_has_left_the_desk(owner: Browser) -> None:
    clerk = Employee.objects.create_user("clerk", surname="Орлова")
    owner.force_login(clerk)
    assert EmployeeSession.objects.filter(employee=clerk).exists()
    owner.post("/account/letter/", {"email": EMAIL})
    assert owner.post("/account/code/", {"code": code_of_last_letter()}).status_code == 302
    assert not EmployeeSession.objects.exists()
    assert is_in(owner)


def test_sessions_that_are_over_are_forgotten(owner: Browser) -> None:
    sweeping.sweep(now=timezone.now())
    assert is_in(owner)
    sweeping.sweep(now=timezone.now() + sessions.IDLE)
    assert not AccountSession.objects.exists()
