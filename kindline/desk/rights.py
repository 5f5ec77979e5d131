"""Who on the floor may do what: listen, step into a talk, put operators into a state or another queue, plan shifts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from kindline.desk import access, house
from kindline.staff.models import Employee, Role

LEADING = (Role.SUPERVISOR, Role.UNIT_HEAD)
ACTS: Mapping[str, tuple[str, ...]] = {
    "listen": access.IN_CHARGE,
    "whisper": LEADING,
    "barge": LEADING,
    "take_over": LEADING,
    "force_state": LEADING,
    "reassign": LEADING,
    "set_thresholds": LEADING,
    "emergency": LEADING,
    "lead_shifts": LEADING,
}
"""Where the profile's `supervision.rights` says nothing of an act, these roles have it."""


def may(employee: Employee, act: str) -> bool:
    """Whether the employee has the right to an act."""
    said: Mapping[str, list[str]] = (house.profile().variables.get("supervision") or {}).get("rights") or {}
    return employee.has_role(*said.get(act, ACTS[act]))


def of(employee: Employee) -> dict[str, bool]:
    """Every act, and whether the employee has the right to it."""
    return {act: may(employee, act) for act in ACTS}


def needed(act: str) -> Callable[[access.View], access.View]:
    """Let only those in who have the right to an act."""

    def guard(view: access.View) -> access.View:
        @wraps(view)
        @access.for_roles(*access.EVERYBODY)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may(access.employee_of(request), act):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard
