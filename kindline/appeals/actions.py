"""What is done to appeals; each action ends in facts."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kindline.appeals import answer_ways, applying, fact_checks, limits, moves, notices, registering, successors
from kindline.appeals.models import Appeal, Body, Emptying
from kindline.conversations import keeping, norms
from kindline.conversations.errors import MissingFieldsError, RefusedError
from kindline.conversations.models import Contact, Topic
from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee, Unit
from kindline.standard import loader
from kindline.standard.profile import Profile

FORMS = {
    "phone": "oral_phone", "office": "oral_office", "paper": "written",
    **dict.fromkeys(("email", "web", "account", "sms"), "electronic"),
}  # fmt: skip
ROW_FIELDS = ("firm_name", "surname", "given_name", "patronymic", "residence", "phone", "email")


@dataclass(frozen=True, slots=True)
class Receipt:
    """How an appeal reached us, where that is not plain from the contact."""

    form: str = ""
    requester: str | None = None
    sent_at: dt.datetime | None = None
    received_at: dt.datetime | None = None
    body: Body | None = None  # where it belongs, when it is not ours: forwarded by itself after the talk
    named_at: dt.datetime | None = None  # by when an authority asks for the answer
    in_court: bool = False
    against: Employee | None = None  # the employee complained of
    earlier: Appeal | None = None  # the appeal that this one repeats
    answer_by: str = ""  # the channel that the client chose for the answer
    came_by: str = ""  # how a letter on paper came (`box_models.CameBy`)
    emptying: Emptying | None = None  # of the client box in which it lay


AT_ONCE = Receipt()
WrongStateError = moves.WrongStateError


class BarredKindError(RefusedError):
    """Under this circumstance the standard does not let an appeal be registered as that kind (krc-6.1-62)."""

    code = "barred_kind"

    def __init__(self, kinds: Sequence[str], clauses: Sequence[str]) -> None:
        self.clauses = tuple(clauses)
        super().__init__(f"choose another kind than {', '.join(kinds)}")


def register_appeal(  # noqa: PLR0913 - an appeal has many parts
    *,
    contact: Contact,
    kind: str | Sequence[str],
    substance: str,
    fields: Mapping[str, str] | None = None,
    none_fields: Sequence[str] = (),
    subject: str = "",
    topic: Topic | None = None,
    receipt: Receipt = AT_ONCE,
    employee: Employee | None,
    now: dt.datetime,
    once: bool = False,
) -> Appeal:
    """Register an appeal from a contact: number, applicant, limit with its derivation (court-1-20, krc-6.1-28).

    Several kinds may be voiced at once, the first leads. What the contact already knows need not be given again, nor
    what the client's card says of who applies (`fields`: applicant_kind, firm_name);
    `none_fields` are those answered "has none". `once`: the same words in the same contact are the same appeal, sent
    again because its answer was lost on the way.

    Raises: MissingFieldsError with every field that the standard requires and that is empty; BarredKindError;
    BadEmailError.
    """
    with keeping.guarded(contact, "register appeal", employee=employee, now=now):
        held = keeping.held(contact)
        appeal, filled = prepared(
            held, kind=kind, substance=substance, fields=fields or {}, none_fields=none_fields, subject=subject,
            topic=topic, receipt=receipt, employee=employee, now=now,
        )  # fmt: skip
        if employee is not None:
            applying.check_email(appeal.email)
        if once and (known := _same(appeal)) is not None:
            return known
        registering.insert(appeal, registered_facts(appeal, filled, employee, now), contact=None, now=now)
        if held.ended_at is not None:
            notices.notify(appeal, now)
        return appeal


def _same(appeal: Appeal) -> Appeal | None:
    """What its contact registered with the same words about the same person; the contact's row is held."""
    known = Appeal.objects.filter(contact=appeal.contact, substance=appeal.substance).order_by("pk")
    return next((one for one in known if all(getattr(one, n) == getattr(appeal, n) for n in SAID)), None)


