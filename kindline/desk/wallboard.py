"""The wallboard: what a room of operators sees on the wall, and what those in charge are told once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from kindline.desk import access, board_formulas, house, words
from kindline.desk.board_formulas import OTHERS, TITLES
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard import adherence, half_hours, thresholds
from kindline.switchboard import wallboard as boards
from kindline.switchboard.board_words import LEVELS, percent, said
from kindline.switchboard.models import Crossing
from kindline.switchboard.thresholds import Limits
from kindline.switchboard.wallboard import Board, Row

DAY, HALVES, TIME = boards.Day(), half_hours.Today(), adherence.Today()
OF_THE_DAY = (
    "occupancy",
    "utilisation",
    "shrinkage",
    "adherence",
    "aht_s",
    "acw_s",
    "hold",
    "transfers",
    "blocked",
    "busy_hour",
)
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
        "formulas": board_formulas.printed(
            (*thresholds.MEASURES, *OF_THE_DAY, "answered_offered"), limits, _queues(profile)
        ),
        "day": _of_the_day(HALVES.read(boards.midnight(profile, now), now), profile, TIME.read(profile.zone, now)),
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


def _queues(profile: Profile) -> list[tuple[str, str]]:
    return [(name, queue_title(name, profile)) for name in (profile.menu.queues if profile.menu else ())]


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
        return tuple((gettext(title), percent(getattr(made, name))) for name, title in OTHERS.items())
    if measure == "asa_s":
        return ((gettext("median"), said("x_s", made.median_s)), (gettext("90th percentile"), said("x_s", made.p90_s)))
    if measure == "abandonment":
        return ((gettext("with those before t"), percent(made.abandonment)), (gettext("clients"), str(made.abandoned)))
    return ()


def _of_the_day(kept: half_hours.Kept, profile: Profile, by: adherence.By) -> list[tuple[str, str, str]]:
    """Measure, title and value of what is counted once a minute."""
    work, spent = kept.total, half_hours.together(by.values(), adherence.Spent)
    shown = {
        "occupancy": percent(work.occupancy),
        "utilisation": f"{percent(spent.utilisation)} {standing(spent)}".strip(),
        "shrinkage": f"{percent(spent.shrinkage)} {standing(spent)}".strip(),
        "adherence": percent(spent.adherence),
        "aht_s": said("aht_s", work.aht_s),
        "acw_s": said("acw_s", work.acw_s),
        "hold": _hold(work),
        "transfers": gettext("%(attended)s attended, %(blind)s blind")
        % {"attended": percent(work.attended_rate), "blind": percent(work.blind_rate)},
        "blocked": said("blocked", work.blocked),
        "busy_hour": _busy_hour(kept, profile),
    }
    return [(one, gettext(TITLES[one]), shown[one]) for one in OF_THE_DAY]


def standing(spent: adherence.Spent) -> str:
    """What is to be said where time signed in stands for paid time; nothing where it does not."""
    if not spent.signed_in_s:
        return ""
    return gettext("(partly by time signed in)") if spent.paid_s else gettext("(by time signed in)")


def _hold(work: half_hours.Work) -> str:
    told = {
        "episode": said("x_s", work.hold_episode_s), "call": said("x_s", work.hold_call_s),
        "all": said("x_s", work.held_s),
    }  # fmt: skip
    return gettext("%(episode)s an episode, %(call)s a call, %(all)s in all") % told


def _busy_hour(kept: half_hours.Kept, profile: Profile) -> str:
    if kept.busiest is None:
        return "—"
    start, calls = kept.busiest[0].astimezone(profile.zone), kept.busiest[1]
    return f"{start:%H:%M} – {start + half_hours.HOUR:%H:%M} ({calls})"


def _states(shown: Board) -> list[tuple[str, str, int]]:
    return [(state, words.word(f"state_{state}"), shown.operators.get(state, 0)) for state in STATES]
