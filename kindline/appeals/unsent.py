"""Notices to applicants that were prepared and have not gone, or did not arrive: of which appeal, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from kindline.appeals import declining, dispatching, extending, letters, moves, notice_signing
from kindline.appeals.answering import IN_VAIN
from kindline.appeals.models import ClientNotice, JoinedLetter
from kindline.journal.models import Fact
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

BY_HAND, WAITS, NOT_HANDED, FAILED, CAME_BACK = "by_hand", "waits", "not_handed", "failed", "came_back"
TO_SIGN = "to_sign"
WHYS = (TO_SIGN, WAITS, BY_HAND, NOT_HANDED, FAILED, CAME_BACK)
"""Why a notice is not with the applicant: who may sign has not signed it; nobody has sent it yet; its way is no
letter, so a person tells it; the program could not hand it over; the letter could not be sent; it came back."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A notice, why it has not gone, in the words of who refused it as far as there are any, and by which way it goes.

    `may_go`: it can be sent (again) as a letter, by who looks at it.
    """

    notice: ClientNotice
    why: str
    said: str
    way: str
    may_go: bool


def unsent(profile: Profile, employee: Employee) -> QuerySet[Any]:
    """The notices that this employee may send, or that belong to his own appeals, the oldest first.

    A request for data, or a longer term, of an appeal that has left is told to nobody any more.
    """
    mine = JoinedLetter.objects.filter(notice=OuterRef("pk"))
    latest = mine.order_by("-pk")
    gone = mine.filter(dispatching.LIVING)
    rows = ClientNotice.objects.filter(~Exists(gone), appeal__profile=profile.id, recalled_at=None)
    rows = rows.filter(Q(sent_at=None) | Exists(mine.filter(state__in=IN_VAIN)))
    rows = rows.exclude(about=declining.REQUEST, appeal__closed_at__isnull=False)
    answered = Q(appeal__closed_at__isnull=False) | Q(appeal__answered_at__isnull=False)
    rows = rows.exclude(answered, about=extending.ABOUT)
    rows = rows.annotate(state=Subquery(latest.values("state")[:1]), reason=Subquery(latest.values("reason")[:1]))
    if not _sends(profile, employee):
        rows = rows.filter(appeal__executor=employee)
    return rows.select_related("appeal__executor", "author").defer("appeal__lookup").order_by("made_at", "pk")


def _sends(profile: Profile, employee: Employee) -> bool:
    """Whether a role of his sends what others have prepared."""
    flow = profile.workflow
    acts = [*flow.named("mark_sent"), *flow.named("mark_notified")] if flow else []
    return any(employee.has_role(*one.by) for one in acts)


def told(rows: Sequence[Any], profile: Profile, employee: Employee) -> list[Unsent]:
    """Some of these notices with why they have not gone; one query, however many."""
    refused, signed = _refused(rows), notice_signing.signed(rows)
    return [
        _unsigned(one, profile)
        if one.pk not in signed and notice_signing.is_needed(one, one.appeal) and one.sent_at is None
        else _told(one, refused.get(one.pk, ""), profile, employee)
        for one in rows
    ]


def _unsigned(one: Any, profile: Profile) -> Unsent:
    return Unsent(one, TO_SIGN, "", letters.channel_of(profile, one.appeal), False)


def _told(one: Any, refused: str, profile: Profile, employee: Employee) -> Unsent:
    way = letters.channel_of(profile, one.appeal)
    flow = moves.flow_of(one.appeal)
    acts = [*flow.named("mark_sent"), *flow.named("mark_notified")]
    may = any(moves.may(employee, one.appeal, act) for act in acts)
    if one.state:
        return Unsent(one, FAILED if one.state == "failed" else CAME_BACK, one.reason or "", way, may)
    if way not in dispatching.WAYS:
        return Unsent(one, BY_HAND, "", way, False)
    return Unsent(one, NOT_HANDED if refused else WAITS, refused, way, may)


def _refused(rows: Sequence[Any]) -> Mapping[int, str]:
    """What the program was told when it could not hand a notice over: the latest of its appeal and kind since then."""
    keys = {(str(one.appeal_id), one.about): one for one in rows}
    subjects = {subject for subject, _ in keys}
    facts = Fact.objects.filter(kind="letter_not_handed", subject_type="appeal", subject_id__in=subjects)
    found = {}
    for fact in facts.order_by("at", "id"):
        one = keys.get((fact.subject_id, str(fact.data.get("about", ""))))
        if one is not None and fact.at >= one.made_at:
            found[one.pk] = str(fact.data.get("reason", ""))
    return found
