"""The pages of the second factor: it is set up, asked for at the entry, and taken away."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kindline.clients.login_models import Login
from kindline.journal import sweeping
from kindline.site import here, refused
from kindline.site.account import counting, doors, factors, proving, session, throttle
from kindline.site.account.errors import HeldBackError, NotEnteredError
from kindline.site.models import SecondFactor
from kindline.staff import totp

page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@page
def second(request: HttpRequest) -> HttpResponseBase:
    """After the password or the code from a letter: the figures of the app, or a code on paper."""
    found = session.pending(request, timezone.now())
    if found is None:
        return redirect("account_enter")
    login, way = found
    if request.method != "POST":
        return render(request, "site/account/second.html")
    try:
        _check(request, login)
    except HeldBackError:
        return refused.shown(request, "site/account/second.html", {"wrong": "held"}, 429)
    except NotEnteredError:
        return render(request, "site/account/second.html", {"wrong": "wrong"}, status=422)
    return doors.let_in(request, login, way)


def _check(request: HttpRequest, login: Login) -> None:
    """Raises: NotEnteredError; HeldBackError."""
    code, now = request.POST.get("code", ""), timezone.now()
    is_known = session.is_known_device(request, login)
    with counting.in_turn(request, login, "second"):
        throttle.check_second(login, session.sender(request), short=totp.is_short(code), known_device=is_known, now=now)
        factors.check(login, code=code, now=sweeping.of_database())


@session.needed
@page
@proving.needed("factor")
def factor(request: HttpRequest, login: Login) -> HttpResponseBase:
    """Set the second factor up, get other codes on paper, or take it away: each by who shows that it is he.

    ASVS 7.5.1: who has no password shows it by a code from a letter; an open session alone locks nobody out.
    """
    if request.method != "POST":
        return _shown(request, login)
    verb = request.POST.get("verb", "")
    try:
        with counting.in_turn(request, login, "second"):
            codes = _done(request, login, verb)
    except HeldBackError:
        return _shown(request, login, {"wrong": "held"}, 429)
    except NotEnteredError:
        return _shown(request, login, {"wrong": "code"}, 422)
    if verb in ("confirm", "remove"):
        session.keep(request, login)  # the other sessions end
        proving.use_up(request)
    return _shown(request, login, {"codes": codes, "done": verb})


def _done(request: HttpRequest, login: Login, verb: str) -> list[str]:
    """The codes to be shown once. Raises: NotEnteredError; HeldBackError."""
    now, code = timezone.now(), request.POST.get("code", "")
    throttle.check_second(login, session.sender(request), short=True, known_device=True, now=now)
    now = sweeping.of_database()
    if verb == "begin":
        factors.begin(login, now=now)
    elif verb == "confirm":
        return factors.confirm(login, code=code, now=now)
    elif verb == "codes":
        return factors.renew_codes(login, code=code, now=now)
    elif verb == "remove":
        factors.remove(login, code=code, now=now)
    return []


def _shown(
    request: HttpRequest, login: Login, told: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    row = SecondFactor.objects.filter(login=login).first()
    context: dict[str, Any] = {"login": login, "factor": row, **(told or {})}
    if row and not row.confirmed_at:
        context["picture"] = factors.picture_of(row, login.email, here.company(here.profile()))
        context["secret"] = factors.spelled(row)
    elif row:
        context["left"] = row.codes.filter(used_at=None).count()
    return refused.shown(request, "site/account/factor.html", context, status)
