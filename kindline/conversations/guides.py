"""The guide of a contact as the desk shows it: steps with their words, branches, timers, outcomes, locks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kindline.conversations import wording
from kindline.conversations.keeping import progress_of
from kindline.conversations.models import Contact
from kindline.conversations.progress import Progress
from kindline.journal.models import Fact
from kindline.standard.patterns import Pattern
from kindline.standard.profile import Profile
from kindline.standard.scripts import Branch, Script, Step, Timer

Title = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field that a step asks for; a known one is not asked again."""

    id: str
    value: Any
    source: str
    none: bool
    known: bool


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of the talk."""

    id: str
    title: Title
    phrases: list[str]
    hint: Title | None
    ask: list[FieldView]
    required: bool
    waits: bool  # for a circumstance that is not there
    firm: bool
    done_at: dt.datetime | None
    skipped: str | None
    done_by: str | None
    blocked_by: list[str]
    refused: bool
    clauses: list[str]
    timer: str | None
    offers: str
    hold: str
    spent: bool  # done, but for a hold that is over


@dataclass(frozen=True, slots=True)
class BranchView:
    """A branch that may be taken, or has been."""

    id: str
    title: Title
    key: str | None
    open: bool
    taken_at: dt.datetime | None
    current: bool
    ends_call: bool
    grounds: list[dict[str, Any]]
    locks: list[str]
    hint: Title | None
    clauses: list[str]
    steps: list[StepView]


@dataclass(frozen=True, slots=True)
class TimerView:
    """A clock that runs, or has run; limits in seconds."""

    id: str
    title: Title
    started_at: dt.datetime
    ended_at: dt.datetime | None
    elapsed_s: float
    target_s: float | None
    max_s: float | None
    over: bool
    at_max: str
    clause: str | None


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """A way in which the contact may end, and what is still wanting for it."""

    id: str
    title: Title
    requires: list[str]
    lacks: list[str]
    clauses: list[str]


@dataclass(frozen=True, slots=True)
class GuideState:
    """Everything about the guide at one moment."""

    script: str
    title: Title
    branch: str
    steps: list[StepView]
    branches: list[BranchView]
    timers: list[TimerView]
    outcomes: list[OutcomeView]
    locked: dict[str, list[str]]
    fields: dict[str, Any]
    sources: dict[str, str]
    none_fields: list[str]
    unsettled: list[str]
    client_name: str
    identified: bool
    hung_up: bool

    def as_json(self) -> dict[str, Any]:
        """Plain data; moments in ISO 8601."""
        return _plain(asdict(self))  # type: ignore[no-any-return]


def state(contact: Contact, profile: Profile, now: dt.datetime) -> GuideState:
    """The guide of a contact now: what is done, what to say next, what is locked and what is still required."""
    progress = progress_of(contact, profile)
    script = progress.script
    context = wording.context_of(contact, profile, progress, now)
    return GuideState(
        script=script.id,
        title=script.title,
        branch=progress.branch,
        steps=[_step(step, None, progress, context) for step in script.steps],
        branches=[_branch(branch, progress, context) for branch in script.branches],
        timers=timers(script, progress.facts, now),
        outcomes=[
            OutcomeView(one.id, one.title, list(one.requires), progress.lacks(one), list(one.clauses))
            for one in script.outcomes
        ],
        locked=_locked(script, progress),
        fields=dict(progress.fields),
        sources=dict(contact.guide.get("sources", {})),
        none_fields=progress.none_fields,
        unsettled=[step.id for step, _ in progress.unsettled()],
        client_name=wording.client_name(contact, profile, progress.fields),
        identified=contact.identified_at is not None,
        hung_up=progress.hung_up,
    )


def timers(script: Script, facts: Sequence[Fact], now: dt.datetime) -> list[TimerView]:
    """The latest run of each timer that has begun."""
    return [view for timer in script.timers if (view := _timer(timer, facts, now))]


def _timer(timer: Timer, facts: Sequence[Fact], now: dt.datetime) -> TimerView | None:
    started = max((fact.at for fact in facts if _any(timer.starts, fact)), default=None)
    if started is None:
        return None
    ended = min((fact.at for fact in facts if _ends(timer, fact, started)), default=None)
    elapsed_s = max(0.0, ((ended or now) - started).total_seconds())
    over = timer.max_s is not None and elapsed_s > timer.max_s
    return TimerView(
        timer.id, timer.title, started, ended, elapsed_s, timer.target_s, timer.max_s, over, timer.at_max, timer.clause
    )


def _ends(timer: Timer, fact: Fact, started: dt.datetime) -> bool:
    """The fact that stops the clock; the end of the call stops every clock that ran during it."""
    if _any(timer.ends, fact):
        return fact.at >= started
    return fact.kind == "call_ended" and fact.at > started


def _any(patterns: Sequence[Pattern], fact: Fact) -> bool:
    return any(pattern.matches(fact.kind, fact.data) for pattern in patterns)


def _step(step: Step, branch: Branch | None, progress: Progress, context: Mapping[str, Any]) -> StepView:
    blocked, spent = progress.blocked_by(step), progress.spent(step)
    return StepView(
        id=step.id,
        title=step.title,
        phrases=wording.said(step, progress, context),
        hint=_hint(step.hint, context),
        ask=[_field(name, progress) for name in step.ask],
        required=step.required and progress.owed(step),
        waits=not progress.owed(step),
        firm=step.firm,
        done_at=None if spent else progress.done_at(step, branch),
        skipped=progress.skipped(step),
        done_by=step.done_by,
        blocked_by=blocked,
        refused=step.hard and bool(blocked),
        clauses=list(step.clauses),
        timer=step.timer,
        offers=step.offers,
        hold=step.hold,
        spent=spent,
    )


def _hint(hint: Title | None, context: Mapping[str, Any]) -> Title | None:
    return {language: wording.filled(text, context) for language, text in hint.items()} if hint else None


def _field(name: str, progress: Progress) -> FieldView:
    source = progress.guide.get("sources", {}).get(name, "")
    none = name in progress.none_fields
    return FieldView(name, progress.fields.get(name), source, none, progress.known(name))


def _branch(branch: Branch, progress: Progress, context: Mapping[str, Any]) -> BranchView:
    taken_at = progress.taken.get(branch.id)
    return BranchView(
        id=branch.id,
        title=branch.title,
        key=branch.key,
        open=progress.open_to(branch),
        taken_at=taken_at,
        current=progress.branch == branch.id,
        ends_call=branch.ends_call,
        grounds=[{"id": one.id, "title": one.title, "clause": one.clause} for one in branch.grounds],
        locks=list(branch.locks),
        hint=_hint(branch.hint, context),
        clauses=list(branch.clauses),
        steps=[_step(step, branch, progress, context) for step in branch.steps],
    )


def _locked(script: Script, progress: Progress) -> dict[str, list[str]]:
    """Each locked action with the steps that open it."""
    actions = dict.fromkeys(action for branch in script.branches for action in branch.locks)
    return {action: [step.id for step in wanting] for action in actions if (wanting := progress.locking(action))}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
