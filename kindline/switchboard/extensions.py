"""Who answers a short number, and keeping him for a call inside the house."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from kindline.staff.models import Employee
from kindline.switchboard import agents
from kindline.switchboard.dialling_models import Extension, Mobile
from kindline.switchboard.machine.destinations import MOBILE
from kindline.switchboard.models import Operator, OperatorState

ORDER = {OperatorState.READY: 0, OperatorState.PAUSED: 1, OperatorState.OFFLINE: 2}
FIGURES_MAX = 5
ABSENT, BUSY, UNKNOWN = "absent", "busy", "unknown"


@dataclass(frozen=True, slots=True)
class Kept:
    """Who is kept for a call inside the house; `mobile` where that is what rings for him; or why there is nobody."""

    employee: int = 0
    mobile: str = ""
    why_not: str = ""


def exists(number: str) -> bool:
    """Whether the number is one of the house."""
    return number.isdecimal() and (Extension.objects.filter(number=number).exists() or _of_a_person(number).exists())


def answering(number: str) -> list[int]:
    """Who answers an extension, in the order in which they are rung: of a department first who has nothing to do."""
    row = Extension.objects.filter(number=number).first()
    if row is None:
        return list(_of_a_person(number).values_list("pk", flat=True))
    if row.employee_id is not None:
        return [row.employee_id]
    there = Operator.objects.filter(employee__unit=row.unit_id, employee__is_active=True)
    known = sorted(there, key=lambda one: (not one.registered, ORDER.get(OperatorState(one.state), 3), one.since))
    return [one.pk for one in known]


def _of_a_person(number: str) -> QuerySet[Employee]:
    found = Employee.objects.filter(is_active=True)
    return found.filter(number=int(number)) if number.isdecimal() and len(number) <= FIGURES_MAX else found.none()


def of(employee: Employee) -> str:
    """The extension that others see when he calls."""
    own = min((one.number for one in employee.extensions.all()), default="")
    return own or (str(employee.number) if employee.number is not None else "")


def shown(employee: int) -> str:
    """Name and extension, as a telephone shows who calls."""
    return shown_of([employee]).get(employee, "")


def shown_of(employees: Collection[int]) -> dict[int, str]:
    """The same of several."""
    found = Employee.objects.filter(pk__in=employees).prefetch_related("extensions")
    return {one.pk: _shown(one) for one in found}


def _shown(found: Employee) -> str:
    name = " ".join(one for one in (found.surname, found.given_name) if one) or found.username
    return f'"{_plain(name)}" <{of(found)}>'


def _plain(name: str) -> str:
    return "".join(one for one in name if one not in '"<>\\;,\r\n')[:60]


def find(*, number: str, dialler: int, tried: Collection[int], contact: str, now: dt.datetime) -> Kept:
    """Keep the first who answers the extension and can; who was rung already, and who calls, are left out."""
    people = answering(number)
    if not people:
        return Kept(why_not=UNKNOWN)
    why_not = ABSENT if people == [dialler] else ""
    for employee in people:
        if employee not in tried and employee != dialler:
            kept = keep(employee=employee, contact=contact, now=now)
            if not kept.why_not:
                return kept
            why_not = BUSY if BUSY in (why_not, kept.why_not) else kept.why_not
    return Kept(why_not=why_not or ABSENT)


@transaction.atomic
def keep(*, employee: int, contact: str, now: dt.datetime) -> Kept:
    """Keep a colleague: not who talks or has work to finish. Afterwards he is where he was."""
    operator = Operator.objects.select_for_update().filter(pk=employee).first()
    mobile = mobile_of(employee)
    if operator is None or not (operator.registered or mobile):
        return Kept(why_not=ABSENT)
    if operator.state not in agents.ASKABLE:
        return Kept(why_not=BUSY)
    agents.keep(operator, contact, now)
    return Kept(employee, "" if operator.registered else mobile)


@transaction.atomic
def keep_mobile(*, employee: int, contact: str, now: dt.datetime) -> Kept:
    """Keep a colleague whose telephones are away, or who has left the queues, for a transfer to his mobile."""
    operator = Operator.objects.select_for_update().filter(pk=employee).first()
    mobile = mobile_of(employee)
    if operator is None or not mobile or operator.state not in agents.ASKABLE:
        return Kept(why_not=ABSENT if operator is None or not mobile else BUSY)
    agents.keep(operator, contact, now)
    return Kept(employee, mobile)


def askable(dialler: int) -> list[tuple[Operator, bool]]:
    """Colleagues to whom a call can be passed on, and whether it is the mobile that rings for each of them.

    Who talks or has work to finish is among them while he is at a telephone: he will be free again.
    """
    rows = Operator.objects.filter(employee__is_active=True).exclude(pk=dialler).select_related("employee__unit")
    mobiles = set(Mobile.objects.filter(rings=True).values_list("pk", flat=True))
    found = [(row, not row.registered or row.state == OperatorState.OFFLINE) for row in rows]
    away = agents.ASKABLE
    return [(row, mobile) for row, mobile in found if not mobile or (row.pk in mobiles and row.state in away)]


@dataclass(frozen=True, slots=True)
class Dialler:
    """Whether who has dialled can be in the call, and whether he has work to finish after it."""

    why_not: str = ""
    wraps_up: bool = True


@transaction.atomic
def keep_dialler(*, employee: int, contact: str, inside: bool, now: dt.datetime) -> Dialler:
    """Keep who has dialled for his call: no call of a queue comes to him meanwhile.

    Who asks a colleague while he finishes his work on a call goes on with that work afterwards.
    """
    operator = Operator.objects.select_for_update().filter(pk=employee).first()
    if operator is None:
        return Dialler(ABSENT)
    if operator.state in agents.BUSY:
        return Dialler(BUSY)
    wraps_up = operator.state != OperatorState.OFFLINE
    if not (inside and operator.state == OperatorState.WRAP_UP):
        agents.keep(operator, contact, now)
    return Dialler(wraps_up=wraps_up)


def own_mobile(employee: int) -> str:
    """The endpoint of an employee's mobile for calls that he makes himself, whether it rings for him or not."""
    found = Mobile.objects.filter(pk=employee, employee__is_active=True).first()
    return f"{MOBILE}{found.number}" if found else ""


def mobile_of(employee: int) -> str:
    """The endpoint of an employee's mobile, where it rings for him; empty where it does not."""
    found = Mobile.objects.filter(pk=employee, rings=True, employee__is_active=True).first()
    return f"{MOBILE}{found.number}" if found else ""
