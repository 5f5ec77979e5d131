"""Passwords of employees are not guessed, and nobody locks an employee out (faults X1; ASVS 6.3.1)."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser

from kindline.journal import sweeping
from kindline.journal.models import Fact
from kindline.staff import actions, guessing, known_browsers, tasks
from kindline.staff.entry_models import RefusedEntry
from kindline.staff.models import Employee

pytestmark = pytest.mark.db
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    """A hash that does not take long: it is tried hundreds of times here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def anna(db: None) -> Employee:
    """An employee with a password."""
    return actions.create_employee(username="anna", password=PASSWORD, fields={"roles": ["operator"]})


def tries(browser: Browser, password: str, name: str = "anna", address: str = "203.0.113.5") -> int:
    """The status of a log-in; 302: he is in."""
    typed = {"username": name, "password": password}
    return browser.post("/login/", typed, REMOTE_ADDR=address).status_code


def guessed_at_from_everywhere() -> None:
    """So many guesses that no browser but her own is let try."""
    for number in range(guessing.FAILED_OF_ONE_EMPLOYEE):
        assert tries(Browser(), "guess", address=f"192.0.2.{number}") == 200


def test_a_wrong_password_is_a_fact_and_says_no_more_than_that(anna: Employee) -> None:
    assert tries(Browser(), "guess") == 200
    [fact] = Fact.objects.filter(kind="session_refused")
    assert (fact.subject_id, fact.data) == (str(anna.pk), {"address": "203.0.113.5"})


def test_who_guesses_is_held_back_even_with_the_right_password_from_any_address(anna: Employee) -> None:
    for number in range(guessing.FAILED_OF_ONE_EMPLOYEE):
        assert tries(Browser(), "guess", address=f"203.0.113.{number}") == 200
    answer = Browser().post("/login/", {"username": "anna", "password": PASSWORD}, REMOTE_ADDR="198.51.100.1")
    assert answer.status_code == 429
    assert 'role="alert"' in answer.content.decode()
    assert RefusedEntry.objects.count() == guessing.FAILED_OF_ONE_EMPLOYEE, "what was held back counts for nothing"


@pytest.mark.db(transaction=True)
@pytest.mark.fault("X1")
def test_tries_at_one_moment_do_not_pass_the_bound_together() -> None:
    actions.create_employee(username="anna", password=PASSWORD, fields={"roles": ["operator"]})
    together = threading.Barrier(8)

    def guess(number: int) -> int:
        together.wait(timeout=60)
        try:
            return tries(Browser(), "guess", address="203.0.113.5")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        told = Counter(pool.map(guess, range(8)))
    assert told == {200: known_browsers.FREE, 429: 8 - known_browsers.FREE}
    assert RefusedEntry.objects.count() == known_browsers.FREE


def test_the_right_password_leaves_no_failure_behind(anna: Employee) -> None:
    assert tries(Browser(), "guess") == 200
    assert tries(Browser(), PASSWORD) == 302
    assert RefusedEntry.objects.count() == 1


def test_a_subscriber_of_ipv6_is_held_back_whatever_address_he_takes(
    anna: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guessing, "FAILED_FROM_ONE_ADDRESS", 3)
    for number in range(3):
        assert tries(Browser(), "guess", name=f"nobody{number}", address=f"2001:db8:1:2::{number}") == 200
    assert tries(Browser(), PASSWORD, address="2001:db8:1:2:ffff::1") == 429
    assert tries(Browser(), PASSWORD, address="2001:db8:1:3::1") == 302, "his neighbour"


def test_the_owner_s_browser_is_not_held_back_by_others(anna: Employee) -> None:
    own = Browser()
    assert tries(own, PASSWORD) == 302
    own.post("/logout/")
    guessed_at_from_everywhere()
    assert tries(Browser(), PASSWORD) == 429
    assert tries(own, PASSWORD) == 302


def test_a_known_browser_waits_after_its_own_failures_and_is_never_shut_out(anna: Employee) -> None:
    own = Browser()
    tries(own, PASSWORD)
    own.post("/logout/")
    for _ in range(known_browsers.FREE):
        assert tries(own, "guess") == 200
    assert tries(own, PASSWORD) == 429
    now = dt.datetime.now(dt.UTC)
    for many in range(known_browsers.FREE, known_browsers.FREE + 4):
        RefusedEntry.objects.update(at=now - known_browsers.pause(many) - dt.timedelta(seconds=1))
        assert tries(own, "guess") == 200, "once more after each pause, the next one being twice as long"
        assert tries(own, PASSWORD) == 429
    RefusedEntry.objects.update(at=now - known_browsers.LONGEST)
    assert tries(own, PASSWORD) == 302


def test_a_pause_is_twice_the_one_before_up_to_the_longest() -> None:
    pauses = [known_browsers.pause(many).total_seconds() for many in (4, 5, 6, 7, 20)]
    assert pauses == [0, 15, 30, 60, 900]


