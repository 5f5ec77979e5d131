"""What may be done beside the states of an appeal: by whom is said by `rights` in the profile's workflow."""

from __future__ import annotations

from kindline.appeals.models import Appeal
from kindline.appeals.moves import NotYoursError, NoWorkflowError
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.standard.workflows import Right


def may(profile: Profile, act: str, employee: Employee | None, appeal: Appeal | None = None) -> bool:
    """Whether the profile gives the act to this person: by a role, or as the executor of the appeal."""
    right = profile.workflow.rights.get(act) if profile.workflow else None
    if right is None or employee is None:
        return False
    executes = appeal is not None and "executor" in right.by and appeal.executor_id == employee.pk
    return executes or employee.has_role(*right.by)


def check(profile: Profile, act: str, employee: Employee | None, appeal: Appeal | None = None) -> Right:
    """The right to the act, with its clauses.

    Raises: NoWorkflowError; NotYoursError, also where the profile gives the act to nobody.
    """
    if profile.workflow is None:
        raise NoWorkflowError(f"profiles/{profile.id} has no workflow.yaml: write it")
    right = profile.workflow.rights.get(act) or Right(act, ())
    if not may(profile, act, employee, appeal):
        raise NotYoursError(right)
    return right
