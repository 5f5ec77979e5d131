"""Lists with personal data that leave the program: for a purpose that the standard allows, and kept as a fact."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.standard.scripts import Title

CARRIER = f"{__name__}.take_out"


class PurposeMissingError(ValueError):
    """Personal data leave only for a purpose: name one of those that the standard allows."""


def purposes(profile: Profile) -> Mapping[str, Title]:
    """What personal data may be used for, code -> title; empty where the standard does not limit it (krc-6.1-04)."""
    named: Mapping[str, Title] = profile.variable("data_purposes", {})
    return named


def clauses(profile: Profile) -> list[str]:
    """The clauses that this module carries, as the profile says."""
    return [clause.id for clause in profile.clauses.values() if clause.component == CARRIER]


def take_out(
    *, what: str, form: str, query: str = "", purpose: str, profile: Profile, employee: Employee, now: dt.datetime
) -> None:
    """Keep that an employee takes a list with personal data out, and for what; `query`: its filters as in the address.

    Clause: krc-6.1-04.
    Raises: PurposeMissingError where the standard names purposes and this is none of them.
    """
    allowed = purposes(profile)
    if allowed and purpose not in allowed:
        raise PurposeMissingError(f"choose one of {', '.join(allowed)}")
    data = {"what": what, "form": form, "query": storable(query), "purpose": purpose if allowed else ""}
    journal.record(
        kind="data_exported", subject_type="export", subject_id=uuid.uuid4(), actor=actor(employee),
        data=data | {"employee": employee.pk}, at=now,
    )  # fmt: skip
