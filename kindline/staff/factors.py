"""The second factor of employees (ASVS 6.3.3): offered to all, demanded of the roles that the installation names."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from kindline.journal import actions as journal
from kindline.journal import locking, sweeping
from kindline.staff import actions, guessing, known_browsers, sessions, totp, whence
from kindline.staff.entry_models import RefusedEntry
from kindline.staff.models import Employee, EmployeeFactor, EmployeePasskey, Role

ALL, NONE = "all", "none"
SECOND = "second"


class WrongCodeError(Exception):
    """The code is mistyped, used, or its half minute is over."""


class HeldBackError(Exception):
    """So many codes were wrong that no more are looked at for now."""


def _told(employee: Employee, what: str, now: dt.datetime) -> None:
    note_change(employee, what, employee, now)


FACTORS = totp.Factors(EmployeeFactor, "employee", "kindline.staff.factors", WrongCodeError, _told)
"""Those of employees: what they refuse is WrongCodeError."""


def show(request: HttpRequest, employee: Employee, code: str, now: dt.datetime) -> None:
    """Six figures of the app, or a code on paper, typed after the password; who guesses is held back.

    Raises: WrongCodeError; HeldBackError.
    """
    with in_turn(request, employee, code, now):
        FACTORS.check(employee, code=code, now=sweeping.of_database())


@contextmanager
def in_turn(request: HttpRequest, employee: Employee, code: str, now: dt.datetime) -> Iterator[None]:
    """What is looked at here is counted when it is wrong, before the next code of the employee's is looked at.

    Raises: WrongCodeError; HeldBackError.
    """
    wrong = None
    with transaction.atomic():
        locking.in_turn(f"second factor of {employee.pk}")
        check_pace(request, employee, code, now)
        try:
            with transaction.atomic():
                yield
        except WrongCodeError as error:
            wrong = error
            note_wrong(request, employee, now)
    if wrong is not None:
        raise wrong


def check_pace(request: HttpRequest, employee: Employee, code: str, now: dt.datetime) -> None:
    """Few figures are taken; a code on paper cannot be guessed, so nobody locks the owner out. Raises: HeldBackError.

    A browser in which the employee was logged in before is counted apart, neither held by its address nor against it.
    """
    is_known = guessing.is_known(request, employee)
    if known_browsers.is_second_held(
        RefusedEntry.objects.filter(way=SECOND, is_known_browser=is_known), guessing.FAILED_FROM_ONE_ADDRESS,
        address=Q(address=guessing.address_of(request)), person=Q(employee=employee), is_known=is_known,
        is_short=totp.is_short(code), now=now,
    ):  # fmt: skip
        raise HeldBackError


def note_wrong(request: HttpRequest, employee: Employee, now: dt.datetime) -> None:
    """Count a wrong code, and keep it in the journal."""
    address, known = guessing.address_of(request), guessing.is_known(request, employee)
    RefusedEntry.objects.create(employee=employee, address=address, is_known_browser=known, at=now, way=SECOND)
    actions.refuse_session(employee=employee, address=whence.address_of(request), way=SECOND)


@transaction.atomic
def reset(*, employee: Employee, by: Employee | None, now: dt.datetime) -> bool:
    """An administrator takes away app and passkeys of who has lost them; False where was none. His sessions end."""
    rows = (EmployeeFactor, EmployeePasskey)
    if not sum(one.objects.filter(employee=employee).delete()[0] for one in rows):
        return False
    note_change(employee, "reset", by, now)
    sessions.end_all(employee=employee, by=by, reason="changed", now=now)
    return True


def is_wanting(employee: Employee) -> bool:
    """Whether the installation demands a second factor of one of the employee's roles, and he has none."""
    demanded = set(settings.SECOND_FACTOR_ROLES)
    return bool(demanded & {ALL, *employee.roles}) and not has_any(employee)


def has_any(employee: Employee) -> bool:
    """Whether anything is asked for after his password: figures of an app, or a passkey."""
    return FACTORS.of(employee) is not None or EmployeePasskey.objects.filter(employee=employee).exists()


def unknown_roles() -> list[str]:
    """What the installation's setting names and no role is."""
    return sorted(set(settings.SECOND_FACTOR_ROLES) - {ALL, NONE, *Role.values})


def note_change(
    employee: Employee, what: str, by: Employee | None, now: dt.datetime, passkey: int | None = None
) -> None:  # fmt: skip
    """A fact; every session of the employee ends, but for the one that is told of it."""
    employee.entry_stamp = secrets.token_hex(8)
    employee.save(update_fields=["entry_stamp"])
    data = {"by": by.pk if by else None, "what": what, "passkey": passkey}
    journal.record(
        kind="employee_factor_changed", subject_type="employee", subject_id=employee.pk, actor=actions.actor(by),
        data=data, at=now,
    )  # fmt: skip
