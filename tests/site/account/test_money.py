"""The money pages of the account: balance, months, bills, and what is said while the billing system is away."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kindline.clients.login_models import Login
from kindline.clients.models import Account, Client, Premise
from kindline.connectors.billing.models import ChargedRow, PaidRow
from kindline.correspondence import pdfs
from kindline.correspondence.errors import PrintingUnavailableError
from kindline.journal.models import Fact
from kindline.readings import billcodes
from kindline.readings.errors import BillingAwayError
from kindline.standard.profile import Profile
from tests.readings.bills import printed
from tests.site.account.conftest import seat

pytestmark = pytest.mark.db
Site = Callable[..., Profile]
NUMBER = "5500000001"
KEY = 4711
MONEY = f"/account/{KEY}/money/"
BILL = f"/account/{KEY}/bill-2026-09.pdf"
OLD_MONEY = f"/account/money/{NUMBER}/"
OLD_ENDS = ("999/", "%00/", "999/bill-2026-09.pdf")
OLD_BILL = f"{OLD_MONEY}bill-2026-09.pdf"
SAMPLE = "kindline.connectors.billing.sample.SampleBilling"


class AwayBilling:
    """A billing system that never answers."""

    def _away(self, *_: object) -> Any:
        raise BillingAwayError("no answer")

    balance = charges = payments = bill = months = take = _away


@pytest.fixture(autouse=True)
def _seventh_of_october() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 10, 7, 9, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def account(db: None) -> Account:
    """An account with half a year of books: 1000 a month, of which all but the last are paid."""
    now = timezone.now()
    owner = Client.objects.create(surname="Ёлкин", given_name="Пётр", created_at=now, changed_at=now)
    place = Premise.objects.create(city="Самара", street="Садовая", house="5", flat="7")
    books(NUMBER, 6)
    return Account.objects.create(
        pk=KEY, number=NUMBER, client=owner, premise=place, service="heat", opened_on="2020-01-01", balance="-152.40",
        balance_on="2026-09-01",
    )  # fmt: skip


def books(number: str, months: int) -> None:
    """So many months up to September, of which the last is not paid."""
    for month in [dt.date(2026 - (months > 9), 12 * (months > 9) + 10 - months + n, 1) for n in range(months)]:
        ChargedRow.objects.create(account=number, month=month, service="heat", amount=1000)
        if month.month != 9:
            PaidRow.objects.create(account=number, paid_on=month.replace(day=20), amount=1000, way="bank")


@pytest.fixture
def owner(account: Account, visitor: Browser, rf: Any) -> Browser:
    """Whose account it is, entered."""
    login = Login.objects.create(email="elkin@example.com", made_at=timezone.now())
    login.accounts.add(account)
    seat(visitor, login)
    return visitor


def test_the_account_s_money_month_by_month(site: Site, owner: Browser) -> None:
    site("krc")
    assert MONEY in owner.get("/account/").content.decode()
    page = owner.get(MONEY).content.decode()
    for part in ("1,000.00 ₽", "(as of Oct. 7, 2026)", "September 2026", "\N{MINUS SIGN}1,000.00", "bank"):
        assert part in page, part
    assert page.count('class="charged" x=') == page.count('class="paid" x=') == 7  # April to October
    assert page.count("-09.pdf") == 2  # the button and the table
    assert "6,000.00" in page  # charged in all: the plot in words


def test_the_balance_that_was_told_is_kept_and_known_while_the_billing_is_away(
    site: Site, owner: Browser, settings: Any
) -> None:
    site("krc")
    owner.get(MONEY)
    account = Account.objects.get()
    assert (account.balance, account.balance_on) == (Decimal("-1000.00"), dt.date(2026, 10, 7))
    owner.get(MONEY)
    assert Fact.objects.filter(kind="balance_kept").count() == 1
    settings.BILLING = {"class": f"{__name__}.AwayBilling"}
    answer = owner.get(MONEY)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "does not answer now" in page
    assert "Last known debt" in page
    assert "1,000.00 ₽" in page
    assert "<svg" not in page


@pytest.mark.clause("krc-5.7.3-10")
def test_a_bill_is_given_as_pdf_and_says_so_in_the_journal(site: Site, owner: Browser) -> None:
    site("krc")
    answer = owner.get(BILL)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert f'filename="bill-{NUMBER}-2026-09.pdf"' in answer.headers["Content-Disposition"]
    assert billcodes.code_of(Account.objects.get(), dt.date(2026, 9, 1)) in printed.words(answer.content)
    assert "1 000,00" in printed.words(answer.content).replace("\xa0", " ").replace("\u202f", " ")
    facts = Fact.objects.filter(subject_type="bill").order_by("id")
    assert [(one.kind, one.actor, one.data["channel"]) for one in facts] == [
        ("bill_asked", "client", "account"),
        ("bill_given", "client", "account"),
    ]


def test_a_bill_that_cannot_be_given_is_explained_and_the_asking_kept(
    site: Site, owner: Browser, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site("krc")
    settings.BILLING = {"class": f"{__name__}.AwayBilling"}
    answer = owner.get(BILL)
    assert answer.status_code == 503
    assert "<title>Not possible now: Charges" in answer.content.decode()
    assert "come for the bill a little later" in answer.content.decode()
    settings.BILLING = {"class": SAMPLE}

    def broken(_: str) -> bytes:
        raise PrintingUnavailableError("no library")

    monkeypatch.setattr(pdfs, "made", broken)
    answer = owner.get(BILL)
    assert answer.status_code == 503
    assert "cannot be made as a file" in answer.content.decode()
    assert list(Fact.objects.filter(subject_type="bill").values_list("kind", flat=True)) == ["bill_asked"]


@pytest.mark.parametrize(
    "path",
    ["/account/999/money/", f"/account/{10**30}/money/", *(f"/account/money/{end}" for end in OLD_ENDS),
     *(f"/account/{KEY}/bill-{month}.pdf" for month in ("2026-10", "2026-13", "x"))],
)  # fmt: skip
def test_nothing_else_is_there(site: Site, owner: Browser, path: str) -> None:
    site("krc")
    assert owner.get(path).status_code == 404


def test_an_account_of_somebody_else_is_not_there(site: Site, owner: Browser, account: Account) -> None:
    site("krc")
    account.logins.clear()
    absent = {MONEY: "/account/999/money/", BILL: "/account/999/bill-2026-09.pdf"}
    absent |= {OLD_MONEY: "/account/money/999/", OLD_BILL: "/account/money/999/bill-2026-09.pdf"}
    for of_another, of_nobody in absent.items():
        assert told(owner, of_another) == told(owner, of_nobody)
        assert told(owner, of_another)[0] == 404
        assert Browser().get(of_another).headers["Location"] == "/account/enter/"
        assert Browser().get(of_nobody).headers["Location"] == "/account/enter/"
    assert not Fact.objects.filter(subject_type="bill").exists()


def told(browser: Browser, path: str) -> tuple[int, str]:
    """What is answered, but for what differs each time."""
    answer = browser.get(path)
    page = answer.content.decode().replace(path, "")
    return answer.status_code, re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", page)


def test_no_address_of_the_account_has_its_number_in_it(site: Site, owner: Browser) -> None:
    """A number of an account is personal, and addresses stand in logs, histories and referrers (ASVS 14.2.1)."""
    site("krc")
    for page in ("/account/", MONEY):
        addresses = re.findall(r'(?:href|action|src)="([^"]*)"', owner.get(page).content.decode())
        assert addresses
        assert not [one for one in addresses if NUMBER in one], page


def test_addresses_from_before_lead_on_for_whoever_has_the_account(site: Site, owner: Browser) -> None:
    site("krc")
    assert owner.get(OLD_MONEY).headers["Location"] == MONEY
    answer = owner.get(OLD_BILL)
    assert answer.headers["Location"] == BILL
    assert "no-store" in answer.headers["Cache-Control"]


def test_without_a_billing_system_the_account_offers_no_bills(site: Site, owner: Browser, settings: Any) -> None:
    site("krc")
    settings.BILLING = None
    assert MONEY not in owner.get("/account/").content.decode()
    assert owner.get(MONEY).status_code == 404


def test_an_account_without_books_says_so(site: Site, owner: Browser) -> None:
    site("krc")
    ChargedRow.objects.all().delete()
    PaidRow.objects.all().delete()
    page = owner.get(MONEY).content.decode()
    assert "no charges and payments for this account yet" in page
    assert Account.objects.get().balance == Decimal("-152.40")


def test_a_longer_history_asks_no_more_questions(site: Site, owner: Browser) -> None:
    site("krc")

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert owner.get(MONEY).status_code == 200
        return len(found)

    asked()
    before = asked()
    ChargedRow.objects.all().delete()
    PaidRow.objects.all().delete()
    books(NUMBER, 8)
    asked()
    assert asked() == before


def test_the_service_of_bills_leads_to_the_account_s_page(site: Site, owner: Browser, account: Account) -> None:
    site("krc")
    assert owner.get("/account/bills/").headers["Location"] == MONEY
    second = Account.objects.create(
        number="5500000002", client=account.client, premise=account.premise, service="heat", opened_on="2020-01-01"
    )
    second.logins.add(*account.logins.all())
    assert owner.get("/account/bills/").headers["Location"] == "/account/"
