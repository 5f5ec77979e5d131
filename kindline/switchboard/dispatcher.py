"""Calls and operators as rows: read for `choosing`, which decides, and kept for each other by reservations."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value

from kindline.conversations.callbacks import PENDING
from kindline.conversations.models import Callback
from kindline.journal import actions as journal
from kindline.staff.models import EmployeeSkill
from kindline.switchboard import agents
from kindline.switchboard.choosing import POINT_S, Caller, Idle, Match, Need, pair
from kindline.switchboard.models import Call, Operator, OperatorState, Reservation
from kindline.switchboard.returning import Returning

LEASE_S = 120
PLACE_SETTLED_S = 15
"""A place that was given out is let go when its call does not live so long after."""
AT_ONCE = 200
TRIES = 3
"""How often pairs are looked for anew when another switchboard took the same operator."""


def match(*, app: str, needs: Mapping[str, Need], now: dt.datetime, returning: Returning | None = None) -> list[Match]:
    """Pair those who wait with those who are ready, and keep each pair by a row that cannot be there twice."""
    found: list[Match] = []
    for _ in range(TRIES):
        wanted, kept = _match(app, needs, now, returning or Returning())
        found += kept
        if len(kept) == len(wanted):
            break
    return found


def database_now() -> dt.datetime:
    """The one clock by which leases run, however many machines lead calls."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [moment] = cursor.fetchone()
    return moment  # type: ignore[no-any-return]


def match_now(*, app: str, needs: Mapping[str, Need], returning: Returning | None = None) -> list[Match]:
    """Pair by the clock of the database."""
    return match(app=app, needs=needs, now=database_now(), returning=returning)


@dataclass(frozen=True, slots=True)
class Given(Match):
    """A client who keeps a place in a queue is to be called by an operator."""

    callback: int
    number: str
    queue: str
    since: dt.datetime


def promised(now: dt.datetime) -> list[tuple[str, float]]:
    """The places in queues that are kept and may be called now: queue and turn."""
    rows = _places(now).values_list("queue", "waits_since", "priority")
    return [(queue, since.timestamp() - priority * POINT_S) for queue, since, priority in rows if since]


def _places(now: dt.datetime) -> QuerySet[Callback]:
    free = Callback.objects.filter(state__in=PENDING, call=None, waits_since__isnull=False)
    return free.filter(Q(try_after=None) | Q(try_after__lte=now))


@transaction.atomic
def free_places(now: dt.datetime) -> int:
    """Let go of places whose call has ended, or never began, without saying what it came to."""
    living = Call.objects.filter(pk=OuterRef("call"), ended_at=None)
    settled = now - dt.timedelta(seconds=PLACE_SETTLED_S)
    lost = Callback.objects.filter(~Exists(living), state__in=PENDING, call__isnull=False, given_at__lt=settled)
    return lost.update(call=None)


@transaction.atomic
def _match(
    app: str, needs: Mapping[str, Need], now: dt.datetime, returning: Returning
) -> tuple[list[Match], list[Match]]:
    """The pairs wanted, and those kept: another switchboard may have been quicker."""
    ready = Operator.objects.filter(state=OperatorState.READY, registered=True)
    idle = _idle(ready)
    unserved = _unserved(needs, idle)
    places = _kept_places(unserved, now) if idle else {}
    callers = [*_waiting(app, unserved), *(caller for caller, _ in places.values())] if idle else []
    if not callers:
        return [], []
    wanted = _by_callback(pair(returning.kept(callers, now), idle, needs, now.timestamp()), places)
    locked = ready.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=[one.employee for one in wanted])
    operators = {one.pk: one for one in locked}
    held = _held([one for one in wanted if isinstance(one, Given)])
    kept = [
        one for one in wanted if one.employee in operators and not (isinstance(one, Given) and one.callback not in held)
    ]
    _keep(kept, operators, now)
    _give(kept, held, now)
    return wanted, kept


def _kept_places(unserved: Sequence[str], now: dt.datetime) -> dict[str, tuple[Caller, Callback]]:
    """Clients who keep a place, as callers under the contact that their call will have."""
    found = _places(now).exclude(queue__in=unserved).order_by("waits_since")[:AT_ONCE]
    made = {}
    for one in found:
        contact = str(uuid.uuid4())
        since = one.waits_since.timestamp() if one.waits_since else 0.0
        made[contact] = (Caller(contact, one.queue, _moments(one.refused), one.priority, since), one)
    return made


def _by_callback(wanted: list[Match], places: Mapping[str, tuple[Caller, Callback]]) -> list[Match]:
    return [_given(one, places[one.contact][1]) if one.contact in places else one for one in wanted]


def _given(one: Match, place: Callback) -> Given:
    since = place.waits_since or place.promised_at
    return Given(one.contact, one.employee, place.pk, place.phone, place.queue, since)


def _held(wanted: Sequence[Given]) -> dict[int, Callback]:
    """The places, locked: another switchboard may have been quicker."""
    if not wanted:
        return {}
    rows = Callback.objects.select_for_update(skip_locked=True, of=("self",))
    return {one.pk: one for one in rows.filter(pk__in=[one.callback for one in wanted], call=None, state__in=PENDING)}


def _give(kept: Sequence[Match], held: Mapping[int, Callback], now: dt.datetime) -> None:
    for one in kept:
        if isinstance(one, Given):
            place = held[one.callback]
            place.call, place.given_at = uuid.UUID(one.contact), now
            place.save(update_fields=["call", "given_at"])


def _idle(ready: QuerySet[Operator]) -> list[Idle]:
    """Those who are ready, the longest idle first."""
    since = dict(ready.order_by(F("idle_since").asc(nulls_last=True), "pk").values_list("pk", "idle_since"))
    levels = _levels(since)
    return [Idle(pk, levels.get(pk, {}), at.timestamp() if at else math.inf) for pk, at in since.items()]


def _unserved(needs: Mapping[str, Need], idle: Sequence[Idle]) -> list[str]:
    """Queues that nobody who is ready can serve: their callers are not read, so they hold up nobody."""
    return [queue for queue, wanted in needs.items() if not any(wanted.met_by(one.levels) for one in idle)]


def _waiting(app: str, unserved: Sequence[str]) -> list[Caller]:
    kept = Reservation.objects.filter(call=OuterRef("pk"), released_at=None)
    rows = Call.objects.filter(~Exists(kept), owner=app, ended_at=None, state="queued").exclude(queue__in=unserved)
    point = Value(dt.timedelta(seconds=POINT_S))
    turn = ExpressionWrapper(F("enqueued_at") - F("priority") * point, output_field=DateTimeField())
    ordered = rows.order_by(turn)[:AT_ONCE]
    values = ordered.values_list("id", "queue", "data__waiting__refused", "priority", "enqueued_at")
    return [
        Caller(str(id_), queue, _moments(refused), priority, since.timestamp() if since else 0.0)
        for id_, queue, refused, priority, since in values
    ]


def _moments(refused: Mapping[str, str] | None) -> dict[int, float]:
    return {int(employee): dt.datetime.fromisoformat(at).timestamp() for employee, at in (refused or {}).items()}


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
