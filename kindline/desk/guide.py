"""The guide as the operator's screen draws it: one language, plain data."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kindline.conversations.guides import BranchView, GuideState, OutcomeView, StepView, TimerView
from kindline.desk import house, requirements, words
from kindline.standard.profile import Profile
from kindline.standard.scripts import Script

Titles = dict[str, str]


def as_json(state: GuideState, profile: Profile) -> dict[str, Any]:
    """What the page needs of the guide, titles in the interface's language, phrases in the standard's."""
    titles = {step.id: house.titled(dict(step.title)) for step in _all_steps(state)}
    return {
        "script": state.script,
        "title": house.titled(dict(state.title)),
        "language": profile.language,
        "branch": state.branch,
        "steps": [_step(step, "", titles) for step in state.steps],
        "branches": [_branch(branch, titles) for branch in state.branches],
        "timers": [_timer(timer) for timer in state.timers],
        "fields": {name: _text(value) for name, value in state.fields.items()},
        "hung_up": state.hung_up,
        "outcomes": [_outcome(outcome, state, titles) for outcome in state.outcomes],
    }


def lock_of(state: GuideState, action: str = "account_shown") -> dict[str, Any] | None:
    """Why an action is closed, by which clauses, and what opens it; None where the standard has no such lock."""
    branches = [branch for branch in state.branches if action in branch.locks]
    if not branches:
        return None
    wanting = set(state.locked.get(action, []))
    steps = [step for branch in branches for step in branch.steps if step.id in wanting] or branches[0].steps[:1]
    needs = list(dict.fromkeys(field.id for step in steps for field in step.ask))
    asked = ", ".join(words.field_label(need).lower() for need in needs)
    return {
        "action": action,
        "open": state.identified and not wanting,
        "why": _("Closed until the client has named: %(fields)s.") % {"fields": asked},
        "clauses": list(dict.fromkeys(clause for step in steps for clause in step.clauses)),
        "needs": needs,
    }


def asked_fields(profile: Profile) -> list[str]:
    """Every field that a guide of the profile asks for."""
    scripts: list[Script] = list(profile.scripts.values())
    return list(dict.fromkeys(name for script in scripts for step in script.all_steps() for name in step.ask))


def _all_steps(state: GuideState) -> list[StepView]:
    return [*state.steps, *(step for branch in state.branches for step in branch.steps)]


def _step(step: StepView, branch: str, titles: Titles) -> dict[str, Any]:
    before = ", ".join(titles.get(other, other) for other in step.blocked_by)
    return {
        "id": step.id,
        "branch": branch,
        "title": titles[step.id],
        "phrases": step.phrases,
        "ask": [field.id for field in step.ask],
        "hint": house.titled(dict(step.hint)) if step.hint else "",
        "required": step.required,
        "waits": step.waits,
        "firm": step.firm,
        "done_at": step.done_at.isoformat() if step.done_at else None,
        "skipped": step.skipped or "",
        "clauses": step.clauses,
        "timer": step.timer or "",
        "done_by": step.done_by or "",
        "offers": step.offers,
        "hold": step.hold,
        "spent": step.spent,
        "after": step.blocked_by,
        "refused": _("First: %(steps)s.") % {"steps": before} if step.refused else "",
    }


def _branch(branch: BranchView, titles: Titles) -> dict[str, Any]:
    return {
        "id": branch.id,
        "title": house.titled(dict(branch.title)),
        "key": branch.key or "",
        "taken": branch.taken_at is not None,
        "offered": branch.open,
        "ends_call": branch.ends_call,
        "locks": branch.locks,
        "grounds": [
            {"id": ground["id"], "title": house.titled(dict(ground["title"])), "clause": ground["clause"] or ""}
            for ground in branch.grounds
        ],
        "steps": [_step(step, branch.id, titles) for step in branch.steps],
    }


def _timer(timer: TimerView) -> dict[str, Any]:
    return {
        "id": timer.id,
        "title": house.titled(dict(timer.title)),
        "from_at": timer.started_at.isoformat(),
        "to_at": timer.ended_at.isoformat() if timer.ended_at else None,
        "target_s": timer.target_s,
        "max_s": timer.max_s,
        "unlocks": timer.at_max == "unlock",
        "clause": timer.clause or "",
    }


def _outcome(outcome: OutcomeView, state: GuideState, titles: Titles) -> dict[str, Any]:
    lacking = [_requirement(need, state, titles) for need in outcome.lacks]
    unsettled = [step for step in _all_steps(state) if step.id in state.unsettled]
    steps = [{"kind": "step", "id": step.id, "title": titles[step.id], "clauses": step.clauses} for step in unsettled]
    return {"id": outcome.id, "title": house.titled(dict(outcome.title)), "missing": [*lacking, *steps]}


def _requirement(need: str, state: GuideState, titles: Titles) -> dict[str, Any]:
    """What an outcome still lacks: a step that a fact completes, a field, or the fact itself."""
    step = next((step for step in _all_steps(state) if need in (step.id, step.done_by)), None)
    if step is not None:
        return {"kind": "step", "id": step.id, "title": titles[step.id], "clauses": step.clauses}
    return {"kind": "field", "id": need, "title": requirements.requirement(need), "clauses": []}


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
