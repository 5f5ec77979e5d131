"""What waits for an employee, or for a unit: answers by their day, what came back, what was added, measures, calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from kindline.appeals import dispatching, moves, queries, stage_ladder, undertakings
from kindline.appeals.answering import IN_VAIN
from kindline.appeals.models import Answer, Appeal, AppealMessage, Enquiry, JoinedLetter, ManagementNotice, Measure
from kindline.appeals.stage_models import Stage
from kindline.conversations.models import Callback, CallbackState
from kindline.correspondence.models import Outgoing, OutgoingState
from kindline.journal.models import Fact
from kindline.staff import queries as staff
from kindline.staff.models import Employee, Unit
from kindline.standard.profile import Profile

MOST = 300
"""So many rows of a kind at most; the registry's list has the others."""
LATELY = dt.timedelta(days=30)
ADDED = ("message", "letter")
"""Codes of notices that tell of something new from the applicant."""
SENT_BACK, SUBMITTED = ("answer_sent_back", "answer_recalled"), "answer_submitted"


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose work is looked at: one employee's, or everybody's in a unit and in the units below it."""

    people: tuple[int, ...]
    units: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SentBack:
    """An answer that somebody gave back to its executor, with the reason."""

    appeal: Appeal
    reason: str
    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Added:
    """What the applicant has added and its executor has not read."""

    appeal: Appeal
    text: str
    at: dt.datetime
    by_letter: bool


@dataclass(slots=True)
class Work:
    """Everything that waits, by what is to be done."""

    overdue: list[Appeal] = field(default_factory=list)
    today: list[Appeal] = field(default_factory=list)
    soon: list[Appeal] = field(default_factory=list)
    later: list[Appeal] = field(default_factory=list)
    with_others: list[Appeal] = field(default_factory=list)
    to_close: list[Appeal] = field(default_factory=list)
    silent: list[Appeal] = field(default_factory=list)
    sent_back: list[SentBack] = field(default_factory=list)
    added: list[Added] = field(default_factory=list)
    drafts: list[Appeal] = field(default_factory=list)
    failed: list[JoinedLetter] = field(default_factory=list)
    failed_mails: list[Outgoing] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    enquiries: list[Enquiry] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)
    more: bool = False  # more appeals than are shown

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits for these people; what others are at now is not theirs to do."""
        return not any(getattr(self, name) for name in self.__slots__ if name != "with_others")


def of_employee(employee: Employee) -> Whose:
    """One's own."""
    return Whose((employee.pk,))


def of_unit(unit: Unit) -> Whose:
    """Everybody's in a unit and in the units below it."""
    units = staff.units_below(unit)
    people = Employee.objects.filter(unit__in=units).values_list("pk", flat=True)
    return Whose(tuple(people), units)


def waiting(whose: Whose, profile: Profile, now: dt.datetime) -> Work:
    """Everything that waits for these people; however much there is, the number of queries is the same.

    Clause: krc-5.7.2-26, krc-6.1-09, krc-6.2-03, krc-6.2-04.
    """
    people, made = list(whose.people), Work()
    rows = list(_appeals(people, profile)[: MOST + 1])
    made.more = len(rows) > MOST
    _sort_by_day(made, rows[:MOST], profile, now)
    made.silent = [one for one in rows[:MOST] if is_silent(one, now)]
    _sort_by_answer(made, rows[:MOST])
    made.added = _added(people)
    made.failed, made.failed_mails = _failed(people, profile, now), _failed_mails(people, now)
    made.measures = list(undertakings.measures(profile).filter(responsible__in=people).order_by("due_on", "pk")[:MOST])
    asked = undertakings.enquiries(profile).filter(Q(employee__in=people) | Q(by__in=people))
    made.enquiries = list(asked.order_by("due_on", "pk")[:MOST])
    made.stages = list(stage_ladder.of_people(profile, people)[:MOST])
    made.callbacks = _callbacks(people)
    return made


