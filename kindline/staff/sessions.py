"""Where an employee is logged in: Django says that somebody logged in or out; the journal and a row of his keep it."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from kindline.journal import actions as journal
from kindline.staff import actions, whence
from kindline.staff.models import Employee, EmployeeSession
from kindline.staff.open_sessions import Limits, Sessions

STAY = "desk_session"
GRACE = dt.timedelta(hours=12)
"""So long after its end a session may still go on, since a talk does (see `open_beyond`)."""


def _limits() -> Limits:
    return Limits(dt.timedelta(minutes=settings.DESK_IDLE_MIN), dt.timedelta(hours=settings.DESK_SESSION_H))


def _told(employee: Employee, count: int, reason: str, now: dt.datetime, by: Employee | None = None) -> None:
    data = {"count": count, "reason": reason, "by": by.pk if by else None}
    journal.record(
        kind="employee_sessions_ended", subject_type="employee", subject_id=employee.pk,
        actor=actions.actor(by or employee), data=data, at=now,
    )  # fmt: skip


SESSIONS = Sessions(EmployeeSession, "employee", _limits, _told)
"""Those of employees; `reason` of an end: over, one, others, changed, administrator."""


def opened(request: HttpRequest | None, user: Employee, **_: object) -> None:
    """Keep a log-in."""
    actions.open_session(employee=user, address=whence.address_of(request) if request else "")
    if request is not None:
        remember(request, user, timezone.now())


def remember(request: HttpRequest, employee: Employee, now: dt.datetime) -> None:
    """Give the browser's session its row."""
    browser = str(request.META.get("HTTP_USER_AGENT", "")).replace("\x00", "")
    row = SESSIONS.open(employee, browser=browser, now=now, address=whence.address_of(request), proof=_proof(employee))
    request.session[STAY] = row.token


def is_known(request: HttpRequest) -> bool:
    """Whether the browser's session has ever had a row: one from before there were rows has none."""
    return STAY in request.session


def closed(request: HttpRequest | None, user: Employee | None, **_: object) -> None:
    """Keep a log-out; an anonymous one is nothing."""
    if user is None:
        return
    actions.close_session(employee=user)
    if request is not None:
        EmployeeSession.objects.filter(employee=user, token=token_of(request)).delete()


def token_of(request: HttpRequest) -> str:
    """What the browser's session calls the row; empty where nobody is logged in."""
    return str(request.session.get(STAY, ""))


def open_beyond(token: str, now: dt.datetime) -> EmployeeSession | None:
    """The session that something is done in, though it has lasted as long as it may: it ends after the talk."""
    return EmployeeSession.objects.select_related("employee").filter(lasts_beyond(now), token=token).first()


def lasts_beyond(now: dt.datetime) -> Q:
    """Which sessions a talk keeps open: something is done there, and they are not much over."""
    idle, whole = _limits()
    return Q(seen_at__gt=now - idle, opened_at__gt=now - whole - GRACE)


def keep(request: HttpRequest, employee: Employee, now: dt.datetime) -> None:
    """Let this session outlive a change of the password or the second factor: the others end (ASVS 7.4.3)."""
    update_session_auth_hash(request, employee)
    EmployeeSession.objects.filter(employee=employee, token=token_of(request)).update(proof=_proof(employee))
    SESSIONS.end_others(employee, but=token_of(request), reason="changed", now=now)


def of(employee: Employee, now: dt.datetime) -> list[EmployeeSession]:
    """Where he is logged in; not where the password of before let him in, whoever set another one (ASVS 7.5.2)."""
    shown = _proofs(employee)
    return [one for one in SESSIONS.of(employee, now) if one.proof in shown]


def is_proven(session: EmployeeSession) -> bool:
    """Whether it is of its owner's present password and second factor, whoever set another one."""
    return session.proof in _proofs(session.employee)


def _proofs(employee: Employee) -> set[str]:
    """What a session of his may show; nothing: it is from before anything was shown."""
    earlier = employee.get_session_auth_fallback_hash()  # under keys that the installation had before
    return {"", _proof(employee), *(_kept(one) for one in earlier)}


def _proof(employee: Employee) -> str:
    """What every session of his must show, as it is kept: nobody can read anything out of it."""
    return _kept(employee.get_session_auth_hash())


def _kept(shown: str) -> str:
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def end_all(*, employee: Employee, by: Employee | None, reason: str, now: dt.datetime) -> int:
    """An administrator ends every session of an employee; how many ended (ASVS 7.4.5)."""
    count = EmployeeSession.objects.filter(employee=employee).delete()[0]
    if count:
        _told(employee, count, reason, now, by)
    return count


def sweep(*, now: dt.datetime) -> int:
    """Forget sessions that are over, and that no talk keeps open; how many."""
    return SESSIONS.sweep(now - GRACE)
