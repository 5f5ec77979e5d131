"""Holding back who guesses employees' passwords, at whatever door, so that nobody can lock the owner out.

A browser in which an employee was logged in before is counted apart: failures from elsewhere never hold it back.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from kindline.journal import locking
from kindline.staff import actions, known_browsers, whence
from kindline.staff.entry_models import RefusedEntry
from kindline.staff.known_browsers import Bounds, KnownBrowser
from kindline.staff.models import Employee

log = logging.getLogger(__name__)
FAILED_FROM_ONE_ADDRESS = 100
"""Within the hour: an office of a hundred sits behind one address."""
FAILED_OF_ONE_EMPLOYEE = 10
KNOWN = KnownBrowser("kindline_desk_browser", "kindline.staff.guessing", 365 * 24 * 3600, most=20)
HELD, OVER = "kindline_held_back", "kindline_first_password_over"


class Guarded(ModelBackend):
    """The password, unless somebody is guessing: then nothing is looked at for a while."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **more: Any
    ) -> Employee | None:
        """Raises: PermissionDenied when this log-in is held back."""
        if request is None:
            return super().authenticate(request, username, password, **more)
        tried = _begin(request, _named(username), timezone.now())
        if tried is None:
            setattr(request, HELD, True)
            raise PermissionDenied
        found = super().authenticate(request, username, password, **more)
        if found is not None:
            tried.delete()
            _let_in(request, found)
        return found


def _let_in(request: HttpRequest, employee: Employee) -> None:
    """Raises: PermissionDenied where the password is a first one whose days are over (ASVS 6.4.1)."""
    until = employee.first_password_until
    if until is not None and until <= timezone.now():
        setattr(request, OVER, True)
        raise PermissionDenied


@transaction.atomic
def _begin(request: HttpRequest, employee: Employee | None, now: dt.datetime) -> RefusedEntry | None:
    """Count a try as failed before its password is looked at, one after another; None when it is held back.

    Whoever is counted only after the failure is passed by those who try at the same moment.
    """
    address = address_of(request)
    locking.in_turn(f"entry from {address}", *([f"entry of {employee.pk}"] if employee else []))
    if _is_held(request, employee, now):
        return None
    known = is_known(request, employee)
    return RefusedEntry.objects.create(employee=employee, address=address, is_known_browser=known, at=now)


def was_held(request: HttpRequest) -> bool:
    """Whether the log-in of this request was held back, its password not looked at."""
    return getattr(request, HELD, False)


def was_over(request: HttpRequest) -> bool:
    """Whether the password was right, and a first one whose days are over."""
    return getattr(request, OVER, False)


def refused(credentials: dict[str, Any], request: HttpRequest | None = None, **_: object) -> None:
    """Django says that a log-in failed, as it was counted already; what was held back is no fact."""
    if request is None or was_held(request):
        return
    employee = _named(credentials.get("username"))
    if employee is not None:
        actions.refuse_session(employee=employee, address=whence.address_of(request))
    else:
        log.warning("somebody without a card tries to log in from %s", whence.address_of(request))


def sweep(*, now: dt.datetime) -> int:
    """Forget failures that count for nothing any more; how many."""
    old = Q(way="password", at__lt=now - known_browsers.HOUR) | Q(at__lt=now - known_browsers.DAY)
    return RefusedEntry.objects.filter(old).delete()[0]


def remember(request: HttpRequest, answer: HttpResponse, employee: Employee) -> None:
    """Let the browser be known next time."""
    KNOWN.remember(request, answer, employee.pk)


def _is_held(request: HttpRequest, employee: Employee | None, now: dt.datetime) -> bool:
    failed = RefusedEntry.objects.filter(way="password")
    bounds = Bounds(FAILED_FROM_ONE_ADDRESS, FAILED_OF_ONE_EMPLOYEE)
    own, elsewhere = (Q(employee=employee, is_known_browser=known) if employee else None for known in (True, False))
    return known_browsers.is_held(
        failed, bounds, address=Q(address=address_of(request), is_known_browser=False), own=own, elsewhere=elsewhere,
        is_known=is_known(request, employee), now=now,
    )  # fmt: skip


def _named(username: object) -> Employee | None:
    name = username.replace("\x00", "") if isinstance(username, str) else ""
    return Employee.objects.filter(username=name).first() if name else None


def is_known(request: HttpRequest, employee: Employee | None) -> bool:
    """Whether this employee was logged in before in this browser."""
    return employee is not None and KNOWN.is_of(request, employee.pk)


def address_of(request: HttpRequest) -> str:
    """From where it comes, as failures are counted."""
    return whence.subscriber_of(whence.address_of(request))
