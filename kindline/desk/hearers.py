"""Who may hear the live stream, and whether he still may: a session lives as long as its employee works here (X2)."""

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
from kindline.staff.models import Employee


@dataclass(frozen=True, slots=True)
class Hearer:
    """A session that hears; `proof` is the hash that ties it to the employee's password."""

    session: str
    employee: int
    proof: str


def named(cookies: str) -> Hearer | None:
    """The session that the cookies name; whether it holds is asked of `still`."""
    cookie = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    session = SessionStore(cookie.value) if cookie else {}
    employee = session.get(SESSION_KEY)
    if cookie is None or not employee:
        return None
    return Hearer(cookie.value, int(employee), str(session.get(HASH_SESSION_KEY, "")))


def still(hearers: Collection[Hearer]) -> dict[Hearer, bool]:
    """Those who may hear now, and whether everything: two queries, however many they are."""
    keys, people = {one.session for one in hearers}, {one.employee for one in hearers}
    lasting = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    open_ones = set(lasting.values_list("session_key", flat=True))
    working = Employee.objects.in_bulk(people)
    return {
        one: access.in_charge(working[one.employee])
        for one in hearers
        if one.session in open_ones and one.employee in working and _holds(one, working[one.employee])
    }


def _holds(hearer: Hearer, employee: Employee) -> bool:
    """Whether the employee works here and the session is of his present password."""
    hashes = [employee.get_session_auth_hash(), *employee.get_session_auth_fallback_hash()]
    return employee.is_active and any(constant_time_compare(hearer.proof, one) for one in hashes)
