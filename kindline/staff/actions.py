"""What is done to employees: each action ends in a fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from kindline.journal import actions as journal
from kindline.staff import shifts
from kindline.staff.acting import actor
from kindline.staff.models import Employee, EmployeeSkill, Role, Skill

CHANGEABLE = frozenset(
    "number surname given_name patronymic gender position unit deputy roles language phone competences email is_active"
    " is_staff is_superuser mail_wish".split()
)


def open_session(*, employee: Employee, address: str = "") -> None:
    """An employee logged in from `address`."""
    data = {"address": address}
    journal.record(
        kind="session_opened", subject_type="employee", subject_id=employee.pk, actor=actor(employee), data=data
    )


def refuse_session(*, employee: Employee, address: str, way: str | None = None) -> None:
    """Somebody named the employee and did not know the password.

    `way` second: he knew it, and not the second factor; passkey: he showed one that was not taken.
    """
    data = {"address": address, "way": way}
    journal.record(kind="session_refused", subject_type="employee", subject_id=employee.pk, actor="nobody", data=data)


def close_session(*, employee: Employee) -> None:
    """An employee logged out."""
    journal.record(kind="session_closed", subject_type="employee", subject_id=employee.pk, actor=actor(employee))


@transaction.atomic
def take_phone(*, employee: Employee, page: str) -> None:
    """A page of the employee's has his browser's phone from now on; the one that had it reads so and lets it go."""
    if Employee.objects.filter(pk=employee.pk).exclude(phone_page=page).update(phone_page=page):
        _keep("browser_phone_taken", employee, employee, {"page": page})


@transaction.atomic
def create_employee(
    *,
    username: str,
    password: str,
    fields: Mapping[str, Any],
    skills: Mapping[str, int] | None = None,
    by: Employee | None = None,
) -> Employee:
    """Add an employee with roles and skills (code -> level); a password from somebody is a first one (ADR 78).

    Raises: ValidationError for an unknown field, role or operator number taken.
    """
    employee = Employee(username=username, **_known(fields))
    employee.set_password(password)
    employee.first_password_until = first_until(employee, by)
    employee.full_clean(exclude=["password"])
    employee.save()
    _set_skills(employee, skills or {})
    _keep("employee_created", employee, by, {})
    return employee


@transaction.atomic
def change_employee(
    *,
    employee: Employee,
    fields: Mapping[str, Any],
    skills: Mapping[str, int] | None = None,
    by: Employee | None = None,
) -> Employee:
    """Change an employee; skills, where given, replace the old ones; who is at the telephone no more has no shifts.

    Raises: ValidationError for an unknown field, role or operator number taken.
    """
    for name, value in _known(fields).items():
        setattr(employee, name, value)
    employee.full_clean(exclude=["password"])
    employee.save(update_fields=[*fields])  # not what he himself may change at this moment: password, telephone
    if skills is not None:
        _set_skills(employee, skills)
    _keep("employee_changed", employee, by, {"fields": sorted(fields) + (["skills"] if skills is not None else [])})
    shifts.end_if_left(employee=employee, by=by, now=timezone.now())
    return employee


@transaction.atomic
def change_password(*, employee: Employee, password: str, by: Employee) -> Employee:
    """Set an employee's password; his sessions end with the old one, but for the one that is told of it.

    One that somebody else set is a first one: good for some days, and changed by the employee before anything else.

    Raises: ValidationError when it is short, common, easily guessed or like his names.
    """
    held = Employee.objects.select_for_update().get(pk=employee.pk)
    validate_password(password, held)
    held.set_password(password)
    held.first_password_until = first_until(held, by)
    held.save(update_fields=["password", "first_password_until"])
    note_password(employee=held, by=by)
    return held


def first_until(employee: Employee, by: Employee | None) -> dt.datetime | None:
    """Until when a password lets in that `by` sets now; None: it is the employee's own secret (ASVS 6.4.1)."""
    is_anothers = by is not None and by != employee
    return timezone.now() + dt.timedelta(days=settings.FIRST_PASSWORD_DAYS) if is_anothers else None


def note_password(*, employee: Employee, by: Employee | None) -> None:
    """An employee's password was set, by himself or by the administration."""
    _keep("employee_password_changed", employee, by, {})


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(fields) - CHANGEABLE)
    if unknown:
        raise ValidationError(f"an employee has no field {', '.join(unknown)}")
    wrong = sorted(set(fields.get("roles", [])) - set(Role.values))
    if wrong:
        raise ValidationError({"roles": f"no such role: {', '.join(wrong)}"})
    return dict(fields)


def _set_skills(employee: Employee, skills: Mapping[str, int]) -> None:
    employee.skills.all().delete()
    known = {skill.code: skill for skill in Skill.objects.filter(code__in=skills)}
    missing = sorted(set(skills) - set(known))
    if missing:
        raise ValidationError({"skills": f"no such skill: {', '.join(missing)}"})
    EmployeeSkill.objects.bulk_create(
        [EmployeeSkill(employee=employee, skill=known[code], level=level) for code, level in skills.items()]
    )


def _keep(kind: str, employee: Employee, by: Employee | None, data: dict[str, Any]) -> None:
    data |= {"by": by.pk if by else None}
    journal.record(kind=kind, subject_type="employee", subject_id=employee.pk, actor=actor(by), data=data)


__all__ = [
    "CHANGEABLE",
    "actor",
    "change_employee",
    "change_password",
    "close_session",
    "create_employee",
    "first_until",
    "note_password",
    "open_session",
    "refuse_session",
    "take_phone",
]
