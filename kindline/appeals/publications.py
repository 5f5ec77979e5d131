"""Answers on the site: the decision, the masked proposal, the second pair of eyes, the withdrawal; each step a fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from kindline.appeals import masking, measuring, moves, rights
from kindline.appeals.masking import Hit
from kindline.appeals.models import Answer, Appeal, Publication, PublicationState
from kindline.conversations.errors import RefusedError
from kindline.conversations.models import Topic
from kindline.journal.checking import storable
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.standard.workflows import Publishing, Right

TEXTS = ("title", "question", "answer")


class NotPublishedHereError(RefusedError):
    """The standard knows no publication of answers."""

    code = "no_publication"


class NoAnswerError(RefusedError):
    """There is no answer that was sent yet."""

    code = "no_sent_answer"


class PublicationStateError(RefusedError):
    """The publication is in a state in which this cannot be done."""

    code = "publication_state"


class SamePersonError(RefusedError):
    """Somebody else than who proposed must look."""

    code = "need_other_person"


class UnmaskedError(RefusedError):
    """The text still holds what looks like a person's data; `hits` by text say where."""

    code = "unmasked"

    def __init__(self, hits: Mapping[str, list[Hit]], clauses: tuple[str, ...]) -> None:
        self.hits, self.clauses = dict(hits), clauses
        super().__init__("strike it out, or say why it is nobody's")


@dataclass(frozen=True, slots=True)
class Public:
    """What will be seen: never who asked."""

    title: str
    question: str
    answer: str
    topic: Topic | None = None


def proposal(appeal: Appeal) -> Public:
    """The question and the answer with every person's data struck out: a first text to be looked at by a person.

    Raises: NotPublishedHereError.
    """
    profile, masks = loader.load(appeal.profile), publishing_of(appeal).masks
    who = masking.person_of(appeal)

    def clean(text: str) -> str:
        return masking.struck(text, masking.find(text, who, profile), masks)

    answer = Answer.objects.filter(appeal=appeal).first()
    title = appeal.topic.title if appeal.topic else ""
    return Public(title, clean(appeal.substance), clean(answer.text if answer else ""), appeal.topic)


def hits(appeal: Appeal, public: Public) -> dict[str, list[Hit]]:
    """What in the public texts still is, or looks like, a person's data; only texts with hits."""
    profile, who = loader.load(appeal.profile), masking.person_of(appeal)
    found = {name: masking.find(getattr(public, name), who, profile) for name in TEXTS}
    return {name: some for name, some in found.items() if some}


def decline(*, appeal: Appeal, reason: str, employee: Employee, now: dt.datetime) -> Publication:
    """Decide that the answer is not published (krc-5.7.2-17).

    Raises: NotYoursError; NotPublishedHereError; PublicationStateError when it is published.
    """
    with transaction.atomic():
        held, row, right = _held(appeal, "propose_publication", employee)
        _check_state(row, PublicationState.DECLINED, PublicationState.PROPOSED, PublicationState.WITHDRAWN)
        row.state, row.reason = PublicationState.DECLINED, storable(reason.strip())
        row.decided_by, row.decided_at = employee, now
        row.save()
        moves.keep(
            held, "publication_declined", {"employee": employee.pk}, employee=employee, now=now, clauses=right.clauses
        )
        return row


def propose(*, appeal: Appeal, public: Public, employee: Employee, now: dt.datetime) -> Publication:
    """Decide that the answer is published, and propose its public text (krc-5.7.2-17, krc-5.7.2-18).

    Proposing again replaces the text. What still looks like a person's data is shown, and asked about at the approval.
    Raises: NotYoursError; NotPublishedHereError; NoAnswerError; EmptyTextError; PublicationStateError.
    """
    texts = {name: measuring.said(getattr(public, name), name) for name in TEXTS}
    with transaction.atomic():
        held, row, right = _held(appeal, "propose_publication", employee)
        if not Answer.objects.filter(appeal=held).exclude(sent_at=None).exists():
            raise NoAnswerError("send the answer to the applicant first")
        _check_state(row, *(one for one in PublicationState if one != PublicationState.PUBLISHED))
        for name, text in texts.items():
            setattr(row, name, text)
        row.state, row.topic, row.reason, row.override = PublicationState.PROPOSED, public.topic, "", ""
        row.decided_by, row.decided_at = employee, now
        row.approved_by = row.published_at = None
        row.save()
        left = sum(map(len, hits(held, public_of(row)).values()))
        data = {"struck": _struck(held), "left": left}
        moves.keep(held, "publication_proposed", data, employee=employee, now=now, clauses=right.clauses)
        return row


