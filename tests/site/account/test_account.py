"""The personal account: who gets in, who does not, and what is there."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals import queries
from kindline.appeals.models import Appeal
from kindline.clients.login_models import Entry, Login, Ticket
from kindline.clients.models import Account
from kindline.correspondence.models import Outgoing
from kindline.journal.queries import facts_of
from kindline.readings import billcodes
from kindline.site import pace
from kindline.site.account import actions, session, throttle
from kindline.site.models import SecondFactor
from kindline.staff import known_browsers
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from tests.site.test_reception import key_on

pytestmark = pytest.mark.db
clause = pytest.mark.clause
Site = Callable[..., Profile]
PASSWORD = "зелена гора над річкою"
EMAIL = "elkin@example.com"


def registered(visitor: Browser, **told: str) -> Any:
    """The form of registration, sent."""
    typed = {"number": "123 4567", "surname": "Елкин", "email": EMAIL}
    return visitor.post("/account/register/", typed | told)


def code_of_last_letter() -> str:
    """The code that went out last."""
    found = re.search(r"[A-Z2-7]{4}-[A-Z2-7]{4}", Outgoing.objects.latest("pk").text)
    assert found
    return found[0]


def letter_in(language: str, visitor: Browser) -> str:
    """The letter that brings a code to somebody who reads this language."""
    visitor.post("/account/letter/", {"email": EMAIL}, headers={"accept-language": language})
    return Outgoing.objects.latest("pk").text


def entered(visitor: Browser) -> Browser:
    """Registered, entered by the code, with a password."""
    registered(visitor)
    visitor.post("/account/code/", {"code": code_of_last_letter()})
    assert visitor.post("/account/password/", {"password": PASSWORD}).headers["Location"] == "/account/"
    return visitor


def by_password(browser: Browser, password: str = PASSWORD) -> Any:
    """The form of entry, sent."""
    return browser.post("/account/enter/", {"email": EMAIL, "password": password})


def test_entries_are_shown_on_the_organisation_s_clock(site: Site, visitor: Browser, account: Account) -> None:
    site("krc")
    entered(visitor)
    Entry.objects.update(at=dt.datetime(2026, 3, 2, 21, 30, tzinfo=dt.UTC))
    page = visitor.get("/account/", headers={"Accept-Language": "en"}).content.decode()
    assert "March 3, 2026, 12:30 a.m." in page


@clause("krc-5.7.3-09")
def test_the_log_in_is_issued_as_soon_as_the_form_is_filled_in(site: Site, visitor: Browser, account: Account) -> None:
    site("krc")
    assert registered(visitor).headers["Location"] == "/account/code/"
    letter = Outgoing.objects.get()
    assert letter.recipient == EMAIL
    facts = facts_of("registration", Ticket.objects.get().digest)
    assert [fact.kind for fact in facts] == ["registration_filled", "credentials_issued"]
    assert facts[1].at - facts[0].at < dt.timedelta(days=1)
    answer = visitor.post("/account/code/", {"code": code_of_last_letter().lower()})
    assert answer.headers["Location"] == "/account/password/"
    assert list(Login.objects.get().accounts.all()) == [account]


@pytest.mark.parametrize("told", [{"number": "999"}, {"surname": "Другой"}, {"surname": "-"}])
def test_registration_does_not_tell_whether_an_account_exists(
    site: Site, visitor: Browser, account: Account, told: dict[str, str]
) -> None:
    site("krc")
    right, wrong = registered(visitor), registered(visitor, email="other@example.com", **told)
    assert (right.status_code, right.headers["Location"]) == (wrong.status_code, wrong.headers["Location"])
    assert not Outgoing.objects.filter(recipient="other@example.com").exists()
    assert Account.objects.get().pk == account.pk


@pytest.mark.parametrize(
    ("typed", "is_his"),
    [
        ("Садовая 5, 7", True),
        ("443010, г. Самара, ул. Садовая, д. 5, кв. 7", True),
        ("САДОВАЯ УЛ, 5 - 7", True),
        ("Садовая 5", False),
        ("Садовая 7, 5", False),
        ("Садовая 5 7 8", False),
        ("Садовая 1 2 3 4 5 6 7 8 9", False),
        ("Садовая Лесная Зелёная 5 7", False),
        ("Садовая 5 5 7 7", False),
        (" , ", False),
    ],
)
@clause("krc-5.7.3-09")
def test_the_address_on_the_bill_is_enough_and_nobody_names_many_at_once(
    site: Site, visitor: Browser, account: Account, typed: str, is_his: bool
) -> None:
    site("krc")
    assert registered(visitor, surname="", address=typed).status_code == 302
    assert Outgoing.objects.exists() is is_his


def test_addresses_are_not_tried_without_end(site: Site, visitor: Browser, account: Account) -> None:
    site("krc")
    visitor.get("/account/register/")
    for flat in range(throttle.FORMS_FROM_ONE_BROWSER):
        assert registered(visitor, surname="", address=f"Садовая 5, {flat + 100}").status_code == 302
    answer = registered(visitor, surname="", address="Садовая 5, 7")
    assert answer.status_code == 429
    assert "<title>Not possible now: " in answer.content.decode()
    assert "Садовая 5, 7" in answer.content.decode()
    assert not Outgoing.objects.exists()


def test_a_code_works_once_and_for_ten_minutes(site: Site, visitor: Browser, account: Account) -> None:
    site("krc")
    entered(visitor)
    assert visitor.post("/account/code/", {"code": code_of_last_letter()}).status_code == 422
    assert "протягом десяти хвилин" in letter_in("uk", visitor)
    assert "within ten minutes" in letter_in("en", visitor)
    issued = Ticket.objects.latest("made_at")
    assert issued.ends_at - issued.made_at == dt.timedelta(minutes=10), "ASVS 6.5.5"
    Ticket.objects.update(ends_at=timezone.now())
    assert visitor.post("/account/code/", {"code": code_of_last_letter()}).status_code == 422
    assert account.logins.count() == 1


def test_a_code_is_short_and_figures_in_it_that_look_like_letters_are_taken_for_them(
    site: Site, visitor: Browser, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    site("krc")
    monkeypatch.setattr(actions, "new_code", lambda: "OIB2HDOQ")
    registered(visitor)
    assert code_of_last_letter() == "OIB2-HDOQ"
    assert visitor.post("/account/code/", {"code": " 0182 нDоQ"}).status_code == 302
    assert account.logins.count() == 1


def test_a_code_lets_in_only_where_it_was_asked_for_and_only_the_last_one(site: Site) -> None:
    """ASVS 6.6.2: whoever reads the letter elsewhere, or has the code told to him, does not get in by it."""
    site("krc")
    Login.objects.create(email=EMAIL, made_at=timezone.now())
    asker, other = Browser(), Browser()
    codes = []
    for browser in (asker, other, asker):
        browser.post("/account/letter/", {"email": EMAIL})
        codes.append(code_of_last_letter())
    for browser, code in ((Browser(), codes[1]), (asker, codes[1]), (other, codes[2]), (asker, codes[0])):
        assert browser.post("/account/code/", {"code": code}).status_code == 422
    assert other.post("/account/code/", {"code": codes[1]}).status_code == 302, "others kill no code of one's own"
    assert asker.post("/account/code/", {"code": codes[2]}).status_code == 302
    assert "in the browser in which it was asked for" in Outgoing.objects.latest("pk").text


def test_a_right_code_typed_in_another_browser_is_no_failure_of_the_address_and_is_told(
    site: Site, visitor: Browser
) -> None:
    site("krc")
    Login.objects.create(email=EMAIL, made_at=timezone.now())
    visitor.post("/account/letter/", {"email": EMAIL})
    other, code = Browser(headers={"accept-language": "en"}), code_of_last_letter()
    for _ in range(2):
        answer = other.post("/account/code/", {"code": code})
        assert (answer.status_code, "in another browser: type it there" in answer.content.decode()) == (422, True)
    assert not Entry.objects.filter(entered=False).exists()
    Ticket.objects.update(used_at=timezone.now())
    assert "type it there" not in other.post("/account/code/", {"code": code}).content.decode()
    assert Entry.objects.filter(entered=False).count() == 1


def test_the_cookie_of_a_code_is_secure_where_it_is_for_this_host_alone(
    site: Site, visitor: Browser, settings: Any
) -> None:
    site("krc")
    settings.HOST_ONLY = "__Host-"
    visitor.post("/account/letter/", {"email": EMAIL})
    assert visitor.cookies["__Host-kindline_code"]["secure"]


def test_a_form_by_which_no_letter_went_leaves_the_last_code_good(
    site: Site, visitor: Browser, account: Account
) -> None:
    site("krc")
    entered(visitor)
    asker = Browser()
    for _ in range(throttle.LETTERS_TO_ONE_ADDRESS):
        asker.post("/account/letter/", {"email": EMAIL})
    assert asker.post("/account/code/", {"code": code_of_last_letter()}).status_code == 302


def test_a_common_or_short_password_is_not_taken(site: Site, visitor: Browser, account: Account) -> None:
    site("krc")
    registered(visitor)
    visitor.post("/account/code/", {"code": code_of_last_letter()})
    for poor, code in (
        ("Kx7#pLm2vQ9", "password_too_short"),
        ("qwerty123456", "password_too_common"),
        ("Солнышко2023", "password_guessable"),
        (f"{EMAIL}!", "password_too_similar"),
    ):
        answer = visitor.post("/account/password/", {"password": poor})
        assert (answer.status_code, account.logins.get().password) == (422, "")
        with pytest.raises(ValidationError) as refused:
            validate_password(poor, account.logins.get())  # type: ignore[arg-type]  # as the action does
        assert code in {one.code for one in refused.value.error_list}  # and it is this that it falls to
    assert visitor.post("/account/password/", {"password": "Kx7#pLm2vQ9z"}).status_code == 302
    assert account.logins.get().password


def test_a_changed_password_ends_other_sessions_and_the_old_one_is_asked(
    site: Site, visitor: Browser, account: Account
) -> None:
    site("krc")
    entered(visitor)
    other = Browser()
    assert by_password(other).headers["Location"] == "/account/"
    assert other.post("/account/password/", {"password": "нова тиха вода 12"}).status_code == 422
    answer = other.post("/account/password/", {"old": PASSWORD, "password": "нова тиха вода 12"})
    assert answer.headers["Location"] == "/account/"
    assert other.get("/account/").status_code == 200
    assert visitor.get("/account/").headers["Location"] == "/account/enter/"
    assert account.logins.count() == 1


def test_who_guesses_is_held_back_and_the_owner_is_not(site: Site, visitor: Browser, account: Account) -> None:
    site("krc")
    entered(visitor)
    visitor.post("/account/leave/")
    stranger = Browser(REMOTE_ADDR="192.0.2.7")
    for _ in range(known_browsers.FREE):
        assert by_password(stranger, "no").status_code == 422
    assert by_password(stranger).status_code == 429
    assert by_password(visitor).headers["Location"] == "/account/"  # a device that is known
    for n in range(throttle.FAILED_INTO_ONE_LOGIN - known_browsers.FREE):
        assert by_password(Browser(REMOTE_ADDR=f"192.0.2.{n + 20}"), "no").status_code == 422
    fresh = Browser(REMOTE_ADDR="198.51.100.3")
    assert by_password(fresh).status_code == 429
    fresh.post("/account/letter/", {"email": EMAIL})
    assert fresh.post("/account/code/", {"code": code_of_last_letter()}).headers["Location"] == "/account/"
    assert account.logins.count() == 1


@pytest.mark.parametrize(("path", "typed"), [
    ("/account/register/", {"number": "1234567", "surname": "Елкин", "email": EMAIL}),
    ("/account/letter/", {"email": EMAIL}),
])  # fmt: skip
def test_the_button_pressed_twice_sends_one_code_and_leads_to_its_page(
    site: Site, visitor: Browser, account: Account, path: str, typed: dict[str, str]
) -> None:
    """Without scripts the browser drops the answer to the first press, and its cookie, and shows the second one's."""
    site("krc")
    Login.objects.create(email=EMAIL, made_at=timezone.now())
    typed["key"] = key_on(visitor.get(path))
    for _ in range(2):
        visitor.cookies.pop(session.asking_cookie(), None)
        assert visitor.post(path, typed).headers["Location"] == "/account/code/"
    assert Outgoing.objects.count() == 1
    assert visitor.post("/account/code/", {"code": code_of_last_letter()}).headers["Location"] == "/account/password/"


