"""Appeals that belong together: duplicates answered with their original, other relations, what one applicant wrote."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from kindline.appeals import letters, moves
from kindline.appeals.models import LONG, Appeal, ClientNotice, Relation
from kindline.clients import folding, search
from kindline.conversations.errors import RefusedError
from kindline.journal import prepared
from kindline.staff.models import Employee

ABOUT = "duplicate"
ADDRESS_MORE = len("Уважаемый господин , !")
"""A first line is the salutation if it holds little more than the name."""


class NotAnotherError(RefusedError):
    """An appeal is linked with another one of the same standard."""

    code = "not_another"


class NeverAnsweredError(RefusedError):
    """The other appeal left the registry without an answer: nothing would reach this applicant."""

    code = "never_answered"


def join(*, appeal: Appeal, original: Appeal, employee: Employee | None, now: dt.datetime) -> Appeal:
    """Close an appeal as a duplicate of another, whose answer reaches its applicant too.

    What an original leaves without a letter is seen to by `successors`.
    Clause: krc-5.7.2-20, court-1-31, yumek-9.1-07, voe-8-06 (no appeal stays without an answer).
    Raises: WrongStateError; NotYoursError; NotAnotherError; NeverAnsweredError.
    """
    with transaction.atomic():
        first = _first_of(appeal, original)
        move = moves.begin(appeal, "join", employee, now)
        if first.closed_at is not None and first.answered_at is None:
            raise NeverAnsweredError(f"{first.number} was closed without an answer")
        move.appeal.original = first
        Appeal.objects.filter(original=move.appeal).update(original=first)
        joined = {"original": first.pk, "number": first.number, "stood": move.appeal.state}
        move.keep("appeal_joined", joined)
        told = {"duplicate": move.appeal.pk, "number": move.appeal.number}
        moves.keep(first, "duplicate_joined", told, employee=employee, now=now, clauses=move.transition.clauses)
        closed = move.finish("original", end=moves.end_of(move))
        if first.answered_at is not None:
            _share_again(first, employee, now)
            closed.refresh_from_db(fields=["answered_at"])
        return closed


def _first_of(appeal: Appeal, original: Appeal) -> Appeal:
    """The appeal at the head of the duplicates; both rows are held, in the order of their keys."""
    key = original.original_id or original.pk
    held = list(Appeal.objects.select_for_update(of=("self",)).filter(pk__in=[appeal.pk, key]).order_by("pk"))
    first = next((one for one in held if one.pk == key), None)
    if first is None or first.pk == appeal.pk or first.original_id or first.profile != appeal.profile:
        raise NotAnotherError(f"{original.number} cannot be the original of {appeal.number}")
    return first


def share(original: Appeal, text: str, author: Employee, *, employee: Employee | None, now: dt.datetime) -> int:
    """Prepare the answer for the applicant of every duplicate that has none yet, to be sent to him; how many.

    Without the salutation of the first applicant: each letter gets that of its own.
    """
    text, rows = _unaddressed(original, text), list(untold(original))
    for appeal in rows:
        prepare(appeal, original, text, author, employee=employee, now=now)
    return len(rows)


def untold(original: Appeal) -> QuerySet[Appeal]:
    """The duplicates whose applicants have neither an answer nor a prepared letter yet."""
    return original.duplicates.filter(answered_at=None).exclude(client_notices__about=ABOUT).order_by("pk")


def prepare(
    appeal: Appeal, original: Appeal, text: str, author: Employee, *, employee: Employee | None, now: dt.datetime
) -> ClientNotice:
    """The letter that tells the applicant of a duplicate what came of its original; it is sent later."""
    notice = ClientNotice.objects.create(appeal=appeal, about=ABOUT, text=text, author=author, made_at=now)
    _keep_shared(appeal, original, {"notice": notice.pk}, employee, now)
    return notice


def note_heard(appeal: Appeal, original: Appeal, *, employee: Employee | None, now: dt.datetime) -> None:
    """The applicant of a duplicate was given the answer by word of mouth, as that of the original."""
    Appeal.objects.filter(pk=appeal.pk).update(answered_at=now)
    _keep_shared(appeal, original, {}, employee, now)


def _keep_shared(
    appeal: Appeal, original: Appeal, more: dict[str, int], employee: Employee | None, now: dt.datetime
) -> None:
    in_time = appeal.limit_at is None or now <= appeal.limit_at
    data = {"original": original.pk, "number": original.number, **more, "in_time": in_time}
    moves.keep(appeal, "answer_shared", data, employee=employee, now=now)


def _unaddressed(original: Appeal, text: str) -> str:
    called = letters.called(moves.profile_of(original), original)
    first, _line, rest = text.partition("\n")
    return rest.lstrip() if called and called in first and len(first) <= len(called) + ADDRESS_MORE else text


def is_of_same_applicant(appeal: Appeal) -> bool:
    """Whether a duplicate is of him who wrote the first appeal too, whose answer may hold what concerns him alone."""
    return appeal.original is not None and of_applicant(appeal.original).filter(pk=appeal.pk).exists()


def _share_again(original: Appeal, employee: Employee | None, now: dt.datetime) -> None:
    """The original was answered before: what went to its applicant goes to those that hang on it and have nothing yet.

    What was said by word of mouth has reached the same applicant alone. Raises: NeverAnsweredError.
    """
    answer = getattr(original, "answer", None)
    notice = original.client_notices.filter(about=original.end).exclude(sent_at=None).first()
    if answer is not None and answer.frozen:
        share(original, letters.sent_text(answer), answer.author, employee=employee, now=now)
    elif notice is not None:
        share(original, notice.text, notice.author, employee=employee, now=now)
    elif original.closed_at is not None:
        rows = list(untold(original))
        if of_applicant(original).filter(pk__in=[one.pk for one in rows]).count() < len(rows):
            raise NeverAnsweredError(f"{original.number} was answered by word of mouth, to somebody else")
        for one in rows:
            note_heard(one, original, employee=employee, now=now)


def relate(*, appeal: Appeal, other: Appeal, employee: Employee, now: dt.datetime) -> Relation:
    """Note that two appeals belong together; noting it twice is kept once.

    Raises: NotAnotherError.
    """
    if appeal.pk == other.pk or appeal.profile != other.profile:
        raise NotAnotherError(f"{other.number} is no other appeal of {appeal.profile}")
    with transaction.atomic():
        small, large = sorted([appeal, other], key=lambda one: one.pk)
        row, fresh = Relation.objects.get_or_create(
            appeal=small, other=large, defaults={"by": employee, "made_at": now}
        )  # fmt: skip
        if fresh:
            _keep_both("appeals_related", appeal, other, employee, now)
        return row


def unrelate(*, appeal: Appeal, other: Appeal, employee: Employee, now: dt.datetime) -> None:
    """The two do not belong together after all."""
    with transaction.atomic():
        pair = Q(appeal=appeal, other=other) | Q(appeal=other, other=appeal)
        if Relation.objects.filter(pair).delete()[0]:
            _keep_both("relation_removed", appeal, other, employee, now)


def _keep_both(kind: str, appeal: Appeal, other: Appeal, employee: Employee, now: dt.datetime) -> None:
    for one, two in ((appeal, other), (other, appeal)):
        moves.keep(one, kind, {"other": two.pk, "number": two.number}, employee=employee, now=now)


def linked(appeal: Appeal) -> QuerySet[Appeal]:
    """Duplicates of the appeal, its fellow duplicates, and what is related to it."""
    pairs = Relation.objects.filter(Q(appeal=appeal) | Q(other=appeal)).values_list("appeal", "other")
    keys = {key for pair in pairs for key in pair}
    heads = [appeal.pk, appeal.original_id] if appeal.original_id else [appeal.pk]
    found = Appeal.objects.filter(Q(pk__in=keys) | Q(original__in=heads)).exclude(pk=appeal.pk)
    return found.defer(*LONG).order_by("-registered_at", "-pk")


def of_applicant(appeal: Appeal) -> QuerySet[Appeal]:
    """Other appeals of the same applicant, the latest first: of his card, or of his name with phone or e-mail.

    Clause: krc-6.1-55 (whether he was answered on this before).
    """
    keys = [one.pk for one in written(appeal)]
    return Appeal.objects.filter(pk__in=keys).defer(*LONG).order_by("-registered_at", "-pk")


class Written(NamedTuple):
    """Another appeal of the same applicant, as lists name it."""

    pk: int
    number: str
    kind: str
    state: str
    end: str
    topic_id: int | None
    registered_at: dt.datetime
    answered_at: dt.datetime | None


WRITTEN = """
    SELECT id, number, kind, state, "end", topic_id, registered_at, answered_at FROM appeals_appeal
    WHERE client_id = %(client)s::bigint AND profile = %(profile)s::text AND id <> %(id)s::bigint
    UNION
    SELECT id, number, kind, state, "end", topic_id, registered_at, answered_at FROM appeals_appeal
    WHERE %(words)s::text <> '' AND lookup @@ %(words)s::text::tsquery AND profile = %(profile)s::text
        AND id <> %(id)s::bigint AND surname = coalesce(%(surname)s::text, surname)
        AND firm_name = coalesce(%(firm_name)s::text, firm_name)
    ORDER BY registered_at DESC, id DESC LIMIT %(most)s::bigint
"""
"""Each half by its own index: that of the client, that of the words."""


def written(appeal: Appeal, most: int | None = None) -> list[Written]:
    """The same appeals as `of_applicant` in short, the latest `most` or all, by one planned statement."""
    known = [folding.digits(appeal.phone), appeal.email.casefold()]
    words = " | ".join(search.quoted(word) for word in known if word)
    named = {"firm_name": appeal.firm_name or None, "surname": None if appeal.firm_name else appeal.surname or None}
    asked = {"id": appeal.pk, "profile": appeal.profile, "client": appeal.client_id, "most": most, **named}
    asked["words"] = words if any(named.values()) else ""
    if not (asked["words"] or appeal.client_id):
        return []
    return [Written(*row) for row in prepared.rows(WRITTEN, asked)]
