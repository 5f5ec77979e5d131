"""Personal tokens: given out once in the clear, kept as a hash, found again by it, revoked."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import time
from collections.abc import Collection

from django.db import transaction
from django.db.models import F, QuerySet

from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.staff.actions import actor
from kindline.staff.models import Employee, Scope, Token

PREFIX = "kl_"
DAYS_MAX = 366
RATE_MAX = 60_000
USE_KEPT = dt.timedelta(minutes=1)
REMEMBERED_S, REMEMBERED_MAX = 2.0, 1000
_remembered: dict[str, tuple[float, Token | None]] = {}


class UnfitTokenError(ValueError):
    """The token cannot be given out so; `field` says what to correct."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"correct {field}")


def issue_token(
    *,
    employee: Employee,
    title: str,
    scopes: Collection[str],
    days: int,
    requests_a_minute: int = 600,
    by: Employee | None,
    now: dt.datetime,
) -> tuple[Token, str]:
    """Give out a token in an employee's name; the text is told here and never again. `days`: how long it holds.

    Raises: UnfitTokenError.
    """
    title = storable(title).strip()
    fit = {
        "title": bool(title),
        "scopes": bool(scopes) and set(scopes) <= set(Scope.values),
        "days": 0 < days <= DAYS_MAX,
        "requests_a_minute": 0 < requests_a_minute <= RATE_MAX,
    }
    for field, good in fit.items():
        if not good:
            raise UnfitTokenError(field)
    text = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = Token.objects.create(
            employee=employee, title=title, scopes=sorted(scopes), sha256=hashed(text), hint=text[:7],
            requests_a_minute=requests_a_minute, made_at=now, expires_at=now + dt.timedelta(days=days),
        )  # fmt: skip
        _keep("token_issued", token, by, now)
    return token, text


def revoke_token(*, token: Token, by: Employee | None, now: dt.datetime) -> Token:
    """From now on nothing is done with the token; revoking again changes nothing."""
    with transaction.atomic():
        held = Token.objects.select_for_update().get(pk=token.pk)
        if held.revoked_at is None:
            held.revoked_at = now
            held.save(update_fields=["revoked_at"])
            _keep("token_revoked", held, by, now)
        transaction.on_commit(forget)
        return held


def find(text: str) -> Token | None:
    """The token with this text, its owner with it; whether it still holds must be looked at.

    It is remembered for two seconds: a program that asks often is looked up once, one revoked is out soon.
    """
    sha256 = hashed(text)
    known = _remembered.get(sha256)
    if known is None or time.monotonic() - known[0] > REMEMBERED_S:
        found = Token.objects.select_related("employee__unit").filter(sha256=sha256)[:1]
        known = time.monotonic(), next(iter(found), None)
        if len(_remembered) >= REMEMBERED_MAX:
            forget()
        _remembered[sha256] = known
    return known[1]


def forget() -> None:
    """Look every token up again."""
    _remembered.clear()


def note_use(token: Token, now: dt.datetime) -> None:
    """Remember that the token was used, to the minute."""
    if token.used_at is None or now - token.used_at >= USE_KEPT:
        Token.objects.filter(pk=token.pk).update(used_at=now)
        token.used_at = now


def tokens() -> QuerySet[Token]:
    """Every token, those that hold first, the latest first."""
    return Token.objects.select_related("employee").order_by(F("revoked_at").desc(nulls_first=True), "-made_at")


def hashed(text: str) -> str:
    """What is kept of a token's text: its 256 random bits need no slow hash."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _keep(kind: str, token: Token, by: Employee | None, now: dt.datetime) -> None:
    data = {"token": token.pk, "title": token.title, "by": by.pk if by else None}
    if kind == "token_issued":
        data |= {"scopes": token.scopes, "expires_at": token.expires_at}
    journal.record(kind=kind, subject_type="employee", subject_id=token.employee_id, actor=actor(by), data=data, at=now)
