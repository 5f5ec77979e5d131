"""The page of reasons in numbers: the filter read from the address, plots, lines of the exports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import formats
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from kindline.appeals.frequency import ReasonCount, Span, Step, Trend
from kindline.appeals.models import Reason
from kindline.conversations import queries as conversations
from kindline.desk.typed import day_of, is_key
from kindline.staff.models import Employee, Role, Unit
from kindline.standard.profile import Profile

MONTHS_BACK = 3
SERIES_MOST = 6
LONGEST = dt.timedelta(days=366 * 5)


def span_of(query: QueryDict, profile: Profile, now: dt.datetime, me: Employee) -> Span:
    """The complaints asked for; what cannot be read is as good as not asked.

    A director who has not asked for a unit sees his own area first.
    """
    today = now.astimezone(profile.zone).date()
    until = day_of(query.get("until", "")) or today
    since = day_of(query.get("since", "")) or _months_back(min(until, today))
    since = max(min(since, until), until - LONGEST)
    topic = query.get("topic", "")
    return Span(
        since,
        until,
        _unit(query, me),
        conversations.topics(profile.id).filter(pk=int(topic)).first() if is_key(topic) else None,
    )


def _unit(query: QueryDict, me: Employee) -> Unit | None:
    asked = query.get("unit")
    if asked is None:
        return me.unit if me.has_role(Role.DIRECTOR) else None
    return Unit.objects.filter(pk=int(asked)).first() if is_key(asked) else None


def step_of(query: QueryDict) -> Step:
    """Weeks where they are asked for, else months."""
    return "week" if query.get("step") == "week" else "month"


def title_of(reason: Reason | None) -> str:
    """What a reason is called; that of nobody in words."""
    return reason.title if reason else _("not named yet")


def address_of(reason: Reason | None, query: QueryDict) -> str:
    """The page of a reason with the same filter."""
    kept = {name: query.get(name, "") for name in ("since", "until", "topic") if query.get(name)}
    kept |= {"unit": query.get("unit", "")} if "unit" in query else {}  # empty: of all units, and that was asked for
    address = reverse("reason", args=[reason.pk if reason else 0])
    return f"{address}?{urlencode(kept)}" if kept else address


def pareto(found: list[ReasonCount], query: QueryDict) -> dict[str, Any]:
    """The plot of reasons by frequency with the running share."""
    return {
        "kind": "pareto",
        "label": _("Reasons by frequency, with the running share"),
        "names": [_("complaints"), _("running share in percent")],
        "titles": [title_of(one.reason) for one in found],
        "counts": [one.complaints for one in found],
        "running": [round(100 * one.running, 1) for one in found],
        "urls": [address_of(one.reason, query) for one in found],
    }


def lines_of(trend: Trend) -> list[tuple[str, list[int]]]:
    """The trend's rows by title, the rare ones together."""
    named = [(title_of(reason), counts) for reason, counts in trend.rows]
    if len(named) <= SERIES_MOST:
        return named
    rare = [sum(column) for column in zip(*(counts for _title, counts in named[SERIES_MOST - 1 :]), strict=True)]
    return [*named[: SERIES_MOST - 1], (_("other reasons"), rare)]


def plot_of(trend: Trend) -> dict[str, Any]:
    """The plot of complaints by week or month."""
    return {
        "kind": "trend",
        "label": _("Complaints by week or month"),
        "starts": [formats.date_format(start, "SHORT_DATE_FORMAT") for start in trend.starts],
        "series": [{"name": title, "values": counts} for title, counts in lines_of(trend)],
    }


def heads() -> list[str]:
    """The columns of the export of reasons."""
    return [
        _("Reason"),
        _("complaints"),
        _("grounded"),
        _("share in percent"),
        _("running share in percent"),
        _("open measures"),
    ]


def lines(found: list[ReasonCount]) -> Iterator[list[object]]:
    """The rows of that export."""
    for one in found:
        shares = [round(100 * one.share, 1), round(100 * one.running, 1)]
        yield [title_of(one.reason), one.complaints, one.grounded, *shares, one.open_measures]


def trend_heads(trend: Trend) -> list[str]:
    """The columns of the export of the trend."""
    return [_("Reason"), *(start.isoformat() for start in trend.starts)]


def _months_back(day: dt.date) -> dt.date:
    """The first day of the month that lies so many months back."""
    first = day.replace(day=1)
    for _month in range(MONTHS_BACK):
        first = (first - dt.timedelta(days=1)).replace(day=1)
    return first
