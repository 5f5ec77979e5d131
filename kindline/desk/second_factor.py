"""The second factor of an employee: asked for after the password, set up and taken away on his own page."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth import login as log_in
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from kindline.desk import access, house, login, navigation, pending
from kindline.journal import sweeping
from kindline.staff import factors, guessing, sessions
from kindline.staff.factors import FACTORS, HeldBackError, WrongCodeError
from kindline.staff.models import Employee, EmployeeFactor

page = require_http_methods(["GET", "HEAD", "POST"])


class WrongPasswordError(Exception):
    """The present password is asked for before a factor is set up."""


@never_cache
@sensitive_post_parameters()
@page
def second(request: HttpRequest) -> HttpResponseBase:
    """After the password: the figures of the app, or a code on paper."""
    found = pending.waiting(request, timezone.now())
    if found is None or request.user.is_authenticated:
        return redirect("login")
    if request.method != "POST":
        return render(request, "desk/second.html")
    try:
        factors.show(request, found[0], request.POST.get("code", ""), timezone.now())
    except HeldBackError:
        return render(request, "desk/second.html", {"wrong": "held"}, status=429)
    except WrongCodeError:
        return render(request, "desk/second.html", {"wrong": "wrong"}, status=422)
    return _let_in(request, *found)


def _let_in(request: HttpRequest, employee: Employee, leads_to: str) -> HttpResponse:
    pending.end(request)
    log_in(request, employee)
    answer = redirect(leads_to or navigation.home_of(employee))
    login.greet(request, answer, employee)
    return answer


@never_cache
@sensitive_post_parameters()
@page
@access.for_roles(*access.EVERYBODY)
def own(request: HttpRequest) -> HttpResponseBase:
    """Set one's second factor up, get other codes on paper, or take it away."""
    me = access.employee_of(request)
    if request.method != "POST":
        return _shown(request, me)
    verb = request.POST.get("verb", "")
    try:
        codes = _done(request, me, verb)
    except HeldBackError:
        return _shown(request, me, {"wrong": "held"}, 429)
    except WrongPasswordError:
        held = guessing.was_held(request)
        return _shown(request, me, {"wrong": "held" if held else "password"}, 429 if held else 422)
    except WrongCodeError:
        return _shown(request, me, {"wrong": "code"}, 422)
    sessions.keep(request, me, timezone.now())
    return _shown(request, me, {"codes": codes, "done": verb})


def _done(request: HttpRequest, me: Employee, verb: str) -> list[str]:
    """The codes to be shown once. Raises: WrongPasswordError; WrongCodeError; HeldBackError."""
    now, code = timezone.now(), request.POST.get("code", "")
    if verb == "begin":
        if authenticate(request, username=me.username, password=request.POST.get("password", "")) != me:
            raise WrongPasswordError
        with suppress(WrongCodeError):  # one is set up already, in another window: it is shown
            FACTORS.begin(me, now=now)
        return []
    factors.check_pace(request, me, code, now)
    try:
        return _changed(me, verb, code)
    except WrongCodeError:
        factors.note_wrong(request, me, now)
        raise


def _changed(me: Employee, verb: str, code: str) -> list[str]:
    """Raises: WrongCodeError."""
    now = sweeping.of_database()
    if verb == "confirm":
        return FACTORS.confirm(me, code=code, now=now)
    if verb == "codes":
        return FACTORS.renew_codes(me, code=code, now=now)
    if verb == "remove":
        FACTORS.remove(me, code=code, now=now)
    return []


def _shown(request: HttpRequest, me: Employee, told: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    row = EmployeeFactor.objects.filter(employee=me).first()
    context: dict[str, Any] = {"factor": row, "is_wanting": factors.is_wanting(me), **(told or {})}
    if row and not row.confirmed_at:
        issuer = str(house.profile().variable("company") or house.profile().title)
        context |= {"picture": FACTORS.picture_of(row, me.username, issuer), "secret": FACTORS.spelled(row)}
    elif row:
        context["left"] = row.codes.filter(used_at=None).count()
    return render(request, "desk/second_factor.html", context, status=status)
