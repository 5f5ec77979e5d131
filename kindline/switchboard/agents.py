"""Operators: their states, their wrap-up, and who may be one."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from kindline.journal import actions as journal
from kindline.journal import prepared
from kindline.staff.models import Employee
from kindline.staff.queries import AT_THE_PHONE
from kindline.switchboard import nodes
from kindline.switchboard.browser_models import BrowserPhone
from kindline.switchboard.models import Operator, OperatorState, Reservation

BUSY = frozenset({OperatorState.RINGING, OperatorState.TALKING, OperatorState.HOLD, OperatorState.WATCHING})
AT_A_CALL = BUSY | {OperatorState.WRAP_UP}
FREE = frozenset({OperatorState.READY, OperatorState.WRAP_UP, OperatorState.PAUSED, OperatorState.OFFLINE})
ASKABLE = frozenset({OperatorState.READY, OperatorState.PAUSED, OperatorState.OFFLINE})


class OperatorError(Exception):
    """What is asked of an operator's state cannot be; `code` is for programs."""

    code = "not_possible"


class NotAnOperatorError(OperatorError):
    """The employee has no place at the telephone."""

    code = "not_an_operator"


class UnknownStateError(OperatorError):
    """Only ready, paused and offline can be asked for; a pause needs a reason."""

    code = "unknown_state"


@dataclass(frozen=True, slots=True)
class Change:
    """An operator's new state, as a call brought it about."""

    employee: int
    state: str
    reason: str
    contact: str
    at: dt.datetime


def enlist(now: dt.datetime) -> int:
    """Give every employee who works at the telephone a place there; returns how many are new (krc-2-51)."""
    with_place = Operator.objects.values_list("employee_id", flat=True)
    missing = Employee.objects.filter(is_active=True, roles__overlap=list(AT_THE_PHONE)).exclude(pk__in=with_place)
    made = [Operator(employee=one, since=now, sip_password=secrets.token_urlsafe(18)) for one in missing]
    Operator.objects.bulk_create(made, ignore_conflicts=True)
    nameless = list(Operator.objects.filter(sip_password="", employee__is_active=True))
    for operator in nameless:
        operator.sip_password = secrets.token_urlsafe(18)
    Operator.objects.bulk_update(nameless, ["sip_password"])
    return len(made)


@transaction.atomic
def bar(now: dt.datetime) -> int:
    """Take the phones of employees who were disabled: their passwords are void, and they are offered nothing (X2).

    A talk that one of them has goes on to its end, for the client's sake; then he is away at once, since nobody can
    finish his notes for him. Returns how many are new.
    """
    done = [OperatorState.OFFLINE, *BUSY]
    left = Operator.objects.filter(employee__is_active=False)
    left = left.exclude(sip_password="", registered=False, state__in=done)
    barred = list(left.select_for_update(of=["self"]).order_by("pk"))
    for operator in barred:
        if operator.state != OperatorState.OFFLINE:
            set_state(employee=operator.pk, state=OperatorState.OFFLINE, now=now)
    void = {"sip_password": "", "registered": False, "phones": []}
    Operator.objects.filter(pk__in=[one.pk for one in barred]).update(**void)
    BrowserPhone.objects.filter(pk__in=[one.pk for one in barred]).delete()
    return len(barred)


def apply(changes: Sequence[Change], *, wrap_up_s: float | None) -> list[journal.NewFact]:
    """Carry out what calls brought about for operators, inside the caller's transaction; returns the facts of it.

    News from a call that no longer holds the operator is refused. A wrap-up has the profile's limit; without a norm
    it lasts until the operator ends it.
    """
    if not changes:
        return []
    rows = {one.pk: one for one in _locked(change.employee for change in changes)}
    facts = []
    for change in changes:
        operator = rows.get(change.employee)
        if operator is not None and str(operator.contact_id) == change.contact:
            facts.append(_carry(operator, change, wrap_up_s))
    save(rows.values())
    _free([change for change in changes if change.state in FREE])
    return facts


