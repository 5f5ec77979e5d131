"""An operator serves another queue for a time: at a peak he is moved, and goes back by himself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db import transaction

from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard import agents, choosing
from kindline.switchboard.models import Operator, Reassignment

LONGEST = dt.timedelta(hours=12)
Levels = dict[int, dict[str, int]]


class ReassignError(agents.OperatorError):
    """The operator cannot be moved so; `code` is for programs."""


class UnknownQueueError(ReassignError):
    """The voice menu has no such queue."""

    code = "unknown_queue"


class WrongEndError(ReassignError):
    """The end lies in the past, or too far ahead."""

    code = "wrong_end"


@transaction.atomic
def reassign(
    *, operator: int, queue: str, until: dt.datetime, only: bool, by: Employee, reason: str = "", profile: Profile,
    now: dt.datetime,
) -> Reassignment:  # fmt: skip
    """Let an operator serve a queue until a moment; what held for him before is replaced.

    Raises: NotAnOperatorError, UnknownQueueError, WrongEndError.
    """
    known = profile.menu.queues.get(queue) if profile.menu else None
    if known is None:
        raise UnknownQueueError(f"there is no queue {queue}")
    if not now < until <= now + LONGEST:
        raise WrongEndError("name an end within the next twelve hours")
    row = Operator.objects.select_for_update().filter(pk=operator).first()
    if row is None:
        raise agents.NotAnOperatorError(f"employee {operator} has no place at the telephone")
    _end(Reassignment.objects.filter(operator=row, ended_at=None), "replaced", actor(by), now)
    levels = dict(choosing.need(known.skills).skills)
    made = Reassignment.objects.create(
        operator=row, queue=queue, levels=levels, only=only, by=by, reason=reason, made_at=now, until=until
    )
    data = {
        "queue": queue, "levels": [f"{skill}:{level}" for skill, level in levels.items()], "only": only,
        "until": until, "by": by.pk, "reason": reason,
    }  # fmt: skip
    journal.record(
        kind="operator_reassigned", subject_type="employee", subject_id=operator, actor=actor(by), data=data, at=now
    )
    return made


@transaction.atomic
def bring_back(*, operator: int, by: Employee, now: dt.datetime) -> int:
    """End it before its time; returns whether there was anything to end."""
    open_ = Reassignment.objects.select_for_update().filter(operator_id=operator, ended_at=None)
    return _end(open_, "by_hand", actor(by), now)


@transaction.atomic
def end_due(*, now: dt.datetime) -> int:
    """End those whose time is over; returns how many (they have no effect any more from that moment, swept or not)."""
    due = Reassignment.objects.select_for_update(skip_locked=True).filter(ended_at=None, until__lte=now)
    return _end(due, "time", "switchboard", now)


def _end(rows: Iterable[Reassignment], reason: str, who: str, now: dt.datetime) -> int:
    found = list(rows)
    for one in found:
        one.ended_at = now
        one.save(update_fields=["ended_at"])
    journal.record_many(
        [
            journal.NewFact(
                "operator_reassigned_back", "employee", one.operator_id, who,
                {"queue": one.queue, "by": one.by_id, "reason": reason}, now,
            )
            for one in found
        ]
    )  # fmt: skip
    return len(found)


def in_force(now: dt.datetime) -> dict[int, Reassignment]:
    """What holds now, by operator."""
    rows = Reassignment.objects.filter(ended_at=None, until__gt=now).select_related("by")
    return {one.operator_id: one for one in rows}


def over(levels: Levels, now: dt.datetime) -> Levels:
    """Everybody's levels, with what holds for a time put over them."""
    found = dict(levels)
    for operator, one in in_force(now).items():
        found[operator] = dict(one.levels) if one.only else _both(found.get(operator, {}), one.levels)
    return found


def _both(own: Mapping[str, int], given: Mapping[str, int]) -> dict[str, int]:
    return {skill: max(own.get(skill, 0), given.get(skill, 0)) for skill in {*own, *given}}
