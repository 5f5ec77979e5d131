"""Planned and spent time of operators: utilisation, shrinkage and adherence of each and of all, with their formulas."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_safe

from kindline.desk import access, board_formulas, house, lists, shift_rows, shifts, wallboard
from kindline.desk.shift_form import near
from kindline.staff.models import Employee
from kindline.switchboard import adherence, thresholds
from kindline.switchboard.adherence import Spent
from kindline.switchboard.board_words import percent
from kindline.switchboard.half_hours import together

DAYS_MOST = 31
LENGTHS: Mapping[str, str] = {
    "planned_s": _("Planned"),
    "followed_s": _("As planned"),
    "paid_s": _("Paid time"),
    "worked_s": _("At work in it"),
    "beyond_s": _("At work beside it"),
    "signed_in_s": _("Signed in without a shift"),
}
SHARES = ("utilisation", "shrinkage", "adherence")


@require_safe
@access.for_roles(*access.IN_CHARGE)
def show(request: HttpRequest) -> HttpResponseBase:
    """Today, or the days from `?first=` to `?last=`, 31 at most; `?format=csv` or `xlsx` takes them out."""
    profile, now = house.profile(), timezone.now()
    first, last = _days(request, now.astimezone(profile.zone).date())
    found = adherence.period(first, last, profile.zone, now)
    people = shifts.people_of(request.GET.get("unit", ""), request.GET.get("queue", ""), profile, found.keys())
    rows = [(person, found.get(key, Spent())) for key, person in people.items()]
    rows = [(person, spent) for person, spent in rows if spent != Spent()]
    whole = together((spent for _person, spent in rows), Spent)
    if (form := request.GET.get("format")) in ("csv", "xlsx"):
        make = lists.as_csv if form == "csv" else lists.as_xlsx
        return make("adherence", _heads(), [_line(person, spent) for person, spent in rows])
    context = {
        "first": first, "last": last, "today": now.astimezone(profile.zone).date(), "most": DAYS_MOST,
        "rows": [(person, _cells(spent)) for person, spent in rows], "whole": _cells(whole),
        "stands": wallboard.standing(whole), "lengths": [gettext(one) for one in LENGTHS.values()],
        "shares": [(one, gettext(board_formulas.TITLES[one])) for one in SHARES],
        "formulas": board_formulas.printed(SHARES, thresholds.limits(profile)),
        "scope": shifts.scope_of(request, profile), **shifts.choices(profile),
    }  # fmt: skip
    return render(request, "desk/shift_figures.html", context)


def _days(request: HttpRequest, today: dt.date) -> tuple[dt.date, dt.date]:
    """What was asked for, not ahead and not more than can be counted; today where nothing was."""
    last = min(near(request.GET.get("last", "")) or today, today)
    first = min(near(request.GET.get("first", "")) or last, last)
    return max(first, last - dt.timedelta(DAYS_MOST - 1)), last


def _cells(spent: Spent) -> list[tuple[str, str]]:
    """Title and value of each figure."""
    lengths = [(gettext(title), shift_rows.hours([getattr(spent, one)])) for one, title in LENGTHS.items()]
    return lengths + [(gettext(board_formulas.TITLES[one]), percent(getattr(spent, one))) for one in SHARES]


def _heads() -> list[str]:
    minutes = [f"{gettext(one)}, {gettext('minutes')}" for one in LENGTHS.values()]
    return [gettext("Employee"), *minutes, *(f"{gettext(board_formulas.TITLES[one])}, %" for one in SHARES)]


def _line(person: Employee, spent: Spent) -> list[Any]:
    minutes = [round(getattr(spent, one) / 60, 1) for one in LENGTHS]
    shares = [getattr(spent, one) for one in SHARES]
    return [str(person), *minutes, *("" if one is None else round(100 * one, 1) for one in shares)]
