"""A contact ends: by an outcome, with everything that the standard requires of it, or by right on a ground."""

from __future__ import annotations

import datetime as dt

from kindline.conversations import errors, guides, opening, steps
from kindline.conversations.errors import Missing
from kindline.conversations.keeping import guarded, held, keep, profile_of, progress_of, save
from kindline.conversations.models import Contact, Topic
from kindline.conversations.progress import Progress
from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard import vocabulary
from kindline.standard.profile import Profile
from kindline.standard.scripts import Branch, Ground, Outcome, Script


def set_topic(*, contact: Contact, topic: Topic, employee: Employee | None, now: dt.datetime) -> Contact:
    """Say what the contact is about; the topic says whose competence it is (court-1-15, court-1-32)."""
    with guarded(contact, "set topic", employee=employee, now=now):
        fresh = held(contact)
        opening.begin(fresh, now)
        fresh.topic = topic
        save(fresh, "topic")
        data = {"topic": topic.code, "competence": topic.competence}
        keep(fresh, "topic_set", data, employee=employee, now=now)
        return fresh


def note(
    *, contact: Contact, kind: str, data: dict[str, object] | None = None, employee: Employee | None, now: dt.datetime
) -> Contact:  # fmt: skip
    """Keep something that the operator did or found in the talk (a decision, a measure, an office offered).

    Raises: UnknownPartError for a kind of fact that is not the operator's to state.
    """
    with guarded(contact, f"note {kind}", employee=employee, now=now):
        if kind not in NOTABLE:
            raise errors.UnknownPartError(f"{kind} is not for the operator to state")
        fresh = held(contact)
        opening.begin(fresh, now)
        keep(fresh, kind, data or {}, employee=employee, now=now)
        return fresh


NOTABLE = frozenset(
    """decision_taken answer_given reason_recorded measure_taken fault_confirmed dissatisfaction_flagged office_offered
    service_offered next_steps_told answer_by_letter_agreed information_refused security_case_opened
    client_search_started""".split()
)


def close_contact(
    *,
    contact: Contact,
    outcome: str,
    topic: Topic | None = None,
    summary: str = "",
    skip_reason: str = "",
    employee: Employee | None,
    now: dt.datetime,
) -> Contact:
    """Finish a contact. With `skip_reason` the steps still required are left out with that reason, each as a fact;
    what the outcome itself requires and what is firm cannot be left out.

    Raises: UnknownPartError; StillTalkingError while the call goes on; StillRequiredError with all that is missing;
    UntrueReasonError.
    """
    with guarded(contact, f"close as {outcome}", employee=employee, now=now):
        fresh = held(contact)
        _check_over(fresh)
        opening.begin(fresh, now)
        if topic is not None and topic != fresh.topic:
            set_topic(contact=fresh, topic=topic, employee=employee, now=now)
            fresh = held(fresh)
        profile = profile_of(fresh)
        progress = progress_of(fresh, profile)
        found = find_outcome(progress.script, outcome)
        steps.settle(fresh, progress, now)
        _settle_rest(fresh, profile, found, skip_reason, employee, now)
        return _close(fresh, outcome, summary, employee, now)


def close_unserved(*, contact: Contact, outcome: str, now: dt.datetime) -> Contact:
    """Finish a contact that no employee took (abandoned, voicemail, off hours): the guide requires nothing of it."""
    with guarded(contact, f"close as {outcome}", employee=None, now=now):
        fresh = held(contact)
        return _close(fresh, outcome, "", None, now)


def close_written(*, contact: Contact, outcome: str, employee: Employee | None, now: dt.datetime) -> Contact:
    """Finish a contact in writing (short messages): no guide leads it, so nothing is required of it."""
    with guarded(contact, f"close as {outcome}", employee=employee, now=now):
        fresh = held(contact)
        return _close(fresh, outcome, "", employee, now)