SAID = ("kinds_voiced", "subject", "topic_id", "form", "applicant_kind", *ROW_FIELDS)
"""What makes two registrations of a contact the same, beside the substance."""


def prepared(
    contact: Contact,
    *,
    kind: str | Sequence[str],
    substance: str,
    fields: Mapping[str, str],
    none_fields: Sequence[str],
    subject: str,
    topic: Topic | None,
    receipt: Receipt,
    employee: Employee | None,
    now: dt.datetime,
) -> tuple[Appeal, list[str]]:
    """An appeal that may be registered, with its limit, but not kept yet; and which fields were given.

    Raises: MissingFieldsError; BarredKindError.
    """
    profile = keeping.profile_of(contact)
    kinds = [kind] if isinstance(kind, str) else list(kind)
    known = applying.known_of(contact, fields, substance, [one for one in kinds if one])
    nothing = check_fields(contact, profile, known, none_fields, receipt.answer_by)
    check_bars(profile, known["kind"], receipt)
    appeal = _row(contact, profile, known, subject, topic, receipt, now)
    appeal.none_fields = nothing
    appeal.control_unit = employee.unit if employee else None
    limits.set_limit(appeal, limits.limit_of(profile, appeal))
    return appeal, applying.filled_of(known)


def forward_appeal(*, appeal: Appeal, body: Body, employee: Employee | None, now: dt.datetime) -> Appeal:
    """Send the appeal to the body that is competent (court-1-34, court-1-35).

    Raises: WrongStateError when it was forwarded or answered already; NotYoursError.
    """
    with transaction.atomic():
        move = moves.begin(appeal, "forward", employee, now)
        fresh = move.appeal
        fresh.forwarded_to, fresh.forwarded_at = body, now
        move.finish("forwarded_to", "forwarded_at")
        data = {"appeal": fresh.pk, "number": fresh.number, "body": body.name, "received_at": fresh.received_at}
        _keep(fresh, "appeal_forwarded", data, employee, now)
        return fresh


def tell_forwarding(*, appeal: Appeal, how: str, employee: Employee | None, now: dt.datetime) -> Appeal:
    """The applicant was told that the appeal was forwarded, and to whom (court-1-36); telling twice is kept once.

    Raises: WrongStateError when it was not forwarded; NotYoursError.
    """
    with transaction.atomic():
        move = moves.begin(appeal, "tell_forwarding", employee, now)
        fresh = move.appeal
        if fresh.forwarding_told_at is None and fresh.forwarded_to is not None:
            fresh.forwarding_told_at = now
            move.finish("forwarding_told_at")
            data = {"appeal": fresh.pk, "body": fresh.forwarded_to.name, "how": how}
            _keep(fresh, "forwarding_told", data, employee, now)
        return fresh


def sweep_forwarding(*, now: dt.datetime, limit: int = 200) -> list[Appeal]:
    """Forward every appeal for which a competent body is named and that was left lying, the same day (court-1-34)."""
    starts = {flow.start for one in loader.profile_ids() if (flow := loader.load(one).workflow)}
    waiting = Appeal.objects.filter(state__in=starts, forwarded_at=None).exclude(forwarded_to=None)
    waiting = waiting.exclude(contact__ended_at=None).select_related("forwarded_to").order_by("registered_at")
    done = []
    for appeal in waiting[:limit]:
        assert appeal.forwarded_to is not None  # noqa: S101 - for mypy
        with contextlib.suppress(RefusedError):  # somebody was quicker, or it is his to do: no other waits for that
            done.append(forward_appeal(appeal=appeal, body=appeal.forwarded_to, employee=None, now=now))
    return done


def take_over(*, appeal: Appeal, employee: Employee, now: dt.datetime) -> Appeal:
    """A person in charge takes the appeal to have it resolved (court-1-30).

    Raises: WrongStateError when it was answered already; NotYoursError.
    """
    with transaction.atomic():
        move = moves.begin(appeal, "take", employee, now, executor=employee)
        fresh = move.appeal
        fresh.executor, fresh.taken_over_at = employee, now
        fresh.unit = fresh.unit or employee.unit
        move.finish("executor", "taken_over_at", "unit")
        fact_checks.order(move)
        _keep(fresh, "appeal_taken_over", {"appeal": fresh.pk, "by": employee.pk}, employee, now)
        return fresh


