"""A firm's users see each other, and one takes another's access away; not who has just come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client as Browser
from django.utils import timezone

from kindline.clients.login_models import Login
from kindline.clients.models import Account, Client
from kindline.correspondence.models import Outgoing
from kindline.journal.queries import facts_of
from kindline.site.account import people
from kindline.site.models import Joining
from kindline.standard.profile import Profile
from tests.site.account.conftest import seat
from tests.site.account.test_account import EMAIL, PASSWORD

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("quick_passwords")]
PAGE = "/account/people/"
OTHER = "other@example.com"


@pytest.fixture
def firm(site: Callable[..., Profile], account: Account) -> Account:
    """The account of a firm."""
    site("krc")
    Client.objects.update(kind="firm", firm_name="ООО «Заря»")
    account.refresh_from_db()
    return account


def user(account: Account, email: str, joined_at: dt.datetime | None = None) -> Login:
    """Somebody who sees the account."""
    login = Login.objects.create(email=email, password=make_password(PASSWORD), made_at=timezone.now())
    login.accounts.add(account)
    if joined_at:
        Joining.objects.create(login=login, account=account, joined_at=joined_at)
    return login


@pytest.fixture
def owner(firm: Account, visitor: Browser) -> Browser:
    """A user of the firm's account who is in, and has shown it anew."""
    seat(visitor, user(firm, EMAIL))
    assert visitor.post("/account/again/?for=people", {"password": PASSWORD}).headers["Location"] == PAGE
    return visitor


def test_colleagues_see_each_other(owner: Browser, firm: Account) -> None:
    user(firm, OTHER)
    assert PAGE in owner.get("/account/").content.decode()
    page = owner.get(PAGE).content.decode()
    assert OTHER in page
    assert page.count('name="person"') == 1, "nobody shuts himself out"


def test_one_takes_anothers_access_away_and_both_are_told(owner: Browser, firm: Account) -> None:
    other, browser = user(firm, OTHER), Browser(headers={"accept-language": "en"})
    seat(browser, other)
    assert firm.number in browser.get("/account/").content.decode()
    assert owner.post(PAGE, {"account": firm.number, "person": other.pk}).headers["Location"] == PAGE
    assert firm.number not in browser.get("/account/").content.decode()
    assert {one.recipient for one in Outgoing.objects.all()} == {EMAIL, OTHER}
    (fact,) = [one for one in facts_of("login", other.pk) if one.kind == "account_access_removed"]
    assert fact.data == {"account": firm.pk, "by": Login.objects.get(email=EMAIL).pk}


def test_it_is_shown_anew_first(firm: Account, visitor: Browser) -> None:
    other = user(firm, OTHER)
    seat(visitor, user(firm, EMAIL))
    answer = visitor.post(PAGE, {"account": firm.number, "person": other.pk})
    assert answer.headers["Location"] == "/account/again/?for=people"
    assert firm.logins.count() == 2


def test_who_has_just_come_takes_no_access_from_those_who_were_there(firm: Account, visitor: Browser) -> None:
    now = timezone.now()
    old, known = user(firm, OTHER), user(firm, "known@example.com", now - dt.timedelta(days=2))
    later = user(firm, "later@example.com", now)
    me = user(firm, EMAIL, now - dt.timedelta(days=1))
    seat(visitor, me)
    visitor.post("/account/again/?for=people", {"password": PASSWORD})
    for one in (old, known):
        answer = visitor.post(PAGE, {"account": firm.number, "person": one.pk})
        assert answer.status_code == 422
        assert "only lately" in answer.content.decode()
    assert visitor.post(PAGE, {"account": firm.number, "person": later.pk}).status_code == 302
    Joining.objects.filter(login=me).update(joined_at=now - people.NEWCOMER - dt.timedelta(minutes=1))
    Joining.objects.filter(login=known).update(joined_at=now - people.NEWCOMER - dt.timedelta(days=1))
    assert visitor.post(PAGE, {"account": firm.number, "person": old.pk}).status_code == 302
    assert set(firm.logins.all()) == {me, known}


def test_a_persons_account_and_a_strangers_are_nobodys_list(owner: Browser, firm: Account) -> None:
    me = Login.objects.get()
    for number, person in ((firm.number, me.pk), (firm.number, me.pk + 999), ("999", me.pk)):
        assert owner.post(PAGE, {"account": number, "person": person}).status_code == 404
    Client.objects.update(kind="person")
    assert owner.get(PAGE).status_code == 404
    assert PAGE not in owner.get("/account/").content.decode()
