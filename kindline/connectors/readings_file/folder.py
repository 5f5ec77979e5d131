"""A billing system that takes files: each batch of readings becomes one CSV file in a folder, whole or not at all."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from kindline.readings.billing import Balance, Bill, Charge, Payment, SentReading
from kindline.readings.errors import BillingAwayError, NoBillError

COLUMNS = ("key", "account", "meter", "zone", "value", "taken_on")


class ReadingsFolder:
    """`BILLING = {"class": "kindline.connectors.readings_file.folder.ReadingsFolder", "folder": "/srv/readings"}`."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def take(self, readings: Sequence[SentReading]) -> dict[str, str]:
        """Write a file; its name follows from the keys, so that the same batch is the same file.

        Raises: BillingAwayError while the folder cannot be written to.
        """
        keys = [one.key for one in readings]
        name = hashlib.sha256("\n".join(keys).encode()).hexdigest()[:16]
        try:
            self._write(self.folder / f"readings-{name}.csv", readings)
        except OSError as error:
            raise BillingAwayError(str(error)) from error
        return dict.fromkeys(keys, "")

    def _write(self, path: Path, readings: Sequence[SentReading]) -> None:
        part = path.with_suffix(".part")  # whoever reads the folder sees whole files only
        with part.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, delimiter=";")
            rows.writerow(COLUMNS)
            rows.writerows(
                (r.key, r.account, r.meter, r.zone, f"{r.value:f}", r.taken_on.isoformat()) for r in readings
            )
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def balance(self, account: str) -> Balance | None:  # noqa: ARG002 - a shape of Billing
        """Files tell nothing."""
        return None

    def charges(self, account: str, since: dt.date) -> list[Charge]:  # noqa: ARG002
        """Files tell nothing."""
        return []

    def payments(self, account: str, since: dt.date) -> list[Payment]:  # noqa: ARG002
        """Files tell nothing."""
        return []

    def bill(self, account: str, month: dt.date) -> Bill:
        """Files hold no bills. Raises: NoBillError."""
        raise NoBillError(f"{account} {month:%Y-%m}")

    def months(self, account: str) -> list[dt.date]:  # noqa: ARG002
        """Files hold no bills."""
        return []
