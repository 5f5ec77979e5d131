"""One's own shifts: a list of the coming weeks, and the same for a calendar (RFC 5545)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from kindline.desk import access, house, shift_rows
from kindline.staff import shift_plans, shifts
from kindline.staff.models import Employee, Shift

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
    """The same as a file for a calendar, with the last weeks."""
    me, now = access.employee_of(request), timezone.now()
    text = "".join(_folded(line) for line in _lines(me, now))
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="shifts.ics"'
    return answer


def _lines(me: Employee, now: dt.datetime) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Kindline//Shifts//EN")
    for one in shifts.between(now - BEHIND, now + AHEAD, [me.pk]):
        yield from _event(one, now)
    yield "END:VCALENDAR"


def _event(shift: Shift, now: dt.datetime) -> Iterator[str]:
    shown = shift_rows.shown(shift, house.profile().zone)
    yield from ("BEGIN:VEVENT", f"UID:shift-{shift.pk}@kindline", f"DTSTAMP:{_utc(now)}")
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
