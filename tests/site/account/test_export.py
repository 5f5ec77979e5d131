"""One's own data as a file: everything that the account shows, under keys that are documented."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals.models import Appeal, AppealMessage
from kindline.clients.login_models import Login
from kindline.clients.models import ContactPoint
from kindline.correspondence.models import Outgoing
from kindline.readings.billing import Charge, Payment
from kindline.readings.errors import BillingAwayError
from kindline.site.account import own
from tests.readings.conftest import Household, account_of, household
from tests.site.account.conftest import seat

__all__ = ["household"]
pytestmark = pytest.mark.db
EMAIL = "elkin@example.com"
GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "data-of-ones-own.md"


class KnownBilling:
    """A billing system that knows a month."""

    def charges(self, account: str, since: dt.date) -> list[Charge]:
        """One metered charge of the account that was asked about."""
        return [Charge(dt.date(2026, 2, 1), f"heat {account}", Decimal("100.50"), Decimal(2), "Gcal", Decimal("50.25"))]

    def payments(self, account: str, since: dt.date) -> list[Payment]:
        """One payment."""
        return [Payment(since, Decimal("40.00"), "bank")]

    def months(self, account: str) -> list[dt.date]:
        """One bill."""
        return [dt.date(2026, 2, 1)]


class AwayBilling(KnownBilling):
    """A billing system that does not answer."""

    def payments(self, account: str, since: dt.date) -> list[Payment]:
        raise BillingAwayError


@pytest.fixture
def owner(household: Household, settings: Any) -> Browser:
    """The household's owner, who has entered."""
    settings.BILLING = {"class": f"{__name__}.KnownBilling"}
    browser, login = Browser(headers={"accept-language": "en"}), Login.objects.create(
        email=EMAIL, made_at=timezone.now()
    )  # fmt: skip
    login.accounts.add(household.account)
    ContactPoint.objects.create(client=household.account.client, kind="phone", value="+79271112233")
    seat(browser, login)
    return browser


def exported(owner: Browser) -> Any:
    """The file, read."""
    answer = owner.get("/account/export/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    return answer.json()


def test_charges_payments_bills_and_readings_are_in_it(owner: Browser, household: Household) -> None:
    (account,) = exported(owner)["accounts"]
    assert account["charges"] == [
        {"month": "2026-02-01", "service": "heat 1234567", "amount": "100.50", "volume": "2", "unit": "Gcal",
         "tariff": "50.25"}
    ]  # fmt: skip
    assert account["payments"] == [{"paid_on": "2020-01-01", "amount": "40.00", "way": "bank"}]
    assert account["bills"] == ["2026-02-01"]
    assert {(one["meter"], one["zone"], one["state"]) for one in account["readings"]} == {
        ("E-1", "day", "accepted"), ("E-1", "night", "accepted"), ("W-1", "", "accepted"),
    }  # fmt: skip


def test_what_the_billing_system_does_not_say_is_not_known_rather_than_nothing(owner: Browser, settings: Any) -> None:
    settings.BILLING = {"class": f"{__name__}.AwayBilling"}
    (account,) = exported(owner)["accounts"]
    assert (account["charges"], account["payments"], account["bills"]) == (None, None, None)
    settings.BILLING = {}
    assert exported(owner)["accounts"][0]["charges"] is None


def test_wishes_consents_and_the_talk_about_appeals_are_in_it(owner: Browser, household: Household) -> None:
    now, login = timezone.now(), Login.objects.get()
    client = household.account.client
    own.set_wishes(login=login, key=client.pk, do_not_call=True, survey_consent=False, now=now)
    own.set_ways(login=login, key=client.pk, ways=["sms"], notices=["email"], now=now)
    owner.post("/account/ask/", {"account": "1234567", "kind": "complaint", "substance": "Пломба", "consent": "on"})
    appeal = Appeal.objects.get()
    AppealMessage.objects.create(appeal=appeal, text="Какая?", is_ours=True, made_at=now)
    told = exported(owner)
    (card,) = told["clients"]
    assert (card["do_not_call"], card["survey_consent"], card["ways"], card["notices"]) == (
        True, False, ["sms"], ["email"],
    )  # fmt: skip
    assert card["contacts"] == [{"kind": "phone", "value": "+79…33"}]
    assert "+79271112233" not in str(told), "a bill proves too little"
    assert [one["appeal"] for one in told["consents"]] == [appeal.number]
    (asked,) = told["appeals"]
    assert asked["messages"][0]["text"] == "Какая?"
    assert asked["messages"][0]["from"] == "organisation"


def test_letters_are_in_it_but_no_codes_nor_anybody_elses(owner: Browser) -> None:
    owner.post("/account/letter/", {"email": EMAIL})
    code = Outgoing.objects.get()
    for key, to in (("appeal 1", EMAIL), ("appeal 2", "other@example.com")):
        Outgoing.objects.create(
            key=key, message_id=key, thread=code.thread, recipient=to, subject=key, text="Ответ", language="ru",
            queued_at=timezone.now(),
        )  # fmt: skip
    assert [one["subject"] for one in exported(owner)["letters"]] == ["appeal 1"]


def test_another_accounts_data_are_not_in_it(owner: Browser) -> None:
    Login.objects.create(email="other@example.com", made_at=timezone.now()).accounts.add(account_of("7654321"))
    assert [one["number"] for one in exported(owner)["accounts"]] == ["1234567"]


def test_every_key_is_documented(owner: Browser) -> None:
    owner.post("/account/ask/", {"account": "1234567", "kind": "complaint", "substance": "Пломба", "consent": "on"})
    told, guide = exported(owner), GUIDE.read_text(encoding="utf-8")
    documented = set(re.findall(r"`([a-z_]+)(?:\[\])?`", guide)) | set(re.findall(r"`\w+\[\]\.(\w+)\[\]`", guide))
    assert keys_of(told) - documented == set()


def keys_of(told: Any) -> set[str]:
    """Every key, however deep."""
    if isinstance(told, list):
        return set().union(*map(keys_of, told))
    return set(told).union(*map(keys_of, told.values())) if isinstance(told, dict) else set()
