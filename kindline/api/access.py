"""Who asks, and what is open to him: a token's scopes, within what its owner may do."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from kindline.api import limits
from kindline.api.models import Submission
from kindline.api.problems import ProblemError
from kindline.appeals.models import Appeal
from kindline.staff import tokens
from kindline.staff.models import Employee, Role, Scope, Token

REGISTRY = tuple(role for role in Role if role != Role.ADMINISTRATOR)
"""Who works with appeals (the same as on the desk)."""
REALM = {"WWW-Authenticate": 'Bearer realm="kindline"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """The program that asks, and when."""

    token: Token
    now: dt.datetime

    @property
    def employee(self) -> Employee:
        """In whose name."""
        return self.token.employee

    def has(self, *scopes: str) -> bool:
        """Whether the token covers any of these."""
        return bool(set(scopes) & set(self.token.scopes))


class PersonalToken(HttpBearer):
    """`Authorization: Bearer kl_…` with one of the scopes."""

    def __init__(self, *scopes: str) -> None:
        super().__init__()
        self.scopes = scopes

    def __call__(self, request: HttpRequest) -> Any:
        """The caller. Raises: ProblemError with 401, 403 or 429."""
        return super().__call__(request) or self.authenticate(request, "")

    def authenticate(self, request: HttpRequest, token: str) -> Caller:  # noqa: ARG002 - a shape of ninja's
        """The caller with this token. Raises: ProblemError."""
        return admitted(token, self.scopes, timezone.now())


def admitted(text: str, scopes: tuple[str, ...], now: dt.datetime) -> Caller:
    """The caller with a token, if it holds, covers the scopes, and does not ask too often.

    Raises: ProblemError.
    """
    found = tokens.find(text) if text.startswith(tokens.PREFIX) else None
    if found is None or not found.employee.is_active:
        raise ProblemError("unauthorized", headers=dict(REALM))
    if found.revoked_at is not None:
        raise ProblemError("token_revoked", headers=dict(REALM))
    if found.expires_at <= now:
        raise ProblemError("token_expired", headers=dict(REALM))
    wait_s = limits.take(found.pk, found.requests_a_minute)
    if wait_s:
        raise ProblemError("too_many", headers={"Retry-After": str(math.ceil(wait_s))})
    caller = Caller(found, now)
    if not caller.has(*scopes):
        raise ProblemError("scope_missing", more={"scopes": list(scopes)})
    if not caller.employee.has_role(*REGISTRY):
        raise ProblemError("role_missing")
    tokens.note_use(found, now)
    return caller


def caller_of(request: HttpRequest) -> Caller:
    """Who asks; only where a token was asked for."""
    return cast(Caller, request.auth)  # type: ignore[attr-defined]


def visible(caller: Caller, *, to_write: bool = False) -> QuerySet[Appeal]:
    """The appeals open to the caller: all with the scope for it, else those that the token itself registered."""
    if caller.has(Scope.WRITE if to_write else Scope.READ):
        return Appeal.objects.all()
    own = Submission.objects.filter(token=caller.token, is_registration=True).values("appeal")
    return Appeal.objects.filter(Q(pk__in=own) if caller.has(Scope.CREATE) else Q(pk=None))


def readable(caller: Caller, appeal: int, *fields: str) -> Appeal:
    """An appeal to be read, with the fields named and what belongs to it (`answer__text`); without any, with its key.

    Raises: ProblemError (404) where it is not there or not open to the caller.
    """
    return _one(visible(caller), appeal, fields)


def writable(caller: Caller, appeal: int) -> Appeal:
    """An appeal to be added to, with its key. Raises: ProblemError (404)."""
    return _one(visible(caller, to_write=True), appeal, ())


def _one(rows: QuerySet[Appeal], appeal: int, fields: tuple[str, ...]) -> Appeal:
    beside = {name.partition("__")[0] for name in fields if "__" in name}
    rows = rows.select_related(*beside) if beside else rows
    found = list(rows.only("pk", *fields).filter(pk=appeal)[:1])
    if not found:
        raise ProblemError("not_found")
    return found[0]
