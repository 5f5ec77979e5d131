"""Calls and operators as rows: read for `choosing`, which decides, and kept for each other by reservations."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence

from django.db import transaction

from kindline.journal import actions as journal
from kindline.journal import prepared, sweeping
from kindline.staff.models import EmployeeSkill
from kindline.switchboard import agents, nodes, places, reassigning, spending
from kindline.switchboard.calling_hours import CallingHours
from kindline.switchboard.choosing import POINT_S, Caller, Idle, Match, Need, pair
from kindline.switchboard.models import Operator, OperatorState, Reservation
from kindline.switchboard.places import Given, moments
from kindline.switchboard.returning import Returning

LEASE_S = 120
AT_ONCE = 200
SKILLS_FOR = dt.timedelta(seconds=1)
IDLE = """
SELECT employee_id, idle_since FROM switchboard_operator WHERE state = 'ready' AND registered
ORDER BY idle_since ASC NULLS LAST, employee_id
"""
WAITING = """
SELECT id::text, queue, data->'waiting'->>'refused', priority, enqueued_at, owner FROM switchboard_call AS call
WHERE ended_at IS NULL AND state = 'queued' AND queue <> ALL(%s) AND NOT EXISTS (
    SELECT FROM switchboard_reservation AS kept WHERE kept.call_id = call.id AND kept.released_at IS NULL)
AND (owner = %s OR EXISTS (
    SELECT FROM switchboard_switchboard AS other
    WHERE other.app = call.owner AND other.serving AND other.beat_at > %s))
