"""An employee shows anew that it is he before he changes by what he enters (ASVS 7.5.1): an open page is no proof."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth import authenticate
from django.http import HttpRequest

from kindline.staff import challenges, factors, passkey_entry
from kindline.staff.models import Employee
from kindline.staff.passkeys import PasskeyRefusedError

PROVEN, LASTS_S = "desk_proven", 300
PROVE = "prove"
"""For what a challenge is made."""


class WrongPasswordError(Exception):
    """The present password is asked for, and this is another one."""


class NotProvenError(Exception):
    """He has to show first that it is he."""


def is_fresh(request: HttpRequest, now: dt.datetime) -> bool:
    """Whether he has shown it some minutes ago, and has changed nothing since."""
    return bool(now.timestamp() - request.session.get(PROVEN, 0) < LASTS_S)


def check(request: HttpRequest, now: dt.datetime) -> None:
    """Raises: NotProvenError."""
    if not is_fresh(request, now):
        raise NotProvenError


def use_up(request: HttpRequest) -> None:
    """What it was shown for is done: it is asked for anew."""
    request.session.pop(PROVEN, None)


def prove(request: HttpRequest, me: Employee, now: dt.datetime) -> None:
    """Both factors where he has two: a passkey that verifies him is both at once.

    Raises: WrongPasswordError; WrongCodeError; HeldBackError; PasskeyRefusedError; ChallengeOverError.
    """
    typed, said = request.POST.get("password", ""), request.POST.get("credential", "")
    knows = bool(typed) and authenticate(request, username=me.username, password=typed) == me
    if said:
        _by_passkey(request, me, said, knows=knows, now=now)
    elif not knows:
        raise WrongPasswordError
    elif factors.FACTORS.of(me) is not None:
        factors.show(request, me, request.POST.get("code", ""), now)
    elif me.passkeys.exists():
        raise PasskeyRefusedError("needed")
    request.session[PROVEN] = int(now.timestamp())


def _by_passkey(request: HttpRequest, me: Employee, said: str, *, knows: bool, now: dt.datetime) -> None:
    challenge = challenges.taken(request, purpose=challenges.in_session(request, PROVE), now=now)
    shown = passkey_entry.show(request, me, said=said, challenge=challenge, how=passkey_entry.PROOF, now=now)
    if not (shown.is_verified or knows):
        raise PasskeyRefusedError("unproven")
