"""Questions about meters and readings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from kindline.readings import checking
from kindline.readings.checking import Dial, Last, Limits
from kindline.readings.lines import Outcome
from kindline.readings.models import Meter, Reading, ReadingState, Refused, Sending
from kindline.standard.profile import Profile

VARIABLE = "readings"


@dataclass(frozen=True, slots=True)
class Row:
    """A zone of a meter and the reading that stands for it, if there is one."""

    meter: Meter
    zone: str
    last: Reading | None
    pending: Reading | None = None


def are_taken(profile: Profile) -> bool:
    """Whether the organisation takes readings at all."""
    return profile.variable(VARIABLE) is not None


def limits(profile: Profile) -> Limits:
    """What the organisation asks back."""
    return Limits.of(profile.variable(VARIABLE) or {})


def dial(meter: Meter) -> Dial:
    """The meter as the judge sees it."""
    return Dial(meter.zones, meter.digits, meter.decimals, meter.unit, meter.installed_on, meter.removed_on)


def last(meter_id: int, zone: str, *, before: dt.date | None = None) -> Last | None:
    """The latest reading of a zone that stands (before a day)."""
    rows = standing().filter(meter_id=meter_id, zone=zone)
    rows = rows.filter(taken_on__lt=before) if before else rows
    found = rows.order_by("-taken_on").values_list("value", "taken_on", "daily").first()
    return Last(*found) if found else None


def on_day(meter_id: int, zone: str, day: dt.date) -> Decimal | None:
    """What stands for a zone on a day."""
    return standing().filter(meter_id=meter_id, zone=zone, taken_on=day).values_list("value", flat=True).first()


def standing() -> QuerySet[Reading]:
    """The readings that were accepted and not corrected."""
    return Reading.objects.filter(state=ReadingState.ACCEPTED)


def meter_of(account: str, typed: str, rows: QuerySet[Meter] | None = None) -> Meter | None:
    """The meter of an account by its number as it stands there, else by the only one that looks like it.

    `rows`: how it is read, such as held for a change.
    """
    of_account = (Meter.objects.all() if rows is None else rows).filter(account__number=checking.account(account))
    found = of_account.filter(number=typed.strip(checking.BLANKS)).first()
    return found or (of_account.filter(pk=alike[0]).first() if len(alike := _alike(account, typed)) == 1 else None)


def _alike(account: str, typed: str) -> list[int]:
    numbers = Meter.objects.filter(account__number=checking.account(account)).values_list("pk", "number")
    return [pk for pk, number in numbers if checking.meter(number) == checking.meter(typed)]


def meters_of(accounts: Collection[int], on: dt.date) -> list[Meter]:
    """The meters that count for these accounts on a day."""
    rows = Meter.objects.select_related("account").filter(account__in=accounts, installed_on__lte=on)
    return list(rows.filter(Q(removed_on=None) | Q(removed_on__gte=on)).order_by("account__number", "number"))


def rows_of(accounts: Collection[int], on: dt.date) -> list[Row]:
    """Every zone of every meter of these accounts with what stands and what waits for an answer."""
    meters = meters_of(accounts, on)
    ids = [meter.pk for meter in meters]
    newest = standing().filter(meter__in=ids).order_by("meter", "zone", "-taken_on").distinct("meter", "zone")
    stands = {(row.meter_id, row.zone): row for row in newest}
    asked = Reading.objects.filter(meter__in=ids, state=ReadingState.ASKED_BACK).order_by("pk")
    waits = {(row.meter_id, row.zone): row for row in asked}
    return [
        Row(meter, zone, stands.get((meter.pk, zone)), waits.get((meter.pk, zone)))
        for meter in meters
        for zone in meter.zones
    ]


def due(accounts: Collection[int], on: dt.date) -> list[Row]:
    """The zones for which nothing stands or waits in the month of this day."""
    month = on.replace(day=1)
    return [
        row
        for row in rows_of(accounts, on)
        if not any(one and one.taken_on >= month for one in (row.last, row.pending))
    ]


def history(accounts: Collection[int], *, limit: int | None = 100) -> list[Reading]:
    """The readings of these accounts, the latest first, corrected ones too."""
    rows = Reading.objects.select_related("meter__account", "sending").filter(meter__account__in=accounts)
    return list(rows.order_by("-taken_on", "-pk")[:limit])


def asked_back() -> QuerySet[Reading]:
    """The readings that wait for an answer, the oldest first."""
    rows = Reading.objects.filter(state=ReadingState.ASKED_BACK)
    return rows.select_related("meter__account__client", "meter__account__premise", "sending").order_by("pk")


def unsettled(profile: Profile, now: dt.datetime) -> QuerySet[Reading]:
    """Those of them that have waited longer than the organisation lets them (`unsettled_days`); none without it.

    Who was asked may never answer: an employee settles it then.
    """
    days = (profile.variable(VARIABLE) or {}).get("unsettled_days")
    if days is None:
        return asked_back().none()
    return asked_back().filter(sending__sent_at__lt=now - dt.timedelta(days=days))


def outcomes(sending: Sending) -> list[Outcome]:
    """What came of the lines of a sending: known duplicates are told as such, and lines in their order."""
    kept = {row.line: Outcome(row.line, first_state(row), row.code, row.pk) for row in sending.readings.all()}
    refused = {row.line: Outcome(row.line, checking.REFUSED, row.code) for row in sending.refused.all()}
    found = kept | refused
    known = Outcome(0, checking.DUPLICATE, "duplicate")
    return [found.get(n, Outcome(n, known.state, known.code)) for n in range(1, sending.lines + 1)]


def counted() -> QuerySet[Sending]:
    """Sendings with how many of their lines were kept, asked back (`asked`) and refused (`faults`)."""
    is_asked = Q(state=ReadingState.ASKED_BACK)
    return Sending.objects.annotate(
        kept=_many(Reading.objects.exclude(is_asked)),
        asked=_many(Reading.objects.filter(is_asked)),
        faults=_many(Refused.objects.all()),
    )


def _many(rows: QuerySet[Any]) -> Coalesce:
    """How many of these a sending has, counted by themselves: joined they would be multiplied by each other."""
    counts = rows.filter(sending=OuterRef("pk")).order_by().values("sending").annotate(many=Count("pk"))
    return Coalesce(Subquery(counts.values("many")), 0)


def first_state(reading: Reading) -> str:
    """What was said of a reading when it came, whatever became of it since."""
    if reading.state == ReadingState.ASKED_BACK or reading.code in ASKING:
        return checking.ASKED_BACK
    return checking.ACCEPTED


ASKING = frozenset(
    {"differs_same_day", "too_old", "older_than_last", "lower_than_last", "grows_too_much", "stands_still"}
)
"""The codes by which a reading is asked back."""
