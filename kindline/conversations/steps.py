"""Steps and branches of the guide: done, left out with a reason, taken."""

from __future__ import annotations

import datetime as dt
from typing import Any

from kindline.conversations import errors, opening
from kindline.conversations.keeping import guarded, held, keep, profile_of, progress_of, put, save
from kindline.conversations.models import Contact
from kindline.conversations.progress import Progress
from kindline.staff.models import Employee
from kindline.standard.scripts import Branch, Script, Step

# Branches whose taking is a fact of its own, beside branch_taken (names of the guide's format).
BRANCH_FACTS = {"bad_line": "bad_line_flagged", "dissatisfied": "dissatisfaction_flagged"}
# Branches that may be needed several times in a talk: each time their steps are done anew.
ANEW = frozenset({"bad_line"})
HUNG_UP = "client_hung_up"
# Facts that a tick of the step may make by itself, from what is written down; all others need their own action.
TICKABLE = {
    "answer_given": {"basis": "matter"},
    "decision_taken": {"decision": "decision"},
    "fault_confirmed": {"finding": "reason"},
    "information_refused": {"reason": "reason"},
    "next_steps_told": {},
    "office_offered": {"office": "office"},
    "service_offered": {"service": "service"},
    "written_appeal_offered": {"reason": "reason"},
    "answer_by_letter_agreed": {"channel": "letter_channel", "due_at": "due_at"},
}


def mark_step(
    *,
    contact: Contact,
    step: str,
    phrase: str = "",
    by: str = "click",
    employee: Employee | None,
    now: dt.datetime,
) -> Contact:
    """A step was done (`by` click, key or auto), with the phrase that was read; doing it twice changes nothing.

    That the client will wait is said anew before each hold.
    Raises: UnknownPartError; OutOfOrderError where the order is hard; AwaitsFactError where an action does the step.
    """
    with guarded(contact, f"step {step}", employee=employee, now=now):
        fresh = held(contact)
        opening.begin(fresh, now)
        progress = progress_of(fresh, profile_of(fresh))
        found, branch = find_step(progress.script, step)
        if branch is not None and branch.id not in progress.taken:
            _enter(fresh, branch, progress, employee, now)
            progress = progress_of(fresh, profile_of(fresh))
        if step not in fresh.guide.get("done", {}) or progress.spent(found):
            _tick(fresh, found, branch, progress, phrase, by, employee, now)
        return fresh


def skip_step(*, contact: Contact, step: str, reason: str, employee: Employee | None, now: dt.datetime) -> Contact:
    """A step was left out, and why; a reason is needed.

    Raises: UnknownPartError; FirmStepError; MissingFieldsError without a reason; UntrueReasonError.
    """
    with guarded(contact, f"skip {step}", employee=employee, now=now):
        fresh = held(contact)
        opening.begin(fresh, now)
        progress = progress_of(fresh, profile_of(fresh))
        found, branch = find_step(progress.script, step)
        if found.firm and progress.owed(found):
            raise errors.FirmStepError(found.id, found.clauses)
        if not reason.strip():
            raise errors.MissingFieldsError({"reason": found.clauses})
        check_reason(reason, progress)
        if not progress.settled(found, branch):
            leave_out(fresh, found, branch, reason, employee, now)
        return fresh


def take_branch(*, contact: Contact, branch: str, employee: Employee | None, now: dt.datetime) -> Contact:
    """The talk turns into a branch; taking it again only shows it again, but for a line that is bad again.

    Raises: UnknownPartError; BranchClosedError while its circumstance is not there.
    """
    with guarded(contact, f"branch {branch}", employee=employee, now=now):
        fresh = held(contact)
        opening.begin(fresh, now)
        progress = progress_of(fresh, profile_of(fresh))
        _enter(fresh, find_branch(progress.script, branch), progress, employee, now)
        return fresh


def leave_branch(*, contact: Contact, employee: Employee | None, now: dt.datetime) -> Contact:
    """The talk returns to the main line."""
    with guarded(contact, "leave branch", employee=employee, now=now):
        fresh = held(contact)
        fresh.guide["branch"] = ""
        save(fresh)
        return fresh


def settle(contact: Contact, progress: Progress, now: dt.datetime) -> None:
    """Write step_done for every step that a fact has completed, at the moment of that fact."""
    branches: list[tuple[Step, Branch | None]] = [(step, None) for step in progress.script.steps]
    branches += [(step, branch) for branch in progress.script.branches for step in branch.steps]
    for step, branch in branches:
        fact = progress.completing(step, branch)
        if fact is not None and step.id not in contact.guide.get("done", {}):
            _write_done(contact, step, branch, "", "auto", contact.employee, min(fact.at, now))
    save(contact)


