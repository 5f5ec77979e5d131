"""One's own shifts: a list of the coming weeks, and the same for a calendar (RFC 5545)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from kindline.desk import access, house, shift_rows
from kindline.staff import shift_plans, shifts
from kindline.staff.models import Shift

AHEAD = dt.timedelta(weeks=6)
BEHIND = dt.timedelta(weeks=4)
OCTETS_MOST = 75
"""Of a line of a calendar's file (RFC 5545, 3.1)."""


@require_safe
@access.for_roles(*access.AT_THE_PHONE)
def show(request: HttpRequest) -> HttpResponseBase:
    """My shifts from this week on."""
    me, zone = access.employee_of(request), house.profile().zone
    today = timezone.now().astimezone(zone).date()
    since, _end = shifts.week(shift_plans.monday(today), zone)
    rows = [shift_rows.shown(one, zone) for one in shifts.between(since, since + AHEAD, [me.pk])]
    shown = [(one, WEEKDAYS[one.day.weekday()]) for one in rows]
    return render(request, "desk/own_shifts.html", {"rows": shown, "today": today, "zone": zone})


@require_safe
@access.for_roles(*access.AT_THE_PHONE)
def calendar(request: HttpRequest) -> HttpResponseBase:
    """The same as a file for a calendar, with the last weeks; without a shift there is none (RFC 5545, 3.6)."""
    me, now = access.employee_of(request), timezone.now()
    rows = list(shifts.between(now - BEHIND, now + AHEAD, [me.pk]))
    if not rows:
        return redirect("own-shifts")
    host = urlsplit(settings.PUBLIC_URL or request.build_absolute_uri()).hostname or "localhost"
    text = "".join(_folded(line) for line in _lines(rows, host, now))
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="shifts.ics"'
    return answer


def _lines(rows: Iterable[Shift], host: str, now: dt.datetime) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Kindline//Shifts//EN")
    for one in rows:
        yield from _event(one, host, now)
    yield "END:VCALENDAR"


def _event(shift: Shift, host: str, now: dt.datetime) -> Iterator[str]:
    """By one and the same name as long as it begins then, though it was entered anew."""
    shown = shift_rows.shown(shift, house.profile().zone)
    name = f"shift-{shift.employee_id}-{_utc(shift.start_at)}@{host}"
    yield from ("BEGIN:VEVENT", f"UID:{name}", f"DTSTAMP:{_utc(now)}")
    yield from (f"DTSTART:{_utc(shift.start_at)}", f"DTEND:{_utc(shift.end_at)}")
    yield f"SUMMARY:{_escaped(gettext('Shift'))}"
    if shown.breaks:
        yield f"DESCRIPTION:{_escaped(', '.join(shown.breaks))}"
    yield "END:VEVENT"


def _utc(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> str:
    """A line cut where it is too long, between signs, never within one."""
    found, octets = "", 0
    for sign in line:
        size = len(sign.encode())
        if octets + size > OCTETS_MOST:
            found, octets = f"{found}\r\n ", 1
        found, octets = found + sign, octets + size
    return f"{found}\r\n"
