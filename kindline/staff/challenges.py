"""A challenge that an authenticator signs: for one browser and one purpose, good once and for some minutes.

It lies in a signed cookie, so that whoever presses the button of the log-in page leaves nothing behind. What was taken
is a row: of two who show the same answer one is refused, whichever process each asks.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from kindline.staff.models import SpentChallenge

SALT = "kindline.staff.challenges"
LIFE_S = 300
FORGET_AFTER = dt.timedelta(hours=1)


class ChallengeOverError(Exception):
    """There is none, it was made for something else, its minutes are over, or it was shown before."""


def made() -> bytes:
    """What nobody can foresee."""
    return secrets.token_bytes(32)


def in_session(request: HttpRequest, what: str) -> str:
    """A purpose within the session of this browser: another session's answer is of no use."""
    return f"{what} {request.session.session_key}"


def keep(request: HttpRequest, answer: HttpResponse, challenge: bytes, *, purpose: str, now: dt.datetime) -> None:
    """Let the browser bring it back, for this purpose alone."""
    told = [base64.b64encode(challenge).decode(), purpose, int(now.timestamp())]
    answer.set_cookie(
        cookie(), signing.Signer(salt=SALT).sign_object(told), max_age=LIFE_S, httponly=True, samesite="Strict",
        secure=request.is_secure() or bool(settings.HOST_ONLY),
    )  # fmt: skip


def taken(request: HttpRequest, *, purpose: str, now: dt.datetime) -> bytes:
    """The challenge of this browser, spent whatever comes of it. Raises: ChallengeOverError."""
    try:
        told, of, since = signing.Signer(salt=SALT).unsign_object(request.COOKIES.get(cookie(), ""))
    except signing.BadSignature as error:
        raise ChallengeOverError from error
    until = dt.datetime.fromtimestamp(since + LIFE_S, dt.UTC)
    if of != purpose or now >= until or not _is_first(told, until):
        raise ChallengeOverError
    return base64.b64decode(told)


def sweep(*, now: dt.datetime) -> int:
    """Forget those whose minutes are long over, by whosever clock; how many."""
    return SpentChallenge.objects.filter(until__lt=now - FORGET_AFTER).delete()[0]


def cookie() -> str:
    """What it is called: over HTTPS browsers keep it from this very host alone."""
    return f"{settings.HOST_ONLY}kindline_passkey"


def _is_first(told: str, until: dt.datetime) -> bool:
    digest = hashlib.sha256(told.encode()).hexdigest()
    return SpentChallenge.objects.get_or_create(digest=digest, defaults={"until": until})[1]