def find_step(script: Script, step: str) -> tuple[Step, Branch | None]:
    """A step of the guide and the branch that it belongs to. Raises: UnknownPartError."""
    for one in script.steps:
        if one.id == step:
            return one, None
    for branch in script.branches:
        for one in branch.steps:
            if one.id == step:
                return one, branch
    raise errors.UnknownPartError(f"the guide {script.id} has no step {step!r}")


def find_branch(script: Script, branch: str) -> Branch:
    """A branch of the guide. Raises: UnknownPartError."""
    for one in script.branches:
        if one.id == branch:
            return one
    raise errors.UnknownPartError(f"the guide {script.id} has no branch {branch!r}")


def check_reason(reason: str, progress: Progress) -> None:
    """That a client hung up takes steps out of what is judged, so it is said only of a call that he has ended.

    Raises: UntrueReasonError.
    """
    if reason.strip() == HUNG_UP and not progress.hung_up:
        raise errors.UntrueReasonError("the client has not hung up: choose another reason")


def leave_out(
    contact: Contact, step: Step, branch: Branch | None, reason: str, employee: Employee | None, now: dt.datetime
) -> None:
    """Write that a step was left out."""
    put(contact, "skipped", step.id, reason)
    save(contact)
    data = {"script": contact.guide["script"], "step": step.id, "branch": branch.id if branch else "", "reason": reason}
    keep(contact, "step_skipped", data, employee=employee, now=now, clauses=step.clauses)


def _enter(contact: Contact, branch: Branch, progress: Progress, employee: Employee | None, now: dt.datetime) -> None:
    if not progress.open_to(branch):
        raise errors.BranchClosedError(f"{branch.id} opens only after {branch.only_if}")
    again = branch.id in progress.taken
    if again and (branch.id not in ANEW or progress.branch == branch.id):
        contact.guide["branch"] = branch.id
        save(contact)
        return
    contact.guide["branch"] = branch.id
    if again:
        _begin_anew(contact, branch, now)
    put(contact, "branches", branch.id, now.isoformat())
    save(contact)
    keep(contact, "branch_taken", {"branch": branch.id}, employee=employee, now=now, clauses=branch.clauses)
    if branch.id in BRANCH_FACTS:
        data = {"employee": employee.pk if employee else None}
        keep(contact, BRANCH_FACTS[branch.id], data, employee=employee, now=now)


def _begin_anew(contact: Contact, branch: Branch, now: dt.datetime) -> None:
    """Nothing is done of a branch that was left and is needed once more (court-3-01: so long it is tried again)."""
    put(contact, "anew", branch.id, now.isoformat())
    for kept in ("done", "skipped"):
        of = contact.guide.get(kept, {})
        contact.guide[kept] = {id_: said for id_, said in of.items() if id_ not in {one.id for one in branch.steps}}


def _tick(
    contact: Contact,
    step: Step,
    branch: Branch | None,
    progress: Progress,
    phrase: str,
    by: str,
    employee: Employee | None,
    now: dt.datetime,
) -> None:
    if step.hard and (missing := progress.blocked_by(step)):
        raise errors.OutOfOrderError(step.id, missing, step.clauses)
    if step.done_by is not None and progress.completing(step, branch) is None:
        if step.done_by not in TICKABLE:
            raise errors.AwaitsFactError(step.id, step.done_by)
        keep(contact, step.done_by, _data(step.done_by, progress), employee=employee, now=now)
    _write_done(contact, step, branch, phrase, by, employee, now)
    save(contact)


def _data(kind: str, progress: Progress) -> dict[str, Any]:
    found = {name: progress.fields.get(source) for name, source in TICKABLE[kind].items()}
    return {name: value for name, value in found.items() if value not in (None, "")}


def _write_done(
    contact: Contact,
    step: Step,
    branch: Branch | None,
    phrase: str,
    by: str,
    employee: Employee | None,
    now: dt.datetime,
) -> None:
    put(contact, "done", step.id, now.isoformat())
    data = {"script": contact.guide["script"], "step": step.id, "branch": branch.id if branch else "", "phrase": phrase}
    keep(contact, "step_done", data | {"by": by}, employee=employee, now=now, clauses=step.clauses)
