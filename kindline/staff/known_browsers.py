"""Browsers in which somebody was logged in before, and when a log-in is held back: the same at every door.

Failures from elsewhere never hold back a browser that its owner has used before: so nobody can lock him out. Who fails
himself waits, twice as long after each failure, and is never shut out (ASVS 6.3.1).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse

WINDOW, HOUR, DAY = dt.timedelta(minutes=15), dt.timedelta(hours=1), dt.timedelta(days=1)
FREE, FIRST, LONGEST = 5, dt.timedelta(seconds=15), WINDOW
"""So many failures within the hour cost nothing; the pause after the next one, which doubles; the longest pause."""
FAILED_SECONDS, FAILED_SECONDS_A_DAY = 5, 30
"""So many wrong figures of an app within the window, and within a day, are taken of one person."""


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """The signed cookie of a door: whose browser this is, `most` people at once, the last one first."""

    name: str
    salt: str
    lasts_s: int
    most: int = 1

    @property
    def cookie(self) -> str:
        """What it is called: over HTTPS browsers keep it from this very host alone (ASVS 3.3.3)."""
        return f"{settings.HOST_ONLY}{self.name}"

    def people(self, request: HttpRequest) -> list[str]:
        """The keys of those who were logged in here; nobody where the cookie is forged or too old."""
        told = request.get_signed_cookie(self.cookie, "", salt=self.salt, max_age=self.lasts_s)
        return told.split(".") if told else []

    def is_of(self, request: HttpRequest, key: object) -> bool:
        """Whether this person was logged in here before."""
        return str(key) in self.people(request)

    def remember(self, request: HttpRequest, answer: HttpResponse, key: object) -> None:
        """Let the browser be known next time."""
        known = [str(key), *(one for one in self.people(request) if one != str(key))]
        answer.set_signed_cookie(
            self.cookie, ".".join(known[: self.most]), salt=self.salt, max_age=self.lasts_s, httponly=True,
            samesite="Lax", secure=request.is_secure() or bool(settings.HOST_ONLY),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bounds:
    """So many failures hold back: from one address within the hour, of one person from all addresses in the window.

    Browsers that are known are not counted among either.
    """

    of_address: int
    of_person: int


def is_held(
    failed: QuerySet, bounds: Bounds, *, address: Q, own: Q | None, elsewhere: Q | None, is_known: bool,  # type: ignore[type-arg]
    now: dt.datetime,
) -> bool:  # fmt: skip
    """Whether a log-in is held back by the failures of late (`failed`, with `at`).

    `own`: the person's from browsers of his, `elsewhere`: from others; none where nobody of that name is known.
    """
    lately = failed.filter(at__gt=now - HOUR)
    if own is not None and is_known:
        return _is_paused(lately.filter(own), now)
    if lately.filter(address).count() >= bounds.of_address:
        return True
    if elsewhere is None:
        return False
    theirs = lately.filter(elsewhere)
    return _is_paused(theirs.filter(address), now) or theirs.filter(at__gt=now - WINDOW).count() >= bounds.of_person


def _is_paused(failed: QuerySet, now: dt.datetime) -> bool:  # type: ignore[type-arg]
    found = failed.aggregate(many=Count("pk"), last=Max("at"))
    return bool(found["many"] >= FREE and now < found["last"] + pause(found["many"]))


def pause(many: int) -> dt.timedelta:
    """How long nothing is taken after so many failures."""
    return min(FIRST * 2 ** (many - FREE), LONGEST) if many >= FREE else dt.timedelta(0)


def is_second_held(
    failed: QuerySet, of_address: int, *, address: Q, person: Q, is_known: bool, is_short: bool, now: dt.datetime,  # type: ignore[type-arg]
) -> bool:  # fmt: skip
    """Whether no more codes are taken: six figures (`is_short`) can be guessed, a code on paper cannot.

    `failed`: wrong codes, with `at`, of browsers that are known if this one is, else of those that are not; so many of
    one address within the hour hold back those alone.
    """
    if not is_known and failed.filter(address, at__gt=now - HOUR).count() >= of_address:
        return True
    own = failed.filter(person)
    lately = own.filter(at__gt=now - WINDOW).count() >= FAILED_SECONDS
    return is_short and (lately or own.filter(at__gt=now - DAY).count() >= FAILED_SECONDS_A_DAY)
