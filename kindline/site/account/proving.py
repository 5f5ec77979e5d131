"""Who is in shows anew that it is he, before what matters is changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from kindline.clients.login_models import Login
from kindline.journal import sweeping
from kindline.site.account import actions, counting, factors, session, throttle
from kindline.site.account.errors import NotEnteredError, NotProvenError
from kindline.staff import totp

PROVEN, LASTS_S = "account_proven", 600
PAGES = {
    "sessions": "account_sessions",
    "password": "account_password",
    "email": "account_email",
    "people": "account_people",
    "factor": "account_factor",
}
"""The pages to which one goes on, by the word that stands in the address."""
View = Callable[..., HttpResponseBase]


def is_fresh(request: HttpRequest, now: dt.datetime) -> bool:
    """Whether it was shown in this session some minutes ago, or the session began so, by a code."""
    return bool(now.timestamp() - request.session.get(PROVEN, 0) < LASTS_S) or session.is_by_code(request, now)


def use_up(request: HttpRequest) -> None:
    """What it was shown for is done: it is asked for anew."""
    request.session.pop(PROVEN, None)
    request.session[session.BY_CODE] = 0


def prove(request: HttpRequest, login: Login, typed: str, second: str, now: dt.datetime) -> None:
    """The password or a code from a letter, and the second factor where there is one (ASVS 7.5.1, 7.5.2).

    Raises: NotProvenError; HeldBackError.
    """
    sender, way = session.sender(request), "password"
    with counting.in_turn(request, login, way):  # a code from a letter is not used up by a wrong second factor
        throttle.check_entry(login, sender, known_device=True, now=now)
        try:
            actions.prove(login=login, typed=typed, browser=request.session[session.STAY], now=now)
            if factors.of(login) is not None:
                way = "second"
                throttle.check_second(login, sender, short=totp.is_short(second), known_device=True, now=now)
                factors.check(login, code=second, now=sweeping.of_database())
        except NotEnteredError as error:
            raise NotProvenError(way) from error
    request.session[PROVEN] = int(now.timestamp())


def asked(word: str) -> HttpResponseRedirect:
    """To the page where it is shown, and from there back to the page of this word."""
    return redirect(f"{reverse('account_again')}?{urlencode({'for': word})}")


def needed(word: str, *, to_see: bool = True) -> Callable[[View], View]:
    """A page of who has shown it; others show it and come back. `to_see`: also for looking at it, else for changes."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
            if (to_see or request.method == "POST") and not is_fresh(request, timezone.now()):
                return asked(word)
            return view(request, *args, **named)

        return guarded

    return guard
