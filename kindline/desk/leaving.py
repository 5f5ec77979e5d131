"""Leaving the telephone with the desk."""

from __future__ import annotations

import contextlib

from django.utils import timezone

from kindline.desk import switchboard
from kindline.staff import sessions
from kindline.staff.models import Employee
from kindline.switchboard.models import Operator, OperatorState


def logged_out(user: Employee | None, **_: object) -> None:
    """Whoever has logged out of his last session is at the telephone no more: no pause or wrap-up lasts through the
    night; a talk that goes on comes to its end first. Where no switchboard answers, he stays what he is.
    """
    row = Operator.objects.filter(employee=user).exclude(state=OperatorState.OFFLINE).first() if user else None
    if user and row and not sessions.of(user, timezone.now()):
        with contextlib.suppress(switchboard.SwitchboardError):
            switchboard.post(f"/operators/{user.pk}/state", {"state": "offline", "reason": "logged_out"})
