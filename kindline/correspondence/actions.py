"""What is done to e-mail: a letter is queued, sent, put off, given up; a message is seen and handled."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from kindline.correspondence import facts, norms, threads, wires
from kindline.correspondence.errors import BadAddressError, UnfitLetterError, WrongStateError
from kindline.correspondence.models import CALLED_OFF, Answered, Incoming, Outgoing, OutgoingState, Thread
from kindline.correspondence.norms import Draft
from kindline.files import taking
from kindline.files.models import StoredFile
from kindline.journal.checking import storable
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

FIRST_PAUSE = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(hours=1)
GIVE_UP_AFTER = dt.timedelta(days=3)
ANSWERED_ONCE_IN = dt.timedelta(hours=24)
LOST_AFTER = dt.timedelta(minutes=10)
"""How long a letter may be under way before its process counts as dead."""
SUBJECT_MAX = 900


@transaction.atomic
def queue_message(
    *,
    profile: Profile,
    key: str,
    recipient: str,
    draft: Draft,
    answers: Incoming | None = None,
    about: str = "",
    files: Sequence[StoredFile] = (),
    employee: Employee | None,
    now: dt.datetime,
) -> Outgoing:
    """Put a letter into the queue, with files; the same key is the same letter, however often it is asked for.

    Clause: krc-5.7.2-30..32, krc-5.8-12, krc-5.8-13, krc-6.1-45, krc-6.1-46.
    Raises: BadAddressError; UnfitLetterError when it misses what the standard demands; NotCheckedError for a file that
    was not found clean.
    """
    known = Outgoing.objects.filter(key=key).first()
    if known is not None:
        return known
    address = checked_address(recipient)
    if found := norms.breaches(profile, draft):
        raise UnfitLetterError(found)
    thread = answers.thread if answers and answers.thread else threads.begin(subject=draft.subject, now=now)
    row, made = Outgoing.objects.get_or_create(key=key, defaults=_row(draft, address, thread) | {
        "answers": answers, "about": about, "client": answers.client if answers else None,
        "employee": employee, "queued_at": now, "next_at": now,
    })  # fmt: skip
    if made:
        taking.send_along(files=files, owner=row.owner, employee=employee, now=now)
        data = {"template": draft.template, "automatic": draft.is_automatic, "thread": thread.number, "about": about}
        data |= {"mail": answers.pk if answers else None, "employee": employee.pk if employee else None}
        facts.keep("message_queued", (facts.OUTGOING, row.pk), data, now=now, employee=employee)
    return row


def _row(draft: Draft, address: str, thread: Thread) -> dict[str, object]:
    subject = " ".join(storable(draft.subject).split())[:SUBJECT_MAX]
    return {
        "message_id": f"kl.{secrets.token_hex(16)}@{_domain()}",
        "thread": thread,
        "recipient": address,
        "recipient_name": storable(str(draft.person)),
        "subject": threads.marked(subject, thread),
        "text": storable(draft.text),
        "language": draft.language,
        "template": draft.template,
        "template_version": draft.template_version,
        "is_automatic": draft.is_automatic,
        "leave_at": draft.leave_at,
    }


def _domain() -> str:
    own = sorted(wires.own_addresses())
    return own[0].rpartition("@")[2] if own else "kindline.invalid"


def checked_address(address: str) -> str:
    """An address to which a letter can go, in small letters. Raises: BadAddressError."""
    told = address.strip().lower()
    try:
        validate_email(told)
        local, _, domain = told.rpartition("@")
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except (ValidationError, UnicodeError) as error:
        raise BadAddressError(f"{address!r} is no e-mail address: correct it") from error


@transaction.atomic
def claim_next(*, now: dt.datetime) -> Outgoing | None:
    """Take the letter that has waited longest; that it is about to be sent is committed before it is."""
    waiting = Outgoing.objects.filter(state=OutgoingState.QUEUED, next_at__lte=now).order_by("next_at", "pk")
    row = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("thread", "answers").first()
    if row is None:
        return None
    row.state, row.sending_since, row.tries = OutgoingState.SENDING, now, row.tries + 1
    row.save(update_fields=["state", "sending_since", "tries"])
    facts.keep("message_sending", (facts.OUTGOING, row.pk), {"tries": row.tries}, now=now)
    return row


@transaction.atomic
def mark_sent(*, outgoing: Outgoing, said: str = "", now: dt.datetime) -> Outgoing:
    """The server has taken the letter. A report that it came back may be here already: that stands."""
    row = _held(outgoing)
    if row.state not in (OutgoingState.SENDING, OutgoingState.QUEUED):
        return row
    row.state, row.sent_at, row.ended_at, row.next_at, row.reason = OutgoingState.SENT, now, now, None, said[:200]
    row.save(update_fields=["state", "sent_at", "ended_at", "next_at", "reason"])
    facts.keep("message_sent", (facts.OUTGOING, row.pk), {"tries": row.tries, "uncertain": row.uncertain}, now=now)
    return row


@transaction.atomic
def mark_failed(*, outgoing: Outgoing, reason: str, now: dt.datetime) -> Outgoing:
    """The letter is given up: the server refuses it for good, or was not there for days."""
    row = _held(outgoing)
    if row.state not in (OutgoingState.SENDING, OutgoingState.QUEUED):
        return row
    row.state, row.reason, row.ended_at, row.next_at = OutgoingState.FAILED, reason[:500], now, None
    row.save(update_fields=["state", "reason", "ended_at", "next_at"])
    facts.keep("message_failed", (facts.OUTGOING, row.pk), {"tries": row.tries, "reason": row.reason}, now=now)
    return row


@transaction.atomic
def put_off(*, outgoing: Outgoing, reason: str, uncertain: bool, now: dt.datetime) -> Outgoing:
    """Try again later, each time after a longer pause; after three days the letter is given up."""
    row = _held(outgoing)
    if row.state != OutgoingState.SENDING:
        return row
    row.uncertain += uncertain
    if now - row.queued_at >= GIVE_UP_AFTER:
        row.save(update_fields=["uncertain"])
        return mark_failed(outgoing=row, reason=reason, now=now)
    row.state, row.reason = OutgoingState.QUEUED, reason[:500]
    row.next_at = now + min(FIRST_PAUSE * 2 ** min(row.tries - 1, 10), LONGEST_PAUSE)
    row.save(update_fields=["state", "reason", "next_at", "uncertain"])
    data = {"tries": row.tries, "reason": row.reason, "next_at": row.next_at, "uncertain": uncertain}
    facts.keep("message_put_off", (facts.OUTGOING, row.pk), data, now=now)
    return row


@transaction.atomic
def call_off(*, about: str, among: Collection[int] | None = None, now: dt.datetime) -> int:
    """Letters that wait for this matter are not sent any more, or those `among` them; how many.

    One that is being handed over goes; when the server does not take it, it waits again and can be called off then.
    """
    waiting = Outgoing.objects.select_for_update(of=("self",)).filter(about=about, state=OutgoingState.QUEUED)
    rows = list(waiting if among is None else waiting.filter(pk__in=among))
    for row in rows:
        row.state, row.reason, row.ended_at, row.next_at = OutgoingState.FAILED, CALLED_OFF, now, None
        row.save(update_fields=["state", "reason", "ended_at", "next_at"])
        data = {"tries": row.tries, "uncertain": row.uncertain}
        facts.keep("message_called_off", (facts.OUTGOING, row.pk), data, now=now)
    return len(rows)


def sweep_lost(*, now: dt.datetime) -> int:
    """Letters whose sending process died go again under the same Message-ID."""
    lost = list(Outgoing.objects.filter(state=OutgoingState.SENDING, sending_since__lt=now - LOST_AFTER)[:200])
    for row in lost:
        put_off(outgoing=row, reason="the process that sent it ended", uncertain=True, now=now)
    return len(lost)


@transaction.atomic
def send_again(*, outgoing: Outgoing, employee: Employee, now: dt.datetime) -> Outgoing:
    """A person lets a letter that failed be tried again. Raises: WrongStateError."""
    row = _held(outgoing)
    if row.state != OutgoingState.FAILED or row.reason == CALLED_OFF:
        raise WrongStateError("only a letter that failed can be sent again")
    row.state, row.next_at, row.ended_at, row.queued_at, row.tries = OutgoingState.QUEUED, now, None, now, 0
    row.save(update_fields=["state", "next_at", "ended_at", "queued_at", "tries"])
    facts.keep("message_queued", (facts.OUTGOING, row.pk), {"employee": employee.pk}, now=now, employee=employee)
    return row


@transaction.atomic
def may_answer_by_itself(*, incoming: Incoming, now: dt.datetime) -> bool:
    """Whether a letter may be answered by a program; yes counts as answered. Never twice a day, never a robot."""
    address = incoming.reply_to or incoming.sender
    if incoming.kind != "message" or not address or address in wires.own_addresses():
        return False
    row, made = Answered.objects.get_or_create(address=address, defaults={"answered_at": now})
    old = Answered.objects.filter(pk=row.pk, answered_at__lte=now - ANSWERED_ONCE_IN)
    return made or bool(old.update(answered_at=now))


@transaction.atomic
def note_opened(*, incoming: Incoming, employee: Employee, raw: bool = False, now: dt.datetime) -> None:
    """An employee looked at a message; every view of personal data is a fact."""
    data = {"employee": employee.pk, "raw": raw}
    facts.keep("mail_opened", (facts.MAIL, incoming.pk), data, now=now, employee=employee)


@transaction.atomic
def handle_message(*, incoming: Incoming, outcome: str, employee: Employee | None, now: dt.datetime) -> Incoming:
    """What the message asks, or an unreadable one needs, was done: by a person, or by handing it on (no employee).

    Raises: WrongStateError when somebody was quicker.
    """
    row = Incoming.objects.select_for_update(of=("self",)).get(pk=incoming.pk)
    if row.handled_at is not None:
        raise WrongStateError("the message was handled already")
    row.handled_at, row.handled_by, row.outcome = now, employee, storable(outcome)[:500]
    row.save(update_fields=["handled_at", "handled_by", "outcome"])
    data = {"employee": employee.pk if employee else None, "outcome": row.outcome}
    facts.keep("mail_handled", (facts.MAIL, row.pk), data, now=now, employee=employee)
    return row


def _held(outgoing: Outgoing) -> Outgoing:
    return Outgoing.objects.select_for_update(of=("self",)).get(pk=outgoing.pk)
