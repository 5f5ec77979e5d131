"""Key figures: what any centre of service is led by, whatever goals its standard names, by month with the trend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from kindline.quality import goal_figures, goals
from kindline.quality import key_figures as figures
from kindline.quality.goal_figures import Span
from kindline.quality.goals import FIRST_CONTACT, Figure, Series, figure
from kindline.standard.profile import Profile

PARTS: Mapping[str, tuple[Figure, ...]] = {
    "on_time": (
        figure(figures.on_time, "share", 1),
        figure(figures.overdue_open, "count", -1),
        figure(figures.extended, "count", 0),
        figure(figures.repeated, "count", -1),
    ),
    "first_contact": (FIRST_CONTACT,),
    "callbacks": (figure(figures.callbacks_kept, "share", 1), figure(figures.callbacks_cancelled, "count", 0)),
    "satisfaction": (figure(goal_figures.satisfied, "share", 1), figure(figures.rated, "share", 1)),
    "reviews": (
        figure(figures.review_score, "share", 1),
        figure(figures.review_points, "share", 1),
        figure(figures.critical_reviews, "share", -1),
    ),
    "telephone": (
        figure(figures.wrap_up, "s", -1),
        figure(figures.outbound_abandonment, "share", -1),
        figure(figures.wait_wape, "share", -1),
        figure(figures.wait_wape_each, "share", -1),
    ),
    "readings": (
        figure(figures.readings_at_once, "share", 1),
        *(Figure(f"readings_{name}", count, "share", 1) for name, count in figures.by_channel().items()),
    ),
}
"""What is told about, and by which figures."""
DAYS_FROM = "repeat_contact_share"
"""The metric whose clauses say for how long a contact has to stay the only one, and which outcomes mean settled."""


@dataclass(frozen=True, slots=True)
class Part:
    """What several figures are about. `without`: figures for which the standard does not say what it has to."""

    name: str
    series: tuple[Series, ...]
    without: tuple[str, ...] = ()


def follow(profile: Profile, now: dt.datetime, months: int = goals.MONTHS) -> list[Part]:
    """Every key figure over so many months, the last one being that of now.

    Clause: krc-5.4.1-14, krc-5.5.2-03, krc-5.7.3-06, krc-6.1-09.
    """
    starts = goals.months_before(now.astimezone(profile.zone).date(), months)
    value = goals.said(clause for clause in profile.clauses.values() if clause.value.get("metric") == DAYS_FROM)
    span = Span(profile.id, profile.zone, starts[0], goals.following(starts[-1]), value, now)
    return [_part(name, known, span, starts) for name, known in PARTS.items()]


def _part(name: str, known: tuple[Figure, ...], span: Span, starts: list[dt.date]) -> Part:
    found = goals.several(known, span, starts)
    counted = {one.figure.name for one in found}
    return Part(name, found, tuple(one.name for one in known if one.name not in counted))
