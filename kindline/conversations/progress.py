"""How far a contact is: steps done, branches taken, fields known. Pure: its facts and its guide's record go in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kindline.journal.models import Fact
from kindline.standard.scripts import Branch, Outcome, Script, Step


@dataclass(frozen=True)
class Progress:
    """A contact measured against its guide."""

    script: Script
    guide: Mapping[str, Any]
    facts: Sequence[Fact]
    _kinds: Mapping[str, list[Fact]] = field(init=False)

    def __post_init__(self) -> None:
        kinds: dict[str, list[Fact]] = {}
        for fact in self.facts:
            kinds.setdefault(fact.kind, []).append(fact)
        object.__setattr__(self, "_kinds", kinds)

    def of_kind(self, kind: str) -> list[Fact]:
        """The facts of a kind, oldest first."""
        return self._kinds.get(kind, [])

    @property
    def hung_up(self) -> bool:
        """Whether the client or the line ended the call, not an employee."""
        ended = self.of_kind("call_ended")
        return bool(ended) and ended[-1].data.get("by") != "operator" and ended[-1].data.get("cause") != "operator_lost"

    @property
    def fields(self) -> Mapping[str, Any]:
        """What is written down: field -> value."""
        return dict(self.guide.get("fields", {}))

    @property
    def none_fields(self) -> list[str]:
        """The fields to which the client answered "has none"."""
        return list(self.guide.get("none", []))

    @property
    def branch(self) -> str:
        """The branch that the talk is in; empty on the main line."""
        return str(self.guide.get("branch", ""))

    @property
    def taken(self) -> Mapping[str, dt.datetime]:
        """The branches taken and when."""
        return {id_: dt.datetime.fromisoformat(at) for id_, at in self.guide.get("branches", {}).items()}

    @property
    def flags(self) -> frozenset[str]:
        """Circumstances that choose phrases and open branches: kinds of facts, branches, what the menu said."""
        named = {"menu_named_company"} if self.guide.get("menu_named_company") else set()
        return frozenset(self._kinds) | frozenset(self.taken) | named

    def done_at(self, step: Step, branch: Branch | None) -> dt.datetime | None:
        """When the step was done: ticked off, or by the fact that completes it since its branch was taken."""
        ticked = self.guide.get("done", {}).get(step.id)
        if ticked:
            return dt.datetime.fromisoformat(ticked)
        fact = self.completing(step, branch)
        return fact.at if fact else None

    def completing(self, step: Step, branch: Branch | None) -> Fact | None:
        """The fact that completes a step by itself.

        Where several branches wait for the same kind of fact, each counts only those since it was taken; so does one
        that was taken anew.
        """
        if step.done_by is None or (branch and branch.id not in self.taken):
            return None
        own = branch is not None and (branch.id in self.guide.get("anew", {}) or self._is_shared(step.done_by))
        since = self.taken[branch.id] if branch and own else None
        return next((fact for fact in self.of_kind(step.done_by) if since is None or fact.at >= since), None)

    def _is_shared(self, kind: str) -> bool:
        waiting = [branch for branch in self.script.branches if any(step.done_by == kind for step in branch.steps)]
        return len(waiting) > 1

    def fulfilled(self, step: Step) -> bool:
        """Whether the step was done in fact, in its branch or not; leaving it out fulfils nothing."""
        return step.id in self.guide.get("done", {}) or bool(step.done_by and self.of_kind(step.done_by))

    def spent(self, step: Step) -> bool:
        """Whether what the client was told of waiting was for a hold that is over: before the next he is told anew.

        Clause: court-3-06, voe-6-16.
        """
        ended, ticked = self.of_kind("hold_ended"), self.guide.get("done", {}).get(step.id)
        return bool(step.hold and ticked and ended) and dt.datetime.fromisoformat(ticked) <= ended[-1].at

    def skipped(self, step: Step) -> str | None:
        """Why the step was left out, if it was."""
        reason = self.guide.get("skipped", {}).get(step.id)
        return str(reason) if reason is not None else None

    def settled(self, step: Step, branch: Branch | None) -> bool:
        """Whether the step needs nothing more."""
        return self.done_at(step, branch) is not None or self.skipped(step) is not None

    def blocked_by(self, step: Step) -> list[str]:
        """The steps that should come before and are not settled."""
        return [id_ for id_ in step.after if not self.settled(self.script.step(id_), self.branch_of(id_))]

    def branch_of(self, step_id: str) -> Branch | None:
        """The branch that a step belongs to; None for the main line."""
        for branch in self.script.branches:
            if any(step.id == step_id for step in branch.steps):
                return branch
        return None

    def open_to(self, branch: Branch) -> bool:
        """Whether the circumstances let the branch be taken."""
        return branch.only_if is None or branch.only_if in self.flags or self.fields.get(branch.only_if) is not None

    def owed(self, step: Step) -> bool:
        """Whether the step's own circumstance is there, so that it is asked for."""
        return step.only_if is None or step.only_if in self.flags or self.fields.get(step.only_if) is not None

    def unsettled(self) -> Iterator[tuple[Step, Branch | None]]:
        """The required steps of the main line and of the taken branches that are not settled."""
        for step in self.script.steps:
            if self._lacking(step, None):
                yield step, None
        for branch in self.script.branches:
            if branch.id in self.taken:
                yield from ((step, branch) for step in branch.steps if self._lacking(step, branch))

    def _lacking(self, step: Step, branch: Branch | None) -> bool:
        return step.required and self.owed(step) and not self.settled(step, branch)

    def lacks(self, outcome: Outcome) -> list[str]:
        """What the outcome requires and is not there: kinds of facts, or fields."""
        return [name for name in outcome.requires if not (self.of_kind(name) or self.known(name))]

    def known(self, name: str) -> bool:
        """Whether a field is written down, or answered with "has none"."""
        return self.fields.get(name) not in (None, "") or name in self.none_fields

    def locking(self, action: str) -> list[Step]:
        """The steps that keep an action locked: required ones of the branches that lock it, not done in fact."""
        locking = [branch for branch in self.script.branches if action in branch.locks]
        return [step for branch in locking for step in branch.steps if step.required and not self.fulfilled(step)]
