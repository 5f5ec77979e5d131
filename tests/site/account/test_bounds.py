"""Whoever drops his cookies, or makes others up, gets no further at the doors of the account (faults X1)."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from kindline.clients.login_models import Entry, Login, Ticket
from kindline.clients.models import Account
from kindline.correspondence.models import Outgoing
from kindline.site.account import actions, session, throttle
from kindline.site.account.owning import Shown
from kindline.staff import known_browsers
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.site.account.test_account import EMAIL, registered
from tests.site.account.test_factors import confirmed

pytestmark = [pytest.mark.db, pytest.mark.fault("X1")]
MOST = 12
FORMS = {
    "/account/register/": {"number": "1234567", "surname": "Другой", "email": "x{n}@example.com"},
    "/account/letter/": {"email": "x{n}@example.com"},
}


@pytest.fixture(autouse=True)
def _open(site: Callable[[str], Profile], account: Account) -> None:
    """An organisation with an account."""
    site("krc")


def newcomer(number: int, *, with_cookie: bool, address: str = "203.0.113.5") -> Browser:
    """A browser that nobody has seen: without a cookie, or with one that it made up."""
    browser = Browser(REMOTE_ADDR=address)
    if with_cookie:
        browser.cookies[settings.CSRF_COOKIE_NAME] = f"made-up-{number}"
    return browser


def said(path: str, many: int, *, with_cookie: bool) -> list[int]:
    """What a form is answered, sent so often by as many browsers of one address."""
    return [
        newcomer(n, with_cookie=with_cookie)
        .post(path, {name: value.format(n=n) for name, value in FORMS[path].items()})
        .status_code
        for n in range(many)
    ]


@pytest.mark.parametrize("path", FORMS)
def test_browsers_without_a_cookie_are_one(path: str) -> None:
    many = throttle.FORMS_FROM_ONE_BROWSER
    assert said(path, many + 2, with_cookie=False) == [302] * many + [429] * 2


@pytest.mark.parametrize("path", FORMS)
def test_cookies_that_are_made_up_are_bounded_by_the_address(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "FORMS_FROM_ONE_ADDRESS", MOST)
    assert said(path, MOST + 2, with_cookie=True) == [302] * MOST + [429] * 2


@pytest.mark.parametrize("with_cookie", [False, True])
def test_codes_are_guessed_only_so_often_from_one_address(with_cookie: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "FAILED_FROM_ONE_ADDRESS", MOST)
    answers = [
        newcomer(n, with_cookie=with_cookie).post("/account/code/", {"code": f"AAAA-{n}"}).status_code
        for n in range(MOST + 2)
    ]
    assert answers == [422] * MOST + [429] * 2


def test_a_mailbox_gets_no_more_from_many_addresses_with_many_cookies() -> None:
    Login.objects.create(email=EMAIL, made_at=timezone.now())
    for n in range(throttle.LETTERS_TO_ONE_ADDRESS + 2):
        visitor = newcomer(n, with_cookie=True, address=f"192.0.2.{n}")
        assert visitor.post("/account/letter/", {"email": EMAIL}).status_code == 302
        assert registered(newcomer(n, with_cookie=True, address=f"198.51.100.{n}")).status_code == 302
    assert Outgoing.objects.filter(recipient=EMAIL).count() == throttle.LETTERS_TO_ONE_ADDRESS


def test_an_account_is_guessed_at_no_more_from_many_addresses_with_many_cookies() -> None:
    for n in range(throttle.GUESSES_OF_ONE_ACCOUNT):
        registered(newcomer(n, with_cookie=True, address=f"192.0.2.{n}"), surname="Другой", email=f"x{n}@example.com")
    assert registered(newcomer(0, with_cookie=True, address="198.51.100.1")).status_code == 302
    assert not Outgoing.objects.exists()
    assert Ticket.objects.values("about").distinct().count() == 1


def at_once(threads: int, do: Callable[[int], object]) -> None:
    """Every one of them begins when all are there."""
    together = threading.Barrier(threads)

    def one(number: int) -> None:
        together.wait(timeout=60)
        try:
            do(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, range(threads)))


@pytest.mark.db(transaction=True)
def test_tries_at_the_same_moment_do_not_pass_the_bound_together(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def is_owner(_account: Account, shown: Shown, _today: dt.date) -> bool:
        looked_at.append(shown.surname)
        return False

    monkeypatch.setattr(actions, "is_owner", is_owner)
    krc = loader.load("krc")

    def guess(number: int) -> None:
        actions.register(
            profile=krc, number="1234567", shown=Shown(surname=f"Другой {number}"), email=f"x{number}@example.com",
            language="en", sender=f"{number}", browser="", now=timezone.now(),
        )  # fmt: skip

    at_once(throttle.GUESSES_OF_ONE_ACCOUNT + 6, guess)
    assert Ticket.objects.count() == len(looked_at) == throttle.GUESSES_OF_ONE_ACCOUNT + 6
    assert len([one for one in looked_at if one]) == throttle.GUESSES_OF_ONE_ACCOUNT


@pytest.mark.db(transaction=True)
def test_a_mailbox_gets_no_more_letters_when_all_are_asked_for_at_the_same_moment() -> None:
    Login.objects.create(email=EMAIL, made_at=timezone.now())
    krc = loader.load("krc")
    at_once(
        throttle.LETTERS_TO_ONE_ADDRESS + 6,
        lambda n: actions.send_code(
            profile=krc, email=EMAIL, language="en", sender=f"{n}", browser=f"{n}", now=timezone.now()
        ),
    )
    assert Outgoing.objects.filter(recipient=EMAIL).count() == throttle.LETTERS_TO_ONE_ADDRESS


@pytest.mark.db(transaction=True)
@pytest.mark.parametrize("is_owner_s", [True, False])
def test_passwords_are_not_guessed_past_the_bound_at_one_moment(is_owner_s: bool) -> None:
    if is_owner_s:
        Login.objects.create(email=EMAIL, password="!", made_at=timezone.now())
    told: list[int] = []

    def guess(_number: int) -> None:
        browser = Browser(REMOTE_ADDR="203.0.113.5")
        told.append(browser.post("/account/enter/", {"email": EMAIL, "password": "x"}).status_code)

    at_once(8, guess)
    free = known_browsers.FREE if is_owner_s else 8
    assert Counter(told) == Counter({422: free, 429: 8 - free})
    assert Entry.objects.filter(entered=False).count() == free


@pytest.mark.db(transaction=True)
def test_figures_are_not_guessed_past_the_bound_at_one_moment() -> None:
    now = timezone.now()
    login = Login.objects.create(email=EMAIL, password="!", made_at=now)
    confirmed(login)
    told: list[int] = []

    def guess(number: int) -> None:
        browser = Browser(REMOTE_ADDR="203.0.113.5")
        kept = browser.session
        kept[session.PENDING] = [login.pk, "password", int(now.timestamp()), session._stamp(login)]
        kept.save()
        told.append(browser.post("/account/second/", {"code": f"00000{number}"}).status_code)

    at_once(8, guess)
    assert Counter(told) == Counter({422: throttle.FAILED_SECONDS, 429: 8 - throttle.FAILED_SECONDS})
