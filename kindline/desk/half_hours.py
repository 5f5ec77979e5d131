"""The wallboard's history: the half hours of today, beside those of yesterday or of the same day a week ago."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_safe

from kindline.desk import access, board_formulas, house, lists, wallboard
from kindline.desk.board_formulas import OTHERS
from kindline.standard.profile import Profile
from kindline.switchboard import figures, half_hours, thresholds
from kindline.switchboard import wallboard as boards
from kindline.switchboard.board_words import said
from kindline.switchboard.figures import Stay
from kindline.switchboard.half_hours import LATE, Half, Kept

BESIDE: Mapping[str, tuple[int, str]] = {"week": (7, _("same day last week")), "yesterday": (1, _("yesterday"))}
"""With which day today is compared: how many days ago it was, and its name."""
TITLES: Mapping[str, str] = {
    one: board_formulas.TITLES[one]
    for one in ("offered", "answered", "abandoned", "service_level", "asa_s", "aht_s", "occupancy")
}
PLOTS = ("offered", "service_level")
BESIDE_IN: Mapping[str, Mapping[str, str]] = {
    "service_level": {
        "level_answered_only": _("of the answered"),
        "level_with_abandoned": _("with the abandoned"),
        "level_left_queue": _("left within T"),
    },
    "asa_s": {"median_s": _("median"), "p90_s": _("90th percentile")},
    "aht_s": {"acw_s": _("work after it")},
}
"""What stands beside a figure in its cell: an average alone hides the tail, a service level how it is counted."""
COLUMNS = tuple(name for one in TITLES for name in (one, *BESIDE_IN.get(one, ())))
VALUES: Mapping[str, Callable[[Half], float | None]] = {
    "offered": lambda one: one.figures.offered,
    "answered": lambda one: one.figures.answered,
    "abandoned": lambda one: one.figures.abandoned,
    "service_level": lambda one: _percent(one.figures.service_level),
    "level_answered_only": lambda one: _percent(one.figures.level_answered_only),
    "level_with_abandoned": lambda one: _percent(one.figures.level_with_abandoned),
    "level_left_queue": lambda one: _percent(one.figures.level_left_queue),
    "asa_s": lambda one: one.figures.asa_s,
    "median_s": lambda one: one.figures.median_s,
    "p90_s": lambda one: one.figures.p90_s,
    "aht_s": lambda one: one.work.aht_s,
    "acw_s": lambda one: one.work.acw_s,
    "occupancy": lambda one: _percent(one.work.occupancy),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One half hour of the clock: the figures of today and of the other day, by measure; None: no data, or not yet."""

    clock: str
    today: Mapping[str, float | None]
    other: Mapping[str, float | None]

    @property
    def cells(self) -> list[tuple[str, str, str, list[tuple[str, str, str]]]]:
        """Title, today's value and the other day's, and in the same way what stands beside them."""
        return [(*self._cell(one, title), self._beside(one)) for one, title in TITLES.items()]

    def _cell(self, one: str, title: str) -> tuple[str, str, str]:
        return gettext(title), _said(one, self.today), _said(one, self.other)

    def _beside(self, one: str) -> list[tuple[str, str, str]]:
        if self.today[one] is None and self.other[one] is None:
            return []
        return [self._cell(name, title) for name, title in BESIDE_IN.get(one, {}).items()]

    @property
    def is_empty(self) -> bool:
        """Nothing happened on either day."""
        return not any((*self.today.values(), *self.other.values()))


@require_safe
@access.for_roles(*access.IN_CHARGE)
def show(request: HttpRequest) -> HttpResponseBase:
    """Today by half hours; `?beside=yesterday` compares with another day, `?format=csv` or `xlsx` takes it out."""
    profile, now = house.profile(), timezone.now()
    asked = request.GET.get("beside", "")
    beside = asked if asked in BESIDE else "week"
    days, title = BESIDE[beside]
    rows = _rows(_today(profile, now), _earlier(profile, now, days), profile)
    if (form := request.GET.get("format")) in ("csv", "xlsx"):
        return (lists.as_csv if form == "csv" else lists.as_xlsx)("half-hours", _heads(title), map(_line, rows))
    has_other = any(row.other.get("offered") for row in rows)
    context = {
        "rows": rows, "beside": beside, "choices": [(one, gettext(said)) for one, (_n, said) in BESIDE.items()],
        "has_other": has_other, "other_title": gettext(title),
        "titles": [(one, gettext(title)) for one, title in TITLES.items()],
        "formulas": _formulas(profile),
        "plots": [_plot(one, rows, title if has_other else "") for one in PLOTS], "at": now,
    }  # fmt: skip
    return render(request, "desk/half_hours.html", context)


