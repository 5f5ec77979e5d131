"""D9 on the site: what the database gives up because of others is done again; the client sees nothing of it."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser

from kindline.appeals.models import Appeal, NumberSeries
from kindline.clients.login_models import Entry, Login
from kindline.clients.models import Account
from kindline.correspondence.models import Outgoing
from kindline.files import queries as files
from kindline.notifications.topic_models import NoticeSubscription
from kindline.readings.models import Sending
from kindline.site.models import AccountSession
from kindline.standard.profile import Profile
from tests.desk.test_retried import GivesUpOnce
from tests.readings.conftest import Household, household
from tests.site.account.conftest import account, quick_passwords
from tests.site.account.test_account import PASSWORD, code_of_last_letter, entered, registered
from tests.site.test_files import PDF, given
from tests.site.test_reception import TYPED
from tests.site.test_subscribing import WISH

__all__ = ["account", "household", "quick_passwords"]
pytestmark = pytest.mark.django_db(transaction=True)
Site = Callable[[str], Profile]
SEED, SHARE = 20261129, 0.05
WRITES = re.compile(r"\s*(INSERT INTO|UPDATE |DELETE FROM|SELECT new_id, new_number)")
"""Statements that write; the last registers an appeal."""


class GivesUp:
    """A database that gives up by chance: a share of writes, so that one transaction in some ten is hit.

    What the middleware keeps of a browser's session is one row written alone: nothing can meet it.
    """

    def __init__(self, seed: int) -> None:
        self.chance, self.given_up = random.Random(seed), 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        is_write = WRITES.match(sql) and "django_session" not in sql
        if is_write and self.chance.random() < SHARE:
            self.given_up += 1
            state = self.chance.choice(["40P01", "40001"])
            sql = f"DO $$ BEGIN RAISE EXCEPTION 'as others' USING ERRCODE = '{state}'; END $$"
            params, many = None, False
        return execute(sql, params, many, context)


def posted(number: int, path: str, typed: dict[str, Any]) -> Any:
    """A form from one of many addresses."""
    browser = Browser(raise_request_exception=False, REMOTE_ADDR=f"10.{number}.0.1")
    return browser.post(path, {"key": str(uuid.uuid4())} | typed)


def test_forms_files_readings_and_wishes_are_taken_once_each(household: Household, site: Site, settings: Any) -> None:
    """Seeded: nobody sees a 5xx, nothing is doubled, no number is lost."""
    settings.MAIL = {**settings.MAIL, "relay": {"class": "not.asked"}}
    settings.SITE_URL = "https://site.example"
    site("krc")
    wrong, known = GivesUp(SEED), Sending.objects.count()
    with connection.execute_wrapper(wrong):
        answers = [posted(n, "/ask/", TYPED | {"substance": f"вопрос {n}"}) for n in range(30)]
        answers += [posted(n, "/ask/", TYPED | {"files": [given("счёт.pdf", PDF)]}) for n in range(5)]
        answers += [posted(n, "/notices/ask/", WISH | {"to": f"{n}@example.com"}) for n in range(10)]
        reading = {"account": household.account.number, "meter": "W-1", "zone": "", "taken_on": "2026-03-20"}
        told = [posted(n, "/readings/", reading | {"value": str(80 + n)}) for n in range(10)]
    assert wrong.given_up >= 10, "the test must bite"
    assert {one.status_code for one in answers} == {302}
    assert {one.status_code for one in told} == {200}
    assert Appeal.objects.count() == NumberSeries.objects.get().last == 35
    assert sum(files.of(one.owner).count() for one in Appeal.objects.all()) == 5
    assert NoticeSubscription.objects.count() == 10
    assert Outgoing.objects.filter(about="notices").count() == 10, "each has its code"
    assert Sending.objects.count() == known + 10


@pytest.mark.parametrize(
    "statement",
    ['INSERT INTO "clients_entry"', 'INSERT INTO "site_accountsession"', 'DELETE FROM "django_session"'],
)
def test_a_code_that_works_once_is_not_used_up_by_what_came_to_nothing(
    site: Site, account: Account, statement: str
) -> None:
    site("krc")
    browser = Browser(raise_request_exception=False)
    kept = browser.session
    kept["typed"] = "something"  # so that there is a session to be ended
    kept.save()
    registered(browser)
    wrong = GivesUpOnce(statement)
    with connection.execute_wrapper(wrong):
        answer = browser.post("/account/code/", {"code": code_of_last_letter()})
    assert wrong.given_up == 1, "the test must bite"
    assert answer.status_code == 302
    assert browser.get("/account/password/").status_code == 200, "he is in"
    assert (Login.objects.count(), AccountSession.objects.count()) == (1, 1)
    assert list(Entry.objects.values_list("entered", flat=True)) == [True]


@pytest.mark.usefixtures("quick_passwords")
def test_a_new_password_is_set_though_the_old_one_was_shown_before(site: Site, account: Account) -> None:
    """Begun anew, the page must not ask the old password of the new one."""
    site("krc")
    entered(Browser())
    browser = Browser(raise_request_exception=False)
    browser.post("/account/enter/", {"email": "elkin@example.com", "password": PASSWORD})
    wrong = GivesUpOnce('DELETE FROM "site_accountsession"')
    with connection.execute_wrapper(wrong):
        answer = browser.post("/account/password/", {"old": PASSWORD, "password": "нова тиха вода 12"})
    assert wrong.given_up == 1, "the test must bite"
    assert answer.headers["Location"] == "/account/"
    assert browser.get("/account/").status_code == 200
