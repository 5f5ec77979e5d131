"""Meters of the invented clients with a year of readings; some of this month are still to come, some are asked back."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from random import Random
from typing import Any

from kindline.clients.models import Account
from kindline.journal import actions as journal
from kindline.readings import checking, queries
from kindline.readings.models import Meter, Reading, ReadingState, Sending
from kindline.runtime.demonstration import words
from kindline.standard.profile import Profile

MONTHS = 12
CHANNELS = ("account", "account", "account", "web", "phone", "office")
TO_COME, ODD = 0.3, 0.02
"""Shares of this month's readings that were not sent yet, and that must be asked back."""


def make(profile: Profile, dice: Random, now: dt.datetime) -> int:
    """Make meters and their readings, where the organisation takes any; how many readings."""
    plans = words.organisation(profile.id).get("meters")
    if not plans or not queries.are_taken(profile):
        return 0
    accounts = list(Account.objects.order_by("pk"))
    meters = [_meter(account, plan, dice, now) for account in accounts for plan in plans]
    Meter.objects.bulk_create(meters)
    by_unit = {plan["letter"]: plan for plan in plans}
    rows = [row for meter in meters for row in _year(profile, meter, by_unit[meter.number[0]], dice, now)]
    _keep(rows, now)
    return len(rows)


def _meter(account: Account, plan: Mapping[str, Any], dice: Random, now: dt.datetime) -> Meter:
    installed = now.date() - dt.timedelta(dice.randint(500, 2500))
    return Meter(
        account=account, number=f"{plan['letter']}-{dice.randint(100_000, 999_999)}", service=plan["service"],
        unit=plan["unit"], digits=plan["digits"], decimals=plan["decimals"], zones=plan["zones"],
        installed_on=installed, verified_until=installed + dt.timedelta(365 * 10),
    )  # fmt: skip


Row = tuple[str, dt.datetime, Reading]
"""The channel, the moment, and the reading that came so."""


def _year(profile: Profile, meter: Meter, plan: Mapping[str, Any], dice: Random, now: dt.datetime) -> Iterator[Row]:
    limits, channel = queries.limits(profile), dice.choice(CHANNELS)
    usual = {zone: Decimal(dice.randint(*plan["monthly"])) for zone in meter.zones}
    shown = {zone: Decimal(dice.randint(20, 900)) for zone in meter.zones}
    last: dict[str, checking.Last] = {}
    for moment in _moments(dice, now):
        for zone in meter.zones:
            shown[zone] += _used(usual[zone], meter.decimals, dice)
            is_odd = moment.date() > now.date() - dt.timedelta(20) and dice.random() < ODD
            value = shown[zone] * 7 if is_odd else shown[zone]
            offered = checking.Offered(zone, str(value), moment.date().isoformat())
            said = checking.judge(offered, queries.dial(meter), last.get(zone), None, limits, moment.date())
            if said.value is None or said.taken_on is None or said.state not in ReadingState.values:
                continue
            reading = Reading(
                meter=meter, zone=zone, value=said.value, taken_on=said.taken_on, state=said.state, code=said.code,
                daily=said.daily, exported_at=moment if said.state == ReadingState.ACCEPTED else None,
            )  # fmt: skip
            yield channel, moment, reading
            if said.state == ReadingState.ACCEPTED:
                last[zone] = checking.Last(said.value, said.taken_on, said.daily)


def _moments(dice: Random, now: dt.datetime) -> Iterator[dt.datetime]:
    """About once a month, the latest some days ago at most; now and then the latest is missing."""
    for ago in range(MONTHS, -1, -1):
        if ago or dice.random() > TO_COME:
            yield (now - dt.timedelta(30.4 * ago + dice.randint(1, 6))).replace(minute=0, second=0, microsecond=0)


def _used(usual: Decimal, decimals: int, dice: Random) -> Decimal:
    return (usual * dice.randint(70, 130) / 100).quantize(Decimal(1).scaleb(-decimals))


def _keep(rows: list[Row], now: dt.datetime) -> None:
    """What came on one day by one channel is one sending."""
    together: dict[tuple[str, dt.datetime], list[Reading]] = defaultdict(list)
    for channel, moment, reading in rows:
        together[channel, min(moment, now)].append(reading)
    sendings = [
        Sending(
            key=f"demonstration {channel} {moment:%Y-%m-%d}", sha256="", channel=channel, sent_at=moment,
            answered_at=moment, lines=len(readings),
        )
        for (channel, moment), readings in together.items()
    ]  # fmt: skip
    Sending.objects.bulk_create(sendings)
    for sending, readings in zip(sendings, together.values(), strict=True):
        for line, reading in enumerate(readings, 1):
            reading.sending, reading.line = sending, line
    Reading.objects.bulk_create([reading for readings in together.values() for reading in readings])
    pairs = zip(sendings, together.values(), strict=True)
    journal.record_many([fact for sending, readings in pairs for fact in _facts(sending, readings)])


def _facts(sending: Sending, readings: list[Reading]) -> Iterator[journal.NewFact]:
    data = {"channel": sending.channel, "count": len(readings)}
    yield journal.NewFact("reading_sent", "readings", sending.pk, "client", data, sending.sent_at)
    for state, kind in (("accepted", "reading_accepted"), ("asked_back", "reading_asked_back")):
        found = [reading for reading in readings if reading.state == state]
        if found:
            said = {"count": len(found), "codes": sorted({reading.code for reading in found if reading.code})}
            yield journal.NewFact(kind, "readings", sending.pk, "client", said, sending.sent_at)
