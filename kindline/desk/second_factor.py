"""The second factor of an employee: asked for after the password, set up and taken away on his own page."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from kindline.desk import access, house, login, passkeys, pending, proving
from kindline.desk.proving import NotProvenError, WrongPasswordError
from kindline.journal import sweeping
from kindline.staff import factors, guessing, sessions
from kindline.staff.factors import FACTORS, HeldBackError, WrongCodeError
from kindline.staff.models import Employee, EmployeeFactor
from kindline.staff.passkey_entry import PASSKEYS

page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@sensitive_post_parameters()
@page
def second(request: HttpRequest) -> HttpResponseBase:
    """After the password: the figures of the app, a code on paper, or a passkey."""
    found = pending.waiting(request, timezone.now())
    if found is None or request.user.is_authenticated:
        return redirect("login")
    if request.method != "POST":
        return _second_shown(request, found[0])
    try:
        _second_looked_at(request, found[0])
    except HeldBackError:
        return _second_shown(request, found[0], _held(request), 429)
    except WrongCodeError:
        return _second_shown(request, found[0], {"wrong": "wrong"}, 422)
    except passkeys.REFUSALS as error:
        words, status = passkeys.said(error)
        return _second_shown(request, found[0], {"passkey_wrong": words}, status)
    return login.let_in(request, *found)


def _second_looked_at(request: HttpRequest, employee: Employee) -> None:
    """Raises: WrongCodeError; HeldBackError; one of passkeys.REFUSALS."""
    if request.POST.get("credential"):
        passkeys.show_second(request, employee)
    else:
        factors.show(request, employee, request.POST.get("code", ""), timezone.now())


def _second_shown(
    request: HttpRequest, employee: Employee, told: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    has = {"has_app": FACTORS.of(employee) is not None, "has_passkeys": employee.passkeys.exists()}
    return render(request, "desk/second.html", has | (told or {}), status=status)


@never_cache
@sensitive_post_parameters()
@page
@access.for_employees
def own(request: HttpRequest) -> HttpResponseBase:
    """Set one's second factor up, get other codes on paper, or take it away."""
    me = access.employee_of(request)
    if request.method != "POST":
        return _shown(request, me)
    verb = request.POST.get("verb", "")
    try:
        codes = _done(request, me, verb)
    except REFUSED as error:
        return _shown(request, me, *_said(request, error))
    if verb in CHANGES:
        sessions.keep(request, me, timezone.now())
        proving.use_up(request)
    return _shown(request, me, {"codes": codes, "done": verb})


CHANGES = ("confirm", "codes", "remove", "add", "take")
"""After these the other sessions end."""
WRONG = {WrongPasswordError: "password", WrongCodeError: "code", NotProvenError: "proof"}
REFUSED = (WrongPasswordError, WrongCodeError, NotProvenError, *passkeys.REFUSALS)


def _said(request: HttpRequest, error: Exception) -> tuple[dict[str, Any], int]:
    """What a refused page says, and the status of the answer."""
    if isinstance(error, HeldBackError):
        return _held(request), 429
    if guessing.was_held(request):
        return {"wrong": "held"}, 429
    if type(error) in WRONG:
        return {"wrong": WRONG[type(error)]}, 422
    words, status = passkeys.said(error)
    return {"passkey_wrong": words}, status


def _held(request: HttpRequest) -> dict[str, Any]:
    """What is said to who is held back: passkeys have a count of their own, and other things help then."""
    if request.POST.get("credential"):
        return {"passkey_wrong": gettext(passkeys.WORDS["held_within"])}
    return {"wrong": "held"}


def _done(request: HttpRequest, me: Employee, verb: str) -> list[str]:
    """The codes to be shown once. Raises: all that `own` tells."""
    if verb == "prove":
        proving.prove(request, me, timezone.now())
    elif verb == "add":
        passkeys.add(request, me)
    elif verb == "take":
        passkeys.take_away(request, me)
    elif verb == "begin":
        _begin(request, me)
    else:
        return _by_code(request, me, verb)
    return []


def _begin(request: HttpRequest, me: Employee) -> None:
    """The password is enough of who has nothing else. Raises: WrongPasswordError; NotProvenError."""
    now = timezone.now()
    if me.passkeys.exists():
        proving.check(request, now)
    elif authenticate(request, username=me.username, password=request.POST.get("password", "")) != me:
        raise WrongPasswordError
    with suppress(WrongCodeError):  # one is set up already, in another window: it is shown
        FACTORS.begin(me, now=now)


def _by_code(request: HttpRequest, me: Employee, verb: str) -> list[str]:
    """An app begun beside a passkey is confirmed as it is begun: after a proof.

    Raises: NotProvenError; WrongCodeError; HeldBackError.
    """
    now, code = timezone.now(), request.POST.get("code", "")
    if verb == "confirm" and me.passkeys.exists():
        proving.check(request, now)
    with factors.in_turn(request, me, code, now):
        return _changed(me, verb, code)


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
    has, is_proven = list(PASSKEYS.of(me)), proving.is_fresh(request, timezone.now())
    context |= {"passkeys": has, "is_proven": is_proven}
    context["typed_name"] = request.POST.get("name", "") if status != 200 else ""
    if row and row.confirmed_at:
        context["left"] = row.codes.filter(used_at=None).count()
    elif row and (is_proven or not has):  # an open page tells its secret to nobody who has not shown a passkey
        context |= {"picture": FACTORS.picture_of(row, me.username, house.issuer()), "secret": FACTORS.spelled(row)}
    return render(request, "desk/second_factor.html", context, status=status)
