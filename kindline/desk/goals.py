"""The goals of the standard for the director: each figure by month with its trend and formula, and as a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kindline.desk import access, goal_words, house, lists
from kindline.quality import goals
from kindline.quality.goals import Goal, Series, following

MONTHS = (3, 6, 12, 24)


@require_safe
@access.for_roles(*access.IN_CHARGE)
def show(request: HttpRequest) -> HttpResponseBase:
    """The figures of the last months; `?format=csv` or `xlsx` takes them out. Clause: krc-3-02, krc-3-03, krc-4-01."""
    profile, months = house.profile(), months_of(request)
    today = timezone.now().astimezone(profile.zone).date()
    found = goals.follow(profile, today, months)
    if (form := request.GET.get("format")) in ("csv", "xlsx"):
        make = lists.as_csv if form == "csv" else lists.as_xlsx
        return make("goals", heads(), _lines(found))
    context: dict[str, Any] = {"goals": [_goal(one, today) for one in found], "months": months, "choices": MONTHS}
    return render(request, "desk/goals.html", context)


def months_of(request: HttpRequest) -> int:
    """How many months are asked for."""
    asked = request.GET.get("months", "")
    return int(asked) if asked in map(str, MONTHS) else goals.MONTHS


def _goal(one: Goal, today: dt.date) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "title": goal_words.metric_title(one.metric),
        "clauses": one.clauses,
        "figures": [drawn(one.metric, series, today) for series in one.series],
    }


def drawn(about: str, series: Series, today: dt.date) -> dict[str, Any]:
    """A figure as the page shows it: its last value, the change, the months and the plot."""
    figure, known = series.figure, series.known
    return {
        "key": f"{about}-{figure.name}",
        "title": goal_words.figure_title(figure.name),
        "formula": goal_words.formula(figure.name),
        "latest": goal_words.value(known[-1][1], figure.unit) if known else "—",
        "latest_month": known[-1][0] if known else None,
        "change": goal_words.change(series.change(today), figure.unit),
        "improved": series.improved(today),
        "latest_open": bool(known) and _may_change(series, known[-1][0], today),
        "change_month": max((month for month, _value in known if series.is_final(month, today)), default=None),
        "rows": [
            (month, goal_words.value(value, figure.unit), of, value is not None and _may_change(series, month, today))
            for month, value, of in reversed(series.months)
        ],
        "plot": _plot(series) if len(known) > 1 else None,
    }


def _may_change(series: Series, month: dt.date, today: dt.date) -> bool:
    """Whether a month is over, and what is told of it is still not final."""
    return following(month) <= today and not series.is_final(month, today)


def _plot(series: Series) -> dict[str, Any]:
    title = goal_words.figure_title(series.figure.name)
    known = series.known
    return {
        "kind": "trend",
        "label": title,
        "starts": [formats.date_format(month, "m.Y") for month, _value in known],
        "series": [{"name": title, "values": [goal_words.plain(value, series.figure.unit) for _month, value in known]}],
        "seconds": series.figure.unit == "s",
    }


def heads() -> list[str]:
    """The columns of the table to take out."""
    return [_("Clauses"), _("Goal"), _("Figure"), _("Unit"), _("Month"), _("Value"), _("Of how many")]


def _lines(found: Iterable[Goal]) -> Iterator[list[object]]:
    for one in found:
        clauses, title = ", ".join(clause.id for clause in one.clauses), goal_words.metric_title(one.metric)
        yield from lines(clauses, title, one.series)


def lines(clauses: str, title: str, several: Iterable[Series]) -> Iterator[list[object]]:
    """A line a figure and month."""
    for series in several:
        figure = series.figure
        name, unit = goal_words.figure_title(figure.name), goal_words.unit_title(figure.unit)
        for month, value, of in series.months:
            yield [clauses, title, name, unit, f"{month:%Y-%m}", goal_words.plain(value, figure.unit), of]