def _carry(operator: Operator, change: Change, wrap_up_s: float | None) -> journal.NewFact:
    limited = change.state == OperatorState.WRAP_UP and wrap_up_s is not None
    until = change.at + dt.timedelta(seconds=wrap_up_s or 0) if limited else None
    state, reason = change.state, change.reason
    if state == OperatorState.READY and operator.wanted:
        state, reason = operator.wanted, operator.reason
    keeps_turn = operator.state == OperatorState.RINGING and change.reason != "declined"
    return become(operator, state, reason, change.at, contact=change.contact, until=until, keeps_turn=keeps_turn)


def become(
    operator: Operator,
    state: str,
    reason: str,
    now: dt.datetime,
    *,
    contact: str | None = None,
    until: dt.datetime | None = None,
    keeps_turn: bool = False,
) -> journal.NewFact:
    """Change an operator's row (not saved) and return the fact of it; `keeps_turn` = his idle time goes on."""
    held = state in BUSY or state == OperatorState.WRAP_UP
    if state == OperatorState.READY:
        reason = ""
        operator.idle_since = operator.idle_since if keeps_turn and operator.idle_since else now
    elif state != OperatorState.RINGING:
        operator.idle_since = None
    if not operator.wanted or not (held or state == operator.wanted):
        operator.forced_by_id = None  # else it is about what comes after the talk, or what has come now
    if state in (OperatorState.READY, OperatorState.PAUSED, OperatorState.OFFLINE):
        operator.wanted = ""
    if not (held and operator.wanted):  # else it is the reason of the pause that comes after the talk
        operator.reason = reason
    operator.state, operator.since, operator.until = state, now, until
    operator.contact_id = contact if held else None
    operator.epoch += 1
    data = {"state": state, "reason": reason, "contact": contact or "", "until": until}
    return journal.NewFact("operator_state_changed", "employee", operator.pk, "switchboard", data, now)


def keep(operator: Operator, contact: str, now: dt.datetime) -> None:
    """Put a locked operator into a call; afterwards he is ready, on his pause, or away, as before.

    His work on the last call ends with it (krc-5.6.5-33); a pause that he asked for meanwhile is still to come.
    """
    facts = _wrap_up_facts(operator, now) if operator.state == OperatorState.WRAP_UP else []
    if operator.state in (OperatorState.PAUSED, OperatorState.OFFLINE):
        operator.wanted = operator.state
    facts.append(become(operator, OperatorState.RINGING, "", now, contact=contact))
    operator.save(update_fields=FIELDS)
    journal.record_many(facts)


def _locked(employees: Iterable[int]) -> list[Operator]:
    return list(Operator.objects.select_for_update().filter(pk__in=set(employees)).order_by("pk"))


FIELDS = ["state", "reason", "since", "idle_since", "until", "contact_id", "wanted", "epoch", "forced_by_id"]


SAVED = """
UPDATE switchboard_operator AS operator SET state = new.state, reason = new.reason, since = new.since,
    idle_since = new.idle_since, until = new.until, contact_id = new.contact_id, wanted = new.wanted, epoch = new.epoch,
    forced_by_id = new.forced_by_id
FROM jsonb_to_recordset(%s::jsonb) AS new(employee_id bigint, state text, reason text, since timestamptz,
    idle_since timestamptz, until timestamptz, contact_id uuid, wanted text, epoch bigint,
    forced_by_id bigint)
WHERE operator.employee_id = new.employee_id
"""


def save(operators: Iterable[Operator]) -> None:
    """Write down what `become` changed, all rows in one statement (it comes with every step of every call)."""
    rows = [{"employee_id": one.pk} | {name: getattr(one, name) for name in FIELDS} for one in operators]
    if rows:
        prepared.run(SAVED, [json.dumps(rows, default=str)])


def _free(changes: Sequence[Change]) -> None:
    """Let go of the reservations of those who are free again."""
    if changes:
        pairs = Q()
        for change in changes:
            pairs |= Q(operator_id=change.employee, call_id=change.contact)
        Reservation.objects.filter(pairs, released_at=None).update(released_at=max(change.at for change in changes))


