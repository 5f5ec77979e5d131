"""Voice messages as work: taken in hand by one person, called back, handled with an outcome; told of when overdue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from kindline.clients import phones
from kindline.conversations.callbacks import PENDING, REACHED, cancel_callback, note_attempt
from kindline.conversations.models import Callback, CallbackState
from kindline.journal import actions as journal
from kindline.journal import queries as facts
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard.models import Voicemail, VoicemailOutcome

AT_ONCE = 500


class VoicemailError(Exception):
    """It is not done so; `code` says why: handled, taken, promised (each by `by`), not_taken, unheard, no_number,
    no_outcome.
    """

    def __init__(self, code: str, by: Employee | None = None) -> None:
        self.code, self.by = code, by
        super().__init__(code)


def overdue() -> QuerySet[Voicemail]:
    """Messages whose time has passed and that nobody has handled, the longest overdue first."""
    rows = Voicemail.objects.filter(handled_at=None).exclude(overdue_at=None)
    return rows.select_related("contact__client", "taken_by").order_by("due_at", "pk")


@transaction.atomic
def take(*, voicemail: int, employee: Employee, now: dt.datetime) -> Voicemail:
    """One employee sees to the message; others leave its client in peace (krc-5.6.6-15).

    Raises: VoicemailError when somebody else has it in hand, or it is handled.
    """
    found = _open(voicemail)
    _check_free(found, employee)
    if found.taken_by_id is None:
        found.taken_by, found.taken_at = employee, now
        found.save(update_fields=["taken_by", "taken_at"])
        _note(found, "voicemail_taken", employee, now)
    return found


@transaction.atomic
def let_go(*, voicemail: int, employee: Employee, anybodys: bool = False, now: dt.datetime) -> Voicemail:
    """Whoever has it gives it back, or it is taken from him (`anybodys`) by somebody in charge: all may take it then.

    The call that he promised for it is anybody's too. Raises: VoicemailError when nobody has it, or somebody else.
    """
    found = _open(voicemail)
    if found.taken_by is None:
        raise VoicemailError("not_taken")
    if not anybodys:
        _check_free(found, employee)
    former = found.taken_by
    _own_call(found).filter(employee=former).update(employee=None)
    found.taken_by = found.taken_at = None
    found.save(update_fields=["taken_by", "taken_at"])
    _note(found, "voicemail_given_back", employee, now, former=former.pk)
    return found


@transaction.atomic
def call_back(*, profile: Profile, voicemail: int, employee: Employee, now: dt.datetime) -> Callback:
    """Take the message in hand and promise its client a call, or the one that his number waits for already.

    Raises: VoicemailError when somebody else has it or has promised that call, it is handled, or the number was hidden.
    """
    found = take(voicemail=voicemail, employee=employee, now=now)
    number = phones.normalised(found.contact.caller, profile.calendar.country)
    if not number.startswith("+"):
        raise VoicemailError("no_number")
    known = found.callback if found.callback and found.callback.state in PENDING else _waiting(number)
    if known is not None and known.employee_id not in (None, employee.pk):
        raise VoicemailError("promised", known.employee)
    found.callback = known or _promised(found, number, employee, now)
    found.save(update_fields=["callback"])
    return found.callback


@transaction.atomic
def handle(*, voicemail: int, outcome: str, employee: Employee, as_is: bool = False, now: dt.datetime) -> Voicemail:
    """What the message asks for is done, and what it came to; handled twice, the first holds (krc-5.6.6-15).

    `as_is`: he says that it needs no hearing. Raises: VoicemailError when another has it, without an outcome, or
    when nobody has listened to it and he does not say so.
    """
    found = Voicemail.objects.select_for_update(of=("self",)).select_related("recording").get(pk=voicemail)
    if found.handled_at is not None:
        return found
    _check_free(found, employee)
    if outcome not in VoicemailOutcome.values:
        raise VoicemailError("no_outcome")
    if not as_is and not is_heard(found):
        raise VoicemailError("unheard")
    _handled(found, outcome, employee, now)
    _settle_call(found, employee, now)
    return found


def is_heard(voicemail: Voicemail) -> bool:
    """Whether somebody has listened to the message; one whose recording is not there cannot be heard."""
    return not unheard([voicemail])


def unheard(several: Iterable[Voicemail]) -> set[int]:
    """Those of the messages that can be listened to and that nobody has listened to."""
    kept = {one.recording.name: one for one in several if one.recording and one.recording.is_there}
    told = facts.facts_of_many("contact", [one.contact_id for one in kept.values()]).filter(kind="recording_listened")
    heard = set(told.values_list("data__name", flat=True)) if kept else set()
    return {one.pk for name, one in kept.items() if name not in heard}


@transaction.atomic
def sweep(*, now: dt.datetime) -> int:
    """Say which messages are overdue, and handle those whose client was called back; how many. Safe to repeat."""
    rows = Voicemail.objects.select_for_update(skip_locked=True, of=("self",)).filter(handled_at=None)
    called = list(rows.filter(callback__state=CallbackState.KEPT).select_related("callback__employee")[:AT_ONCE])
    for one in called:
        _handled(one, VoicemailOutcome.REACHED, one.taken_by, now)
    late = list(rows.filter(overdue_at=None, due_at__lt=now).order_by("due_at")[:AT_ONCE])
    for one in late:
        one.overdue_at = now
        one.save(update_fields=["overdue_at"])
        _note(one, "voicemail_overdue", None, now, due_at=one.due_at, taken_by=one.taken_by_id)
    return len(called) + len(late)


def _open(voicemail: int) -> Voicemail:
    found = Voicemail.objects.select_for_update(of=("self",)).get(pk=voicemail)
    if found.handled_at is not None:
        raise VoicemailError("handled", found.handled_by)
    return found


def _check_free(found: Voicemail, employee: Employee) -> None:
    if found.taken_by_id not in (None, employee.pk):
        raise VoicemailError("taken", found.taken_by)


def _waiting(number: str) -> Callback | None:
    """The call that the number waits for already: nobody is called twice about it."""
    return Callback.objects.filter(phone=number, state__in=PENDING).order_by("due_at").first()


def _own_call(found: Voicemail) -> QuerySet[Callback]:
    """The call that was promised for the message itself and is not made yet; one of another talk is not meant."""
    return Callback.objects.filter(pk=found.callback_id or 0, contact=found.contact_id, state__in=PENDING)


def _settle_call(found: Voicemail, employee: Employee, now: dt.datetime) -> None:
    """Nobody is called again about what is done: who was reached was called, who needs no call is not waited for."""
    if found.outcome == VoicemailOutcome.REACHED:
        for one in Callback.objects.filter(pk=found.callback_id or 0, state__in=PENDING):
            note_attempt(callback=one, outcome=REACHED, employee=employee, now=now)
    elif found.outcome != VoicemailOutcome.NOT_REACHED:
        others = Voicemail.objects.filter(callback=found.callback_id, handled_at=None)
        for one in _own_call(found) if not others.exists() else ():
            cancel_callback(callback=one, reason=found.outcome, employee=employee, now=now)


def _promised(found: Voicemail, number: str, employee: Employee, now: dt.datetime) -> Callback:
    due_at = found.due_at or now
    made = Callback.objects.create(
        contact_id=found.contact_id, client=found.contact.client, employee=employee, phone=number, promised_at=now,
        due_at=due_at,
    )  # fmt: skip
    data = {"contact": str(found.contact_id), "due_at": due_at, "employee": employee.pk, "origin": made.origin}
    by = actor(employee)
    journal.record(kind="callback_created", subject_type="callback", subject_id=made.pk, actor=by, data=data, at=now)
    return made


def _handled(found: Voicemail, outcome: str, employee: Employee | None, now: dt.datetime) -> Voicemail:
    found.handled_at, found.handled_by, found.outcome = now, employee, outcome
    found.save(update_fields=["handled_at", "handled_by", "outcome"])
    _note(found, "voicemail_handled", employee, now, outcome=outcome, heard=is_heard(found))
    return found


def _note(found: Voicemail, kind: str, employee: Employee | None, now: dt.datetime, **more: Any) -> None:
    data = {"box": found.box, **({"employee": employee.pk} if employee else {}), **more}
    by, subject = actor(employee), found.contact_id
    journal.record(kind=kind, subject_type="contact", subject_id=subject, actor=by, data=data, at=now)
