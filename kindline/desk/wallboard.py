"""The wallboard: what a room of operators sees on the wall, and what those in charge are told once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_POST, require_safe

from kindline.desk import access, house, words
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard import half_hours, thresholds
from kindline.switchboard import wallboard as boards
from kindline.switchboard.models import Crossing
from kindline.switchboard.thresholds import Limits
from kindline.switchboard.wallboard import Board, Row

DAY, HALVES = boards.Day(), half_hours.Today()
TITLES: Mapping[str, str] = {
    "waiting": _("Waiting"),
    "longest_wait_s": _("Longest wait"),
    "service_level": _("Service level"),
    "asa_s": _("Average answer (ASA)"),
    "abandonment": _("Abandoned"),
    "ready": _("Ready operators"),
    "occupancy": _("Occupancy"),
    "aht_s": _("Handling time (AHT)"),
    "busy_hour": _("Busy hour"),
    "answer_within_s": _("T: a call should be answered within"),
    "short_abandon_s": _("t: who hangs up sooner did not really wait"),
}
FORMULAS: Mapping[str, str] = {
    "waiting": _("Calls that stand in the queue now, with those whose operator's phone rings already."),
    "longest_wait_s": _("Now − the moment at which the client who waits longest entered his present queue."),
    "service_level": _("Answered within T / (offered − abandoned within t), calls of today that have left the queue."),
    "asa_s": _(
        "Sum of the wait of answered calls / answered calls; the median and the 90th percentile stand beside it."
    ),
    "abandonment": _(
        "(Client left in the queue − those before t) / (offered − those before t); beside it the share with those "
        "before t. Who asked to be called back has not abandoned."
    ),
    "ready": _("Operators who are ready, with a phone, and with the skills of the queue."),
    "occupancy": _(
        "(Talk + hold + wrap-up) / (the same + ready, the ringing of his phone included), all operators, today; pauses "
        "and supervisors' listening do not count. Counted once a minute."
    ),
    "aht_s": _(
        "(Talk + hold + wrap-up) / calls that operators handled, incoming and outgoing, that ended today. Counted once "
        "a minute."
    ),
    "busy_hour": _(
        "The sixty whole minutes of today in which most calls arrived, the earliest of several. Counted once a minute."
    ),
}
OTHERS: Mapping[str, str] = {
    "level_answered_only": _("in time / answered (abandoned ignored)"),
    "level_with_abandoned": _("(answered in time + abandoned in time) / (answered + abandoned)"),
    "level_left_queue": _("left the queue within T, however / offered"),
}
"""Other engines' service levels, printed beside ours."""
LEVELS: Mapping[str, tuple[str, str]] = {
    "alarm": ("■", _("alarm")),
    "warn": ("▲", _("attention")),
    "ok": ("✓", _("within")),
    "none": ("", ""),
}
OF_THE_DAY = ("occupancy", "aht_s", "busy_hour")
"""What the day has come to besides; it has no thresholds."""
STATES = ("ready", "ringing", "talking", "hold", "wrap_up", "watching", "paused")


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as it stands on the wall."""

    measure: str
    value: str
    level: str
    sign: str
    level_title: str
    beside: tuple[tuple[str, str], ...] = ()
    since: str = ""
    """For a time that runs: from when."""


@require_safe
@access.for_roles(*access.IN_CHARGE)
def show(request: HttpRequest) -> HttpResponseBase:
    """The page, or with `?part=1` only its living part."""
    now = timezone.now()
    profile = house.profile()
    part = "part" in request.GET
    shown = boards.board(profile, DAY, now)
    limits = thresholds.limits(profile)
    context = {
        "rows": [_row(row, profile, limits, now) for row in shown.rows],
        "measures": [(measure, gettext(TITLES[measure])) for measure in thresholds.MEASURES],
        "formulas": [_formula(measure, limits) for measure in (*thresholds.MEASURES, *OF_THE_DAY)],
        "day": _of_the_day(HALVES.read(boards.midnight(profile, now), now), profile),
        "states": _states(shown),
        "crossings": [crossing(one, profile) for one in thresholds.open_crossings(profile)],
        "live_url": house.live_url(request),
        "at": now,
    }
    answer = render(request, "desk/_wallboard.html" if part else "desk/wallboard.html", context)
    answer["X-Kindline-Now"] = now.isoformat()
    return answer


@require_POST
@access.for_roles(*access.IN_CHARGE)
def seen(request: HttpRequest) -> HttpResponseBase:
    """He who is in charge has seen what he was told of."""
    thresholds.see(employee=access.employee_of(request), now=timezone.now())
    return redirect("supervisor")


def told(me: Employee) -> list[dict[str, Any]]:
    """Crossings that somebody has not said he has seen."""
    profile = house.profile()
    return [crossing(one.crossing, profile) for one in thresholds.unseen(me)]


def crossing(one: Crossing, profile: Profile) -> dict[str, Any]:
    """A crossing in words."""
    sign, level = LEVELS[one.level]
    return {
        "id": one.pk,
        "level": one.level,
        "sign": sign,
        "level_title": gettext(level),
        "measure_title": gettext(TITLES[one.measure]),
        "queue_title": queue_title(one.queue, profile),
        "value": said(one.measure, one.value),
        "limit": said(one.measure, one.limit),
        "began_at": one.began_at,
    }


def queue_title(queue: str, profile: Profile) -> str:
    """A queue in words; all together where none is named."""
    known = profile.menu.queues.get(queue) if profile.menu else None
    return (house.titled(known.title) or queue) if known else queue or gettext("All queues")


def said(measure: str, value: float | None) -> str:
    """A figure in its own unit; a dash where there is no data."""
    if value is None:
        return "—"
    if measure.endswith("_s"):
        return seconds(value)
    if measure in thresholds.SHARES or measure == "occupancy":
        return f"{number_format(round(value, 1), 1)} %"
    return number_format(value, 0)


def seconds(value: float) -> str:
    """75 -> 1:15."""
    whole = round(value)
    return f"{whole // 60}:{whole % 60:02}"


def _row(row: Row, profile: Profile, limits: Limits, now: dt.datetime) -> dict[str, Any]:
    return {
        "queue": row.queue,
        "title": queue_title(row.queue, profile),
        "cells": [_cell(row, measure, limits, now) for measure in thresholds.MEASURES],
        "offered": row.figures.offered,
        "answered": row.figures.answered,
    }


def _cell(row: Row, measure: str, limits: Limits, now: dt.datetime) -> Cell:
    value = row.value(measure, now)
    level = limits.level(row.queue, measure, value)
    sign, title = LEVELS[level]
    runs = row.longest_since.isoformat() if measure == "longest_wait_s" and row.longest_since else ""
    shown = said(measure, value)
    if measure == "service_level" and limits.terms(row.queue).answer_within_s is None:
        shown = gettext("T is not set")
    return Cell(measure, shown, level, sign, gettext(title) if title else "", _beside(row, measure), runs)


def _beside(row: Row, measure: str) -> tuple[tuple[str, str], ...]:
    made = row.figures
    if measure == "service_level":
        return tuple((gettext(title), _percent(getattr(made, name))) for name, title in OTHERS.items())
    if measure == "asa_s":
        return ((gettext("median"), said("x_s", made.median_s)), (gettext("90th percentile"), said("x_s", made.p90_s)))
    if measure == "abandonment":
        return ((gettext("with those before t"), _percent(made.abandonment)), (gettext("clients"), str(made.abandoned)))
    return ()


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{number_format(round(100 * share, 1), 1)} %"


def _formula(measure: str, limits: Limits) -> dict[str, Any]:
    terms, limit = limits.terms(""), limits.of("", measure)
    return {
        "measure": measure,
        "title": gettext(TITLES[measure]),
        "text": gettext(FORMULAS[measure]),
        "others": [gettext(title) for title in OTHERS.values()] if measure == "service_level" else [],
        "within": said("x_s", terms.answer_within_s) if measure == "service_level" else "",
        "short": said("x_s", terms.short_s) if measure in thresholds.SHARES else "",
        "warn": said(measure, limit.warn) if limit.warn is not None else "",
        "alarm": said(measure, limit.alarm) if limit.alarm is not None else "",
        "clause": limit.clause,
        "below": thresholds.MEASURES.get(measure) == "below",
    }


def _of_the_day(kept: half_hours.Kept, profile: Profile) -> list[tuple[str, str, str]]:
    """Measure, title and value of what is counted once a minute."""
    work, busiest = kept.total, kept.busiest
    occupancy = None if work.occupancy is None else 100 * work.occupancy
    shown = {"occupancy": said("occupancy", occupancy), "aht_s": said("aht_s", work.aht_s), "busy_hour": "—"}
    if busiest:
        start, calls = busiest[0].astimezone(profile.zone), busiest[1]
        shown["busy_hour"] = f"{start:%H:%M} – {start + half_hours.HOUR:%H:%M} ({calls})"
    return [(one, gettext(TITLES[one]), shown[one]) for one in OF_THE_DAY]


def _states(shown: Board) -> list[tuple[str, str, int]]:
    return [(state, words.word(f"state_{state}"), shown.operators.get(state, 0)) for state in STATES]
