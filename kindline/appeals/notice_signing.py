"""Notices that an applicant gets in writing under a signature: who signs, what waits for it, what was signed.

A notice is written once and never changed, so its signature is a fact beside it (ADR 71).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from kindline.appeals import letters, linking, moves, signing
from kindline.appeals.models import Appeal, ClientNotice
from kindline.conversations.errors import RefusedError
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.staff.signers import Powers
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.standard.workflows import SignedNotices

SIGNED = "notice_signed"


class NoticeNotSignedError(RefusedError):
    """The standard has this notice signed before it goes."""

    code = "notice_not_signed"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and what the letter says where he did so for another."""

    employee: Employee
    signed_as: str = ""


def is_needed(notice: ClientNotice, appeal: Appeal, way: str = "") -> bool:
    """Whether the standard has this notice signed, by the way that it should go or does (krc-5.8-10, krc-6.1-44)."""
    rule = _rule(notice, appeal)
    ways = {way, letters.channel_of(loader.load(appeal.profile), appeal)}
    return rule is not None and not ways.isdisjoint(rule.goes)


def _rule(notice: ClientNotice, appeal: Appeal) -> SignedNotices | None:
    """By what this notice is signed if it goes as a letter; None where it never is."""
    rule = moves.flow_of(appeal).signed_notices
    return rule if rule is not None and notice.about in rule.about else None


def signable(rows: Sequence[ClientNotice], appeal: Appeal) -> list[ClientNotice]:
    """Those without a signature that may be signed: as they usually go they need none, as a letter they do."""
    open_ones = [one for one in rows if _rule(one, appeal) and not is_over(one, appeal)]
    has_own = signed(open_ones) if open_ones else set()
    return [one for one in open_ones if one.pk not in has_own]


def is_over(notice: ClientNotice, appeal: Appeal) -> bool:
    """Whether it goes no more: it has gone, was taken back, or its appeal was answered or has left without it."""
    if notice.sent_at is not None or notice.recalled_at is not None:
        return True
    has_left = appeal.closed_at is not None or appeal.answered_at is not None
    return has_left and notice.about not in (appeal.end, linking.ABOUT)


def signed(rows: Iterable[ClientNotice]) -> set[int]:
    """Which of these notices have a signature of their own: one query, however many."""
    subjects = {str(one.appeal_id) for one in rows}
    found = Fact.objects.filter(kind=SIGNED, subject_type="appeal", subject_id__in=subjects)
    return {int(data["notice"]) for data in found.values_list("data", flat=True)}


def of(notice: ClientNotice) -> Signature | None:
    """The signature under a notice; the answer to a first appeal goes to the others under the one that it has."""
    if notice.about == linking.ABOUT and (shared := _of_original(notice)) is not None:
        return shared
    found = _facts(notice.appeal_id).filter(data__notice=notice.pk).order_by("id").first()
    if found is None:
        return None
    return Signature(Employee.objects.get(pk=found.data["signer"]), str(found.data.get("signed_as", "")))


def _of_original(notice: ClientNotice) -> Signature | None:
    original = notice.appeal.original
    answer = getattr(original, "answer", None)
    if answer is not None and answer.signed_by is not None:
        return Signature(answer.signed_by)  # for whom he signed stands in the text already
    gone = {"about": original.end, "recalled_at": None, "sent_at__isnull": False} if original else {}
    told = original.client_notices.filter(**gone).first() if original else None
    return of(told) if told is not None else None


def may_sign(employee: Employee | None, appeal: Appeal, now: dt.datetime) -> bool:
    """Whether this person signs notices about the appeal: whoever would sign its answer."""
    named = moves.flow_of(appeal).named(signing.ACT)
    return employee is not None and any(moves.may(employee, appeal, one, now) for one in named)


@transaction.atomic
def sign(*, notice: ClientNotice, employee: Employee, now: dt.datetime) -> ClientNotice:
    """Sign a prepared notice; then it goes as the answer would. Signing it again changes nothing.

    Clause: krc-5.8-10, krc-6.1-44. Raises: NotYoursError; WrongStateError where nothing is to be signed.
    """
    appeal = Appeal.objects.select_for_update(of=("self",)).get(pk=notice.appeal_id)
    held = ClientNotice.objects.select_for_update(of=("self",)).select_related("appeal").get(pk=notice.pk)
    if _rule(held, appeal) is None or is_over(held, appeal):
        raise moves.WrongStateError("this notice needs no signature (any more)")
    if not may_sign(employee, appeal, now):
        raise moves.not_his(appeal, moves.flow_of(appeal).named(signing.ACT)[0], now)
    if of(held) is None:
        _keep(held, appeal, employee, now)
    return held


def sign_own(notice: ClientNotice, appeal: Appeal, employee: Employee, now: dt.datetime) -> None:
    """Who prepares a notice and may sign it has signed it."""
    if _rule(notice, appeal) and may_sign(employee, appeal, now):
        _keep(notice, appeal, employee, now)


def _keep(notice: ClientNotice, appeal: Appeal, employee: Employee, now: dt.datetime) -> None:
    flow, profile = moves.flow_of(appeal), loader.load(appeal.profile)
    held = signing.ground(appeal, employee, now)
    data = {"notice": notice.pk, "signer": employee.pk, "signed_as": signing.signed_as(profile, held) or None}
    data["signed_for"] = held.deputy.absent_id if held and held.deputy else None
    clauses = flow.signed_notices.clauses if flow.signed_notices else ()
    moves.keep(appeal, SIGNED, data, employee=employee, now=now, clauses=clauses)


def pile(profile: Profile, employee: Employee, powers: Powers) -> list[ClientNotice]:
    """The notices that wait for the signature of this person, those of the nearest limit first."""
    flow = profile.workflow
    if flow is None or flow.signed_notices is None or not signing.signs_somewhere(profile, employee, powers):
        return []
    rows = _unsigned().filter(appeal__profile=profile.id, about__in=flow.signed_notices.about)
    rows = rows.exclude(~Q(appeal__end=F("about")), about__in=list(flow.ends)).filter(appeal__closed_at=None)
    rows = rows.filter(signing.reached(powers, employee, "appeal__")) if powers.is_kept else rows
    rows = rows.select_related("appeal", "author").order_by("appeal__limit_at", "made_at", "pk")
    return [one for one in rows if is_needed(one, one.appeal) and not is_over(one, one.appeal)]


def _unsigned() -> QuerySet[ClientNotice]:
    named = {"whose": Cast("appeal_id", TextField()), "own": Cast("pk", TextField())}
    rows = ClientNotice.objects.filter(sent_at=None, recalled_at=None).annotate(**named)
    signed = Fact.objects.filter(kind=SIGNED, subject_type="appeal", subject_id=OuterRef("whose"))
    return rows.filter(~Exists(signed.annotate(told=KT("data__notice")).filter(told=OuterRef("own"))))


def _facts(appeal: int) -> QuerySet[Fact]:
    return facts_of("appeal", appeal).filter(kind=SIGNED)
