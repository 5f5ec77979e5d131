"""Key figures for those in charge: the figures of the field by month, each with its formula, and as a table."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from kindline.desk import access, goal_words, goals, house, key_figure_words, lists
from kindline.quality import indicators
from kindline.quality.indicators import Part

MANY = 4
"""Of a part with more figures only those with data are shown, and its first."""


@require_safe
@access.for_roles(*access.IN_CHARGE)
def show(request: HttpRequest) -> HttpResponseBase:
    """The figures of the last months; `?format=csv` or `xlsx` takes them out. Clause: krc-5.4.1-14, krc-6.1-09."""
    profile, months, now = house.profile(), goals.months_of(request), timezone.now()
    found = indicators.follow(profile, now, months)
    if (form := request.GET.get("format")) in ("csv", "xlsx"):
        make = lists.as_csv if form == "csv" else lists.as_xlsx
        return make("key-figures", goals.heads()[1:], (line[1:] for one in found for line in _lines(one)))
    today = now.astimezone(profile.zone).date()
    context = {"parts": [_part(one, today) for one in found], "months": months, "choices": goals.MONTHS}
    return render(request, "desk/key_figures.html", context)


def _lines(one: Part) -> list[list[object]]:
    return list(goals.lines("", gettext(key_figure_words.PARTS[one.name]), one.series))


def _part(one: Part, today: dt.date) -> dict[str, Any]:
    few = len(one.series) <= MANY
    shown = [series for place, series in enumerate(one.series) if few or not place or series.known]
    return {
        "name": one.name,
        "title": gettext(key_figure_words.PARTS[one.name]),
        "figures": [goals.drawn(one.name, series, today) for series in shown],
        "without": [goal_words.figure_title(name) for name in one.without],
    }