def assign_appeal(
    *, appeal: Appeal, unit: Unit | None, executor: Employee | None, employee: Employee | None, now: dt.datetime
) -> Appeal:
    """Give the appeal to a unit and, where named, to an executor (krc-5.7.2-14, krc-5.8-04, krc-6.1-08).

    Raises: WrongStateError; NotYoursError; NeedError when the executor is complained of, or not competent.
    """
    with transaction.atomic():
        move = moves.begin(appeal, "assign", employee, now, executor=executor)
        fresh = move.appeal
        fresh.unit = unit or (executor.unit if executor else None)
        fresh.executor = executor
        move.keep("appeal_assigned", {"unit": fresh.unit_id, "employee": executor.pk if executor else None})
        move.finish("unit", "executor")
        fact_checks.order(move)
        return fresh


def answer_appeal(*, appeal: Appeal, channel: str, employee: Employee | None, now: dt.datetime) -> Appeal:
    """The applicant was given the answer by word of mouth (court-1-31, krc-6.1-25, krc-6.1-31).

    Raises: WrongStateError when it was answered already; NotYoursError; NeedError when a complaint is not decided.
    """
    with transaction.atomic():
        move = moves.begin(appeal, "answer_orally", employee, now)
        end = moves.end_of(move)
        fresh = move.appeal
        fresh.answered_at = now
        move.finish("answered_at", end=end)
        keep_answered(fresh, channel, employee, now)
        successors.after_word(fresh, employee=employee, now=now)
        return fresh


def close_appeal(*, appeal: Appeal, employee: Employee | None, end: str = "", now: dt.datetime) -> Appeal:
    """The appeal leaves the registry on the end that its state allows (krc-6.1-38, krc-6.1-49, court-1-36).

    Raises: WrongStateError; NotYoursError; NoEndError; NeedError.
    """
    with transaction.atomic():
        move = moves.begin(appeal, "close", employee, now)
        closed = move.finish(end=moves.end_of(move, end))
        successors.after_forwarding(closed, employee=employee, now=now)
        return closed


def keep_answered(appeal: Appeal, channel: str, employee: Employee | None, now: dt.datetime) -> None:
    """Write into the contact in which the appeal was made that it was answered."""
    data = {"appeal": appeal.pk, "limit_at": appeal.limit_at, "channel": channel}
    _keep(appeal, "appeal_answered", data, employee, now)


def required_fields(profile: Profile, channel: str) -> list[norms.RequiredField]:
    """What the standard requires of the record of an appeal from this channel."""
    return norms.required_fields(profile, "appeal_registered", channel=channel)


def _row(
    contact: Contact,
    profile: Profile,
    known: Mapping[str, Any],
    subject: str,
    topic: Topic | None,
    receipt: Receipt,
    now: dt.datetime,
) -> Appeal:
    return Appeal(
        profile=profile.id,
        version=profile.version,
        contact=contact,
        client=contact.client,
        kind=known["kind"][0],
        kinds_voiced=known["kind"],
        subject=subject,
        topic=topic or contact.topic,
        channel=contact.channel,
        form=receipt.form or FORMS.get(contact.channel, "written"),
        substance=str(known["substance"]),
        sent_at=receipt.sent_at,
        received_at=receipt.received_at or contact.started_at,
        forwarded_to=receipt.body,
        requester=receipt.requester or "",
        named_at=receipt.named_at,
        in_court=receipt.in_court,
        against=receipt.against,
        earlier=receipt.earlier,
        answer_by=receipt.answer_by,
        came_by=receipt.came_by,
        emptying=receipt.emptying,
        applicant_kind=known["applicant_kind"],
        state=profile.workflow.start if profile.workflow else "registered",
        registered_at=now,
        **{name: str(known.get(name) or "") for name in ROW_FIELDS},
    )


