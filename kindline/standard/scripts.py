"""Conversation guides: the steps, branches, timers and outcomes of a contact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kindline.standard.patterns import Pattern

Title = dict[str, str]


@dataclass(frozen=True, slots=True)
class PhraseWhen:
    """Phrases for one circumstance (a flag such as `menu_named_company`); `condition` None = else."""

    condition: str | None
    phrases: tuple[str, ...]

    def fits(self, flags: frozenset[str] | set[str]) -> bool:
        """Whether the circumstance (or, after "not ", its absence) is among the flags."""
        if self.condition is None:
            return True
        if self.condition.startswith("not "):
            return self.condition[4:] not in flags
        return self.condition in flags


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a talk: what to say, what to ask, what must come before."""

    id: str
    title: Title
    phrases: tuple[str, ...] = ()
    phrase_when: tuple[PhraseWhen, ...] = ()
    ask: tuple[str, ...] = ()
    hint: Title | None = None
    required: bool = False
    after: tuple[str, ...] = ()
    hard: bool = False
    done_by: str | None = None
    clauses: tuple[str, ...] = ()
    timer: str | None = None
    only_if: str | None = None  # asked for only once this circumstance is there
    firm: bool = False  # may not be left out with a reason
    offers: str = ""  # what the page has at hand for this step, so that the client hears it said: conference, client
    hold: str = ""  # with this step the client knows that he will wait (announced), or has agreed to it (consent)

    def words(self, flags: frozenset[str] | set[str] = frozenset()) -> tuple[str, ...]:
        """The phrases that fit: the first circumstance among `flags`, else the plain ones."""
        for case in self.phrase_when:
            if case.fits(flags):
                return case.phrases
        return self.phrases

    def all_words(self) -> tuple[str, ...]:
        """Every phrase that the step may show."""
        return self.phrases + tuple(text for case in self.phrase_when for text in case.phrases)


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground on which the operator may end the call."""

    id: str
    title: Title
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A turn of the talk, taken by a button or a key."""

    id: str
    title: Title
    steps: tuple[Step, ...]
    key: str | None = None
    only_if: str | None = None
    locks: tuple[str, ...] = ()
    ends_call: bool = False
    grounds: tuple[Ground, ...] = ()
    clauses: tuple[str, ...] = ()
    hint: Title | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """A clock on the operator's screen, from one kind of fact to another; limits in seconds."""

    id: str
    title: Title
    starts: tuple[Pattern, ...]
    ends: tuple[Pattern, ...]
    target_s: float | None = None
    max_s: float | None = None
    clause: str | None = None
    at_max: str = "warn"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a contact may end, and what must be there for it."""

    id: str
    title: Title
    requires: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """A conversation guide for a channel, a direction and, where named, a line or a purpose of its own."""

    id: str
    title: Title
    channel: str
    direction: str
    steps: tuple[Step, ...]
    line: str | None = None
    purpose: str | None = None
    branches: tuple[Branch, ...] = ()
    timers: tuple[Timer, ...] = ()
    outcomes: tuple[Outcome, ...] = ()

    def all_steps(self) -> Iterator[Step]:
        """The steps of the main line and of every branch."""
        yield from self.steps
        for branch in self.branches:
            yield from branch.steps

    def step(self, step_id: str) -> Step:
        """The step of that id. Raises: KeyError."""
        return next((step for step in self.all_steps() if step.id == step_id), None) or _missing(step_id)

    def branch(self, branch_id: str) -> Branch:
        """The branch of that id. Raises: KeyError."""
        for branch in self.branches:
            if branch.id == branch_id:
                return branch
        raise KeyError(branch_id)

    def cited(self) -> set[str]:
        """Every clause that a step, branch, timer, ground or outcome names."""
        found = {clause for step in self.all_steps() for clause in step.clauses}
        found |= {clause for branch in self.branches for clause in branch.clauses}
        found |= {ground.clause for branch in self.branches for ground in branch.grounds if ground.clause}
        found |= {timer.clause for timer in self.timers if timer.clause}
        return found | {clause for outcome in self.outcomes for clause in outcome.clauses}


def _missing(step_id: str) -> Step:
    raise KeyError(step_id)
