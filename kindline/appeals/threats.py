"""An appeal with threats to an employee or his family is passed to the security unit, however it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from kindline.appeals import moves, notices, rights
from kindline.appeals.models import Appeal
from kindline.conversations.errors import RefusedError
from kindline.staff import queries as staff
from kindline.staff.models import Employee, Role
from kindline.standard import loader

RIGHT, REASON = "warn_security", "obscene_insult_threat"
"""The act beside the states; why they are told, as by the ground of the same name: of one appeal they are told once."""


class NobodyThereError(RefusedError):
    """Nobody has the role of the security unit: have the administrator name somebody."""

    code = "no_security"


def warn_security(*, appeal: Appeal, employee: Employee, now: dt.datetime) -> list[Employee]:
    """Pass an appeal to the security unit, in any state and also after its end; who was told that did not know yet.

    Clause: krc-6.1-61. Raises: NotYoursError; NobodyThereError.
    """
    with transaction.atomic():
        held = Appeal.objects.select_for_update(of=("self",)).get(pk=appeal.pk)
        right = rights.check(loader.load(held.profile), RIGHT, employee, held)
        return pass_on(held, Role.SECURITY, employee=employee, now=now, clauses=right.clauses)


def pass_on(
    appeal: Appeal, *roles: str, employee: Employee | None, now: dt.datetime, clauses: Sequence[str]
) -> list[Employee]:
    """Tell everybody with these roles who was not told yet, with a fact that names them; of nobody nothing is claimed.

    Clause: krc-6.1-61. Raises: NobodyThereError where nobody at work has such a role.
    """
    unit = list(staff.with_role(*roles))
    if not unit:
        raise NobodyThereError(f"nobody has the role {', '.join(roles)}")
    told = notices.tell(appeal, unit, REASON, now)
    if told:
        data = {"end": appeal.end, "employees": [one.pk for one in told]}
        moves.keep(appeal, "security_copied", data, employee=employee, now=now, clauses=clauses)
    return told
