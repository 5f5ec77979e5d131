"""The load of the telephone: the busy hour of each day and of all, who was answered and who gave up (krc-2-35)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kindline.desk import access, house, lists
from kindline.quality import statistics
from kindline.quality.statistics import Busy, Load, PhoneDay
from kindline.switchboard.board_words import seconds

PERIODS = (7, 14, 31)
CLAUSE = "krc-2-35"


@require_safe
@access.for_roles(*access.IN_CHARGE)
def show(request: HttpRequest) -> HttpResponseBase:
    """The last days, today the first; `?format=csv` or `xlsx` takes them out. Clause: krc-2-35, krc-2-54."""
    profile, days = house.profile(), _days(request.GET.get("days", ""))
    today = timezone.now().astimezone(profile.zone).date()
    found = statistics.load(today - dt.timedelta(days=days - 1), today, profile.zone)
    if (form := request.GET.get("format")) in ("csv", "xlsx"):
        make = lists.as_csv if form == "csv" else lists.as_xlsx
        return make("load", _heads(), [_line(one) for one in found.days])
    clause = CLAUSE if CLAUSE in profile.clauses else ""
    context = {"days": days, "choices": PERIODS, "clause": clause, "usual": _usual(found), "plot": _plot(found)}
    return render(request, "desk/load.html", context | {"rows": [_row(one) for one in reversed(found.days)]})


def _days(asked: str) -> int:
    return int(asked) if asked in map(str, PERIODS) else PERIODS[0]


def _row(one: PhoneDay) -> dict[str, Any]:
    average, median, p90 = ("" if value is None else seconds(value) for value in _waits(one))
    return {
        "day": one, "busy": _span(one.busy), "calls": one.busy[1] if one.busy else "", "wait": average,
        "median": median, "p90": p90,
    }  # fmt: skip


def _waits(one: PhoneDay) -> tuple[float | None, float | None, float | None]:
    return one.wait_average_s, one.wait_median_s, one.wait_p90_s


def _span(busy: Busy | None) -> str:
    return f"{busy[0]:%H:%M} – {busy[0] + statistics.HOUR:%H:%M}" if busy else ""


def _usual(found: Load) -> dict[str, Any] | None:
    if found.usual is None:
        return None
    start, calls = found.usual
    begun = dt.datetime.combine(dt.date(2000, 1, 1), start)
    return {"span": _span((begun, 0)), "calls": round(calls, 1)}


def _plot(found: Load) -> dict[str, Any]:
    name = _("calls on an average day")
    values = [round(calls, 1) for calls in found.hours]
    starts = [f"{hour}:00" for hour in range(24)]
    return {"kind": "trend", "label": _("Calls by the hour of the day"), "starts": starts,
            "series": [{"name": name, "values": values}]}  # fmt: skip


def _heads() -> list[str]:
    figures = [_("Calls came"), _("Calls answered"), _("Gave up"), _("Voice messages"), _("Average wait, seconds"),
               _("Median wait, seconds"), _("90th percentile of the wait, seconds")]  # fmt: skip
    return [_("Day"), *figures, _("Busy hour"), _("Calls in it")]


def _line(one: PhoneDay) -> list[object]:
    waits = ["" if value is None else round(value, 1) for value in _waits(one)]
    calls = one.busy[1] if one.busy else ""
    counts = [one.arrived, one.answered, one.abandoned, one.voicemail]
    return [one.day.isoformat(), *counts, *waits, _span(one.busy), calls]
