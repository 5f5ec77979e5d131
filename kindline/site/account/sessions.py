"""Where somebody is logged in: every session of the account is a row, which can be looked at and ended."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction
from django.db.models import Q, QuerySet

from kindline.clients.login_models import Login
from kindline.site.account import facts
from kindline.site.models import AccountSession

IDLE, WHOLE = dt.timedelta(minutes=30), dt.timedelta(hours=12)
"""A session ends after so long without anything done, and after so long in all: NIST SP 800-63B, AAL2 (ASVS 7.1.1)."""
NOTED_EVERY = dt.timedelta(minutes=1)
"""That something was done is written down no oftener."""


def open_session(*, login: Login, browser: str, now: dt.datetime) -> AccountSession:
    """Another browser is in."""
    token = secrets.token_hex(16)
    return AccountSession.objects.create(
        token=token, login=login, opened_at=now, seen_at=now, browser=browser[:200]
    )  # fmt: skip


def alive(token: str, now: dt.datetime) -> AccountSession | None:
    """The session of this token, with its log-in; None once it was ended or is over (ASVS 7.3.1, 7.3.2)."""
    return AccountSession.objects.select_related("login").filter(_lasts(now), token=token).first()


def note_use(session: AccountSession, now: dt.datetime) -> None:
    """Something was done in it: the time without anything done begins anew."""
    if now - session.seen_at >= NOTED_EVERY:
        AccountSession.objects.filter(pk=session.pk, seen_at__lt=now).update(seen_at=now)


def left_of(session: AccountSession, now: dt.datetime) -> dt.timedelta:
    """How long it goes on if nothing is done."""
    return min(session.seen_at + IDLE, session.opened_at + WHOLE) - now


def of(login: Login, now: dt.datetime) -> list[AccountSession]:
    """Where somebody is logged in, the one that was used last first (ASVS 7.5.2)."""
    return list(login.sessions.filter(_lasts(now)).order_by("-seen_at", "-pk"))


@transaction.atomic
def end(*, login: Login, key: int, reason: str, now: dt.datetime) -> int:
    """End one session of this log-in, by hand or at leaving; how many ended."""
    return _ended(login, login.sessions.filter(pk=key), reason, now)


@transaction.atomic
def end_others(*, login: Login, but: str, reason: str, now: dt.datetime) -> int:
    """End every session of this log-in except the one with the token `but`; how many ended (ASVS 7.4.3, 7.5.2)."""
    return _ended(login, login.sessions.exclude(token=but), reason, now)


def sweep(now: dt.datetime) -> int:
    """Forget sessions that are over; how many."""
    return AccountSession.objects.exclude(_lasts(now)).delete()[0]


def _lasts(now: dt.datetime) -> Q:
    return Q(seen_at__gt=now - IDLE, opened_at__gt=now - WHOLE)


def _ended(login: Login, rows: QuerySet[AccountSession], reason: str, now: dt.datetime) -> int:
    count = rows.delete()[0]
    if count:
        facts.note("account_sessions_ended", login.pk, {"count": count, "reason": reason}, now)
    return count
