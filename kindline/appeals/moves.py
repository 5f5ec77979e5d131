"""Moving an appeal through its profile's workflow: what may be done now, by whom, and what is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kindline.appeals import letters, signing
from kindline.appeals.models import Answer, Appeal, Decision, Publication
from kindline.conversations.errors import RefusedError
from kindline.journal import actions as journal
from kindline.journal import queries as facts
from kindline.staff import queries as staff
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.staff.signers import Held
from kindline.standard import acts, loader
from kindline.standard.profile import Profile
from kindline.standard.workflows import Right, Transition, Workflow

SYSTEM = "system"
WITHOUT_CONTACT = {
    "appeal_answered": "applicant_answered",
    "appeal_forwarded": "forwarded_to_body",
    "forwarding_told": "applicant_told_where",
    "appeal_taken_over": "executor_took",
}
"""Facts of a contact, and the appeal's own where it was made in none: what a letter became has no contact."""


class WrongStateError(RefusedError):
    """The appeal is in a state in which this cannot be done."""

    code = "wrong_state"


class StaleError(RefusedError):
    """Somebody else has changed the appeal since it was read; `revision` is what it is now."""

    code = "stale"

    def __init__(self, revision: int) -> None:
        self.revision = revision
        super().__init__(f"it is at revision {revision} now: read it again")


class NoWorkflowError(RefusedError):
    """The profile has no workflow.yaml: nothing can be done to its appeals until it is written."""

    code = "no_workflow"


class NotYoursError(RefusedError):
    """The standard gives this act to others."""

    code = "not_yours"

    def __init__(self, transition: Transition | Right) -> None:
        self.clauses = transition.clauses
        super().__init__(f"{transition.act} is done by: {', '.join(transition.by)}")


class NotSignerError(NotYoursError):
    """A list says who may sign, and this person is not in it for this appeal; `who` are those who may today."""

    code = "not_signer"

    def __init__(self, transition: Transition, who: Iterable[Held]) -> None:
        super().__init__(transition)
        self.who = list(dict.fromkeys(signing.named(one) for one in who))


class NoEndError(RefusedError):
    """The standard does not name this end here."""

    code = "no_end"


class NeedError(RefusedError):
    """A condition of the transition does not hold; `need` says which, `clauses` why."""

    def __init__(self, need: str, clauses: Sequence[str]) -> None:
        self.need, self.clauses, self.code = need, tuple(clauses), f"need_{need}"
        super().__init__(f"first: {need}")


class IncompleteLetterError(NeedError):
    """The letter lacks what the clauses demand; `lacking` says what, where and by which clause."""

    def __init__(self, lacking: Sequence[letters.Lack]) -> None:
        self.lacking = list(lacking)
        super().__init__("complete_letter", list(dict.fromkeys(clause for one in lacking for clause in one.clauses)))


@dataclass(frozen=True, slots=True)
class Move:
    """An appeal whose row is held, and what is being done to it."""

    appeal: Appeal
    transition: Transition
    flow: Workflow
    profile: Profile
    employee: Employee | None
    now: dt.datetime

    def keep(self, kind: str, data: Mapping[str, Any]) -> None:
        """Write a fact about the appeal."""
        keep(self.appeal, kind, data, employee=self.employee, now=self.now, clauses=self.transition.clauses)

    def finish(self, *fields: str, end: str = "", to: str = "") -> Appeal:
        """Set the new state (`to`: one in which it stood before), with the end where it leaves; save the fields."""
        row = self.appeal
        row.state = to or self.transition.target or row.state
        row.end = end or row.end
        if self.flow.is_final(row.state) and row.closed_at is None:
            row.closed_at = self.now
            data = {"end": row.end, "way_out": self.flow.ends[row.end].how, "limit_at": row.limit_at}
            self.keep("appeal_closed", data)
        row.revision += 1
        row.save(update_fields=["state", "end", "closed_at", "revision", *fields])
        return row


