"""The same request twice is one deed: the answer is kept under the caller's Idempotency-Key, in the deed's transaction.

A key is held while it is worked under, so that a second request at the same moment is told to wait. What was refused is
not kept: corrected, it may come again with the same key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse

from kindline.api.access import Caller
from kindline.api.problems import ProblemError
from kindline.appeals.models import Appeal
from kindline.journal import prepared, retrying

KEY = re.compile(r"[\x21-\x7e]{1,255}")
KNOWN = """
SELECT pg_try_advisory_xact_lock(%s::bigint), known.sha256, known.status, known.answer
FROM (VALUES (1)) AS one LEFT JOIN api_submission AS known ON known.token_id = %s::bigint AND known.key = %s
"""
KEEP = """
INSERT INTO api_submission (token_id, key, sha256, appeal_id, is_registration, status, answer, made_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
REPLAYED = "Idempotent-Replayed"


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done and what is told of it (no personal data: the answer is kept)."""

    appeal: Appeal
    answer: str
    status: int = 201
    is_registration: bool = False


def done_once(
    request: HttpRequest, caller: Caller, body: str, work: Callable[[], Deed], *, key: str = ""
) -> HttpResponse:
    """Do the work under the request's key (or the one given), or give the answer that was given before.

    Raises: ProblemError when the key is missing, used for something else, or being worked under now.
    """
    key = key or request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise ProblemError("key_missing")
    sha256 = hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()

    def attempt() -> HttpResponse:
        return _known(caller, key, sha256) or _keep(caller, key, sha256, work())

    try:
        return retrying.whole(attempt)
    except IntegrityError as error:
        if "submission_once" not in str(error):
            raise
        return retrying.whole(attempt)  # it was kept between our look and our hold: now it is seen


def answered(status: int, answer: str, *, replayed: bool) -> HttpResponse:
    """The answer as it is sent."""
    made = HttpResponse(answer, status=status, content_type="application/json")
    if replayed:
        made[REPLAYED] = "true"
    return made


def _known(caller: Caller, key: str, sha256: str) -> HttpResponse | None:
    found = prepared.one_row(KNOWN, [_hold(caller, key), caller.token.pk, key])
    held, known, status, answer = found or (False, None, 0, "")
    if known is not None and known != sha256:
        raise ProblemError("key_reused")
    if known is not None:
        return answered(status, answer, replayed=True)
    if not held:
        raise ProblemError("key_in_use", headers={"Retry-After": "1"})
    return None


def _keep(caller: Caller, key: str, sha256: str, deed: Deed) -> HttpResponse:
    row: list[Any] = [
        caller.token.pk,
        key,
        sha256,
        deed.appeal.pk,
        deed.is_registration,
        deed.status,
        deed.answer,
        caller.now,
    ]
    prepared.run(KEEP, row)
    return answered(deed.status, deed.answer, replayed=False)


def _hold(caller: Caller, key: str) -> int:
    """The number by which PostgreSQL holds the key."""
    found = hashlib.sha256(f"idempotency/{caller.token.pk}/{key}".encode()).digest()
    return int.from_bytes(found[:8], signed=True)
