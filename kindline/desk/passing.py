"""To whom the operator's screen offers to pass a call on, and in which ways the standard lets it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from kindline.desk import access
from kindline.staff import standing_in
from kindline.staff.models import Employee, Role
from kindline.standard import transfers
from kindline.standard.profile import Profile
from kindline.switchboard import agents, extensions
from kindline.switchboard.dialling_models import Extension
from kindline.switchboard.models import Operator, OperatorState

ORDER = [OperatorState.READY, OperatorState.WRAP_UP, OperatorState.TALKING, OperatorState.HOLD, OperatorState.PAUSED]
WAYS_OF_NOBODY: dict[str, Any] = {"blind": False, "clause": "", "reading": "", "outside": False}
NOBODY: dict[str, Any] = {"colleagues": [], "departments": [], "away": [], "ways": WAYS_OF_NOBODY}
Row = tuple[Operator, bool]
"""A colleague, and whether it is his mobile that rings for him."""


def offered(me: Employee, profile: Profile, now: dt.datetime) -> dict[str, Any]:
    """Colleagues, departments, who is away with those who stand in for him, and the ways of passing on.

    Clause: krc-5.6.4-15, krc-5.6.4-20, krc-5.6.4-21.
    """
    rows = extensions.askable(me.pk)
    rows.sort(key=lambda one: (one[1], ORDER.index(one[0].state) if one[0].state in ORDER else 9, str(one[0].employee)))  # type: ignore[arg-type]
    return {
        "colleagues": [_colleague(row, mobile=mobile) for row, mobile in rows],
        "departments": _departments(rows),
        "away": _away(me, rows, profile, now),
        "ways": _ways(me, profile),
    }


def _colleague(row: Operator, *, mobile: bool) -> dict[str, Any]:
    return {
        "id": row.employee_id,
        "name": str(row.employee),
        "number": row.employee.number,
        "state": row.state,
        "about": _about(row.employee),
        "mobile": gettext("the mobile rings") if mobile else "",
    }


def _about(employee: Employee) -> str:
    return ", ".join(filter(None, [employee.position, employee.unit.name if employee.unit else ""]))


def _departments(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Every department that has an extension, with how many of its people can answer it now."""
    free = [row.employee.unit_id for row, _ in rows if row.state in agents.ASKABLE]
    found = Extension.objects.filter(unit__isnull=False).select_related("unit").order_by("unit__name", "number")
    return [
        {"number": one.number, "name": one.unit.name if one.unit else "", "free": free.count(one.unit_id)}
        for one in found
    ]


def _away(me: Employee, rows: Collection[Row], profile: Profile, now: dt.datetime) -> list[dict[str, Any]]:
    """Who cannot be asked himself, each with those who stand in for him and can.

    Operators who are not at work are left out, unless somebody stands in for them: nobody asks for them by name.
    """
    there = {row.pk: (row, mobile) for row, mobile in rows}
    absent = Operator.objects.filter(employee__is_active=True, state__in=agents.ASKABLE).exclude(pk__in=[*there, me.pk])
    people = list(absent.select_related("employee__unit").order_by("employee__surname", "employee__given_name", "pk"))
    deputies: dict[int, list[Row]] = {}
    for away, deputy in standing_in.pairs([one.pk for one in people], profile, now):
        if deputy in there:
            deputies.setdefault(away, []).append(there[deputy])
    wanted = [one for one in people if one.pk in deputies or set(one.employee.roles) - {Role.OPERATOR, Role.COUNTER}]
    return [
        {
            "id": one.pk,
            "name": str(one.employee),
            "about": _about(one.employee),
            "deputies": [_colleague(row, mobile=mobile) for row, mobile in deputies.get(one.pk, [])],
        }
        for one in wanted
    ]


def _ways(me: Employee, profile: Profile) -> dict[str, Any]:
    """Whether a call may be passed on blindly, else which clause is against it; whether to a number outside."""
    may = transfers.of(profile)
    clause = profile.clauses.get(may.clause)
    return {
        "blind": may.blind,
        "clause": may.clause,
        "reading": _reading(clause) if clause else "",
        "outside": me.has_role(*may.outside) and me.has_role(*access.AT_THE_PHONE),
    }


def _reading(clause: Any) -> str:
    """The reading of a clause, or its text where it needs none, in the reader's language as far as there is one."""
    english = translation.get_language() == "en"
    own, foreign = clause.reading or clause.text, clause.reading_en or clause.text_en
    return str(foreign if english and foreign else own)
