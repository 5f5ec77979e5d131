"""Local days and times of moments, by the offsets of a zone; no clock and no database zone tables."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import ibis

FIRST_YEAR, LAST_YEAR = 2015, 2045
EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - moments in the queries are UTC without a zone
DAY_S = 86_400


@cache
def offsets(zone: ZoneInfo) -> list[tuple[dt.datetime, int]]:
    """From which moment (UTC, without zone) which offset holds, in seconds; by days, then to the hour."""
    moment = dt.datetime(FIRST_YEAR, 1, 1, tzinfo=dt.UTC)
    end = dt.datetime(LAST_YEAR, 1, 1, tzinfo=dt.UTC)
    found = [(moment.replace(tzinfo=None), _offset(zone, moment))]
    while moment < end:
        later = moment + dt.timedelta(days=1)
        if _offset(zone, later) != found[-1][1]:
            while _offset(zone, moment) == found[-1][1]:
                moment += dt.timedelta(minutes=30)
            found.append((moment.replace(tzinfo=None), _offset(zone, moment)))
        moment = later
    return found


def _offset(zone: ZoneInfo, moment: dt.datetime) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def shifted(moment: Any, zone: ZoneInfo) -> Any:
    """Seconds since 1970 on the local clock."""
    epoch = moment.delta(ibis.timestamp(EPOCH.isoformat()), unit="second")
    changes = offsets(zone)
    if len(changes) == 1:
        return epoch + changes[0][1]
    branches = [(moment >= ibis.timestamp(at.isoformat()), offset) for at, offset in reversed(changes[1:])]
    return epoch + ibis.cases(*branches, else_=changes[0][1])


def local_day(moment: Any, zone: ZoneInfo) -> Any:
    """The number of the local day, counted from 1970-01-01."""
    return (shifted(moment, zone) / DAY_S).floor().cast("int64")


def local_seconds(moment: Any, zone: ZoneInfo) -> Any:
    """Seconds since local midnight."""
    return shifted(moment, zone) - local_day(moment, zone) * DAY_S


def local_month(moment: Any, zone: ZoneInfo) -> Any:
    """The local month as 2026-03."""
    return (ibis.timestamp(EPOCH.isoformat()) + shifted(moment, zone).as_interval("s")).strftime("%Y-%m")


def local_date(moment: Any, zone: ZoneInfo) -> Any:
    """The local date as 2026-03-02."""
    return (ibis.timestamp(EPOCH.isoformat()) + shifted(moment, zone).as_interval("s")).strftime("%Y-%m-%d")