def _appeals(people: list[int], profile: Profile) -> QuerySet[Any]:
    found = Appeal.objects.filter(profile=profile.id, executor__in=people, closed_at=None)
    drafted = Answer.objects.filter(appeal=OuterRef("pk"), signed_at=None)
    found = found.select_related("topic", "executor", "client").defer("lookup", "substance")
    return found.annotate(drafted=Exists(drafted)).order_by("limit_at", "pk")


def _sort_by_day(made: Work, rows: Iterable[Appeal], profile: Profile, now: dt.datetime) -> None:
    """By the limit; apart what others are at now, and what is answered and only to be closed."""
    midnight = dt.datetime.combine(now.astimezone(profile.zone).date() + dt.timedelta(days=1), dt.time(0), profile.zone)
    horizon = midnight + queries.soon(profile)
    for one in rows:
        if one.answered_at is not None:
            made.to_close.append(one)
        elif not _is_his(one):
            made.with_others.append(one)
        else:
            _of_day(made, one.limit_at, now, midnight, horizon).append(one)


def _of_day(
    made: Work, limit: dt.datetime | None, now: dt.datetime, midnight: dt.datetime, horizon: dt.datetime
) -> list[Appeal]:
    if limit is None or limit >= horizon:
        return made.later
    return made.overdue if limit < now else made.today if limit < midnight else made.soon


def is_silent(one: Appeal, now: dt.datetime) -> bool:
    """Whether the time for data that the applicant was asked for is over; the term of the answer runs on."""
    return one.data_due_at is not None and one.data_due_at <= now and one.answered_at is None


def _is_his(one: Appeal) -> bool:
    """Whether the next step is the executor's: some act of his leads on from where the appeal stands."""
    executor = one.executor
    acts = moves.flow_of(one).acts_from(one.state)
    return executor is not None and any(act.target and moves.may(executor, one, act) for act in acts)


def _sort_by_answer(made: Work, rows: Iterable[Any]) -> None:
    """Drafts that are being written, and of these the ones that were given back."""
    written = {one.pk: one for one in rows if one.drafted and _is_written(one)}
    back = _sent_back(written)
    made.sent_back = sorted(back.values(), key=lambda one: one.at)
    made.drafts = [one for key, one in written.items() if key not in back]


def _is_written(one: Appeal) -> bool:
    return moves.flow_of(one).find("submit", one.state) is not None


def _sent_back(written: Mapping[int, Appeal]) -> dict[int, SentBack]:
    """Of the drafts those whose last handing over ended in a giving back."""
    facts = Fact.objects.filter(subject_type="appeal", subject_id__in=[str(key) for key in written])
    latest: dict[int, Fact] = {}
    for fact in facts.filter(kind__in=(*SENT_BACK, SUBMITTED)).order_by("at", "id"):
        latest[int(fact.subject_id)] = fact
    given = {key: fact for key, fact in latest.items() if fact.kind in SENT_BACK}
    names = _names(fact.actor for fact in given.values())
    return {
        key: SentBack(written[key], str(fact.data.get("reason", "")), names.get(fact.actor, ""), fact.at)
        for key, fact in given.items()
    }


def _names(actors: Iterable[str]) -> dict[str, str]:
    keys = [int(key) for one in actors if (key := one.removeprefix("employee:")).isdecimal()]
    return {f"employee:{one.pk}": str(one) for one in Employee.objects.filter(pk__in=keys)}


def _added(people: list[int]) -> list[Added]:
    """Messages and letters of which the executor was told and that he has not looked at."""
    coded = Q(reason__startswith=f"{ADDED[0]}:") | Q(reason__startswith=f"{ADDED[1]}:")
    told = ManagementNotice.objects.filter(coded, employee__in=people, seen_at=None).select_related("appeal")
    rows = list(told.order_by("made_at", "pk")[:MOST])
    keys: dict[str, list[int]] = {code: [] for code in ADDED}
    for row in rows:
        code, _, key = row.reason.partition(":")
        keys[code].append(int(key))
    messages = AppealMessage.objects.in_bulk(keys["message"])
    letters = JoinedLetter.objects.select_related("incoming", "paper").in_bulk(keys["letter"])
    return [_one_added(row, messages, letters) for row in rows]


