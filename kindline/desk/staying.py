"""How long an employee stays logged in: what he does counts, what a page asks by itself does not, and no talk is cut.

Clause: none; ASVS 7.3.1, 7.3.2. The limits are `KINDLINE_DESK_IDLE_MIN` and `KINDLINE_DESK_SESSION_H`.
"""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.contrib.auth import get_user
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from kindline.staff import sessions
from kindline.staff.models import Employee, EmployeeSession
from kindline.staff.sessions import SESSIONS
from kindline.switchboard.agents import AT_A_CALL
from kindline.switchboard.models import Operator

BY_ITSELF = ("state.json", "/desk/stay/")
"""How addresses end that pages ask for by themselves, whatever is done there."""
OF_THE_PHONE = ("/desk/operator/phone", "/desk/operator/page")
"""Posts that the telephone of a page sends by itself, again and again while it is not let in."""
ON_THE_WALL = "/desk/wallboard/"
"""It hangs on a wall and is looked at, not touched: as long as it asks for figures nobody is idle."""


class Authentication(AuthenticationMiddleware):
    """`request.user`, as long as his session lasts; asked for only where somebody wants to know."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(partial(_user_of, request))  # type: ignore[assignment]  # as Django's own


def is_at_a_call(employee: Employee) -> bool:
    """Whether his phone rings or he talks, or writes up a talk."""
    return Operator.objects.filter(employee=employee, state__in=AT_A_CALL).exclude(contact_id=None).exists()


def present(request: HttpRequest, employee: Employee, now: dt.datetime) -> EmployeeSession | None:
    """The session that goes on, or that a talk keeps open beyond its end; None once it is over."""
    token = sessions.token_of(request)
    found = SESSIONS.alive(token, now)
    if found is None and is_at_a_call(employee):
        return sessions.open_beyond(token, now)
    return found


def left_of(opened: EmployeeSession, employee: Employee, now: dt.datetime) -> dt.timedelta:
    """How long the session goes on if nothing is done; a talk keeps it open."""
    idle, _whole = SESSIONS.limits()
    return idle if is_at_a_call(employee) else SESSIONS.left_of(opened, now)


def _user_of(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    user, now = get_user(request), timezone.now()
    if not isinstance(user, Employee):
        return user
    if not sessions.is_known(request):  # from before an update: it may have a talk
        sessions.remember(request, user, now)
    opened = present(request, user, now)
    if opened is None:
        _end(request, user, now)
        return AnonymousUser()
    if SESSIONS.is_due(opened, now) and (not _is_by_itself(request) or is_at_a_call(user)):
        SESSIONS.note_use(opened, now)
    return user


def _end(request: HttpRequest, employee: Employee, now: dt.datetime) -> None:
    """It is over: the browser knows nothing of it any more, and the journal says so, once."""
    over = EmployeeSession.objects.filter(token=sessions.token_of(request)).first()
    if over is not None:
        SESSIONS.end(employee, key=over.pk, reason="over", now=now)
    request.session.flush()


def _is_by_itself(request: HttpRequest) -> bool:
    """Whether a page asks without anybody having done anything."""
    if request.path_info.endswith(OF_THE_PHONE):
        return True
    if request.method not in ("GET", "HEAD") or request.path_info.startswith(ON_THE_WALL):
        return False
    return "X-Part" in request.headers or request.path_info.endswith(BY_ITSELF)
