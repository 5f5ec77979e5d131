"""The goals of a standard by month: what its clauses name as a metric (`value: {metric: …}`), with the trend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from kindline.quality import goal_figures as figures
from kindline.quality import key_figures
from kindline.quality.goal_figures import By, Span
from kindline.standard.clauses import Clause
from kindline.standard.profile import Profile

Unit = Literal["share", "points", "s", "number", "count"]
MONTHS, MONTHS_MOST = 6, 36


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a metric: how it is counted, in which unit, and which way is the better (1 up, -1 down, 0 none)."""

    name: str
    count: Callable[[Span], By]
    unit: Unit
    better: int
    needs: tuple[str, ...] = ()
    """What the clauses have to say for this figure; where they do not, it is not counted."""
    settles: str = ""
    """Which of it says after how many days a month is final."""


def figure(count: Callable[[Span], By], unit: Unit, better: int, needs: tuple[str, ...] = ()) -> Figure:
    """A figure that is called as its function is."""
    return Figure(count.__name__, count, unit, better, needs)


FIRST_CONTACT = replace(
    figure(key_figures.first_contact, "share", 1, ("within_days", "settled")), settles="within_days"
)


METRICS: Mapping[str, tuple[Figure, ...]] = {
    "satisfaction_index": (figure(figures.satisfied, "share", 1),),
    "loyalty_index": (figure(figures.loyalty, "points", 1), figure(figures.reached, "share", 1)),
    "quality_score_trend": (figure(figures.quality, "share", 1),),
    "service_time_s": (figure(figures.service_time, "s", -1),),
    "internal_efficiency": (
        figure(figures.occupancy, "share", 1),
        figure(figures.handling_time, "s", -1),
        figure(figures.contacts_an_hour, "number", 1),
    ),
    "client_effort": (figure(figures.contacts_a_matter, "number", -1), figure(figures.time_a_matter, "s", -1)),
    "repeat_contact_share": (
        figure(figures.repeat_visits, "share", -1),
        figure(figures.repeat_contacts, "share", -1),
        FIRST_CONTACT,
    ),
    "services_per_contact": (
        figure(figures.several_services, "share", 1),
        figure(figures.services_a_contact, "number", 1),
    ),
    "personal_visit_share": (
        figure(figures.visits, "share", -1),
        figure(figures.visits_for_remote, "share", -1),
    ),
}
"""What a clause may name, and the figures by which it is followed."""
SAME = {"service_time_trend": "service_time_s"}
"""Other names of a metric: its trend is shown in any case."""
NEEDED: Mapping[str, tuple[str, ...]] = {
    "loyalty_index": ("promoters_min", "detractors_max"),
    "repeat_contact_share": ("within_days",),
    "services_per_contact": ("services",),
    "personal_visit_share": ("in_person",),
}
"""What the clause itself has to say for its metric to be counted; without it there is no norm, and no figure."""


@dataclass(frozen=True, slots=True)
class Series:
    """A figure by month: the value and of how many, None in a month in which nothing happened."""

    figure: Figure
    months: tuple[tuple[dt.date, float | None, int], ...]
    settles_days: int = 0

    def is_final(self, month: dt.date, today: dt.date) -> bool:
        """Whether nothing that is still to come can change what is told of a month."""
        return following(month) + dt.timedelta(days=self.settles_days) <= today

    @property
    def known(self) -> list[tuple[dt.date, float]]:
        """The months that have a value."""
        return [(month, value) for month, value, _of in self.months if value is not None]

    def change(self, today: dt.date) -> float | None:
        """The last final month less the one before it that has a value; None where there are not two."""
        whole = [value for month, value in self.known if self.is_final(month, today)]
        return whole[-1] - whole[-2] if len(whole) > 1 else None

    def improved(self, today: dt.date) -> bool | None:
        """Whether it changed for the better; None where it did not change, or no way is the better."""
        change = self.change(today)
        return None if not change or not self.figure.better else change * self.figure.better > 0


@dataclass(frozen=True, slots=True)
class Goal:
    """A metric with the clauses that name it, and its figures."""

    metric: str
    clauses: tuple[Clause, ...]
    series: tuple[Series, ...]


def follow(profile: Profile, until: dt.date, months: int = MONTHS) -> list[Goal]:
    """Every goal of the standard over so many months, the last one being that of `until`.

    Clause: krc-3-02, krc-3-03, krc-3-04, krc-3-05, krc-3-06, krc-3-07, krc-4-01, krc-4-03, krc-5.4.1-14.
    """
    starts = months_before(until, months)
    return [_goal(profile, metric, clauses, starts) for metric, clauses in metrics_of(profile).items()]


def metrics_of(profile: Profile) -> dict[str, list[Clause]]:
    """The metrics that are followed, each with its clauses, in the order in which the standard has them."""
    found: dict[str, list[Clause]] = {}
    for clause in profile.clauses.values():
        metric = SAME.get(named := str(clause.value.get("metric")), named)
        if metric in METRICS:
            found.setdefault(metric, []).append(clause)
    return {one: clauses for one, clauses in found.items() if set(NEEDED.get(one, ())) <= set(said(clauses))}


def said(clauses: Iterable[Clause]) -> dict[str, Any]:
    """What several clauses say together."""
    return {name: value for clause in clauses for name, value in clause.value.items()}


def _goal(profile: Profile, metric: str, clauses: list[Clause], starts: list[dt.date]) -> Goal:
    span = Span(profile.id, profile.zone, starts[0], following(starts[-1]), said(clauses))
    return Goal(metric, tuple(clauses), several(METRICS[metric], span, starts))


def several(known: Iterable[Figure], span: Span, starts: list[dt.date]) -> tuple[Series, ...]:
    """The figures that can be counted by what the clauses say, each by month."""
    return tuple(_series(one, span, starts) for one in known if set(one.needs) <= set(span.value))


def _series(figure: Figure, span: Span, starts: list[dt.date]) -> Series:
    found = figure.count(span)
    days = int(span.value[figure.settles]) if figure.settles else 0
    return Series(figure, tuple((start, *found.get(start, (None, 0))) for start in starts), days)


def months_before(day: dt.date, count: int) -> list[dt.date]:
    """The first days of so many months, the last one being that of `day`."""
    found = [day.replace(day=1)]
    while len(found) < min(max(count, 1), MONTHS_MOST):
        found.append((found[-1] - dt.timedelta(days=1)).replace(day=1))
    return found[::-1]


def following(month: dt.date) -> dt.date:
    """The first day of the month after."""
    return (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
