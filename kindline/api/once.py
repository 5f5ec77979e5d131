"""The same request twice is one deed: the answer is kept under the caller's Idempotency-Key, in the deed's transaction.

A key is held while it is worked under, so that a second request at the same moment is told to wait; a registration is
one statement, and the second waits for the first. What was refused is not kept: corrected, it may come again.
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
from kindline.appeals.registering import ID_PLACE, NUMBER_PLACE, Beside, Besides, KeptBeforeError, filled
from kindline.conversations.errors import RefusedError
from kindline.journal import prepared, retrying

KEY = re.compile(r"[\x21-\x7e]{1,255}")
KNOWN = "SELECT sha256, status, answer FROM api_submission WHERE token_id = %s::bigint AND key = %s"
HELD = """
SELECT pg_try_advisory_xact_lock(%s::bigint), known.sha256, known.status, known.answer
FROM (VALUES (1)) AS one LEFT JOIN api_submission AS known ON known.token_id = %s::bigint AND known.key = %s
"""
KEEP = """
INSERT INTO api_submission (token_id, key, sha256, appeal_id, is_registration, status, answer, made_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
KEEP_BESIDE = """
INSERT INTO api_submission (token_id, key, sha256, appeal_id, is_registration, status, answer, made_at)
SELECT %s::bigint, %s::text, %s::text, made.new_id, true, %s::smallint,
    replace(replace(%s::text, %s::text, made.new_id::text), %s::text, made.new_number), %s::timestamptz
FROM made
"""
REPLAYED = "Idempotent-Replayed"
CREATED = 201


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done and what is told of it (no personal data: the answer is kept)."""

    appeal: Appeal
    answer: str
    status: int = CREATED


def done_once(request: HttpRequest, caller: Caller, body: str, work: Callable[[], Deed]) -> HttpResponse:
    """Do the work under the request's key, or give the answer that was given before.

    Raises: ProblemError when the key is missing, used for something else, or being worked under now.
    """
    use = _use(request, caller, body)
    return _seen(lambda: retrying.whole(lambda: _held(use) or _keep(use, work())))


def given_before(request: HttpRequest, caller: Caller, body: str) -> HttpResponse | None:
    """The answer that was given under the request's key; None when there is none yet.

    For what costs something before the deed, as a quota does. Raises: ProblemError when the key is missing, or used
    for something else.
    """
    return _known(_use(request, caller, body))


def registered_once(
    request: HttpRequest, caller: Caller, body: str, register: Callable[[Besides], Appeal],
    promised: Callable[[Appeal], str], *, key: str = "",
) -> HttpResponse:  # fmt: skip
    """Register under the request's key (or the one given), or give the answer that was given before.

    The answer is written before number and key of the appeal are known, with `registering`'s places for them: all of it
    is one statement, which also sees whether the key was used. The same request at the same moment waits for it and
    gets its answer. Raises: as `done_once`; RefusedError of a request that is the first one under its key.
    """
    use = _use(request, caller, body, key)

    def made() -> HttpResponse:
        told = ""

        def beside(appeal: Appeal) -> Beside:
            nonlocal told
            told = promised(appeal)
            places = [str(ID_PLACE), NUMBER_PLACE]
            return Beside(KEEP_BESIDE, [*use.named, CREATED, told, *places, use.caller.now], KNOWN, use.named[:2])

        appeal = register(beside)  # only now is it told
        return answered(CREATED, filled(told, appeal), replayed=False)

    def work() -> HttpResponse:
        try:
            return made()
        except (KeptBeforeError, RefusedError):
            if (known := _known(use)) is None:
                raise
            return known

    return _seen(lambda: retrying.again(work))


@dataclass(frozen=True, slots=True)
class Use:
    """Of a key, for one request."""

    caller: Caller
    key: str
    sha256: str

    @property
    def named(self) -> list[Any]:
        """As rows name it."""
        return [self.caller.token.pk, self.key, self.sha256]


def _use(request: HttpRequest, caller: Caller, body: str, key: str = "") -> Use:
    key = key or request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise ProblemError("key_missing")
    return Use(caller, key, hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest())


def _seen(work: Callable[[], HttpResponse]) -> HttpResponse:
    """The work; once more where another kept the key between our look and our deed: now it is seen."""
    try:
        return work()
    except IntegrityError as error:
        if "submission_once" not in str(error):
            raise
        return work()


def answered(status: int, answer: str, *, replayed: bool) -> HttpResponse:
    """The answer as it is sent."""
    made = HttpResponse(answer, status=status, content_type="application/json")
    if replayed:
        made[REPLAYED] = "true"
    return made


def _known(use: Use) -> HttpResponse | None:
    found = prepared.one_row(KNOWN, [use.caller.token.pk, use.key])
    return _replayed(use, *found) if found else None


def _held(use: Use) -> HttpResponse | None:
    found = prepared.one_row(HELD, [_hold(use), use.caller.token.pk, use.key])
    held, known, status, answer = found or (False, None, 0, "")
    if known is None and not held:
        raise ProblemError("key_in_use", headers={"Retry-After": "1"})
    return None if known is None else _replayed(use, known, status, answer)


def _replayed(use: Use, known: str, status: int, answer: str) -> HttpResponse:
    if known != use.sha256:
        raise ProblemError("key_reused")
    return answered(status, answer, replayed=True)


def _keep(use: Use, deed: Deed) -> HttpResponse:
    prepared.run(KEEP, [*use.named, deed.appeal.pk, False, deed.status, deed.answer, use.caller.now])
    return answered(deed.status, deed.answer, replayed=False)


def _hold(use: Use) -> int:
    """The number by which PostgreSQL holds the key."""
    found = hashlib.sha256(f"idempotency/{use.caller.token.pk}/{use.key}".encode()).digest()
    return int.from_bytes(found[:8], signed=True)
