"""Whether the site's own services answer round the clock: looked at every few minutes, kept by day, judged by month."""

from __future__ import annotations

import datetime as dt
import http.client
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from kindline.journal import actions as journal
from kindline.site.models import ServiceDay
from kindline.standard.consultation_data import Availability
from kindline.standard.profile import Profile

Ask = Callable[[str], int]
"""Opens one of our own pages: its status, 0 without an answer."""
ANSWER_S = 10.0
OK = 200
MONTHS = 12
EARLY = dt.timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Month:
    """A service in a month: how often it was looked at, and the share of the looks at which it answered."""

    service: str
    month: str  # 2026-03
    checks: int
    failed: int
    share: float


def availability_of(profile: Profile) -> Availability | None:
    """Which services are looked at; None where the standard has none."""
    return profile.publication.availability if profile.publication else None


def status_of(address: str) -> int:
    """Open one of our own pages as a visitor would, by the port at which our pages listen; 0 without an answer."""
    host = next((one for one in settings.ALLOWED_HOSTS if not one.startswith((".", "*"))), "localhost")
    place, port = settings.OWN_PAGES_AT, settings.KINDLINE["ports"]["web"]
    line = http.client.HTTPConnection(place, port, timeout=ANSWER_S)
    try:
        line.request("GET", address, headers={"Host": host, "X-Forwarded-Proto": "https"})
        return line.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        line.close()


def sweep(*, profile: Profile, now: dt.datetime, ask: Ask = status_of) -> int:
    """Look at every service whose turn it is; how many were looked at. No connection is held while it is asked.

    Clause: krc-5.7-17.
    """
    asked, count = availability_of(profile), 0
    for service in asked.services.values() if asked else ():
        if asked is not None and _is_due(service.id, asked, now):
            note(profile=profile, service=service.id, status=ask(service.address), now=now)
            count += 1
    return count


def _is_due(service: str, asked: Availability, now: dt.datetime) -> bool:
    last = ServiceDay.objects.filter(service=service).order_by("-day").values_list("checked_at", flat=True).first()
    return last is None or now - last >= dt.timedelta(minutes=asked.every_minutes) - EARLY


@transaction.atomic
def note(*, profile: Profile, service: str, status: int, now: dt.datetime) -> ServiceDay:
    """Keep what a look has shown; facts when a service goes down or comes back, and of the month once a day."""
    day = now.astimezone(profile.zone).date()
    last = ServiceDay.objects.select_for_update().filter(service=service).order_by("-day").first()
    down = last.down_since if last else None
    begins = last is None or last.day != day
    row = ServiceDay(service=service, day=day) if last is None or begins else last
    row.checks, row.checked_at = row.checks + 1, now
    if status == OK:
        row.down_since = None
    else:
        row.failed, row.failed_at, row.down_since = row.failed + 1, now, down or now
    row.save()
    if status != OK and down is None:
        _keep(service, day, "service_down", {"status": status}, now)
    elif status == OK and down is not None:
        _keep(service, day, "service_up", {"down_s": (now - down).total_seconds()}, now)
    if last is not None and begins and (last.day.year, last.day.month) != (day.year, day.month):
        _sum_up(service, last.day, now)
    if begins or (status == OK) != (down is None):
        _sum_up(service, day, now)
    return row


def _sum_up(service: str, day: dt.date, now: dt.datetime) -> None:
    """The month of that day so far, as a fact that is judged."""
    found = month_of(service, day)
    data = {"checks": found.checks, "failed": found.failed, "share": found.share}
    _keep(service, day, "service_watched", data, now)


def _keep(service: str, day: dt.date, kind: str, data: Mapping[str, object], now: dt.datetime) -> None:
    journal.record(
        kind=kind, subject_type="service_month", subject_id=f"{service}/{day:%Y-%m}", actor="system",
        data={"service": service, **data}, at=now,
    )  # fmt: skip


def month_of(service: str, day: dt.date) -> Month:
    """A service in the month of a day."""
    rows = ServiceDay.objects.filter(service=service, day__year=day.year, day__month=day.month)
    found = rows.aggregate(checks=Sum("checks", default=0), failed=Sum("failed", default=0))
    checks, failed = int(found["checks"]), int(found["failed"])
    share = round((checks - failed) / checks, 5) if checks else 0.0
    return Month(service, f"{day:%Y-%m}", checks, failed, share)


def months(profile: Profile, now: dt.datetime) -> Iterator[Month]:
    """Every service in each of the last months in which it was looked at, the latest first."""
    asked, day = availability_of(profile), now.astimezone(profile.zone).date().replace(day=1)
    for _ in range(MONTHS):
        for service in asked.services if asked else ():
            if (found := month_of(service, day)).checks:
                yield found
        day = (day - dt.timedelta(days=1)).replace(day=1)


def present(profile: Profile) -> list[ServiceDay]:
    """The latest row of each service."""
    asked = availability_of(profile)
    rows = ServiceDay.objects.filter(service__in=asked.services if asked else ())
    return list(rows.order_by("service", "-day").distinct("service"))
