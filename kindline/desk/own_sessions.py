"""Where an employee is logged in, as he sees and ends it; and how long he stays."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from kindline.desk import access, staying
from kindline.desk.typed import is_key
from kindline.staff import browsers, guessing, sessions
from kindline.staff.models import Employee
from kindline.staff.sessions import SESSIONS

page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@sensitive_post_parameters()
@page
@access.for_roles(*access.EVERYBODY)
def several(request: HttpRequest) -> HttpResponseBase:
    """The list; a post with the present password ends one session or all others (ASVS 7.5.2)."""
    me = access.employee_of(request)
    if request.method != "POST":
        return _shown(request, me)
    if authenticate(request, username=me.username, password=request.POST.get("password", "")) != me:
        held = guessing.was_held(request)
        return _shown(request, me, "held" if held else "password", 429 if held else 422)
    count = _ended(request, me)
    messages.success(request, gettext("Sessions ended: %(count)s.") % {"count": count})
    return redirect("own-sessions")


def _ended(request: HttpRequest, me: Employee) -> int:
    now, chosen = timezone.now(), request.POST.get("session", "")
    if is_key(chosen):
        return SESSIONS.end(me, key=int(chosen), reason="one", now=now)
    return SESSIONS.end_others(me, but=sessions.token_of(request), reason="others", now=now)


def _shown(request: HttpRequest, me: Employee, wrong: str = "", status: int = 200) -> HttpResponse:
    here = sessions.token_of(request)
    rows = [
        {"key": one.pk, "browser": browsers.shown(one.browser) or gettext("A browser"), "address": one.address,
         "opened_at": one.opened_at, "seen_at": one.seen_at, "is_this": one.token == here}
        for one in sessions.of(me, timezone.now())
    ]  # fmt: skip
    idle, whole = SESSIONS.limits()
    context = {"sessions": rows, "wrong": wrong, "idle_min": idle.seconds // 60 + idle.days * 1440,
               "whole_h": int(whole.total_seconds() // 3600)}  # fmt: skip
    return render(request, "desk/own_sessions.html", context, status=status)


@never_cache
@page
def stay(request: HttpRequest) -> HttpResponse:
    """How many seconds the session goes on (`left_s`); a post says that somebody is there. 401: it is over.

    `ends_s`: after how many seconds it ends whatever is done.
    """
    now = timezone.now()
    me = request.user if isinstance(request.user, Employee) else None
    opened = staying.present(request, me, now) if me else None
    if me is None or opened is None:
        return JsonResponse({"left_s": 0, "ends_s": 0}, status=401)
    left, whole = staying.left_of(opened, me, now), SESSIONS.limits().whole
    ends = max(opened.opened_at + whole - now, left)
    return JsonResponse({"left_s": int(left.total_seconds()), "ends_s": int(ends.total_seconds())})