def test_who_goes_back_and_corrects_or_asks_again_later_gets_another_code(
    site: Site, visitor: Browser, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    site("krc")
    key = key_on(visitor.get("/account/register/"))
    registered(visitor, key=key, surname="Другой")
    registered(visitor, key=key)
    assert Outgoing.objects.count() == 1
    monkeypatch.setattr(pace, "TWICE", dt.timedelta())
    registered(visitor, key=key)
    assert Outgoing.objects.count() == 2


def test_nobodys_mailbox_is_filled(site: Site, visitor: Browser, account: Account) -> None:
    site("krc")
    visitor.get("/account/register/")
    for _ in range(throttle.LETTERS_TO_ONE_ADDRESS + 2):
        registered(visitor)
    assert Outgoing.objects.count() == throttle.LETTERS_TO_ONE_ADDRESS
    for _ in range(throttle.FORMS_FROM_ONE_BROWSER):
        answer = registered(visitor, email="x@example.com")
    assert answer.status_code == 429
    assert "x@example.com" in answer.content.decode()  # nothing typed is lost
    assert account.logins.count() == 0


def test_a_clients_session_is_never_an_employees_nor_the_other_way_round(
    site: Site, visitor: Browser, account: Account
) -> None:
    site("krc")
    entered(visitor)
    assert visitor.get("/home/").headers["Location"].startswith("/login/")
    assert visitor.get("/admin/").status_code == 302
    boss = Employee.objects.create_user(username="boss", password=PASSWORD)
    staff = Browser()
    staff.force_login(boss)
    assert staff.get("/account/").headers["Location"] == "/account/enter/"
    visitor.force_login(boss)  # in the client's browser: the account is shut while an employee is in
    assert visitor.get("/account/").headers["Location"] == "/account/enter/"
    assert by_password(visitor).headers["Location"] == "/account/"  # and the employee is out when the client enters
    assert "_auth_user_id" not in visitor.session
    assert Login.objects.get().pk == account.logins.get().pk


@clause("krc-2-12", "krc-2-18", "krc-5.5.1-04", "krc-5.7-01", "krc-5.7-12", "krc-5.7.3-07")
def test_what_is_asked_from_the_account_needs_no_known_data_and_shows_its_state(
    site: Site, visitor: Browser, account: Account
) -> None:
    site("krc")
    entered(visitor)
    page = visitor.get("/account/").content.decode()
    assert account.number in page
    assert "<dt>Debt</dt><dd>152.40 ₽" in page
    answer = visitor.post(
        "/account/ask/", {"account": account.number, "kind": "service_request", "substance": "Пломба", "consent": "on"}
    )
    appeal = Appeal.objects.get()
    assert answer.status_code == 302
    assert (appeal.channel, appeal.surname, appeal.email) == ("account", "Ёлкин", EMAIL)
    assert appeal.residence == "Самара, Садовая, 5, 7"
    assert (appeal.client, appeal.contact and appeal.contact.account) == (account.client, account)
    assert queries.card(account.client).open_appeals == [appeal], "nothing is asked twice of who calls about it"
    assert appeal.limit_at is not None
    page = visitor.get("/account/").content.decode()
    assert appeal.number in page
    assert "Answer by" in page
    assert appeal.number in visitor.get("/account/export/").content.decode()


def test_an_empty_question_is_shown_again_and_a_strangers_account_is_not_asked_about(
    site: Site, visitor: Browser, account: Account
) -> None:
    site("krc")
    entered(visitor)
    assert visitor.post("/account/ask/", {"account": account.number, "substance": " "}).status_code == 422
    other = Browser()
    assert other.get("/account/export/").headers["Location"] == "/account/enter/"
    visitor.post("/account/ask/", {"account": "somebody else's", "substance": "Счёт?", "consent": "on"})
    assert Appeal.objects.get().surname == "Ёлкин"


@clause("krc-5.7.1-23")
def test_the_entry_is_on_the_main_page(site: Site, visitor: Browser) -> None:
    site("krc")
    assert 'href="/account/"' in visitor.get("/").content.decode()
    assert visitor.get("/account/").headers["Location"] == "/account/enter/"


def test_the_owner_sees_who_has_entered(site: Site, visitor: Browser, account: Account) -> None:
    site("krc")
    entered(visitor)
    by_password(Browser(headers={"user-agent": "Strange/1"}), "no")
    page = visitor.get("/account/").content.decode()
    assert "Strange/1" in page
    assert "not let in" in page
    assert Entry.objects.filter(login=account.logins.get()).count() == 2


LONG = "Очень длинное письмо. " * 20


def test_a_session_that_is_over_loses_nothing_that_was_typed(site: Site, visitor: Browser, account: Account) -> None:
    site("krc")
    entered(visitor)
    visitor.post("/account/leave/")
    typed = {"account": account.number, "kind": "complaint", "substance": LONG, "consent": "on"}
    answer = visitor.post("/account/ask/", typed)
    assert answer.status_code == 401
    page = answer.content.decode()
    assert page.count(LONG.strip()) == 2  # to be read, and to be sent again
    by_password(visitor)
    assert visitor.post("/account/ask/", typed).status_code == 302
    assert Appeal.objects.get().substance.strip() == LONG.strip()


def test_secrets_are_not_shown_again_and_short_forms_lead_to_the_entry(
    site: Site, visitor: Browser, account: Account
) -> None:
    site("krc")
    secret = "x" * 60
    answer = visitor.post("/account/password/", {"old": secret, "password": secret})
    assert answer.headers["Location"] == "/account/enter/"
    assert account.logins.count() == 0


def test_a_form_without_the_sign_of_our_page_shows_the_text_that_was_typed(site: Site) -> None:
    site("krc")
    strict = Browser(enforce_csrf_checks=True, headers={"accept-language": "en"})
    answer = strict.post("/ask/", {"substance": LONG, "password": "p" * 60})
    assert answer.status_code == 403
    assert LONG.strip() in answer.content.decode()
    assert "p" * 60 not in answer.content.decode()
    assert not Appeal.objects.exists()


def test_surnames_are_not_tried_without_end_whoever_asks(site: Site, account: Account) -> None:
    profile = site("krc")
    for n in range(throttle.GUESSES_OF_ONE_ACCOUNT):
        visitor, blank = Browser(REMOTE_ADDR=f"192.0.2.{n + 1}"), chr(0x2000 + n)
        assert registered(visitor, number=f"123{blank}4567", surname=f"Фамилия{n}").status_code == 302
    owner = Browser(REMOTE_ADDR="198.51.100.1")
    assert registered(owner).status_code == 302, "the answer is the same"
    assert not Outgoing.objects.exists()
    today = timezone.now().astimezone(profile.zone).date()
    registered(owner, surname="", bill_code=billcodes.code_of(account, today.replace(day=1)))
    assert Outgoing.objects.get().recipient == EMAIL, "the code of a bill cannot be guessed: it is always looked at"


@pytest.mark.parametrize(
    ("page", "typed", "wrong"),
    [
        ("register", {}, ["number", "bill_code", "email"]),
        ("register", {"number": "1234567", "bill_code": " ", "email": "elkin@"}, ["bill_code", "email"]),
        ("letter", {"email": " "}, ["email"]),
        ("enter", {"email": "elkin", "password": ""}, ["email", "password"]),
    ],
)
def test_what_is_wrong_at_the_doors_is_told_at_once_and_together(
    site: Site, visitor: Browser, account: Account, page: str, typed: dict[str, str], wrong: list[str]
) -> None:
    """Nobody is told to wait for a letter that cannot come: without a sign of the owner none is sent."""
    site("krc")
    answer = visitor.post(f"/account/{page}/", typed)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.context["faults"]] == wrong
    shown = answer.content.decode()
    assert all(f'href="#f-{name}"' in shown and f'id="e-{name}"' in shown for name in wrong)
    assert not Outgoing.objects.exists()


