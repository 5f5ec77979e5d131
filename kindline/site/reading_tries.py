"""Tries at the readings of an account: nobody guesses by trying, and by trying nobody shuts the form to its owner.

A browser in which a reading of the account was accepted, or its owner has entered, is counted for itself. All others
are counted together, and once these are many each further try costs its browser some work: nobody waits for what
somebody else did (faults X1; ASVS 6.3.1; ADR 70). So are known ones, whose cookie may have been copied, once these are
many more.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from kindline.clients import queries as clients
from kindline.clients.models import Account
from kindline.readings import checking
from kindline.site import pace, puzzles, senders
from kindline.site.account.session import DEVICE
from kindline.staff.known_browsers import KnownBrowser

MOST = 40
"""Within the hour, of those tries that were not accepted: an account has few meters."""
MOST_KNOWN = 200
"""The same of all browsers together in which an account is known: a cookie can be copied, and carried to many
addresses. They pay too then, and are not held."""
WORK, HARDEST, EVERY = 18, 20, 20
"""Bits of work of a try beyond them, some seconds of a telephone; so many tries more make it twice as long, up to a
bound: whoever is in his right shows it too."""
KNOWN = KnownBrowser("kindline_readings", "kindline.site.reading_tries", 365 * 24 * 3600, most=10)


class HeldError(Exception):
    """From here, where the account is known, so much was tried that no more is taken for an hour."""


class WorkNeededError(Exception):
    """Much was tried by others: this one is taken once its browser has shown some work."""


@dataclass(frozen=True, slots=True)
class Tries:
    """What was tried about an account by those who count together with this browser; `is_known`: he by himself.

    `names`: under which it is counted, the narrowest first; `many`: how often by the first, `together`: by the last.
    """

    names: Sequence[str]
    is_known: bool
    many: int
    together: int

    @property
    def bits(self) -> int:
        """How much work the next try is; 0 for none."""
        beyond = self.together - (MOST_KNOWN if self.is_known else MOST)
        return 0 if beyond < 0 else min(WORK + beyond // EVERY, HARDEST)


def of(request: HttpRequest, typed: str, now: dt.datetime) -> Tries:
    """The tries about the account whose number was typed, however it is grouped."""
    account = clients.by_account(typed)
    is_known = account is not None and _is_known(request, account)
    name = f"readings of {checking.account(typed)}"
    names = [f"{name} at {senders.address_of(request)}", f"{name} where it is known"] if is_known else [name]
    return Tries(names, is_known, pace.noted(names[0], now), pace.noted(names[-1], now))


def check(request: HttpRequest, tries: Tries, key: uuid.UUID, now: dt.datetime) -> None:
    """Raises: HeldError; WorkNeededError."""
    if tries.is_known and tries.many >= MOST:
        raise HeldError
    if tries.bits and puzzles.proven(request.POST.get("proof", ""), key, now) < tries.bits - 1:
        raise WorkNeededError


def note(tries: Tries, now: dt.datetime) -> None:
    """This one was not accepted."""
    for name in tries.names:
        pace.note(name, now)


def puzzle(request: HttpRequest, typed: str, key: uuid.UUID, now: dt.datetime) -> str:
    """The work for a form that is shown again; empty where none is asked."""
    bits = of(request, typed, now).bits
    return puzzles.made(key, bits, now) if bits else ""


def remember(request: HttpRequest, answer: HttpResponse, typed: str) -> None:
    """A reading of the account was accepted here: let the browser be known."""
    if (account := clients.by_account(typed)) is not None:
        KNOWN.remember(request, answer, account.pk)


def _is_known(request: HttpRequest, account: Account) -> bool:
    people = [int(one) for one in DEVICE.people(request) if one.isdecimal()]
    return KNOWN.is_of(request, account.pk) or (bool(people) and account.logins.filter(pk__in=people).exists())
