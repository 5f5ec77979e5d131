"""Beyond which values the wallboard colours and notifies: the profile's numbers, or what people have set instead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from kindline.journal import actions as journal
from kindline.staff import queries as staff
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard import figures
from kindline.switchboard.models import Crossing, CrossingNotice, Threshold

MEASURES: Mapping[str, str] = {
    "waiting": "above",
    "longest_wait_s": "above",
    "service_level": "below",
    "asa_s": "above",
    "abandonment": "above",
    "ready": "below",
}
"""What may have a threshold, and on which side of it the trouble lies."""
TERMS = ("answer_within_s", "short_abandon_s")
"""T and t of the formulas: set in the same way, as one number."""
LEVELS = ("warn", "alarm")
SETTLED_S = 30.0
"""So long a figure must have been back before a crossing is over: one that sways about its limit tells nobody twice."""
SHARES = frozenset({"service_level", "abandonment"})


class ThresholdError(ValueError):
    """The numbers cannot be thresholds of this figure; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Limit:
    """The thresholds of one figure; `clause` when the standard gives the number, `by` when a person has set it."""

    warn: float | None = None
    alarm: float | None = None
    clause: str = ""
    by: Employee | None = None
    at: dt.datetime | None = None


@dataclass(frozen=True)
class Limits:
    """All that holds, by queue and figure; what is not set for a queue is that of all queues together."""

    own: Mapping[tuple[str, str], Limit]
    given: Mapping[str, Limit]

    def of(self, queue: str, measure: str) -> Limit:
        """What holds for a figure of a queue."""
        found = self.own.get((queue, measure))
        if found is None and (queue == "" or measure not in ("waiting", "ready")):
            found = self.own.get(("", measure)) or self.given.get(measure)
        return found or Limit()

    def terms(self, queue: str) -> figures.Terms:
        """T and t of the formulas for a queue."""
        return figures.Terms(self.of(queue, TERMS[0]).alarm, self.of(queue, TERMS[1]).alarm or 0.0)

    def level(self, queue: str, measure: str, value: float | None) -> str:
        """`alarm`, `warn`, `ok`, or `none` where there is no data or no threshold."""
        limit = self.of(queue, measure)
        if value is None or (limit.warn is None and limit.alarm is None):
            return "none"
        return next((level for level in ("alarm", "warn") if _beyond(measure, value, getattr(limit, level))), "ok")


def _beyond(measure: str, value: float, limit: float | None) -> bool:
    if limit is None:
        return False
    return value < limit if MEASURES[measure] == "below" else value > limit


def limits(profile: Profile) -> Limits:
    """What holds now."""
    rows = Threshold.objects.filter(profile=profile.id).select_related("by")
    own = {(one.queue, one.measure): Limit(one.warn, one.alarm, by=one.by, at=one.at) for one in rows}
    said: Mapping[str, Mapping[str, object]] = profile.variables.get("wallboard") or {}
    given = {measure: _given(numbers) for measure, numbers in said.items()}
    return Limits(own, given)


def _given(said: Mapping[str, object]) -> Limit:
    def number(name: str) -> float | None:
        found = said.get(name)
        return float(found) if isinstance(found, int | float) else None

    return Limit(number("warn"), number("alarm"), str(said.get("clause") or ""))


@transaction.atomic
def set_threshold(
    *, profile: Profile, queue: str, measure: str, warn: float | None, alarm: float | None, by: Employee,
    now: dt.datetime,
) -> Threshold:  # fmt: skip
    """Set the thresholds of a figure, for a queue or for all; both empty: nothing is coloured.

    Raises: ThresholdError.
    """
    _check(profile, queue, measure, warn, alarm)
    old = limits(profile).of(queue, measure)
    made, _ = Threshold.objects.update_or_create(
        profile=profile.id, queue=queue, measure=measure, defaults={"warn": warn, "alarm": alarm, "by": by, "at": now}
    )
    if (old.warn, old.alarm) != (warn, alarm):
        data = {
            "queue": queue, "measure": measure, "warn": warn, "alarm": alarm, "old_warn": old.warn,
            "old_alarm": old.alarm, "employee": by.pk,
        }  # fmt: skip
        kept = {name: value for name, value in data.items() if value is not None}
        journal.record(
            kind="threshold_set", subject_type="wallboard", subject_id=profile.id, actor=actor(by), data=kept, at=now
        )
    return made


