"""Readings that stand go to the billing system: a sweep over what it has not got yet, so that nothing is lost."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from kindline.journal import actions as journal
from kindline.readings import checking, queries
from kindline.readings.billing import Billing, SentReading, billing
from kindline.readings.errors import BillingAwayError
from kindline.readings.models import Reading

log = logging.getLogger(__name__)
BATCH = 500
BATCHES = 40
"""So many in one sweep; what is left goes with the next."""


def sweep(*, now: dt.datetime, limit: int = BATCH) -> int:
    """Hand over what waits; returns how many the billing system took. Its absence is said and waited out."""
    found, taken = billing(), 0
    for _ in range(BATCHES if found else 0):
        assert found is not None  # noqa: S101 - for mypy
        rows = list(waiting()[:limit])
        try:
            taken += hand_over(system=found, rows=rows, now=now) if rows else 0
        except BillingAwayError as error:
            log.warning("readings wait: the billing system does not answer: %s", error)
            break
        if len(rows) < limit:
            break
    return taken


def hand_over(*, system: Billing, rows: Sequence[Reading], now: dt.datetime) -> int:
    """Hand these over and keep what was said of each; the same twice counts once, there by its key and here by its row.

    Raises: BillingAwayError; then all of them wait.
    """
    said = system.take([_as_sent(row) for row in rows])  # no transaction is held while it is asked
    with transaction.atomic():
        rows = _untold(rows)
        good = [row.pk for row in rows if said.get(key_of(row)) == ""]
        Reading.objects.filter(pk__in=good).update(exported_at=now)
        faults = [row for row in rows if said.get(key_of(row))]
        if not (good or faults):
            return 0
        for row in faults:
            row.export_fault = said[key_of(row)]
        Reading.objects.bulk_update(faults, ["export_fault"])
        data = {"count": len(good), "refused": len(faults)}
        subject = f"{rows[0].pk}-{rows[-1].pk}"
        journal.record(kind="readings_exported", subject_type="readings_export", subject_id=subject, data=data, at=now)
    return len(good)


def _untold(rows: Sequence[Reading]) -> list[Reading]:
    """Those of which no other worker has told meanwhile, held until the transaction ends."""
    mine = Reading.objects.select_for_update().filter(pk__in=[row.pk for row in rows], exported_at=None)
    keys = set(mine.filter(export_fault="").order_by("pk").values_list("pk", flat=True))
    return [row for row in rows if row.pk in keys]


@transaction.atomic
def try_again(*, reading_id: int) -> None:
    """What the billing system would not have is offered to it again with the next sweep."""
    Reading.objects.filter(pk=reading_id).update(export_fault="")


def waiting() -> QuerySet[Reading]:
    """The readings that stand and have not been handed over, in the order in which they came."""
    rows = queries.standing().filter(exported_at=None, export_fault="")
    return rows.select_related("meter__account", "replaces").order_by("pk")


def faulty() -> QuerySet[Reading]:
    """The readings that stand and that the billing system would not have."""
    rows = queries.standing().filter(exported_at=None).exclude(export_fault="")
    return rows.select_related("meter__account").order_by("pk")


def key_of(row: Reading) -> str:
    """By which the billing system knows the reading."""
    return f"reading {row.pk}"


def _as_sent(row: Reading) -> SentReading:
    meter, replaced = row.meter, _replaced(row)
    return SentReading(
        key_of(row), meter.account.number, meter.number, row.zone, row.value, row.taken_on,
        replaces=key_of(replaced) if replaced else "", turn=_turn(row), service=meter.service,
    )  # fmt: skip


def _turn(row: Reading) -> Decimal | None:
    """Where its dial begins anew; None for a lower one that was not held for that, and confirmed all the same."""
    return None if row.code == checking.LOWER else Decimal(10) ** row.meter.digits


def _replaced(row: Reading) -> Reading | None:
    """The one in whose place this stands now, as far as the billing system has it: those between never stood there."""
    before = row.replaces
    while before is not None and before.exported_at is None:
        before = before.replaces
    return before