def _formulas(profile: Profile) -> list[dict[str, Any]]:
    """Of the figures, each with those that stand in its cell and have a formula of their own."""
    limits = thresholds.limits(profile)
    found = board_formulas.printed(TITLES, limits)
    for one in found:
        beside = BESIDE_IN.get(one["measure"], {})
        for each in board_formulas.printed([name for name in beside if name in board_formulas.FORMULAS], limits):
            one["texts"] += [f"{each['title']}: {text}" for text in each["texts"]]
        if one["others"]:
            one["others"] = [f"{gettext(beside[name])} – {gettext(text)}" for name, text in OTHERS.items()]
    return found


def _today(profile: Profile, now: dt.datetime) -> list[Half]:
    midnight = boards.midnight(profile, now)
    return _halves(profile, wallboard.DAY.stays(midnight), wallboard.HALVES.read(midnight, now), midnight)


def _earlier(profile: Profile, now: dt.datetime, days: int) -> list[Half]:
    day = now.astimezone(profile.zone).date() - dt.timedelta(days=days)
    midnight, end = (dt.datetime.combine(day + dt.timedelta(days=n), dt.time(), profile.zone) for n in (0, 1))
    read = of_past if now - end >= LATE else of_past.__wrapped__
    stays, kept = read(midnight, end)
    return _halves(profile, stays, kept, midnight)


@functools.lru_cache(maxsize=2)
def of_past(midnight: dt.datetime, end: dt.datetime) -> tuple[tuple[Stay, ...], Kept]:
    """A day that is over: it does not change, and is read once a process."""
    return tuple(stay for _id, stay in boards.read(midnight, end)), half_hours.past(midnight, end)


def _halves(profile: Profile, stays: Iterable[Stay], kept: Kept, midnight: dt.datetime) -> list[Half]:
    terms = thresholds.limits(profile).terms("")
    return half_hours.halves(figures.first_service(stays), kept, terms, midnight)


def _rows(today: Sequence[Half], other: Sequence[Half], profile: Profile) -> list[Row]:
    """The half hours from the first to the last in which anything happened; the two days side by side by the clock."""
    here, there = ({_place(one, profile.zone): one for one in day} for day in (today, other))
    rows = [
        Row(f"{hour:02}:{minute:02}", _values(here.get(place)), _values(there.get(place)))
        for place in sorted({*here, *there})
        for hour, _again, minute in [place]
    ]
    busy = [place for place, row in enumerate(rows) if not row.is_empty]
    return rows[busy[0] : busy[-1] + 1] if busy else []


def _place(half: Half, zone: dt.tzinfo) -> tuple[int, int, int]:
    """Where it stands on the clock: hour, 1 when that hour comes for the second time (clocks put back), minute."""
    at = half.start.astimezone(zone)
    return at.hour, at.fold, at.minute


def _values(one: Half | None) -> dict[str, float | None]:
    return {name: value(one) if one else None for name, value in VALUES.items()}


def _said(measure: str, values: Mapping[str, float | None]) -> str:
    return said("service_level" if measure.startswith("level_") else measure, values[measure])


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _plot(measure: str, rows: Sequence[Row], other: str) -> dict[str, Any]:
    title = gettext(TITLES[measure])
    days = [(gettext("today"), [row.today[measure] for row in rows])]
    days += [(gettext(other), [row.other[measure] for row in rows])] if other else []
    series = [{"name": name, "values": [v if v is None else round(v, 1) for v in values]} for name, values in days]
    return {"id": f"half-{measure}", "title": title, "data": {
        "kind": "trend", "label": title, "starts": [row.clock for row in rows], "series": series,
    }}  # fmt: skip


def _heads(other: str) -> list[str]:
    titles = [title for one in TITLES for title in _column_titles(one)]
    return [gettext("Half hour"), *titles, *(f"{title}, {gettext(other)}" for title in titles)]


def _column_titles(one: str) -> list[str]:
    own = gettext(TITLES[one])
    return [own, *(f"{own}: {gettext(title)}" for title in BESIDE_IN.get(one, {}).values())]


def _line(row: Row) -> list[object]:
    values = [day[name] for day in (row.today, row.other) for name in COLUMNS]
    return [row.clock, *("" if value is None else round(value, 1) for value in values)]