def _one_added(
    row: ManagementNotice, messages: Mapping[int, AppealMessage], letters: Mapping[int, JoinedLetter]
) -> Added:
    assert row.appeal is not None, "the constraint"  # noqa: S101
    code, _, key = row.reason.partition(":")
    if code == "message":
        message = messages.get(int(key))
        return Added(row.appeal, message.text if message else "", row.made_at, by_letter=False)
    letter = letters.get(int(key))
    came = (letter.incoming or letter.paper) if letter else None
    return Added(row.appeal, came.subject if came else "", row.made_at, by_letter=True)


def _failed(people: list[int], profile: Profile, now: dt.datetime) -> list[JoinedLetter]:
    """Answers and notices that did not arrive and of which no other letter is on its way or has arrived."""
    same = Q(answer=OuterRef("answer"), answer__isnull=False) | Q(notice=OuterRef("notice"), notice__isnull=False)
    living = JoinedLetter.objects.filter(same, dispatching.LIVING, appeal=OuterRef("appeal"))
    present = Q(appeal__closed_at=None) | Q(changed_at__gte=now - LATELY)
    found = JoinedLetter.objects.filter(present, ~Exists(living), appeal__profile=profile.id, state__in=IN_VAIN)
    found = found.filter(appeal__executor__in=people).select_related("appeal", "notice", "outgoing", "paper")
    return list(found.order_by("changed_at", "pk")[:MOST])


def _failed_mails(people: list[int], now: dt.datetime) -> list[Outgoing]:
    """E-mails that they wrote beside appeals and that were not taken, or came back."""
    states = (OutgoingState.FAILED, OutgoingState.BOUNCED)
    found = Outgoing.objects.filter(employee__in=people, state__in=states, joined=None, queued_at__gte=now - LATELY)
    return list(found.order_by("queued_at")[:MOST])


def _callbacks(people: list[int]) -> list[Callback]:
    pending = (CallbackState.OPEN, CallbackState.MISSED)
    found = Callback.objects.filter(employee__in=people, state__in=pending).select_related("client", "employee")
    return list(found.order_by("due_at")[:MOST])


def for_anybody(employee: Employee, profile: Profile) -> dict[str, int]:
    """What waits for anybody like him, by the act: to be sorted, taken in his unit, checked, signed; in one query."""
    known = {act: states for act in ACTS if (states := _states(act, employee, profile))}
    if not known:
        return {}
    every = {state for states in known.values() for state in states}
    rows = Appeal.objects.filter(profile=profile.id, closed_at=None, state__in=every)
    counts = {act: Count("pk", filter=Q(state__in=states) & _his(act, employee)) for act, states in known.items()}
    return {act: number for act, number in rows.aggregate(**counts).items() if number}


def _his(act: str, employee: Employee) -> Q:
    """In his own unit, where it is taken; not his own answer, where it is checked or signed."""
    if act == "take":
        return Q(executor=None, unit=employee.unit_id) if employee.unit_id else Q(pk=None)
    return Q() if act == "sort" else ~Q(answer__author=employee)


ACTS = ("sort", "take", "approve", "sign")
"""What is done by anybody who may, not by a named one."""


def _states(act: str, employee: Employee, profile: Profile) -> list[str]:
    """In which states this person may do it."""
    flow = profile.workflow
    found = flow.named(act) if flow else []
    return [state for one in found if employee.has_role(*one.by) for state in one.sources]


__all__ = ["Added", "SentBack", "Whose", "Work", "for_anybody", "of_employee", "of_unit", "waiting"]
