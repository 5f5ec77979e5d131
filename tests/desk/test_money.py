"""The account's money beside the talk: nothing before the client is identified, the bill for a visitor."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client as Browser
from django.utils import timezone

from kindline.clients.models import Account
from kindline.connectors.billing.models import ChargedRow, PaidRow
from kindline.connectors.billing.months import first, following
from kindline.conversations.models import Contact
from kindline.journal.models import Fact
from kindline.readings.errors import BillingAwayError
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from tests.desk.conftest import Talk, employee, tell

pytestmark = pytest.mark.db
SAID = {"account_number": "5500 123456", "address": "Лесная 12а кв 4"}


class AwayBilling:
    """A billing system that never answers."""

    def _away(self, *_: object) -> Any:
        raise BillingAwayError("no answer")

    balance = charges = payments = bill = months = take = _away


def today() -> dt.date:
    """The day on the organisation's calendar."""
    return timezone.now().astimezone(loader.load("krc").zone).date()


@pytest.fixture
def month(account: Account) -> dt.date:
    """Half a year of books; the last month that has a bill."""
    present = first(today())
    for back in range(1, 7):
        charged = following(present, -back)
        ChargedRow.objects.create(account=account.number, month=charged, service="Отопление", amount=1000 + back)
        if back > 1:
            paid_on = following(charged)
            PaidRow.objects.create(account=account.number, paid_on=paid_on, amount=1000 + back, way="банк")
    return following(present, -1)


def _identified(browser: Browser, contact: Contact, account: Account) -> Contact:
    tell(browser, contact, "branch", branch="account")
    assert tell(browser, contact, "identify", fields=SAID).status_code == 200
    assert tell(browser, contact, "show-account", account=str(account.pk)).status_code == 200
    return contact


@pytest.fixture
def visited(krc: Any, account: Account) -> tuple[Browser, Contact, Employee]:
    """A visitor at the counter who has shown the account to be his."""
    clerk = employee("counter1", Role.COUNTER, number=31, language="ru")
    browser = Browser()
    browser.force_login(clerk)
    begun = browser.post("/desk/visits/new")["Location"].rstrip("/").rsplit("/", 1)[-1]
    return browser, _identified(browser, Contact.objects.get(pk=begun), account), clerk


def test_nothing_is_told_until_the_client_is_identified(
    as_operator: Browser, krc: Any, talk: Talk, account: Account, month: dt.date
) -> None:
    contact = talk(client=account.client)
    address = f"/desk/money/{contact.pk}/{account.pk}/"
    assert as_operator.get(address).status_code == 403
    assert account.number not in address, "ASVS 14.2.1"
    assert as_operator.get(f"/desk/money/{contact.pk}/{account.pk + 1}/").status_code == 403
    _identified(as_operator, contact, account)
    told = as_operator.get(address).json()
    assert not told["away"]
    assert (told["months"][0]["bill"], told["months"][0]["charged"]) == (f"{month:%Y-%m}", "1,001.00")
    assert len(told["months"]) == 4
    assert told["payments"][0]["amount"] == "1,002.00 ₽"
    account.refresh_from_db()
    assert (int(account.balance), account.balance_on) == (-1001, today())


def test_somebody_elses_talk_tells_nothing(
    visited: tuple[Browser, Contact, Employee], account: Account, month: dt.date
) -> None:
    _, contact, _ = visited
    stranger = Browser()
    stranger.force_login(employee("counter2", Role.COUNTER))
    assert stranger.get(f"/desk/money/{contact.pk}/{account.pk}/").status_code == 403
    assert stranger.post(f"/desk/money/{contact.pk}/{account.pk}/bill-{month:%Y-%m}").status_code == 403


def test_the_bill_is_printed_for_a_visitor(
    visited: tuple[Browser, Contact, Employee], account: Account, month: dt.date
) -> None:
    browser, contact, clerk = visited
    printed = browser.post(f"/desk/money/{contact.pk}/{account.pk}/bill-{month:%Y-%m}")
    assert printed.content.startswith(b"%PDF")
    given = Fact.objects.get(kind="bill_given")
    assert (given.actor, given.data["channel"]) == (f"employee:{clerk.pk}", "office")
    assert browser.post(f"/desk/money/{contact.pk}/{account.pk}/bill-2001-01").status_code == 404
    assert browser.get(f"/desk/money/{contact.pk}/{account.pk}/bill-{month:%Y-%m}").status_code == 405


def test_a_billing_system_that_is_away_is_said(
    visited: tuple[Browser, Contact, Employee], account: Account, month: dt.date, settings: Any
) -> None:
    browser, contact, _ = visited
    settings.BILLING = {"class": f"{__name__}.AwayBilling"}
    assert browser.get(f"/desk/money/{contact.pk}/{account.pk}/").json()["away"]
    answer = browser.post(f"/desk/money/{contact.pk}/{account.pk}/bill-{month:%Y-%m}")
    assert answer["Location"] == "/desk/visits/"
    assert any("a little later" in str(one) for one in get_messages(answer.wsgi_request))
    assert Fact.objects.filter(kind="bill_asked").exists()
    assert not Fact.objects.filter(kind="bill_given").exists()


def test_without_books_or_a_billing_system(
    visited: tuple[Browser, Contact, Employee], account: Account, settings: Any
) -> None:
    browser, contact, _ = visited
    address = f"/desk/money/{contact.pk}/{account.pk}/"
    assert browser.get(address).json() == {"away": False, "months": [], "payments": []}
    settings.BILLING = None
    assert browser.get(address).status_code == 404
