"""Leaving the telephone with the desk."""

from __future__ import annotations

import contextlib
import datetime as dt

from django.utils import timezone

from kindline.desk import switchboard
from kindline.staff import sessions
from kindline.staff.models import Employee
from kindline.switchboard.models import Operator, OperatorState


def logged_out(user: Employee | None, **_: object) -> None:
    """Whoever has logged out of his last session is at the telephone no more: no pause or wrap-up lasts through the
    night; a talk that goes on comes to its end first. Where no switchboard answers, he stays until he is found `gone`.
    """
    now = timezone.now()
    if user and Operator.objects.filter(employee=user).exclude(state=OperatorState.OFFLINE).exists():
        _leave(user, "logged_out", now)


def find_gone(now: dt.datetime) -> None:
    """Take those off who closed their page in a pause or a wrap-up: no session lasts, and no telephone is there."""
    resting = Operator.objects.filter(state__in=[OperatorState.PAUSED, OperatorState.WRAP_UP], registered=False)
    for row in resting.select_related("employee"):
        _leave(row.employee, "session_over", now)


def _leave(user: Employee, reason: str, now: dt.datetime) -> None:
    if not sessions.of(user, now):
        with contextlib.suppress(switchboard.SwitchboardError):
            switchboard.post(f"/operators/{user.pk}/state", {"state": "offline", "reason": reason})
