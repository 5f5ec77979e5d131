"""An account comes to a log-in: by the code of a bill too, told to who had it before, undone by one press."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import signing
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals.models import Appeal
from kindline.clients.login_models import Login
from kindline.clients.models import Account
from kindline.correspondence.models import Outgoing
from kindline.journal.queries import facts_of
from kindline.readings import billcodes
from kindline.site.account import joining
from kindline.site.models import Joining, Submission
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.site.account.test_account import EMAIL, code_of_last_letter, registered

pytestmark = pytest.mark.db
Site = Callable[..., Profile]
STRANGER = "stranger@example.com"


@pytest.fixture
def owner(site: Site, account: Account) -> Login:
    """Who has had the account for long."""
    site("krc")
    login = Login.objects.create(email=EMAIL, made_at=timezone.now())
    login.accounts.add(account)
    return login


def joined(browser: Browser, email: str = STRANGER, **told: str) -> Any:
    """Somebody registers with what stands on the bill, and types the code of the letter."""
    registered(browser, email=email, **told)
    return browser.post("/account/code/", {"code": code_of_last_letter()})


def link_in_letter() -> str:
    """The link of the letter that the owner got."""
    found = re.search(r"http://testserver(/account/not-me/[^\s]+)", Outgoing.objects.get(recipient=EMAIL).text)
    assert found
    return found[1]


def this_month(back: int = 0) -> dt.date:
    """The first day of a month on the organisation's calendar; `back`: so many months before this one."""
    today = timezone.now().astimezone(loader.load("krc").zone).date()
    months = today.year * 12 + today.month - 1 - back
    return dt.date(months // 12, months % 12 + 1, 1)


@pytest.mark.parametrize(("back", "good"), [(0, True), (3, True), (4, False), (-1, False)])
def test_the_code_of_one_of_the_last_bills_is_good(account: Account, back: int, good: bool) -> None:
    code = billcodes.code_of(account, this_month(back))
    assert re.fullmatch(r"[A-Z2-7]{4}-[A-Z2-7]{4}", code)
    assert billcodes.is_of(account, f" {code.lower().replace('-', ' ')}", this_month()) is good


def test_a_code_is_of_one_account_and_of_no_name(account: Account) -> None:
    other = Account(pk=account.pk + 1, number="7654321")
    code = billcodes.code_of(account, this_month())
    assert not billcodes.is_of(other, code, this_month())
    assert not billcodes.is_of(account, "", this_month())
    account.client.surname = "Другой"
    assert billcodes.code_of(account, this_month()) == code


def test_one_registers_by_the_code_of_the_bill_in_place_of_the_surname(owner: Login, visitor: Browser) -> None:
    account = owner.accounts.get()
    code = billcodes.code_of(account, this_month())
    registered(visitor, email=STRANGER, surname="", bill_code="AAAA-AAAA")
    assert not Outgoing.objects.exists()
    joined(visitor, surname="", bill_code=code)
    assert Login.objects.get(email=STRANGER).accounts.get() == account


def test_who_had_the_account_is_told_and_the_first_one_is_not(site: Site, account: Account) -> None:
    site("krc")
    joined(Browser(), EMAIL)
    assert Outgoing.objects.count() == 1, "the code alone"
    joined(Browser())
    letter = Outgoing.objects.filter(recipient=EMAIL).latest("pk")
    assert "s…@example.com" in letter.text
    assert STRANGER not in letter.text
    stranger = Login.objects.get(email=STRANGER)
    (fact,) = [one for one in facts_of("login", stranger.pk) if one.kind == "account_joined"]
    assert fact.data == {"account": account.pk, "told": 1}
    joined(Browser())
    assert Joining.objects.count() == 2, "registering again is no joining"


def test_looking_at_the_link_does_nothing_and_one_press_suspends(owner: Login) -> None:
    browser, account = Browser(headers={"accept-language": "en"}), owner.accounts.get()
    joined(browser)
    visitor, link = Browser(headers={"accept-language": "en"}), link_in_letter()
    page = visitor.get(link).content.decode()
    assert "It was not me" in page
    assert STRANGER not in page
    assert account.logins.count() == 2
    for _ in range(2):
        page = visitor.post(link).content.decode()
        assert "does not see the account any more" in page
    assert list(account.logins.all()) == [owner]
    assert account.number not in browser.get("/account/").content.decode()
    appeal = Appeal.objects.get()
    assert appeal.number in page
    assert STRANGER in appeal.substance
    assert Submission.objects.get().login == owner, "he sees what becomes of it"
    told = Outgoing.objects.filter(recipient=STRANGER).latest("pk")
    assert account.number in told.text
    stranger = Login.objects.get(email=STRANGER)
    kinds = [one.kind for one in facts_of("login", stranger.pk)]
    assert kinds.count("account_joining_disowned") == 1


def test_until_it_is_found_out_nobody_comes_to_the_account_and_nobody_learns_why(owner: Login) -> None:
    stranger, account = Browser(), owner.accounts.get()
    registered(stranger, email="early@example.com")
    early = code_of_last_letter()
    joined(stranger)
    Browser().post(link_in_letter())
    before = Outgoing.objects.count()
    assert registered(stranger, email="again@example.com").headers["Location"] == "/account/code/"
    code = billcodes.code_of(account, this_month())
    registered(stranger, email="again@example.com", surname="", bill_code=code)
    assert Outgoing.objects.count() == before
    assert stranger.post("/account/code/", {"code": early}).status_code == 422, "a code of before lets in no more"
    Appeal.objects.update(closed_at=timezone.now(), state="closed", end="answered")
    joined(stranger, "again@example.com")
    assert account.logins.count() == 2


def test_where_no_appeal_can_be_made_the_log_in_loses_the_account_all_the_same(
    owner: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = owner.accounts.get()
    joined(Browser())
    monkeypatch.setattr(joining, "_appeal", lambda *_: None)
    Browser().post(link_in_letter())
    assert list(account.logins.all()) == [owner]
    now = timezone.now()
    assert joining.is_held(account, now)
    assert not joining.is_held(account, now + joining.LASTS)


def test_a_forged_or_old_link_or_one_of_who_has_lost_the_account_opens_nothing(owner: Login) -> None:
    joined(Browser())
    link, visitor = link_in_letter(), Browser()
    assert visitor.get(link[:-2] + "x/").status_code == 404
    Joining.objects.update(joined_at=timezone.now() - joining.LASTS)
    assert visitor.get(link).status_code == 404
    Joining.objects.update(joined_at=timezone.now())
    assert visitor.get(link).status_code == 200
    owner.accounts.clear()
    assert visitor.post(link).status_code == 404


def test_a_log_in_that_was_shut_is_neither_told_nor_takes_the_account_away(owner: Login) -> None:
    joined(Browser())
    link = link_in_letter()
    Login.objects.filter(pk=owner.pk).update(disabled_at=timezone.now())
    assert Browser().post(link).status_code == 404, "shut since he was told"
    joined(Browser(), "victim@example.com")
    assert Outgoing.objects.filter(recipient=EMAIL).count() == 1, "what was sent before it was shut"
    assert Login.objects.get(email="victim@example.com").accounts.get() == owner.accounts.get()
    (made,) = Joining.objects.filter(login__email="victim@example.com")
    token = signing.dumps([made.pk, owner.pk], salt=joining.SALT)
    assert Browser().post(f"/account/not-me/{token}/").status_code == 404
