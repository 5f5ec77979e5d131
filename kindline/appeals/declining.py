"""Leaving without an answer on the substance, and asking the client for data: what he is told, and that he was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from kindline.appeals import letters, moves, notice_signing, renewing, successors, threats
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Appeal, Body, ClientNotice
from kindline.conversations.errors import RefusedError
from kindline.correspondence import wording
from kindline.journal.checking import storable
from kindline.staff.models import Employee
from kindline.standard.workflows import End

REQUEST, FORWARDED = "request_data", "tell_forwarding"


class DemandError(RefusedError):
    """The notice lacks what the clause demands of it."""

    def __init__(self, demand: str, clauses: Sequence[str]) -> None:
        self.demand, self.clauses, self.code = demand, tuple(clauses), f"demand_{demand}"
        super().__init__(f"add: {demand}")


class TooEarlyError(RefusedError):
    """The client still has time to send the data."""

    code = "too_early"


def give_notice(
    *,
    appeal: Appeal,
    end: str,
    text: str,
    bodies: Sequence[Body] = (),
    earlier: Appeal | None = None,
    employee: Employee,
    now: dt.datetime,
) -> ClientNotice:
    """Prepare the notice of an end without an answer: outside competence with the competent bodies' contacts
    (krc-6.1-16, krc-6.1-17), an appeal against a court's decision returned with an explanation (krc-6.1-18,
    krc-6.1-19), grounds of not considering (krc-6.1-54..58), outside the judiciary (court-1-16). It leaves once sent.

    Raises: WrongStateError; NotYoursError; NoEndError; DemandError when the notice lacks what the clause demands.
    """
    with transaction.atomic():
        move = moves.begin(appeal, "give_notice", employee, now)
        chosen = move.flow.ends[moves.end_of(move, end)]
        _check_demands(chosen, move.appeal, text, bodies, earlier)
        notice = prepare(move, chosen.id, text, bodies)
        move.appeal.earlier = earlier or move.appeal.earlier
        move.finish("earlier", *_term_of(chosen, move), end=chosen.id)
        _copy(chosen, move)
        return notice


def close_silently(*, appeal: Appeal, end: str, employee: Employee, now: dt.datetime) -> Appeal:
    """Close on a ground of which the client is not told (krc-6.1-59, krc-6.1-60, krc-5.7.2-23..29).

    The ground is that of this specimen: its eldest duplicate takes its place (`successors`).

    Raises: WrongStateError; NotYoursError; NoEndError.
    """
    with transaction.atomic():
        move = moves.begin(appeal, "close_silently", employee, now)
        chosen = moves.end_of(move, end)
        closed = move.finish(end=chosen)
        successors.take_places(closed, employee=employee, now=now)
        _copy(move.flow.ends[chosen], move)
        return closed


def request_data(*, appeal: Appeal, text: str, employee: Employee, now: dt.datetime) -> ClientNotice:
    """Ask the client for what is missing; the clock goes on (krc-5.7.2-25).

    Raises: WrongStateError; NotYoursError; EmptyTextError.
    """
    if not text.strip():
        raise EmptyTextError("say what is missing")
    with transaction.atomic():
        move = moves.begin(appeal, REQUEST, employee, now)
        term, profile = move.flow.reply_term, move.profile
        due = move.appeal.data_due_at = term.end(now, profile.calendar, profile.zone) if term else None
        told = {"text": text.strip(), "due": wording.shown_date(due, profile) if due else ""}
        notice = prepare(move, REQUEST, letters.notice_text(profile, move.appeal, REQUEST, **told) or text)
        move.keep("data_requested", {"notice": notice.pk, "due_at": move.appeal.data_due_at})
        move.finish("data_due_at")
        return notice


def tell_in_writing(*, appeal: Appeal, text: str = "", employee: Employee, now: dt.datetime) -> ClientNotice:
    """Prepare the letter that tells the applicant where the appeal went (court-1-36); he is told once it has gone.

    Without a text it is the standard's own. Raises: WrongStateError when it was not forwarded; NotYoursError;
    EmptyTextError where neither is there.
    """
    with transaction.atomic():
        move = moves.begin(appeal, FORWARDED, employee, now)
        said = text.strip() or letters.told_of_forwarding(move.profile, move.appeal)
        if not said:
            raise EmptyTextError("write where the appeal went")
        return prepare(move, FORWARDED, said)


def receive_data(*, appeal: Appeal, what: str, employee: Employee | None, now: dt.datetime) -> Appeal:
    """The client sent what was asked for.

    Raises: WrongStateError; NotYoursError; EmptyTextError.
    """
    if not what.strip():
        raise EmptyTextError("write what was received")
    with transaction.atomic():
        move = moves.begin(appeal, "receive_data", employee, now)
        move.appeal.data_due_at = None
        move.keep("data_received", {"what": storable(what.strip())})
        return move.finish("data_due_at")


def decide_unanswered(*, appeal: Appeal, decision: str, reason: str, employee: Employee, now: dt.datetime) -> Appeal:
    """The client kept silent: whether and in which form to answer is decided, with the reason (krc-5.7.2-26).

    Raises: WrongStateError; NotYoursError; TooEarlyError while the client has time; EmptyTextError.
    """
    if not decision.strip() or not reason.strip():
        raise EmptyTextError("write the decision and its reason")
    with transaction.atomic():
        move = moves.begin(appeal, "decide_unanswered", employee, now)
        if move.appeal.data_due_at is None or now < move.appeal.data_due_at:
            raise TooEarlyError("the client still has time to send the data, or was not asked for any")
        move.appeal.data_due_at = None
        move.keep("unanswered_decided", {"decision": storable(decision), "reason": storable(reason)})
        return move.finish("data_due_at")


def prepare(move: moves.Move, about: str, text: str, bodies: Sequence[Body] = ()) -> ClientNotice:
    """Keep the text of a notice to the applicant; it is sent later."""
    said = "\n".join(filter(None, [storable(text).strip(), letters.contacts_of(bodies)]))
    assert move.employee is not None, "a notice has an author"  # noqa: S101 - the acts are persons' acts
    notice = ClientNotice.objects.create(
        appeal=move.appeal, about=about, text=said, author=move.employee, made_at=move.now
    )
    notice.bodies.set(bodies)
    stood = {"stood": move.appeal.state, "stood_subject": move.appeal.subject, "stood_earlier": move.appeal.earlier_id}
    move.keep("notice_prepared", {"notice": notice.pk, "about": about, **stood})
    notice_signing.sign_own(notice, move.appeal, move.employee, move.now)
    return notice


def _check_demands(end: End, appeal: Appeal, text: str, bodies: Sequence[Body], earlier: Appeal | None) -> None:
    given = {
        "bodies": any(body.phone or body.email or body.address for body in bodies) or appeal.forwarded_at is not None,
        "explanation": bool(text.strip()),
        "earlier": (earlier or appeal.earlier) is not None and (earlier or appeal.earlier) != appeal,
    }
    for demand in end.demands:
        if not given[demand]:
            raise DemandError(demand, end.clauses)


def _term_of(end: End, move: moves.Move) -> tuple[str, ...]:
    """What turned out to be of a subject with a term of its own has that term (krc-6.1-16, krc-6.1-18); what changed.

    Without it a notice would count as given in time by the longer term of an appeal that is answered.
    """
    row = move.appeal
    if not end.subject or row.subject == end.subject:
        return ()
    row.subject = end.subject
    why = end.title.get(move.profile.language, end.id)
    return ("subject", *renewing.renew(row, why, employee=move.employee, now=move.now))


def _copy(end: End, move: moves.Move) -> None:
    """Threats go to the security unit at once (krc-6.1-61). Raises: NobodyThereError."""
    if end.copy_to:
        threats.pass_on(move.appeal, *end.copy_to, employee=move.employee, now=move.now, clauses=end.clauses)