def test_a_town_behind_one_address_registers(site: Site, account: Account, settings: Any) -> None:
    site("krc")
    for n in range(throttle.FORMS_FROM_ONE_BROWSER + 5):
        telephone = Browser()
        telephone.cookies[settings.CSRF_COOKIE_NAME] = f"telephone-{n}"
        assert telephone.post("/account/letter/", {"email": f"x{n}@example.com"}).status_code == 302
        assert telephone.post("/account/enter/", {"email": f"x{n}@example.com", "password": "no"}).status_code == 422


def test_signs_that_cannot_be_kept_are_no_trouble_at_the_door(site: Site, visitor: Browser, account: Account) -> None:
    site("krc")
    answer = visitor.post("/account/enter/", {"email": "a\x00b@example.com", "password": "no\x00"})
    assert answer.status_code == 422


def test_a_couple_shares_a_tablet(site: Site, visitor: Browser, account: Account) -> None:
    site("krc")
    entered(visitor)
    wife = Login.objects.create(email="wife@example.com", password=make_password(PASSWORD), made_at=timezone.now())
    visitor.post("/account/enter/", {"email": wife.email, "password": PASSWORD})
    Entry.objects.bulk_create(
        Entry(login=one, way="password", entered=False, at=timezone.now(), sender="far") for one in Login.objects.all()
        for _ in range(throttle.FAILED_INTO_ONE_LOGIN)
    )  # fmt: skip
    assert by_password(visitor).headers["Location"] == "/account/", "this browser is known to be his"
    assert visitor.post("/account/enter/", {"email": wife.email, "password": PASSWORD}).status_code == 302
    assert by_password(Browser(REMOTE_ADDR="192.0.2.99")).status_code == 429