def check_fields(
    contact: Contact, profile: Profile, known: Mapping[str, Any], none_fields: Sequence[str], answer_by: str = ""
) -> list[str]:
    """The fields answered with "none".

    Raises: MissingFieldsError with everything that the standard, or the way of the answer, requires; ReachableError.
    """
    applying.check_unreachable(known)
    nothing = [*dict.fromkeys([*none_fields, *contact.guide.get("none", [])])]
    nothing = [name for name in nothing if not known.get(name)]
    filled = [name for name, value in known.items() if value]
    missing = norms.missing(required_fields(profile, contact.channel), filled, nothing)
    for always in ("substance", "kind"):
        if not known.get(always):
            missing.setdefault(always, ())
    chosen = answer_by if answer_by in answer_ways.choices(profile, contact.channel) else ""
    missing |= applying.lacking(known) | answer_ways.lacking(known, chosen)
    if missing:
        raise MissingFieldsError(missing)
    return nothing


def check_bars(profile: Profile, kinds: Sequence[str], receipt: Receipt) -> None:
    """Whether the standard bars a kind under this circumstance (krc-6.1-62). Raises: BarredKindError."""
    for bar in profile.workflow.bars if profile.workflow else ():
        barred = [kind for kind in kinds if kind in bar.kinds]
        if getattr(receipt, bar.flag) and barred:
            raise BarredKindError(barred, bar.clauses)


def registered_facts(
    appeal: Appeal, filled: Iterable[str], employee: Employee | None, now: dt.datetime
) -> list[journal.NewFact]:
    """What the journal keeps of a registration: once about the contact, once about the appeal (see `registering`)."""
    return [contact_fact(appeal, filled, employee, now), created_fact(appeal, filled, employee, now)]


def contact_fact(appeal: Appeal, filled: Iterable[str], employee: Employee | None, now: dt.datetime) -> journal.NewFact:
    """The fact of the contact in which the appeal was registered."""
    data = {**_told(appeal, filled), "appeal": appeal.pk or 0}
    by, clauses = actor(employee), appeal.limit_clauses
    return journal.NewFact("appeal_registered", "contact", appeal.contact_id, by, data, now, clauses)


def created_fact(appeal: Appeal, filled: Iterable[str], employee: Employee | None, now: dt.datetime) -> journal.NewFact:
    """The appeal's own fact of its registration."""
    own: dict[str, Any] = {name: getattr(appeal, name) for name in ("channel", "received_at", "registered_at")}
    own |= {"came_by": appeal.came_by, "emptying": appeal.emptying_id} if appeal.came_by else {}
    data, clauses = {**_told(appeal, filled), **own}, appeal.limit_clauses
    return journal.NewFact("appeal_created", "appeal", appeal.pk or "", actor(employee), data, now, clauses)


def _told(appeal: Appeal, filled: Iterable[str]) -> dict[str, Any]:
    return {
        "number": appeal.number,
        "appeal_kind": appeal.kind,
        "topic": appeal.topic.code if appeal.topic else "",
        "form": appeal.form,
        "fields": sorted(filled),
        "none_fields": appeal.none_fields,
        "target_at": appeal.target_at,
        "limit_at": appeal.limit_at,
        "applicant": appeal.applicant_kind,
    }


def _keep(appeal: Appeal, kind: str, data: Mapping[str, Any], employee: Employee | None, now: dt.datetime) -> None:
    """Write a fact about the contact in which the appeal was made, or about an appeal that a letter has become."""
    if appeal.contact_id is None:
        own = {name: value for name, value in data.items() if name != "appeal"}
        moves.keep(appeal, moves.WITHOUT_CONTACT[kind], own, employee=employee, now=now)
        return
    by, subject = actor(employee), appeal.contact_id
    journal.record(kind=kind, subject_type="contact", subject_id=subject, actor=by, data=data, at=now)