def begin(appeal: Appeal, act: str, employee: Employee | None, now: dt.datetime, **offered: Any) -> Move:
    """Hold the appeal's row and check state, person and conditions; to be called within a transaction.

    `offered`: `executor`, where the act names one.
    Raises: NoWorkflowError, WrongStateError, NotYoursError, NeedError.
    """
    held = Appeal.objects.select_for_update(of=("self",)).select_related("contact", "forwarded_to", "topic", "client")
    fresh = held.get(pk=appeal.pk)
    profile, flow = loader.load(fresh.profile), flow_of(fresh)
    transition = flow.find(act, fresh.state)
    if transition is None:
        raise WrongStateError(f"{fresh.number} is {fresh.state}: {act} cannot be done now")
    if not may(employee, fresh, transition, now):
        raise not_his(fresh, transition, now)
    move = Move(fresh, transition, flow, profile, employee, now)
    for need in transition.needs:
        _check(need, move, offered)
    return move


def held_open(appeal: Appeal) -> Appeal:
    """The appeal's row, held until the transaction ends. Raises: WrongStateError once it has left the registry."""
    held = Appeal.objects.select_for_update().get(pk=appeal.pk)
    if held.closed_at is not None:
        raise WrongStateError(f"{held.number} has left the registry: register a new appeal")
    return held


def check_revision(appeal: Appeal, revision: int) -> None:
    """Hold the appeal's row, if it is still as it was when it was read; to be called within a transaction.

    Raises: StaleError when somebody has changed it since.
    """
    now = Appeal.objects.select_for_update().values_list("revision", flat=True).get(pk=appeal.pk)
    if now != revision:
        raise StaleError(now)


def flow_of(appeal: Appeal) -> Workflow:
    """The workflow of the appeal's standard. Raises: NoWorkflowError."""
    flow = loader.load(appeal.profile).workflow
    if flow is None:
        raise NoWorkflowError(f"profiles/{appeal.profile} has no workflow.yaml: write it")
    return flow


def profile_of(appeal: Appeal) -> Profile:
    """The standard under which the appeal was registered; it keeps that version (krc-8-02)."""
    return loader.at(appeal.profile, appeal.registered_at)


def not_his(appeal: Appeal, transition: Transition, now: dt.datetime) -> NotYoursError:
    """What is told to somebody to whom the standard, or the list of who may sign, does not give an act."""
    if transition.act == signing.ACT and (powers := signing.for_appeal(appeal, now)).is_kept:
        return NotSignerError(transition, powers.reaching(appeal.kind, appeal.unit_id))
    return NotYoursError(transition)


def may(employee: Employee | None, appeal: Appeal, transition: Transition, now: dt.datetime | None = None) -> bool:
    """Whether the transition is this person's: by a role, as the executor or as who signed; nobody is the system.

    Signing is given by the list of those who may sign, where one is kept; without `now` whatever stands in it counts.
    """
    if employee is None:
        return SYSTEM in transition.by
    if transition.act == signing.ACT and (powers := signing.for_appeal(appeal, now)).is_kept:
        return powers.may(employee, appeal.kind, appeal.unit_id)
    if employee.has_role(*transition.by) or ("executor" in transition.by and appeal.executor_id == employee.pk):
        return True
    return acts.SIGNER in transition.by and Answer.objects.filter(appeal=appeal, signed_by=employee).exists()


def possible(appeal: Appeal, employee: Employee | None, now: dt.datetime | None = None) -> dict[str, Transition]:
    """What this person may do to the appeal as it stands, by act; conditions are told when it is done."""
    found = flow_of(appeal).acts_from(appeal.state)
    return {one.act: one for one in found if may(employee, appeal, one, now)}


def check_may(appeal: Appeal, act: str, employee: Employee) -> None:
    """Raises: WrongStateError when the act cannot be done as the appeal stands; NotYoursError when not by him."""
    fresh = Appeal.objects.get(pk=appeal.pk)
    transition = flow_of(fresh).find(act, fresh.state)
    if transition is None:
        raise WrongStateError(f"{fresh.number} is {fresh.state}: {act} cannot be done now")
    if not may(employee, fresh, transition):
        raise NotYoursError(transition)


