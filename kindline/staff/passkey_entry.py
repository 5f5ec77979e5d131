"""Employees enter by passkeys: alone where one has verified its user, or after the password (ASVS 6.3.3)."""

from __future__ import annotations

import datetime as dt
import logging

from django.db.models import Q
from django.http import HttpRequest

from kindline.journal import actions as journal
from kindline.staff import actions, factors, guessing, known_browsers, whence
from kindline.staff.entry_models import RefusedEntry
from kindline.staff.factors import HeldBackError
from kindline.staff.models import Employee, EmployeePasskey
from kindline.staff.passkeys import PasskeyRefusedError, Passkeys, Shown, place_of

log = logging.getLogger(__name__)
WAY = "passkey"
ALONE, AFTER_PASSWORD, PROOF = "alone", "after_password", "proof"


def _told(employee: Employee, what: str, key: int, now: dt.datetime) -> None:
    factors.note_change(employee, what, employee, now, passkey=key)


PASSKEYS = Passkeys(EmployeePasskey, "employee", _told)
"""Those of employees."""


def enter(request: HttpRequest, *, said: str, challenge: bytes, now: dt.datetime) -> Employee:
    """Who enters by the passkey alone; it has verified that it is he.

    Raises: PasskeyRefusedError; HeldBackError; NoHostNameError.
    """
    row: EmployeePasskey = _looked_at(request, None, said, challenge, now).row
    if not row.employee.is_active:
        _note_wrong(request, row.employee, now)
        raise PasskeyRefusedError("unknown", row)
    _note_used(row, ALONE, now)
    return row.employee


def show(request: HttpRequest, employee: Employee, *, said: str, challenge: bytes, how: str, now: dt.datetime) -> Shown:
    """A passkey of this employee's; `how`: AFTER_PASSWORD, or PROOF that it is he.

    Raises: PasskeyRefusedError; HeldBackError; NoHostNameError.
    """
    shown = _looked_at(request, employee, said, challenge, now)
    _note_used(shown.row, how, now)
    return shown


def _looked_at(
    request: HttpRequest, employee: Employee | None, said: str, challenge: bytes, now: dt.datetime
) -> Shown:  # fmt: skip
    if _is_held(request, employee, now):
        raise HeldBackError
    try:
        return PASSKEYS.shown(employee, said=said, place=place_of(request), challenge=challenge, now=now)
    except PasskeyRefusedError as error:
        _note_wrong(request, error.row.employee if error.row else employee, now)
        if error.why == "went_back":
            _doubt(request, error.row, now)
        raise


def _is_held(request: HttpRequest, employee: Employee | None, now: dt.datetime) -> bool:
    """Nobody guesses a passkey: only a flood from one address is held back, and never a browser that is known."""
    is_known = _is_known(request, employee)
    return known_browsers.is_second_held(
        RefusedEntry.objects.filter(way=WAY, is_known_browser=is_known), guessing.FAILED_FROM_ONE_ADDRESS,
        address=Q(address=guessing.address_of(request)), person=Q(employee=employee), is_known=is_known, is_short=False,
        now=now,
    )  # fmt: skip


def _is_known(request: HttpRequest, employee: Employee | None) -> bool:
    """Whether this employee was logged in before in this browser; of nobody named: whether anybody was."""
    return guessing.is_known(request, employee) if employee else bool(guessing.KNOWN.people(request))


def _note_wrong(request: HttpRequest, employee: Employee | None, now: dt.datetime) -> None:
    """Count a passkey that was not taken, and keep it in the journal."""
    RefusedEntry.objects.create(
        employee=employee, address=guessing.address_of(request), is_known_browser=_is_known(request, employee), at=now,
        way=WAY,
    )  # fmt: skip
    if employee is not None:
        actions.refuse_session(employee=employee, address=whence.address_of(request), way=WAY)
    else:
        log.warning("somebody shows a passkey that nobody has, from %s", whence.address_of(request))


def _doubt(request: HttpRequest, row: EmployeePasskey, now: dt.datetime) -> None:
    """Its counter went back, as a copy's does: the owner is shown it, and the journal tells it."""
    EmployeePasskey.objects.filter(pk=row.pk).update(doubted_at=now)
    data = {"passkey": row.pk, "address": whence.address_of(request)}
    journal.record(
        kind="passkey_doubted", subject_type="employee", subject_id=row.employee_id, actor="nobody", data=data, at=now
    )


def _note_used(row: EmployeePasskey, how: str, now: dt.datetime) -> None:
    journal.record(
        kind="passkey_used", subject_type="employee", subject_id=row.employee_id, actor=actions.actor(row.employee),
        data={"passkey": row.pk, "how": how}, at=now,
    )  # fmt: skip
