"""Between the two factors: the password was right, and nobody is logged in yet."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from kindline.staff.models import Employee

PENDING, LASTS_S = "desk_pending", 600
NOBODY = [0, 0, "", ""]


def wait(request: HttpRequest, employee: Employee, leads_to: str, now: dt.datetime) -> None:
    """The second factor is awaited for some minutes; `leads_to`: the page that was asked for, empty for none."""
    request.session.flush()
    request.session[PENDING] = [employee.pk, int(now.timestamp()), employee.get_session_auth_hash(), leads_to]


def waiting(request: HttpRequest, now: dt.datetime) -> tuple[Employee, str] | None:
    """Who has shown the password a moment ago, and what he asked for; nobody once it was changed meanwhile."""
    pk, since, stamp, leads_to = request.session.get(PENDING, NOBODY)
    found = Employee.objects.filter(pk=pk, is_active=True).first() if now.timestamp() - since < LASTS_S else None
    if found is None or not constant_time_compare(stamp, found.get_session_auth_hash()):
        return None
    return found, leads_to


def end(request: HttpRequest) -> None:
    """The second factor was right too."""
    request.session.pop(PENDING, None)