@pytest.mark.fault("X1")
def test_a_thousand_addresses_hold_every_employee_back_and_lock_nobody_out(db: None, chance: random.Random) -> None:
    """A seeded crowd guesses at all of them for ten minutes; each gets in with the browser of every day."""
    names = [f"employee{n}" for n in range(3)]
    for name in names:
        actions.create_employee(username=name, password=PASSWORD, fields={"roles": ["operator"]})
    own = {name: Browser() for name in names}
    for name, browser in own.items():
        assert tries(browser, PASSWORD, name) == 302
        browser.post("/logout/")
    said = Counter[int]()
    for number in range(120):
        address = f"198.51.{chance.randrange(4)}.{chance.randrange(1, 255)}"
        said[tries(Browser(), f"guess {number}", chance.choice(names), address)] += 1
    assert said[200] == guessing.FAILED_OF_ONE_EMPLOYEE * len(names), "so many guesses, whatever the addresses"
    for name, browser in own.items():
        assert tries(Browser(), PASSWORD, name, "203.0.113.200") == 429, "he is held elsewhere"
        assert tries(browser, PASSWORD, name, "198.51.0.7") == 302, "and gets in where he is known"


@pytest.mark.fault("X2")
def test_whoever_is_disabled_is_out_at_once_and_his_browser_lets_nobody_in(anna: Employee) -> None:
    own = Browser()
    assert tries(own, PASSWORD) == 302
    assert own.get("/home/").headers["Location"] == "/desk/"
    Employee.objects.filter(pk=anna.pk).update(is_active=False)
    assert own.get("/home/").headers["Location"].startswith("/login/")
    assert tries(own, PASSWORD) == 200
    Employee.objects.filter(pk=anna.pk).update(is_active=True)
    anna.refresh_from_db()
    anna.set_password("another horse battery staple")
    anna.save()
    assert tries(own, PASSWORD) == 200, "after a reset the old one lets in nowhere"
    assert tries(own, "another horse battery staple") == 302


def test_one_address_may_not_try_many_names_and_others_go_on(anna: Employee) -> None:
    for number in range(guessing.FAILED_FROM_ONE_ADDRESS):
        tries(Browser(), "guess", name=f"nobody{number}")
    assert tries(Browser(), PASSWORD) == 429
    assert tries(Browser(), PASSWORD, address="198.51.100.1") == 302


def test_typing_errors_of_an_office_hold_no_new_browser_of_it_back(
    anna: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Browser()
    assert tries(own, PASSWORD) == 302
    own.post("/logout/")
    monkeypatch.setattr(guessing, "FAILED_FROM_ONE_ADDRESS", known_browsers.FREE - 1)
    for _ in range(known_browsers.FREE):
        assert tries(own, "a typing error") == 200
    assert tries(Browser(), PASSWORD) == 302, "a new browser behind the same address"


def test_after_a_quarter_of_an_hour_it_is_looked_at_again(anna: Employee) -> None:
    guessed_at_from_everywhere()
    for entry in RefusedEntry.objects.all():
        RefusedEntry.objects.filter(pk=entry.pk).update(at=entry.at - known_browsers.WINDOW - dt.timedelta(seconds=1))
    assert tries(Browser(), PASSWORD) == 302


@pytest.mark.parametrize("held", [False, True])
def test_the_door_of_the_administration_is_guarded_too(db: None, held: bool) -> None:
    fields = {"roles": ["administrator"], "is_staff": True, "is_superuser": True}
    actions.create_employee(username="anna", password=PASSWORD, fields=fields)
    if held:
        guessed_at_from_everywhere()
    Browser().post("/admin/login/", {"username": "anna", "password": PASSWORD}, REMOTE_ADDR="198.51.100.1")
    assert Fact.objects.filter(kind="session_opened").exists() is not held


@pytest.mark.parametrize("cookie", ["1", "1:abc:def", "\x01", "1.2.3:1tXYZ:AAAA"])
def test_a_forged_cookie_is_nobody_s(anna: Employee, cookie: str) -> None:
    guessed_at_from_everywhere()
    forger = Browser()
    forger.cookies[guessing.KNOWN.cookie] = cookie
    assert tries(forger, PASSWORD) == 429


def test_what_counts_for_nothing_is_swept_away_by_a_job(anna: Employee, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "close_old_connections", lambda: None)  # the test's own is open
    for _ in range(2):
        tries(Browser(), "guess")
    old = RefusedEntry.objects.order_by("pk").first()
    assert old is not None
    RefusedEntry.objects.filter(pk=old.pk).update(at=old.at - known_browsers.HOUR - dt.timedelta(minutes=1))
    tries(Browser(), "guess")
    assert RefusedEntry.objects.count() == 3, "a failure sweeps nothing"
    tasks.sweep_staff(0)
    assert RefusedEntry.objects.count() == 2
    assert not RefusedEntry.objects.filter(pk=old.pk).exists()