def test_who_fails_on_his_own_device_waits_and_is_never_shut_out(
    site: Site, visitor: Browser, account: Account
) -> None:
    site("krc")
    entered(visitor)
    visitor.post("/account/leave/")
    for _ in range(known_browsers.FREE):
        assert by_password(visitor, "no").status_code == 422
    assert by_password(visitor).status_code == 429
    Entry.objects.filter(entered=False).update(at=timezone.now() - known_browsers.pause(known_browsers.FREE))
    assert by_password(visitor).headers["Location"] == "/account/"


@pytest.mark.parametrize("cookie", ["kept", "deleted"])
def test_who_is_in_does_not_guess_the_password_without_end(
    site: Site, visitor: Browser, account: Account, cookie: str
) -> None:
    site("krc")
    entered(visitor)
    if cookie == "deleted":
        del visitor.cookies[session.DEVICE.cookie]
    said = [
        visitor.post("/account/again/", {"password": f"guess {n}", "code": ""}).status_code
        for n in range(known_browsers.FREE + 3)
    ]
    assert said == [422] * known_browsers.FREE + [429] * 3


def test_an_old_session_without_a_password_sets_none(site: Site, visitor: Browser, account: Account) -> None:
    """Who finds the telephone of somebody who enters by letters sets neither a password nor a second factor."""
    site("krc")
    registered(visitor)
    visitor.post("/account/code/", {"code": code_of_last_letter()})
    kept = visitor.session
    kept[session.BY_CODE] = 1
    kept.save()
    for path, typed in (("password", {"password": "нова тиха вода 12"}), ("factor", {"verb": "begin"})):
        answer = visitor.post(f"/account/{path}/", typed)
        assert answer.headers["Location"] == f"/account/again/?for={path}"
    assert not SecondFactor.objects.exists()
    visitor.post("/account/again/", {"verb": "send"})
    visitor.post("/account/again/?for=factor", {"password": code_of_last_letter()})
    assert visitor.post("/account/factor/", {"verb": "begin"}).status_code == 200
    assert SecondFactor.objects.exists()