ORDER BY enqueued_at - priority * make_interval(secs => %s) LIMIT %s
"""
STILL_OURS = """
SELECT id::text FROM switchboard_call WHERE id = ANY(%s::uuid[]) AND owner = %s AND state = 'queued'
FOR SHARE SKIP LOCKED
"""
BELL = "kindline_calls"
"""Rung when an operator is due to a caller whom another switchboard leads."""
TRIES = 3
"""How often pairs are looked for anew when another switchboard took the same operator."""


class Skills:
    """Who serves what how well, read at most once a second however often callers are given out."""

    def __init__(self) -> None:
        self._levels: dict[int, dict[str, int]] = {}
        self._read_at: dt.datetime | None = None

    def levels(self, now: dt.datetime) -> Mapping[int, Mapping[str, int]]:
        """The level of each skill, by employee."""
        if self._read_at is None or not dt.timedelta() <= now - self._read_at < SKILLS_FOR:
            self._levels, self._read_at = reassigning.over(own_levels(), now), now
        return self._levels


def match(
    *, app: str, needs: Mapping[str, Need], now: dt.datetime, returning: Returning | None = None,
    skills: Skills | None = None, hours: CallingHours | None = None,
) -> list[Match]:  # fmt: skip
    """Pair those who wait with those who are ready, and keep each pair by a row that cannot be there twice."""
    found: list[Match] = []
    for _ in range(TRIES):
        wanted, kept = _match(app, needs, now, returning or Returning(), skills or Skills(), hours)
        found += kept
        if len(kept) == len(wanted):
            break
    if any(isinstance(one, Given) for one in found):
        spending.tell(now)
    return found


def database_now() -> dt.datetime:
    """The one clock by which leases run, however many machines lead calls."""
    return sweeping.of_database()


def match_now(
    *, app: str, needs: Mapping[str, Need], returning: Returning | None = None, skills: Skills | None = None,
    hours: CallingHours | None = None,
) -> list[Match]:  # fmt: skip
    """Pair by the clock of the database."""
    return match(app=app, needs=needs, now=database_now(), returning=returning, skills=skills, hours=hours)


@transaction.atomic
def _match(
    app: str, needs: Mapping[str, Need], now: dt.datetime, returning: Returning, skills: Skills,
    hours: CallingHours | None,
) -> tuple[list[Match], list[Match]]:  # fmt: skip
    """The pairs wanted, and those kept: another switchboard may have been quicker."""
    idle = _idle(skills, now)
    unserved = _unserved(needs, idle)
    kept_places = places.callers(unserved, now, hours) if idle else {}
    waiting = _waiting(app, unserved, now) if idle else {}
    callers = [*(caller for caller, _ in waiting.values()), *(caller for caller, _ in kept_places.values())]
    if not callers:
        return [], []
    pairs = pair(returning.kept(callers, now), idle, needs, now.timestamp())
    owners = {contact: owner for contact, (_, owner) in waiting.items()}
    if any(owners.get(one.contact, app) != app for one in pairs):
        nodes.ring(BELL)
    wanted = places.called([one for one in pairs if owners.get(one.contact, app) == app], kept_places)
    ready = Operator.objects.filter(state=OperatorState.READY, registered=True)
    locked = ready.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=[one.employee for one in wanted])
    operators = {one.pk: one for one in locked}
    held = places.held([one for one in wanted if isinstance(one, Given)])
    ours = _still_ours(app, [one.contact for one in wanted if not isinstance(one, Given)])
    kept = [
        one
        for one in wanted
        if one.employee in operators and (one.callback in held if isinstance(one, Given) else one.contact in ours)
    ]
    _keep(kept, operators, now)
    places.give(kept, held, now)
    return wanted, kept


def _idle(skills: Skills, now: dt.datetime) -> list[Idle]:
    """Those who are ready, the longest idle first."""
    ready = prepared.rows(IDLE)
    levels = skills.levels(now) if ready else {}
    return [Idle(pk, levels.get(pk, {}), at.timestamp() if at else math.inf) for pk, at in ready]


def _unserved(needs: Mapping[str, Need], idle: Sequence[Idle]) -> list[str]:
    """Queues that nobody who is ready can serve: their callers are not read, so they hold up nobody."""
    return [queue for queue, wanted in needs.items() if not any(wanted.met_by(one.levels) for one in idle)]


def _waiting(app: str, unserved: Sequence[str], now: dt.datetime) -> dict[str, tuple[Caller, str]]:
    """All who wait, whoever leads their calls, as long as he can give them out: in one order, each with his leader."""
    rows = prepared.rows(WAITING, [list(unserved), app, now - dt.timedelta(seconds=nodes.BEATS_S), POINT_S, AT_ONCE])
    found = {}
    for contact, queue, refused, priority, since, owner in rows:
        said = moments(json.loads(refused or "{}"))
        found[contact] = (Caller(contact, queue, said, priority, since.timestamp() if since else 0.0), owner)
    return found


def _still_ours(app: str, contacts: Sequence[str]) -> set[str]:
    """Those of the calls that nobody has taken over and that still wait; held until the pairs are written."""
    return {contact for (contact,) in prepared.rows(STILL_OURS, [list(contacts), app])} if contacts else set()


def own_levels() -> dict[int, dict[str, int]]:
    """The level of each skill that somebody has of his own, by employee."""
    found: dict[int, dict[str, int]] = {}
    for employee, skill, level in EmployeeSkill.objects.values_list("employee_id", "skill__code", "level"):
        found.setdefault(employee, {})[skill] = level
    return found


def _keep(found: Sequence[Match], operators: Mapping[int, Operator], now: dt.datetime) -> None:
    if not found:
        return
    kept = [operators[one.employee] for one in found]
    facts = [
        agents.become(operator, OperatorState.RINGING, "", now, contact=one.contact)
        for operator, one in zip(kept, found, strict=True)
    ]
    agents.save(kept)
    waiting = [one for one in found if not isinstance(one, Given)]
    Reservation.objects.bulk_create([reservation(operators[one.employee], one.contact, now) for one in waiting])
    journal.record_many(facts)


def reservation(operator: Operator, contact: str, now: dt.datetime, role: str = "operator") -> Reservation:
    """A row that keeps an operator for a call."""
    until = now + dt.timedelta(seconds=LEASE_S)
    return Reservation(
        operator=operator, call_id=contact, role=role, epoch=operator.epoch, made_at=now, lease_until=until
    )


@transaction.atomic
def keep_colleague(*, employee: int, contact: str, now: dt.datetime) -> str:
    """Keep a colleague for a consultation; returns why it is not possible, or nothing. Afterwards he is where he was.

    Clause: krc-5.6.4-20, krc-5.6.4-22 (absent, busy).
    """
    operator = Operator.objects.select_for_update().filter(pk=employee).first()
    if operator is None or not operator.registered or operator.state == OperatorState.OFFLINE:
        return "absent"
    if operator.state not in (OperatorState.READY, OperatorState.PAUSED):
        return "busy"
    agents.keep(operator, contact, now)
    reservation(operator, contact, now, role="third").save()
    return ""


@transaction.atomic
def keep_for_outgoing(*, employee: int, contact: str, now: dt.datetime) -> str:
    """Keep an operator for a call that he makes himself; returns why it is not possible, or nothing.

    Afterwards, his work on it done, he is where he was.
    """
    operator = Operator.objects.select_for_update().filter(pk=employee).first()
    if operator is None or not operator.registered:
        return "no_phone"
    if operator.state in agents.BUSY:
        return "busy"
    agents.keep(operator, contact, now)
    return ""


@transaction.atomic
def keep_supervisor(*, employee: int, contact: str, now: dt.datetime) -> str:
    """Keep a supervisor for a talk that he wants to hear; returns why it is not possible, or nothing.

    Afterwards he is where he was: ready, on his pause, or away from the queues.
    """
    operator = Operator.objects.select_for_update().filter(pk=employee).first()
    if operator is None or not operator.registered:
        return "no_phone"
    if operator.state not in agents.ASKABLE:
        return "close_first" if operator.state == OperatorState.WRAP_UP else "busy"
    agents.keep(operator, contact, now)
    return ""
