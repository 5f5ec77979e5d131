"""An employee shuts a client's log-in, lets him in again, and gives a house's readings to its manager."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kindline.clients.login_models import Login
from kindline.clients.models import Account
from kindline.correspondence.models import Outgoing
from kindline.journal.queries import facts_of
from kindline.readings.models import Reading, Refused
from kindline.site.account import emails, factors, leading
from kindline.site.models import SecondFactor
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.readings.conftest import Household, account_of, household, meter
from tests.site.account.conftest import seat
from tests.site.account.test_account import code_of_last_letter
from tests.site.account.test_factors import figures
from tests.site.account.test_sheets import line, send

__all__ = ["household"]
pytestmark = [pytest.mark.db, pytest.mark.fault("X2")]
Site = Callable[..., Profile]
EMAIL = "elkin@example.com"
THIEFS = "what the thief has set"


@pytest.fixture
def login(household: Household) -> Login:
    """A client with a second factor."""
    made = Login.objects.create(email=EMAIL, made_at=timezone.now())
    made.accounts.add(household.account)
    at = timezone.now() - dt.timedelta(minutes=5)
    factors.begin(made, now=at)
    factors.confirm(made, code=figures(at), now=at)
    return made


@pytest.fixture
def clerk(db: None) -> Browser:
    """An employee who may."""
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(Employee.objects.create_user(username="clerk", password="x", roles=[Role.COUNTER]))
    return browser


@pytest.fixture
def inside(login: Login) -> Browser:
    """The client, who is in."""
    browser = Browser(headers={"accept-language": "en"})
    seat(browser, login)
    assert browser.get("/account/").status_code == 200
    return browser


def led(clerk: Browser, login: Login, verb: str, **more: str) -> Any:
    """An act on the page of the log-in."""
    return clerk.post(f"/desk/logins/{login.pk}/", {"verb": verb, "ground": "in_person"} | more)


def test_a_log_in_is_found_by_address_and_by_account_and_only_by_who_may(
    clerk: Browser, login: Login, household: Household
) -> None:
    for asked in (EMAIL.upper(), "123 4567"):
        assert EMAIL in clerk.post("/desk/logins/", {"asked": asked}).content.decode()
    assert "There is no such log-in" in clerk.post("/desk/logins/", {"asked": "7"}).content.decode()
    assert household.account.number in clerk.get(f"/desk/logins/{login.pk}/").content.decode()
    operator = Browser()
    assert operator.get("/desk/logins/").headers["Location"].startswith("/login/")
    operator.force_login(Employee.objects.create_user(username="op", password="x", roles=[Role.OPERATOR]))
    assert operator.get("/desk/logins/").status_code == 403
    assert led(operator, login, "disable").status_code == 403


def test_a_log_in_that_is_shut_lets_nobody_in_until_it_is_opened(clerk: Browser, login: Login, inside: Browser) -> None:
    assert led(clerk, login, "disable").status_code == 302
    assert inside.get("/account/").headers["Location"] == "/account/enter/", "the session is over at once"
    inside.post("/account/letter/", {"email": EMAIL})
    letter = Outgoing.objects.get()
    assert (letter.recipient, "закрыт" in letter.text) == (EMAIL, True), "told, and no code goes out"
    (fact,) = [one for one in facts_of("login", login.pk) if one.kind == "account_led"]
    assert (fact.data["what"], fact.data["ground"], fact.actor[:9]) == ("disable", "in_person", "employee:")
    assert led(clerk, login, "disable").status_code == 422, "nothing would change"
    led(clerk, login, "enable")
    seat(inside, login)
    assert inside.get("/account/").status_code == 200


def test_what_was_shut_for_misuse_is_opened_without_what_the_thief_knows(
    clerk: Browser, login: Login, inside: Browser
) -> None:
    Login.objects.update(password=make_password(THIEFS))
    page = f"/desk/logins/{login.pk}/"
    assert "is opened without password and second factor" in clerk.get(page).content.decode(), "said before it is done"
    led(clerk, login, "disable", ground="misuse")
    assert "password and second factor are taken away" in clerk.get(page).content.decode()
    emails.ask(
        profile=loader.load("krc"), login=login, email="thief@example.com", language="en", sender="", now=timezone.now()
    )
    assert led(clerk, login, "enable").status_code == 302
    login.refresh_from_db()
    assert (login.disabled_at, login.password, factors.of(login)) == (None, "", None)
    assert emails.waiting(login, timezone.now()) == "", "nor does the thief's address wait for its code"
    inside.post("/account/enter/", {"email": EMAIL, "password": THIEFS})
    assert inside.get("/account/").status_code == 302, "the thief's password lets in nobody"
    letter = Outgoing.objects.latest("pk")
    assert (letter.recipient, "http://testserver/account/letter/" in letter.text) == (EMAIL, True)
    inside.post("/account/letter/", {"email": EMAIL})
    assert inside.post("/account/code/", {"code": code_of_last_letter()}).headers["Location"] == "/account/password/"
    assert [one.data["what"] for one in facts_of("login", login.pk) if one.kind == "account_led"] == [
        "disable", "enable_anew",
    ]  # fmt: skip


def test_what_was_shut_on_another_ground_keeps_its_password_unless_misuse_is_named_then(
    clerk: Browser, login: Login
) -> None:
    Login.objects.update(password=make_password(THIEFS))
    led(clerk, login, "disable", ground="misuse")
    led(clerk, login, "enable")
    Login.objects.update(password=make_password(THIEFS))
    led(clerk, login, "disable")
    led(clerk, login, "enable")
    login.refresh_from_db()
    assert login.password, "it was shut as he asked, in person"
    led(clerk, login, "disable")
    led(clerk, login, "enable", ground="misuse")
    login.refresh_from_db()
    assert login.password == ""


def test_a_lost_telephone_is_mended_and_every_session_ends(clerk: Browser, login: Login, inside: Browser) -> None:
    assert led(clerk, login, "reset_factor", ground="").status_code == 422, "a ground is kept"
    assert SecondFactor.objects.exists()
    assert led(clerk, login, "reset_factor").status_code == 302
    assert not SecondFactor.objects.exists()
    assert inside.get("/account/").status_code == 302


def test_the_earlier_address_is_given_back_and_both_are_told(clerk: Browser, login: Login, inside: Browser) -> None:
    emails.rename(login, "thief@example.com")
    Login.objects.update(password=make_password(THIEFS))
    assert f'name="former" value="{EMAIL}"' in clerk.get(f"/desk/logins/{login.pk}/").content.decode()
    assert led(clerk, login, "restore_email", former=EMAIL).status_code == 302
    login.refresh_from_db()
    assert (login.email, login.former_email) == (EMAIL, "thief@example.com")
    assert set(Outgoing.objects.values_list("recipient", flat=True)) == {EMAIL, "thief@example.com"}
    assert inside.get("/account/").status_code == 302
    assert login.password == "", "the thief's password lets in nobody"
    assert factors.of(login) is None, "nor does his second factor"
    inside.post("/account/letter/", {"email": EMAIL})
    assert inside.post("/account/code/", {"code": code_of_last_letter()}).headers["Location"] == "/account/password/"


def changed(login: Login, email: str, now: dt.datetime) -> None:
    """The address is changed, as from within."""
    profile = loader.load("krc")
    emails.ask(profile=profile, login=login, email=email, language="en", sender="", now=now)
    emails.confirm(profile=profile, login=login, code=code_of_last_letter(), language="en", now=now)


def test_who_changes_the_address_twice_does_not_hide_whose_it_was(clerk: Browser, login: Login) -> None:
    now = timezone.now()
    changed(login, "thief@example.com", now - dt.timedelta(minutes=2))
    changed(login, "thief-again@example.com", now - dt.timedelta(minutes=1))
    assert leading.found(EMAIL) == [login]
    assert led(clerk, login, "restore_email", former=EMAIL).status_code == 302
    login.refresh_from_db()
    assert login.email == EMAIL
    changed(login, "mine-too@example.com", timezone.now())
    assert login.former_email == EMAIL, "what an employee has given back is the one that is kept from then on"
    changed(login, "much-later@example.com", now + emails.KEPT + dt.timedelta(days=1))
    assert login.former_email == "mine-too@example.com"
    back = now + emails.KEPT + dt.timedelta(days=2)
    changed(login, "mine-too@example.com", back)
    answer = led(clerk, login, "restore_email", former="mine-too@example.com")
    assert answer.status_code == 422, "nothing would change"


def test_an_address_is_given_back_once_however_often_the_button_is_pressed(clerk: Browser, login: Login) -> None:
    emails.rename(login, "thief@example.com")
    as_it_was = Login.objects.get()
    assert led(clerk, login, "restore_email", former=EMAIL).status_code == 302
    assert led(clerk, login, "restore_email", former=EMAIL).status_code == 422, "not to the thief again"
    me = Employee.objects.get(username="clerk")
    with pytest.raises(leading.NothingToDoError):  # both were read before either was done
        leading.lead(
            profile=loader.load("krc"), login=as_it_was, what="restore_email", ground="in_person", employee=me,
            now=timezone.now(),
        )  # fmt: skip
    assert Login.objects.get().email == EMAIL


def test_an_earlier_address_is_found_in_an_index_and_so_are_the_other_ways(login: Login) -> None:
    Login.objects.bulk_create([Login(email=f"x{n}@example.com", made_at=timezone.now()) for n in range(2000)])
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        cursor.execute("ANALYZE clients_login")  # the planner goes by what was there before, else
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert leading.found(EMAIL) == [login]
        cursor.execute(f"EXPLAIN {asked[-1]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "login_former_email" in plan
    assert "Seq Scan on clients_login " not in plan


def test_who_held_the_account_before_sees_it_no_more(clerk: Browser, login: Login, household: Household) -> None:
    answer = led(clerk, login, "drop_account", account=str(household.account.pk), ground="holder_changed")
    assert answer.status_code == 302
    assert not login.accounts.exists()
    assert led(clerk, login, "drop_account", account=str(household.account.pk)).status_code == 422


def test_a_manager_sends_the_readings_of_the_house_and_sees_no_money(clerk: Browser, household: Household) -> None:
    neighbour = account_of("7654321")
    neighbour.premise.flat = "8"
    neighbour.premise.save()
    stranger = account_of("5555555")
    stranger.premise.house = "99"
    stranger.premise.save()
    for one in (neighbour, stranger):
        meter(one, "N-1", "m3", 5, [""])
    manager = Login.objects.create(email="house@example.com", made_at=timezone.now())
    browser = Browser(headers={"accept-language": "en"})
    seat(browser, manager)
    assert browser.get("/account/readings/file/").status_code == 404
    answer = led(clerk, manager, "give_readings", numbers="123-4567", houses="on", ground="agreement")
    assert answer.status_code == 302
    assert set(manager.reads.values_list("number", flat=True)) == {"1234567", "7654321"}
    send(browser, line("7654321", "N-1", "", "7"), line("5555555", "N-1", "", "7"))
    assert Reading.objects.get(value=7).meter.account == neighbour
    assert Refused.objects.get().code == "unknown_meter"
    assert neighbour.number not in browser.get("/account/").content.decode()
    for path in (f"/account/{neighbour.pk}/money/", f"/account/{neighbour.pk}/bill-2026-01.pdf"):
        assert browser.get(path).status_code == 404
    assert led(clerk, manager, "give_readings", numbers="999").status_code == 422
    led(clerk, manager, "end_readings")
    assert not manager.reads.exists()


@pytest.mark.parametrize("houses", ["", "on"])
def test_more_accounts_than_are_given_at_once_are_refused_and_nothing_typed_is_lost(
    clerk: Browser, login: Login, household: Household, houses: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = household.account.premise
    Account.objects.bulk_create(
        Account(number=f"77{n}", client=household.account.client, premise=place, service="", opened_on="2020-01-01")
        for n in range(3)
    )
    monkeypatch.setattr(leading, "ACCOUNTS_MAX", 3)
    numbers = "770" if houses else "1234567 770 771 772"
    answer = led(clerk, login, "give_readings", numbers=numbers, houses=houses, ground="agreement")
    assert answer.status_code == 422
    assert "more than 3 accounts: give them in parts" in answer.content.decode()
    assert f">{numbers}</textarea>" in answer.content.decode()
    assert not login.reads.exists()
    monkeypatch.setattr(leading, "ACCOUNTS_MAX", 4)
    assert led(clerk, login, "give_readings", numbers=numbers, houses=houses, ground="agreement").status_code == 302
    assert login.reads.count() == 4
    assert re.search(r"\b4\b", Outgoing.objects.get(recipient=EMAIL).text), "the client is told of how many"


def test_houses_are_looked_up_at_once_however_many_numbers_are_named(
    household: Household, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    numbers = [household.account.number, *(account_of(f"88{n}").number for n in range(5))]
    with django_assert_num_queries(2):
        assert len(leading.named(" ".join(numbers), with_houses=True)) == len(numbers)


def test_a_log_in_of_many_accounts_is_found_once(clerk: Browser, login: Login, household: Household) -> None:
    login.reads.add(household.account, account_of("7654321"))
    login.accounts.add(account_of("7654322"))
    assert leading.found("1234567") == [login]
    assert leading.found("7654321") == [login]
    assert leading.found(EMAIL) == [login]


def test_every_act_is_told_in_words(login: Login) -> None:
    assert set(leading.WHAT) == set(leading.DEEDS)