@transaction.atomic
def set_state(*, employee: int, state: str, reason: str = "", now: dt.datetime, by: int | None = None) -> Operator:
    """An operator says that he is ready, pauses with a reason, or leaves; in a talk it is kept for its end.

    `by` is the supervisor who says it for him; the operator sees who it was. Raises: NotAnOperatorError,
    UnknownStateError.
    """
    if state not in ASKABLE or (state == OperatorState.PAUSED and not reason.strip()):
        raise UnknownStateError("ask for ready, for offline, or for paused with a reason")
    operator = _one(employee)
    if operator.state in BUSY:
        operator.wanted = "" if state == OperatorState.READY else state
        operator.reason = reason if operator.wanted else operator.reason
        operator.forced_by_id = by if operator.wanted else None
        operator.save(update_fields=["wanted", "reason", "forced_by"])
        journal.record_many(_forced(operator, state, reason, by, now))
        return operator
    facts = _wrap_up_facts(operator, now) if operator.state == OperatorState.WRAP_UP else []
    facts += [become(operator, state, reason, now), *_forced(operator, state, reason, by, now)]
    operator.forced_by_id = by
    save([operator])
    journal.record_many(facts)
    return operator


def _forced(operator: Operator, state: str, reason: str, by: int | None, now: dt.datetime) -> list[journal.NewFact]:
    """The fact that somebody else put an operator into a state; nothing when it was himself."""
    data = {"state": state, "reason": reason, "by": by}
    kind = "operator_state_forced"
    return [journal.NewFact(kind, "employee", operator.pk, f"employee:{by}", data, now)] if by else []


@transaction.atomic
def end_wrap_up(*, employee: int, now: dt.datetime) -> Operator:
    """An operator has finished with the last call; outside a wrap-up this changes nothing.

    Raises: NotAnOperatorError.
    """
    operator = _one(employee)
    if operator.state == OperatorState.WRAP_UP:
        facts = [*_wrap_up_facts(operator, now), become(operator, operator.wanted or "ready", operator.reason, now)]
        save([operator])
        journal.record_many(facts)
    return operator


def _wrap_up_facts(operator: Operator, now: dt.datetime) -> list[journal.NewFact]:
    data = {
        "employee": operator.pk,
        "duration_s": max(0.0, (now - operator.since).total_seconds()),
        "overrun": operator.until is not None and now > operator.until,
    }
    return [journal.NewFact("wrap_up_ended", "contact", operator.contact_id, f"employee:{operator.pk}", data, now)]


def _one(employee: int) -> Operator:
    found = Operator.objects.select_for_update().filter(pk=employee).first()
    if found is None:
        raise NotAnOperatorError(f"employee {employee} has no place at the telephone")
    return found


def at_work() -> int:
    """How many operators serve calls now."""
    return Operator.objects.exclude(
        state__in=[OperatorState.OFFLINE, OperatorState.PAUSED, OperatorState.WATCHING]
    ).count()


@transaction.atomic
def note_phones(online: dict[int, str], node: str = "1") -> None:
    """Keep who has a phone at an engine (nothing: none there); nobody is offered a call without one."""
    changed = []
    for operator in _locked(online):
        phones = nodes.noted(operator.phones, node, online[operator.pk])
        if (phones, bool(phones)) != (operator.phones, operator.registered):
            operator.phones, operator.registered = phones, bool(phones)
            changed.append(operator)
    Operator.objects.bulk_update(changed, ["phones", "registered"])


def talks(employee: int) -> bool:
    """Whether an operator is in a talk, or listens to one: his line is in use."""
    return Operator.objects.filter(pk=employee, state__in=BUSY - {OperatorState.RINGING}).exists()


@transaction.atomic
def leave_without_phone(employees: Iterable[int], now: dt.datetime) -> None:
    """Take those off who were ready and whose phone has stayed away (a page that is loaded anew comes back sooner)."""
    facts = []
    for operator in _locked(employees):
        if operator.state == OperatorState.READY and not operator.registered:
            facts.append(become(operator, OperatorState.OFFLINE, "no_phone", now))
            save([operator])
    journal.record_many(facts)
