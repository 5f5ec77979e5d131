"""A billing system that is reached by files: the contract, exports as they come, and readings left for it."""

from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kindline.connectors.billing import outbox
from kindline.connectors.billing.files import FileBilling
from kindline.files.named import made
from kindline.readings.billing import Billing
from kindline.readings.errors import BillingAwayError
from kindline.runtime import settings
from tests.connectors.billing.contract import ACCOUNT, CHARGES, JUNE, MAY, OTHER, PAYMENTS, READING, BillingContract


def written(path: Path, *lines: str) -> None:
    """A file exported, put in its place whole."""
    part = path.with_suffix(".part")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.replace(path)


def fill(folder: Path) -> FileBilling:
    """The books of the contract as an export."""
    charges = [
        f"{ACCOUNT};{one.month:%Y-%m};{one.service};{one.amount};{one.volume or ''};{one.unit};{one.tariff or ''}"
        for one in reversed(CHARGES)
    ]
    payments = [f"{ACCOUNT};{one.paid_on};{one.amount};{one.way}" for one in PAYMENTS]
    written(folder / "balances.csv", "account;amount;on", f"{ACCOUNT};-1200,00;2026-07-10", f"{OTHER};-1.00;2026-07-10")
    written(folder / "charges.csv", "account;month;service;amount;volume;unit;tariff", *charges,
            f"{OTHER};2026-05-01;heat;1.00;;;")  # fmt: skip
    written(folder / "payments.csv", "account;paid_on;amount;way", *payments)
    return FileBilling(str(folder))


class TestContract(BillingContract):
    """Files keep the contract."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "billing"
        self.folder.mkdir()

    def fill(self) -> Billing:
        return fill(self.folder)

    def break_down(self, billing: Billing) -> None:
        """The folder is gone, as when a share is not mounted."""
        shutil.rmtree(self.folder)

    def taken(self, billing: Billing) -> list[tuple[str, str, Decimal]]:
        return left(self.folder)

    def replaced(self, billing: Billing) -> set[str]:
        return {row["replaces"] for row in rows_left(self.folder)} - {""}


def left(folder: Path) -> list[tuple[str, str, Decimal]]:
    """What lies there for the billing system."""
    return [(row["key"], row["meter"], Decimal(row["value"])) for row in rows_left(folder)]


def rows_left(folder: Path) -> list[dict[str, str]]:
    """The same by their columns."""
    texts = [path.read_text(encoding="utf-8") for path in (folder / "readings").glob("*.csv")]
    return [row for text in texts for row in csv.DictReader(text.splitlines(), delimiter=";")]


def test_it_is_chosen_by_the_folder_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert made(settings.billing())  # the embedded one
    monkeypatch.setenv("KINDLINE_BILLING_FOLDER", str(tmp_path))
    found = made(settings.billing())
    assert isinstance(found, FileBilling)
    assert found.folder == tmp_path


def test_numbers_are_read_as_people_export_them(tmp_path: Path) -> None:
    written(tmp_path / "balances.csv", "\ufeffaccount;amount;on", '"77";"-1 234,50";2026-07-01', "")
    assert (found := FileBilling(str(tmp_path)).balance("77")) is not None
    assert found.amount == Decimal("-1234.50")


def test_a_new_export_is_seen_at_once(tmp_path: Path) -> None:
    billing = fill(tmp_path)
    assert billing.months(ACCOUNT) == [JUNE, MAY]
    written(tmp_path / "charges.csv", "account;month;service;amount;volume;unit;tariff", f"{ACCOUNT};2026-07;x;1;;;")
    assert billing.months(ACCOUNT) == [dt.date(2026, 7, 1)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_text(f"account;amount;on\n{ACCOUNT};much;2026-07-01\n"),
        lambda path: path.write_text(f"account;amount;on\n{ACCOUNT};5\n"),
        lambda path: path.write_text(f"account;sum;on\n{ACCOUNT};5;2026-07-01\n"),
        lambda path: path.write_bytes(b"account;amount;on\n5500000001;5;2026-07-01;\xff\n"),
        lambda path: path.write_bytes(b""),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_no_balance_of_nothing(
    tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    billing = fill(tmp_path)
    spoil(tmp_path / "balances.csv")
    with pytest.raises(BillingAwayError, match=r"balances\.csv"):
        billing.balance(ACCOUNT)


def test_what_was_left_before_a_crash_is_left_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    billing = fill(tmp_path)
    whole = outbox._leave

    def dies(place: Path, readings: object) -> None:
        whole(place, readings)  # type: ignore[arg-type]
        raise OSError("the power went after the file and before the ledger")

    monkeypatch.setattr(outbox, "_leave", dies)
    with pytest.raises(BillingAwayError):
        billing.take([READING])
    monkeypatch.undo()
    assert billing.take([READING]) == {"one-1": ""}
    assert len(left(tmp_path)) == 1
    assert [path.name for path in (tmp_path / "readings").iterdir() if path.name.endswith(".part")] == []


def test_what_the_billing_system_has_fetched_is_not_left_again(tmp_path: Path) -> None:
    billing = fill(tmp_path)
    billing.take([READING])
    for path in (tmp_path / "readings").glob("*.csv"):
        path.unlink()
    assert billing.take([READING, replace(READING, key="one-2")]) == {"one-1": "", "one-2": ""}
    assert [row[0] for row in left(tmp_path)] == ["one-2"]


def test_two_processes_leave_each_key_once(tmp_path: Path) -> None:
    fill(tmp_path)
    batches = [[replace(READING, key=f"k{n}") for n in range(start, start + 20)] for start in (0, 10, 5, 15)]
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda batch: FileBilling(str(tmp_path)).take(batch), batches))
    assert all(set(one.values()) == {""} for one in told)
    assert sorted(row[0] for row in left(tmp_path)) == sorted(f"k{n}" for n in range(35))


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_to_is_away(tmp_path: Path) -> None:
    billing = fill(tmp_path)
    tmp_path.chmod(0o500)
    with pytest.raises(BillingAwayError):
        billing.take([READING])