def _check(profile: Profile, queue: str, measure: str, warn: float | None, alarm: float | None) -> None:
    if measure not in (*MEASURES, *TERMS) or (queue and not (profile.menu and queue in profile.menu.queues)):
        raise ThresholdError("unknown", "there is no such figure or queue")
    numbers = [one for one in (warn, alarm) if one is not None]
    if any(one < 0 or (measure in SHARES and one > 100) for one in numbers):
        raise ThresholdError("range", "write a number from 0, a share up to 100")
    if measure in MEASURES and warn is not None and alarm is not None and _beyond(measure, warn, alarm):
        raise ThresholdError("order", "attention must come before alarm")


# --- crossings ---
Value = Callable[[str, str], float | None]


@transaction.atomic
def note(*, profile: Profile, queues: Iterable[str], value: Value, now: dt.datetime) -> list[Crossing]:
    """Compare each figure with its thresholds: a crossing begins once, and is over when the figure has stayed back.

    Those in charge are told of each crossing once. Returns those that began.
    """
    held = limits(profile)
    rows = Crossing.objects.select_for_update().filter(profile=profile.id, ended_at=None)
    open_ = {(one.queue, one.measure, one.level): one for one in rows}
    began = []
    for queue in queues:
        for measure in MEASURES:
            found, limit = value(queue, measure), held.of(queue, measure)
            for level in LEVELS:
                at = getattr(limit, level)
                beyond = found is not None and _beyond(measure, found, at)
                one = open_.get((queue, measure, level))
                if beyond and one is None:
                    began += _begin(profile, queue, measure, level, float(found or 0), float(at or 0), now)
                elif one is not None:
                    _follow(one, found, now, beyond=beyond)
    return began


def _begin(
    profile: Profile, queue: str, measure: str, level: str, value: float, limit: float, now: dt.datetime
) -> list[Crossing]:
    made, new = Crossing.objects.get_or_create(
        profile=profile.id, queue=queue, measure=measure, level=level, ended_at=None,
        defaults={"value": value, "limit": limit, "began_at": now},
    )  # fmt: skip
    if not new:
        return []
    people = list(staff.in_charge())
    CrossingNotice.objects.bulk_create([CrossingNotice(crossing=made, employee=one) for one in people])
    data = {
        "queue": queue, "measure": measure, "level": level, "value": value, "limit": limit,
        "employees": [one.pk for one in people],
    }  # fmt: skip
    journal.record(kind="threshold_crossed", subject_type="wallboard", subject_id=profile.id, data=data, at=now)
    return [made]


def _follow(one: Crossing, value: float | None, now: dt.datetime, *, beyond: bool) -> None:
    if beyond:
        if one.back_at is not None:
            one.back_at = None
            one.save(update_fields=["back_at"])
    elif one.back_at is None:
        one.back_at = now
        one.save(update_fields=["back_at"])
    elif (now - one.back_at).total_seconds() >= SETTLED_S:
        one.ended_at = now
        one.save(update_fields=["ended_at"])
        data = {
            "queue": one.queue, "measure": one.measure, "level": one.level, "value": value or 0.0,
            "duration_s": (one.back_at - one.began_at).total_seconds(),
        }  # fmt: skip
        journal.record(kind="threshold_back", subject_type="wallboard", subject_id=one.profile, data=data, at=now)


def open_crossings(profile: Profile) -> list[Crossing]:
    """What is beyond its threshold now, the latest first."""
    return list(Crossing.objects.filter(profile=profile.id, ended_at=None).order_by("-began_at", "-pk"))


def unseen(employee: Employee) -> list[CrossingNotice]:
    """Crossings that somebody in charge has not looked at, the latest first."""
    found = CrossingNotice.objects.filter(employee=employee, seen_at=None).select_related("crossing")
    return list(found.order_by("-crossing__began_at", "-pk")[:20])


def see(*, employee: Employee, now: dt.datetime) -> int:
    """He has seen what he was told of."""
    return CrossingNotice.objects.filter(employee=employee, seen_at=None).update(seen_at=now)
