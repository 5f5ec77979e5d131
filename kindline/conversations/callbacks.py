"""Calls promised to clients: made with a time, kept or missed, never forgotten."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction

from kindline.clients import phones
from kindline.conversations import errors, norms, opening
from kindline.conversations.keeping import guarded, held, keep, profile_of, progress_of
from kindline.conversations.models import Callback, CallbackState, Contact
from kindline.conversations.wording import client_name
from kindline.journal import actions as journal
from kindline.journal.queries import facts_of
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

REACHED = "reached"
TYPED_WITHIN = dt.timedelta(minutes=1)
"""A moment is typed to the minute: the one that runs has not passed."""
PENDING = (CallbackState.OPEN, CallbackState.MISSED)


def promise_callback(
    *,
    contact: Contact,
    phone: str = "",
    name: str = "",
    matter: str = "",
    due_at: dt.datetime | None = None,
    interval_s: float | None = None,
    none_fields: Sequence[str] = (),
    employee: Employee | None,
    now: dt.datetime,
    once: bool = False,
) -> Callback:
    """Promise to call back, to a number, by a time: named, or after an interval, or as the profile proposes.

    `once`: the same promise of the same contact, still open, is the same one, sent again because its answer was lost.

    Raises: MissingFieldsError for what the standard requires of a promise; PromisePastError; PromiseTooLateError
    beyond its limit.
    """
    with guarded(contact, "promise callback", employee=employee, now=now):
        fresh = held(contact)
        opening.begin(fresh, now)
        profile = profile_of(fresh)
        number = _number(fresh, profile, phone)
        due = _due(profile, fresh.direction, due_at, interval_s, now)
        filled, nothing = _check_fields(fresh, profile, number, due_at, interval_s, none_fields)
        callback = _drawn(fresh, profile, number, name, matter, due, employee, now)
        if once and (known := _same(callback)) is not None:
            return known
        _create(callback)
        data = {
            "task": callback.pk, "due_at": due, "interval_s": (due - now).total_seconds(), "phone": number,
            "fields": filled, "none_fields": nothing,
        }  # fmt: skip
        keep(fresh, "callback_promised", data, employee=employee, now=now)
        return callback


def note_attempt(
    *,
    callback: Callback,
    outcome: str,
    employee: Employee | None,
    now: dt.datetime,
    again_at: dt.datetime | None = None,
    call: uuid.UUID | None = None,
) -> Callback:
    """The promised call was tried (`outcome` reached, no_answer, busy); reached closes it, in time or late.

    A place in a queue that was not reached comes up again at `again_at`; without it people call by hand. `call`: the
    contact of the call that tried it; the same call at the same moment counts once, and another one under way stays.
    """
    with transaction.atomic():
        fresh = Callback.objects.select_for_update().get(pk=callback.pk)
        if call is not None and _counted(fresh, now):
            return fresh
        fresh.attempts += 1
        fresh.call = fresh.call if call is not None and fresh.call != call else None
        fresh.try_after = again_at
        fresh.waits_since = fresh.waits_since if again_at else None
        in_time = now <= fresh.due_at
        data = {"task": fresh.pk, "due_at": fresh.due_at, "outcome": outcome, "in_time": in_time}
        keep(fresh.contact, "callback_made", data, employee=employee, now=now)
        if outcome == REACHED and fresh.state in PENDING:
            fresh.state, fresh.closed_at = CallbackState.KEPT, now
            _keep(fresh, "callback_closed", {"outcome": "kept", "in_time": in_time}, employee, now)
        fresh.save()
        return fresh


def _counted(callback: Callback, at: dt.datetime) -> bool:
    made = facts_of("contact", callback.contact_id).filter(kind="callback_made", at=at)
    return made.filter(data__task=callback.pk).exists()


@transaction.atomic
def note_by_hand(
    *,
    callback: Callback,
    outcome: str,
    employee: Employee | None,
    now: dt.datetime,
    again_at: dt.datetime | None = None,
) -> Callback:
    """Somebody called without the program, and says how it went. Raises: CallbackDoneError."""
    if Callback.objects.select_for_update().get(pk=callback.pk).state not in PENDING:
        raise errors.CallbackDoneError
    return note_attempt(callback=callback, outcome=outcome, employee=employee, now=now, again_at=again_at)


@transaction.atomic
def cancel_callback(*, callback: Callback, reason: str, employee: Employee | None, now: dt.datetime) -> Callback:
    """The call is not needed any more, and why."""
    fresh = Callback.objects.select_for_update().get(pk=callback.pk)
    if fresh.state in PENDING:
        fresh.state, fresh.closed_at = CallbackState.CANCELLED, now
        fresh.save(update_fields=["state", "closed_at"])
        _keep(
            fresh, "callback_closed", {"outcome": f"cancelled: {reason}", "in_time": now <= fresh.due_at}, employee, now
        )
    return fresh


@transaction.atomic
def sweep_overdue(*, now: dt.datetime, limit: int = 500) -> list[Callback]:
    """Mark the promises whose time has passed; they stay to be called. Running it late or twice changes nothing."""
    overdue = Callback.objects.select_for_update(skip_locked=True).filter(state=CallbackState.OPEN, due_at__lt=now)
    found = list(overdue.order_by("due_at")[:limit])
    for callback in found:
        callback.state = CallbackState.MISSED
        callback.save(update_fields=["state"])
        _keep(callback, "callback_overdue", {"due_at": callback.due_at, "employee": callback.employee_id}, None, now)
    return found


def _number(contact: Contact, profile: Profile, phone: str) -> str:
    raw = phone or str(contact.guide.get("fields", {}).get("phone") or "") or contact.caller
    return phones.normalised(raw, profile.calendar.country)


def _due(
    profile: Profile, direction: str, due_at: dt.datetime | None, interval_s: float | None, now: dt.datetime
) -> dt.datetime:
    bound = norms.latest_promise(profile, now, direction)
    due = due_at or (now + dt.timedelta(seconds=interval_s) if interval_s else norms.proposed_promise(profile, now))
    if due is None:
        raise errors.MissingFieldsError({"due_at": ()})
    if due_at and due < now - TYPED_WITHIN:
        raise errors.PromisePastError("promise a time that is still to come")
    if bound and due > bound[0]:
        raise errors.PromiseTooLateError(f"{bound[0].astimezone(profile.zone):%d.%m.%Y %H:%M}", bound[1])
    return due


def _check_fields(
    contact: Contact,
    profile: Profile,
    number: str,
    due_at: dt.datetime | None,
    interval_s: float | None,
    none_fields: Sequence[str],
) -> tuple[list[str], list[str]]:
    """The fields that are filled and those answered "none", by what the standard requires of a promise."""
    progress = progress_of(contact, profile)
    own = {"phone": number, "due_at": due_at, "interval": interval_s or due_at or progress.fields.get("interval")}
    required = norms.required_fields(profile, "callback_promised", channel=contact.channel, direction=contact.direction)
    nothing = list(dict.fromkeys([*none_fields, *progress.none_fields]))
    filled = [name for name, value in {**progress.fields, **own}.items() if value not in (None, "")]
    missing = norms.missing(required, filled, nothing)
    if not number:
        missing.setdefault("phone", ())
    if missing:
        raise errors.MissingFieldsError(missing)
    return filled, [name for name in nothing if name not in filled]


def _drawn(
    contact: Contact,
    profile: Profile,
    number: str,
    name: str,
    matter: str,
    due: dt.datetime,
    employee: Employee | None,
    now: dt.datetime,
) -> Callback:
    """A promise that nobody has kept a note of yet."""
    fields = contact.guide.get("fields", {})
    return Callback(
        contact=contact,
        employee=employee,
        client=contact.client,
        phone=number,
        name=name or client_name(contact, profile, fields),
        matter=matter or str(fields.get("matter") or ""),
        promised_at=now,
        due_at=due,
    )


def _same(drawn: Callback) -> Callback | None:
    """What its contact was promised with the same words, by the same time or after the same span; its row is held."""
    span = drawn.due_at - drawn.promised_at
    known = Callback.objects.filter(
        contact=drawn.contact, origin=drawn.origin, state=CallbackState.OPEN, employee=drawn.employee,
        phone=drawn.phone, name=drawn.name, matter=drawn.matter,
    ).order_by("pk")  # fmt: skip
    return next((one for one in known if drawn.due_at == one.due_at or span == one.due_at - one.promised_at), None)


def _create(callback: Callback) -> None:
    callback.save()
    data = {
        "contact": str(callback.contact_id),
        "due_at": callback.due_at,
        "employee": callback.employee_id,
        "origin": "promised",
    }
    _keep(callback, "callback_created", data, callback.employee, callback.promised_at)


def _keep(callback: Callback, kind: str, data: dict[str, object], employee: Employee | None, now: dt.datetime) -> None:
    journal.record(kind=kind, subject_type="callback", subject_id=callback.pk, actor=actor(employee), data=data, at=now)
