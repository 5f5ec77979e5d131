"""Who takes which call: priority, then longest wait; of those with the skills the one who is idle longest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, OuterRef

from kindline.journal import actions as journal
from kindline.staff.models import EmployeeSkill
from kindline.switchboard import agents
from kindline.switchboard.models import Call, Operator, OperatorState, Reservation

LEASE_S = 120
REFUSED_FOR_S = 20
"""An operator who did not take a call is not asked again for so long, if there is anybody else."""
AT_ONCE = 200
TRIES = 3
"""How often pairs are looked for anew when another switchboard took the same operator."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a queue asks of an operator: skills with their least levels."""

    skills: Mapping[str, int] = field(default_factory=dict)

    def met_by(self, levels: Mapping[str, int]) -> bool:
        """Whether somebody with these levels can serve the queue."""
        return all(levels.get(skill, 0) >= least for skill, least in self.skills.items())


@dataclass(frozen=True, slots=True)
class Caller:
    """One who waits; callers stand in the order in which they are served."""

    contact: str
    queue: str
    refused: Mapping[int, dt.datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Idle:
    """One who is ready; operators stand in the order of their idle time, the longest first."""

    employee: int
    levels: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A call and the operator kept for it."""

    contact: str
    employee: int


def need(skills: Iterable[str]) -> Need:
    """What a queue asks for, from `billing` or `billing:3` (3 = the least level)."""
    pairs = [skill.partition(":") for skill in skills]
    return Need({name: int(level) if level.isdigit() else 1 for name, _, level in pairs})


def pair(callers: Sequence[Caller], idle: Sequence[Idle], needs: Mapping[str, Need], now: dt.datetime) -> list[Match]:
    """Give each caller in turn the operator who is idle longest among those who can serve him."""
    free = list(idle)
    found = []
    for caller in callers:
        wanted = needs.get(caller.queue, Need())
        able = [one for one in free if wanted.met_by(one.levels)]
        chosen = next((one for one in able if not _refused(caller, one, now)), None)
        if chosen is not None:
            free.remove(chosen)
            found.append(Match(caller.contact, chosen.employee))
    return found


def _refused(caller: Caller, one: Idle, now: dt.datetime) -> bool:
    said = caller.refused.get(one.employee)
    return said is not None and (now - said).total_seconds() < REFUSED_FOR_S


def match(*, app: str, needs: Mapping[str, Need], now: dt.datetime) -> list[Match]:
    """Pair those who wait with those who are ready, and keep each pair by a row that cannot be there twice."""
    found: list[Match] = []
    for _ in range(TRIES):
        wanted, kept = _match(app, needs, now)
        found += kept
        if len(kept) == len(wanted):
            break
    return found


@transaction.atomic
def _match(app: str, needs: Mapping[str, Need], now: dt.datetime) -> tuple[list[Match], list[Match]]:
    """The pairs wanted, and those kept: another switchboard may have been quicker."""
    callers = _waiting(app)
    ready = Operator.objects.filter(state=OperatorState.READY, registered=True)
    idle = list(ready.order_by("idle_since", "pk").values_list("pk", flat=True)) if callers else []
    if not idle:
        return [], []
    levels = _levels(idle)
    wanted = pair(callers, [Idle(pk, levels.get(pk, {})) for pk in idle], needs, now)
    locked = ready.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=[one.employee for one in wanted])
    operators = {one.pk: one for one in locked}
    kept = [one for one in wanted if one.employee in operators]
    _keep(kept, operators, now)
    return wanted, kept


def _waiting(app: str) -> list[Caller]:
    kept = Reservation.objects.filter(call=OuterRef("pk"), released_at=None)
    rows = Call.objects.filter(~Exists(kept), owner=app, ended_at=None, state="queued")
    ordered = rows.order_by("-priority", "enqueued_at")[:AT_ONCE].values_list("id", "queue", "data__waiting__refused")
    return [Caller(str(id_), queue, _moments(refused)) for id_, queue, refused in ordered]


def _moments(refused: Mapping[str, str] | None) -> dict[int, dt.datetime]:
    return {int(employee): dt.datetime.fromisoformat(at) for employee, at in (refused or {}).items()}


def _levels(operators: Iterable[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    rows = EmployeeSkill.objects.filter(employee__in=list(operators)).values_list("employee_id", "skill__code", "level")
    for employee, skill, level in rows:
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
    Reservation.objects.bulk_create([reservation(operators[one.employee], one.contact, now) for one in found])
    journal.record_many(facts)


def reservation(operator: Operator, contact: str, now: dt.datetime, role: str = "operator") -> Reservation:
    """A row that keeps an operator for a call."""
    until = now + dt.timedelta(seconds=LEASE_S)
    return Reservation(
        operator=operator, call_id=contact, role=role, epoch=operator.epoch, made_at=now, lease_until=until
    )


@transaction.atomic
def keep_colleague(*, employee: int, contact: str, now: dt.datetime) -> str:
    """Keep a colleague for a consultation; returns why it is not possible, or nothing.

    Clause: krc-5.6.4-20, krc-5.6.4-22 (absent, busy).
    """
    operator = Operator.objects.select_for_update().filter(pk=employee).first()
    if operator is None or not operator.registered or operator.state == OperatorState.OFFLINE:
        return "absent"
    if operator.state not in (OperatorState.READY, OperatorState.PAUSED):
        return "busy"
    fact = agents.become(operator, OperatorState.RINGING, "", now, contact=contact)
    operator.save(update_fields=agents.FIELDS)
    reservation(operator, contact, now, role="third").save()
    journal.record_many([fact])
    return ""


@transaction.atomic
def keep_for_outgoing(*, employee: int, contact: str, now: dt.datetime) -> str:
    """Keep an operator for a call that he makes himself; returns why it is not possible, or nothing."""
    operator = Operator.objects.select_for_update().filter(pk=employee).first()
    if operator is None or not operator.registered:
        return "no_phone"
    if operator.state in agents.BUSY:
        return "busy"
    fact = agents.become(operator, OperatorState.RINGING, "", now, contact=contact)
    operator.save(update_fields=agents.FIELDS)
    journal.record_many([fact])
    return ""


def expected_wait_s(position: int, handling_s: float | None, operators: int) -> float | None:
    """How long the caller at `position` still waits if talks last as they did; None while nothing is known."""
    if handling_s is None or operators < 1:
        return None
    return round(position * handling_s / operators, 1)
