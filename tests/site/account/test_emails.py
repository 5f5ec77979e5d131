"""Another e-mail address: shown anew who wants it, confirmed by a code to it, told to the old one."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client as Browser
from django.utils import timezone

from kindline.clients.login_models import Entry, Login
from kindline.clients.models import Account
from kindline.correspondence.models import Outgoing
from kindline.journal.queries import facts_of
from kindline.site.account import emails, session, throttle
from kindline.site.models import AccountSession, EmailChange
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.site.account.conftest import seat
from tests.site.account.test_account import EMAIL, PASSWORD, by_password, code_of_last_letter

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("quick_passwords")]
PAGE, NEW = "/account/email/", "new@example.com"


@pytest.fixture
def owner(site: Callable[..., Profile], visitor: Browser, account: Account) -> Browser:
    """Somebody who is in his account."""
    site("krc")
    login = Login.objects.create(email=EMAIL, password=make_password(PASSWORD), made_at=timezone.now())
    login.accounts.add(account)
    seat(visitor, login)
    return visitor


def prove(browser: Browser) -> None:
    """The password typed anew."""
    assert browser.post("/account/again/?for=email", {"password": PASSWORD}).headers["Location"] == PAGE


def ask(browser: Browser, email: str = NEW) -> None:
    """The new address named."""
    assert browser.post(PAGE, {"verb": "ask", "email": email}).headers["Location"] == PAGE


def confirm(browser: Browser, code: str) -> int:
    """The code typed."""
    return browser.post(PAGE, {"verb": "confirm", "code": code}).status_code


def test_nothing_is_changed_before_the_password_is_typed_anew(owner: Browser) -> None:
    for answer in (owner.get(PAGE), owner.post(PAGE, {"verb": "ask", "email": NEW})):
        assert answer.headers["Location"] == "/account/again/?for=email"
    assert not Outgoing.objects.exists()


def test_the_address_changes_with_the_code_and_the_old_one_is_told(owner: Browser) -> None:
    other, login = Browser(), Login.objects.get()
    by_password(other)
    prove(owner)
    ask(owner)
    assert Outgoing.objects.get().recipient == NEW
    assert Login.objects.get().email == EMAIL, "an address is not one's own before its code is typed"
    assert confirm(owner, code_of_last_letter()) == 302
    assert Login.objects.get().email == NEW
    told = Outgoing.objects.latest("pk")
    assert told.recipient == EMAIL
    assert "n…@example.com" in told.text
    assert NEW not in told.text
    kinds = [one.kind for one in facts_of("login", login.pk)]
    assert kinds[-3:] == ["account_email_asked", "account_email_changed", "account_sessions_ended"]
    assert "e-mail address · changed" in owner.get("/account/").content.decode()
    assert Entry.objects.latest("pk").way == "email"
    assert AccountSession.objects.count() == 1, "the others are out"
    assert other.get("/account/").status_code == 302
    assert owner.get(PAGE).status_code == 302, "another change asks anew"


def test_codes_that_went_to_the_old_address_let_in_no_more(owner: Browser) -> None:
    owner.post("/account/letter/", {"email": EMAIL})
    old = code_of_last_letter()
    prove(owner)
    ask(owner)
    confirm(owner, code_of_last_letter())
    assert Browser().post("/account/code/", {"code": old}).status_code == 422
    assert Login.objects.count() == 1


def test_a_code_is_good_for_its_own_change_alone_and_for_ten_minutes(owner: Browser) -> None:
    prove(owner)
    ask(owner)
    first = code_of_last_letter()
    assert Browser().post("/account/code/", {"code": first}).status_code == 422, "it lets nobody in"
    ask(owner, "third@example.com")
    assert confirm(owner, first) == 422
    second = code_of_last_letter()
    EmailChange.objects.update(ends_at=timezone.now())
    assert confirm(owner, second) == 422
    assert Login.objects.get().email == EMAIL


def test_an_address_by_which_another_enters_gets_nothing_and_the_answer_is_the_same(owner: Browser) -> None:
    owner_key = Login.objects.get().pk
    Login.objects.create(email=NEW, made_at=timezone.now())
    prove(owner)
    ask(owner)
    assert not Outgoing.objects.exists()
    assert NEW in owner.get(PAGE).content.decode()
    EmailChange.objects.all().delete()
    ask(owner, "free@example.com")
    Login.objects.create(email="free@example.com", made_at=timezone.now())
    answer = owner.post(PAGE, {"verb": "confirm", "code": code_of_last_letter()}, headers={"accept-language": "en"})
    assert answer.status_code == 409, "taken meanwhile"
    assert "Meanwhile somebody else enters by this address" in answer.content.decode()
    assert Login.objects.get(pk=owner_key).email == EMAIL


def test_a_code_that_is_sent_twice_has_done_it_once(owner: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    prove(owner)
    ask(owner)
    login = Login.objects.get()
    code = code_of_last_letter()
    emails.confirm(profile=loader.load("krc"), login=login, code=code, language="en", now=timezone.now())
    monkeypatch.setattr(session, "present", partial(_as_it_was, session.present))
    answer = owner.post(PAGE, {"verb": "confirm", "code": code})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/")
    assert not Entry.objects.filter(entered=False).exists(), "nobody guessed"


def _as_it_was(present: Callable[..., AccountSession | None], *asked: object) -> AccountSession | None:
    """The session as the second request read it before the first was done."""
    found = present(*asked)
    if found is not None:
        found.login.email = EMAIL
    return found


def test_what_was_done_is_said_on_the_page_that_follows(owner: Browser) -> None:
    prove(owner)
    ask(owner)
    confirm(owner, code_of_last_letter())
    page = owner.get("/account/", headers={"accept-language": "en"}).content.decode()
    assert re.search(r'role="status"[^>]*><p>From now on you enter by the new e-mail address.', page)
    assert "From now on you enter" not in owner.get("/account/").content.decode(), "once"


def test_nobodys_mailbox_is_filled_and_no_form_is_sent_without_end(owner: Browser) -> None:
    prove(owner)
    for _ in range(throttle.LETTERS_TO_ONE_ADDRESS + 1):
        ask(owner)
    assert Outgoing.objects.count() == throttle.LETTERS_TO_ONE_ADDRESS
    assert owner.post(PAGE, {"verb": "ask", "email": "no address"}).status_code == 422
    for _ in range(throttle.FORMS_FROM_ONE_BROWSER + 1):
        answer = owner.post(PAGE, {"verb": "ask", "email": "x@example.com"})
    assert answer.status_code == 429
    assert Outgoing.objects.filter(recipient="x@example.com").count() <= throttle.LETTERS_TO_ONE_ADDRESS