def ground_of(contact: Contact, profile: Profile, ground: str, now: dt.datetime) -> Ground:
    """The right to end the talk on this ground now; ask it before ending a call.

    Raises: NoGroundError where the standard does not grant it; StillRequiredError before the warning and the
    attempts that must come first.
    """
    progress = progress_of(contact, profile)
    branch, found = _find_ground(progress.script, ground)
    wanting = _before_ending(progress, branch, now)
    if wanting:
        raise errors.StillRequiredError(wanting)
    return found


def find_outcome(script: Script, outcome: str) -> Outcome:
    """An outcome of the guide. Raises: UnknownPartError."""
    for one in script.outcomes:
        if one.id == outcome:
            return one
    raise errors.UnknownPartError(f"the guide {script.id} has no outcome {outcome!r}")


def _check_over(contact: Contact) -> None:
    if contact.channel == "phone" and contact.ended_at is None:
        raise errors.StillTalkingError("the call goes on: end it before closing the contact")


def _settle_rest(
    contact: Contact, profile: Profile, outcome: Outcome, skip_reason: str, employee: Employee | None, now: dt.datetime
) -> None:
    progress = progress_of(contact, profile)
    skip_reason = skip_reason.strip() or _ended_by_right(progress)
    if skip_reason:
        steps.check_reason(skip_reason, progress)
        for step, branch in [pair for pair in progress.unsettled() if not pair[0].firm]:
            steps.leave_out(contact, step, branch, skip_reason, employee, now)
        progress = progress_of(contact, profile)
    missing = _missing(progress, outcome)
    if missing:
        raise errors.StillRequiredError(missing)


def _ended_by_right(progress: Progress) -> str:
    """Why nothing more could be said: the talk was ended on a ground of the standard."""
    ended = progress.of_kind("call_terminated")
    return f"call_terminated: {ended[-1].data.get('ground', '')}" if ended else ""


def _missing(progress: Progress, outcome: Outcome) -> list[Missing]:
    found = [
        Missing("fact" if name in vocabulary.kinds() else "field", name, outcome.clauses)
        for name in progress.lacks(outcome)
    ]
    return found + [Missing("step", step.id, step.clauses, step.title) for step, _ in progress.unsettled()]


def _close(contact: Contact, outcome: str, summary: str, employee: Employee | None, now: dt.datetime) -> Contact:
    contact.outcome, contact.closed_at = outcome, now
    contact.summary = summary or contact.summary
    contact.ended_at = contact.ended_at or now
    save(contact, "outcome", "closed_at", "summary", "ended_at")
    journal.record_many([closed_fact(contact, employee)])
    return contact


def closed_fact(contact: Contact, employee: Employee | None) -> journal.NewFact:
    """The fact that a contact was closed (for those who write many at once)."""
    data = {
        "outcome": contact.outcome, "topic": contact.topic.code if contact.topic else "",
        "employee": contact.employee_id, "script": contact.guide.get("script", ""), "line": contact.line,
        "direction": contact.direction,
    }  # fmt: skip
    return journal.NewFact("contact_closed", "contact", contact.pk, actor(employee), data, contact.closed_at)


def _find_ground(script: Script, ground: str) -> tuple[Branch, Ground]:
    for branch in script.branches:
        for one in branch.grounds:
            if branch.ends_call and one.id == ground:
                return branch, one
    raise errors.NoGroundError(f"this standard gives no right to end a talk on the ground {ground!r}")


def _before_ending(progress: Progress, branch: Branch, now: dt.datetime) -> list[Missing]:
    """What must come before the end: the branch's required steps, and the clocks that unlock it by running out."""
    ending = [step for step in branch.steps if step.done_by != "call_terminated"]
    wanting = [
        Missing("step", step.id, step.clauses, step.title)
        for step in ending
        if step.required and progress.done_at(step, branch) is None
    ]
    unlocking = {timer.id: timer for timer in progress.script.timers if timer.at_max == "unlock"}
    named = [unlocking[step.timer] for step in branch.steps if step.timer in unlocking]
    running = guides.timers(progress.script, progress.facts, now)
    return wanting + [
        Missing("timer", view.id, (view.clause,) if view.clause else (), view.title)
        for view in running
        if any(timer.id == view.id for timer in named) and view.elapsed_s < (view.max_s or 0)
    ]
