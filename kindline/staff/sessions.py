"""Django says that somebody logged in or out; the journal keeps it."""

from __future__ import annotations

from django.http import HttpRequest

from kindline.staff import actions
from kindline.staff.models import Employee


def opened(request: HttpRequest | None, user: Employee, **_: object) -> None:
    """Keep a log-in."""
    actions.open_session(employee=user, address=request.META.get("REMOTE_ADDR", "") if request else "")


def closed(user: Employee | None, **_: object) -> None:
    """Keep a log-out; an anonymous one is nothing."""
    if user is not None:
        actions.close_session(employee=user)