def end_of(move: Move, end: str = "") -> str:
    """The end on which the transition leaves: the one named, or the only one.

    Raises: NoEndError when the standard does not name it here, or not for the appeal's channel.
    """
    chosen = end or (move.transition.ends[0] if len(move.transition.ends) == 1 else "")
    found = move.flow.ends.get(chosen)
    if chosen not in move.transition.ends or found is None:
        raise NoEndError(f"{chosen or 'no end'} is not among {', '.join(move.transition.ends)}")
    if found.channels and move.appeal.channel not in found.channels:
        raise NoEndError(f"{chosen} is an end for {', '.join(found.channels)} only")
    return chosen


def keep(
    appeal: Appeal,
    kind: str,
    data: Mapping[str, Any],
    *,
    employee: Employee | None,
    now: dt.datetime,
    clauses: Sequence[str] = (),
) -> None:
    """Write a fact about an appeal."""
    who = actor(employee)
    journal.record(
        kind=kind, subject_type="appeal", subject_id=appeal.pk, actor=who, data=data, at=now, clauses=clauses
    )


def _check(need: str, move: Move, offered: Mapping[str, Any]) -> None:
    if need == "complete_letter":
        answer = Answer.objects.filter(appeal=move.appeal).first()
        lacking = letters.lacking(move.profile, move.appeal, answer)
        if lacking:
            raise IncompleteLetterError(lacking)
    elif not CHECKS[need](move, offered):
        raise NeedError(need, _clauses(need, move))


def _clauses(need: str, move: Move) -> tuple[str, ...]:
    if need == "publication" and move.flow.publishing is not None:
        return move.flow.publishing.clauses
    return move.flow.decided_clauses if need == "decision" else move.transition.clauses


def _executor(move: Move, _offered: Mapping[str, Any]) -> bool:
    return move.appeal.executor_id is not None


def _other_person(move: Move, _offered: Mapping[str, Any]) -> bool:
    answer = Answer.objects.filter(appeal=move.appeal).first()
    return answer is None or move.employee is None or answer.author_id != move.employee.pk


def _decided(move: Move, _offered: Mapping[str, Any]) -> bool:
    if not {move.appeal.kind, *move.appeal.kinds_voiced} & set(move.flow.decided_kinds):
        return True
    found = Decision.objects.filter(appeal=move.appeal).first()
    if found is None or (move.appeal.subject in move.flow.checked_subjects and not found.check_record):
        return False
    return not found.measures_needed or move.appeal.measures.exists()


def _told(move: Move, _offered: Mapping[str, Any]) -> bool:
    return move.appeal.forwarding_told_at is not None


def _impartial(move: Move, offered: Mapping[str, Any]) -> bool:
    executor = offered.get("executor")
    return executor is None or executor.pk != move.appeal.against_id


def _fault_measured(move: Move, _offered: Mapping[str, Any]) -> bool:
    """A fault confirmed in the decision, or in the talk itself, is removed by a measure (court-2-09)."""
    decided = Decision.objects.filter(appeal=move.appeal, fault_confirmed=True).exists()
    return not (decided or _confirmed_in_talk(move.appeal)) or move.appeal.measures.exists()


def _confirmed_in_talk(appeal: Appeal) -> bool:
    contact = appeal.contact_id
    return contact is not None and facts.facts_of("contact", contact).filter(kind="fault_confirmed").exists()


def _publication_decided(move: Move, _offered: Mapping[str, Any]) -> bool:
    """Whether the answer goes on the site was decided, where the appeal came by a channel that asks for it."""
    publishing = move.flow.publishing
    asked = publishing is not None and move.appeal.channel in publishing.channels
    return not asked or Publication.objects.filter(appeal=move.appeal).exists()


def _competent(move: Move, offered: Mapping[str, Any]) -> bool:
    executor, topic = offered.get("executor"), move.appeal.topic
    if executor is None or topic is None or topic.code in executor.competences:
        return True
    return not staff.competent_in(topic.code).exists()


CHECKS = {
    "executor": _executor,
    "other_person": _other_person,
    "decision": _decided,
    "told": _told,
    "impartial": _impartial,
    "competent": _competent,
    "measure_of_fault": _fault_measured,
    "publication": _publication_decided,
}
