"""The password of the telephone in an operator's browser: of one session, and for half a day at most (ASVS 4.4.4)."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from kindline.staff import sessions
from kindline.staff.models import EmployeeSession
from kindline.switchboard import agents
from kindline.switchboard.browser_models import BrowserPhone
from kindline.switchboard.models import Operator

LASTS = dt.timedelta(hours=12)
RENEWED_AFTER = LASTS / 2
"""A page asks for the next one in good time: whoever is away for an hour then has not lost his telephone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a page registers with; `renew_s`: seconds until it should ask for the next."""

    password: str
    renew_s: float


@transaction.atomic
def enter(session: EmployeeSession, now: dt.datetime) -> Entry | None:
    """What the telephone of a session registers with: the same until half its time is over, then another.

    That of another session of the same employee is void from now on. None where he has no place at the telephone.
    """
    if not Operator.objects.filter(pk=session.employee_id).exclude(sip_password="").exists():
        return None
    found = BrowserPhone.objects.select_for_update().filter(pk=session.employee_id).first()
    if found is None or found.session_id != session.pk or now - found.made_at >= RENEWED_AFTER:
        fresh = {"session": session, "password": secrets.token_urlsafe(18), "made_at": now}
        found, _ = BrowserPhone.objects.update_or_create(pk=session.employee_id, defaults=fresh)
    return Entry(found.password, (found.made_at + RENEWED_AFTER - now).total_seconds())


def passwords(now: dt.datetime, employees: Collection[int] | None = None) -> dict[int, str]:
    """What the browsers' telephones register with now, by employee; of these alone where they are named.

    A session that a talk keeps open beyond its end keeps its telephone as long; one that began with another password of
    his, or another second factor, has none.
    """
    at_a_call = Q(operator__state__in=agents.AT_A_CALL, operator__contact_id__isnull=False)
    open_now, beyond = (
        Q(session__in=EmployeeSession.objects.filter(one))
        for one in (sessions.SESSIONS.lasts(now), sessions.lasts_beyond(now))
    )
    rows = BrowserPhone.objects.filter(
        open_now | (beyond & at_a_call), made_at__gt=now - LASTS, operator__employee__is_active=True
    )
    if employees is not None:
        rows = rows.filter(pk__in=employees)
    found = rows.select_related("session__employee")
    return {one.operator_id: one.password for one in found if sessions.is_proven(one.session)}
