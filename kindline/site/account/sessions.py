"""Where somebody is logged in to the account: `staff.open_sessions`, with the account's own limits and facts."""

from __future__ import annotations

import datetime as dt

from kindline.clients.login_models import Login
from kindline.site.account import facts
from kindline.site.models import AccountSession
from kindline.staff.open_sessions import Limits, Sessions

IDLE, WHOLE = dt.timedelta(minutes=30), dt.timedelta(hours=12)
"""So long without anything done, and so long in all: NIST SP 800-63B, AAL2 (ASVS 7.1.1)."""


def _told(login: Login, count: int, reason: str, now: dt.datetime) -> None:
    facts.note("account_sessions_ended", login.pk, {"count": count, "reason": reason}, now)


SESSIONS = Sessions(AccountSession, "login", lambda: Limits(IDLE, WHOLE), _told)
"""Those of the account; `reason` of an end: left, one, others, changed, employee."""
