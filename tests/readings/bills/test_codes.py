"""What the code of a bill says, read back from the printed page as a bank's application reads it."""

from __future__ import annotations

import base64
from dataclasses import replace
from decimal import Decimal

import pytest

from kindline.clients.models import Account
from kindline.correspondence import pdfs
from kindline.readings import bills, codes
from kindline.readings.billing import Bill
from kindline.readings.money import Requisites
from kindline.standard import loader
from tests.readings.bills import digits, printed

OURS = Requisites(
    name="Расчётный центр", account="40702810600000000001", qr="gost_56042", purpose="Счёт {account}, за {month}",
    code="9900000017", bank_name="Банк «Пример»", bank_code="049999999", bank_account="30101810300000000999",
)  # fmt: skip


@pytest.mark.db
@pytest.mark.parametrize("profile", ["krc", "yumek"])
def test_a_russian_bank_reads_the_payment_off_the_printed_bill(account: Account, bill: Bill, profile: str) -> None:
    standard = loader.load(profile)
    (said,) = printed.codes(pdfs.made(bills.page(bill, account, standard)))
    head, *parts = said.split("|")
    fields = dict(part.split("=", 1) for part in parts)
    known = Requisites.of(standard)
    assert known is not None
    assert head == "ST00012"  # 2: UTF-8
    assert list(fields)[:5] == ["Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc"]
    assert fields["Name"] == standard.variable("company")
    assert (fields["PersonalAcc"], fields["BIC"]) == (known.account, known.bank_code)
    assert (fields["CorrespAcc"], fields["PayeeINN"]) == (known.bank_account, known.code)
    assert fields["Sum"] == "162631"
    assert (fields["PersAcc"], fields["PaymPeriod"]) == ("5500000001", "092026")
    assert "5500000001" in fields["Purpose"]


@pytest.mark.db
def test_a_ukrainian_bank_reads_the_payment_off_the_printed_bill(account: Account, bill: Bill) -> None:
    standard = loader.load("voe")
    (said,) = printed.codes(pdfs.made(bills.page(bill, account, standard)))
    assert said.startswith("https://bank.gov.ua/qr/")
    packed = said.removeprefix("https://bank.gov.ua/qr/")
    lines = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode("utf-8").split("\n")
    payment = standard.variable("payment")
    assert lines == [
        "BCD", "002", "1", "UCT", "", standard.variable("company"), payment["account"], "UAH1626.31", payment["code"],
        "", "", "Розподіл електричної енергії, особовий рахунок 5500000001, за 09.2026", "",
    ]  # fmt: skip


@pytest.mark.parametrize("profile", ["krc", "yumek", "voe"])
def test_the_requisites_of_the_profiles_are_whole(profile: str) -> None:
    known = Requisites.of(loader.load(profile))
    assert known is not None
    assert known.qr in codes.FORMS
    if known.qr == "nbu_002":
        assert digits.is_iban(known.account)
        assert digits.is_edrpou(known.code)
    else:
        assert digits.is_russian_account(known.account, known.bank_code)
        assert digits.is_russian_bank_account(known.bank_account, known.bank_code)
        assert digits.is_inn(known.code)


def test_check_digits_tell_a_wrong_number() -> None:
    assert not digits.is_iban("UA739999990000026000000000002")
    assert not digits.is_russian_account("40702810600000000002", "049999999")
    assert not digits.is_russian_bank_account("30101810300000000998", "049999999")
    assert not digits.is_inn("9900000018")
    assert not digits.is_edrpou("99000012")


def test_a_separator_that_stands_in_a_value_is_not_used(bill: Bill) -> None:
    said = codes.text(bill, replace(OURS, name="Центр | Север"))
    assert said.startswith("ST00012~Name=Центр | Север~PersonalAcc=")
    assert codes.text(bill, replace(OURS, name="Центр |~ Север")).startswith("ST00012^Name=")


def test_values_are_one_line_and_not_longer_than_the_form_allows(bill: Bill) -> None:
    said = codes.text(bill, replace(OURS, name="Очень\n\tдлинное " + "имя" * 90, purpose="ц" * 300, kpp=""))
    fields = dict(part.split("=", 1) for part in said.split("|")[1:])
    assert fields["Name"].startswith("Очень длинное имя")
    assert (len(fields["Name"]), len(fields["Purpose"])) == (160, 210)
    assert "KPP" not in fields


@pytest.mark.parametrize(
    ("requisites", "to_pay"), [(None, "5"), (OURS, "0"), (replace(OURS, qr=""), "5"), (replace(OURS, qr="other"), "5")]
)
def test_no_code_where_nothing_can_be_paid_by_it(bill: Bill, requisites: Requisites | None, to_pay: str) -> None:
    assert codes.text(replace(bill, to_pay=Decimal(to_pay)), requisites) == ""


def test_kopecks_are_exact(bill: Bill) -> None:
    assert "|Sum=105|" in codes.text(replace(bill, to_pay=Decimal("1.05")), OURS)
    assert "|Sum=123456789012|" in codes.text(replace(bill, to_pay=Decimal("1234567890.12")), OURS)
