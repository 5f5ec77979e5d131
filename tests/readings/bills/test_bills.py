"""The bill as a document, and the asking that it meets."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from kindline.clients.models import Account
from kindline.correspondence import pdfs
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.quality import judging
from kindline.quality.models import Measurement
from kindline.readings import bills
from kindline.readings.billing import Bill, Billing
from kindline.readings.bills import Asking
from kindline.readings.errors import BillingAwayError, NoBillError
from kindline.standard import loader
from tests.readings.bills import printed
from tests.readings.bills.conftest import MONTH

pytestmark = pytest.mark.db
NOON = dt.datetime(2026, 10, 7, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


class Books:
    """A billing system that has one bill, or is away, or has none."""

    def __init__(self, answer: Bill | Exception) -> None:
        self.answer = answer

    def bill(self, account: str, month: dt.date) -> Bill:
        """What it was told to answer."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def given(account: Account, answer: Bill | Exception, now: dt.datetime = NOON) -> bytes:
    """The bill of September, asked for in the account."""
    books: Billing = Books(answer)  # type: ignore[assignment]  # no more of it is asked
    return bills.hand_over(
        Asking(account, MONTH, "account"), profile=loader.load("krc"), billing=books, made=str.encode, clock=lambda: now
    )


def kinds(account: Account, day: dt.datetime = NOON) -> list[str]:
    """What is known of the asking of a day."""
    return [fact.kind for fact in facts_of("bill", f"{account.pk}/2026-09/{day:%Y-%m-%d}")]


@pytest.mark.clause("krc-5.7.3-10")
def test_a_bill_is_given_as_soon_as_it_is_asked_for(account: Account, bill: Bill, settings: object) -> None:
    assert "5500000001" in given(account, bill).decode()
    assert kinds(account) == ["bill_asked", "bill_given"]
    subject = ("bill", f"{account.pk}/2026-09/2026-10-07")
    judging.judge_subjects(subjects=[subject], now=NOON + 3 * DAY)
    assert Measurement.objects.get(clause="krc-5.7.3-10").verdict == "met"


@pytest.mark.clause("krc-5.7.3-10")
def test_a_billing_system_that_is_away_leaves_an_asking_that_is_not_met(account: Account, bill: Bill) -> None:
    with pytest.raises(BillingAwayError):
        given(account, BillingAwayError("no answer"))
    assert kinds(account) == ["bill_asked"]
    judging.judge_subjects(subjects=[("bill", f"{account.pk}/2026-09/2026-10-07")], now=NOON + 3 * DAY)
    assert Measurement.objects.get(clause="krc-5.7.3-10").verdict == "not_met"


def test_asking_again_is_the_same_asking_and_the_next_day_meets_both(account: Account, bill: Bill) -> None:
    for _ in range(2):
        with pytest.raises(BillingAwayError):
            given(account, BillingAwayError("no answer"))
    assert kinds(account) == ["bill_asked"]
    given(account, bill, NOON + DAY)
    assert kinds(account) == kinds(account, NOON + DAY) == ["bill_asked", "bill_given"]
    given(account, bill, NOON + DAY)
    assert Fact.objects.filter(subject_type="bill").count() == 4


def test_a_month_without_a_bill_owes_none(account: Account) -> None:
    with pytest.raises(NoBillError):
        given(account, NoBillError("none"))
    assert kinds(account) == []


def test_a_printer_that_fails_leaves_an_asking_that_is_not_met(account: Account, bill: Bill) -> None:
    def broken(_: str) -> bytes:
        raise RuntimeError("no library")

    books: Billing = Books(bill)  # type: ignore[assignment]  # no more of it is asked
    with pytest.raises(RuntimeError):
        bills.hand_over(
            Asking(account, MONTH, "office"), profile=loader.load("krc"), billing=books, made=broken, clock=lambda: NOON
        )
    assert kinds(account) == ["bill_asked"]


def test_the_bill_says_everything_that_it_is_made_of(account: Account, bill: Bill) -> None:
    words = printed.words(pdfs.made(bills.page(bill, account, loader.load("krc"))))
    for part in (
        "Расчётный центр «Северный дом»", "5500000001-202609", "Сентябрь 2026", "ул. Садовая", "Ёлкин Пётр",
        "Вывоз отходов & <прочее>", "11 м³", "46,21", "508,31", "1 118,00", "1 626,31 ₽", "25 октября 2026",
        "40702810600000000001", "049999999", "банк", "700,00", "8 800 000-00-01", "centre@sever-dom.example",
    ):  # fmt: skip
        assert part in words.replace("\xa0", " ").replace("\u202f", " "), part


def test_a_bill_of_who_has_paid_ahead_has_nothing_to_pay_and_no_code(account: Account, bill: Bill) -> None:
    ahead = replace(bill, opening=Decimal("5000"), to_pay=Decimal(0))
    content = pdfs.made(bills.page(ahead, account, loader.load("krc")))
    assert printed.codes(content) == []
    assert "5 000,00" in printed.words(content).replace("\xa0", " ")