def approve(*, appeal: Appeal, public: Public, override: str = "", employee: Employee, now: dt.datetime) -> Publication:
    """Another employee has looked at the text, mended it where needed, and publishes it (krc-5.7.2-18).

    Raises: NotYoursError; PublicationStateError; SamePersonError; EmptyTextError; UnmaskedError without `override`.
    """
    texts = {name: measuring.said(getattr(public, name), name) for name in TEXTS}
    with transaction.atomic():
        held, row, right = _held(appeal, "approve_publication", employee)
        _check_state(row, PublicationState.PROPOSED)
        if row.decided_by_id == employee.pk:
            raise SamePersonError("ask a colleague")
        found = hits(held, public)
        if found and not override.strip():
            raise UnmaskedError(found, right.clauses)
        for name, text in texts.items():
            setattr(row, name, text)
        row.state, row.topic, row.override = PublicationState.PUBLISHED, public.topic, ""
        row.override = storable(override.strip()) if found else ""
        row.approved_by, row.published_at = employee, now
        row.save()
        data = {"left": sum(map(len, found.values())), "override": row.override}
        moves.keep(held, "publication_approved", data, employee=employee, now=now, clauses=right.clauses)
        return row


def send_back(*, appeal: Appeal, reason: str, employee: Employee, now: dt.datetime) -> Publication:
    """The second pair of eyes does not agree: nothing is published, with the reason.

    Raises: NotYoursError; PublicationStateError; EmptyTextError.
    """
    reason = measuring.said(reason, "say what must be changed")
    with transaction.atomic():
        held, row, right = _held(appeal, "approve_publication", employee)
        _check_state(row, PublicationState.PROPOSED)
        row.state, row.reason = PublicationState.DECLINED, reason
        row.save(update_fields=["state", "reason"])
        data = {"reason": reason}
        moves.keep(held, "publication_sent_back", data, employee=employee, now=now, clauses=right.clauses)
        return row


def withdraw(*, appeal: Appeal, reason: str, employee: Employee, now: dt.datetime) -> Publication:
    """Take a published answer off the site at once, with the reason.

    Raises: NotYoursError; PublicationStateError when it is not published; EmptyTextError.
    """
    reason = measuring.said(reason, "say why it is withdrawn")
    with transaction.atomic():
        held, row, right = _held(appeal, "withdraw_publication", employee)
        _check_state(row, PublicationState.PUBLISHED)
        row.state, row.reason = PublicationState.WITHDRAWN, reason
        row.withdrawn_by, row.withdrawn_at = employee, now
        row.save(update_fields=["state", "reason", "withdrawn_by", "withdrawn_at"])
        data = {"reason": reason}
        moves.keep(held, "publication_withdrawn", data, employee=employee, now=now, clauses=right.clauses)
        return row


def published(profile_id: str) -> QuerySet[Publication]:
    """What the site may show, the latest first: title, question, answer, topic; nothing of who asked (krc-5.7.2-18)."""
    found = Publication.objects.filter(appeal__profile=profile_id, state=PublicationState.PUBLISHED)
    return found.select_related("topic").order_by("-published_at")


def first_of(profile_id: str, wanted: str, most: int) -> list[Publication]:
    """The latest of these, and the one that is asked for by its key, however old."""
    rows = list(published(profile_id)[:most])
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 18 and int(wanted) not in {row.pk for row in rows}:
        rows += published(profile_id).filter(pk=int(wanted))
    return rows


def public_of(row: Publication) -> Public:
    """The public texts of a row."""
    return Public(row.title, row.question, row.answer, row.topic)


def publishing_of(appeal: Appeal) -> Publishing:
    """What the profile says of publishing. Raises: NotPublishedHereError."""
    found = loader.load(appeal.profile).workflow
    if found is None or found.publishing is None:
        raise NotPublishedHereError(f"profiles/{appeal.profile}/workflow.yaml has no publishing")
    return found.publishing


def may_see(profile: Profile, employee: Employee) -> bool:
    """Whether publications are this person's business."""
    acts = ("propose_publication", "approve_publication", "withdraw_publication")
    return any(rights.may(profile, act, employee) for act in acts)


def _held(appeal: Appeal, act: str, employee: Employee) -> tuple[Appeal, Publication, Right]:
    """The appeal with its row held, its publication (a fresh one where there is none), and the right to the act."""
    held = Appeal.objects.select_for_update(of=("self",)).select_related("client", "executor", "topic")
    fresh = held.get(pk=appeal.pk)
    publishing_of(fresh)
    right = rights.check(loader.load(fresh.profile), act, employee, fresh)
    row = Publication.objects.select_for_update().filter(appeal=fresh).first()
    return fresh, row or Publication(appeal=fresh, state=""), right


def _check_state(row: Publication, *states: str) -> None:
    if (row.state or PublicationState.DECLINED) not in states:  # nothing decided yet is as good as declined
        raise PublicationStateError(f"it is {row.state or 'not proposed'}")


def _struck(appeal: Appeal) -> int:
    """How many hits the question and the answer had before they were struck out."""
    profile, who = loader.load(appeal.profile), masking.person_of(appeal)
    answer = Answer.objects.filter(appeal=appeal).first()
    texts = (appeal.substance, answer.text if answer else "")
    return sum(len(masking.find(text, who, profile)) for text in texts)


__all__ = [
    "NoAnswerError",
    "NotPublishedHereError",
    "Public",
    "PublicationStateError",
    "SamePersonError",
    "UnmaskedError",
    "approve",
    "decline",
    "first_of",
    "hits",
    "may_see",
    "proposal",
    "propose",
    "public_of",
    "published",
    "publishing_of",
    "send_back",
    "withdraw",
]
