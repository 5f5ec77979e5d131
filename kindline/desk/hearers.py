"""Who may hear the live stream, and whether he still may: as long as his session lasts and he works here (X2)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from http.cookies import SimpleCookie

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from kindline.desk import access
from kindline.staff.models import Employee, EmployeeSession
from kindline.staff.sessions import SESSIONS, STAY


@dataclass(frozen=True, slots=True)
class Hearer:
    """A session that hears; `proof` is the hash that ties it to the employee's password, `token` names its row."""

    session: str
    employee: int
    proof: str
    token: str


def named(cookies: str) -> Hearer | None:
    """The session that the cookies name; whether it holds is asked of `still`."""
    cookie = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    session = SessionStore(cookie.value) if cookie else {}
    employee = session.get(SESSION_KEY)
    if cookie is None or not employee:
        return None
    proof, token = str(session.get(HASH_SESSION_KEY, "")), str(session.get(STAY, ""))
    return Hearer(cookie.value, int(employee), proof, token)


def still(hearers: Collection[Hearer]) -> dict[Hearer, bool]:
    """Those who may hear now, and whether everything: three queries, however many they are."""
    open_ones = _open(hearers)
    working = Employee.objects.in_bulk({one.employee for one in hearers})
    return {
        one: access.in_charge(working[one.employee])
        for one in open_ones
        if one.employee in working and _holds(one, working[one.employee])
    }


def _open(hearers: Collection[Hearer]) -> list[Hearer]:
    """Whose session lasts; one that a talk keeps open beyond its end asks for its state without the stream."""
    now = timezone.now()
    lasting = Session.objects.filter(session_key__in={one.session for one in hearers}, expire_date__gt=now)
    keys = set(lasting.values_list("session_key", flat=True))
    rows = EmployeeSession.objects.filter(SESSIONS.lasts(now), token__in={one.token for one in hearers})
    tokens = set(rows.values_list("token", flat=True))
    return [one for one in hearers if one.session in keys and one.token in tokens]


def _holds(hearer: Hearer, employee: Employee) -> bool:
    """Whether the employee works here and the session is of his present password."""
    hashes = [employee.get_session_auth_hash(), *employee.get_session_auth_fallback_hash()]
    return employee.is_active and any(constant_time_compare(hearer.proof, one) for one in hashes)
