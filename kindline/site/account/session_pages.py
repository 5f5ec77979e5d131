"""The pages of sessions: where one is logged in, how long it goes on, and that it is really he."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kindline.clients.login_models import Login
from kindline.site import form, here, refused
from kindline.site.account import actions, factors, proving, session, throttle
from kindline.site.account.errors import HeldBackError, NotProvenError
from kindline.site.account.sessions import SESSIONS
from kindline.staff import browsers

page = require_http_methods(["GET", "HEAD", "POST"])


@session.needed
@page
@proving.needed("sessions", to_see=False)
def several(request: HttpRequest, login: Login) -> HttpResponseBase:
    """Where one is logged in; one session or all others are ended (ASVS 7.5.2)."""
    if request.method != "POST":
        return render(request, "site/account/sessions.html", {"sessions": shown(request, login)})
    now, key = timezone.now(), form.row_key(request.POST.get("session", ""))
    if request.POST.get("verb") == "others":
        SESSIONS.end_others(login, but=request.session[session.STAY], reason="others", now=now)
        messages.success(request, gettext("You are logged out in every other browser."))
    else:
        SESSIONS.end(login, key=key, reason="one", now=now)
        messages.success(request, gettext("You are logged out in that browser."))
    return redirect("account_sessions")


def shown(request: HttpRequest, login: Login) -> list[dict[str, Any]]:
    """The sessions that go on, this one marked."""
    here_is = request.session.get(session.STAY)
    return [
        {"key": one.pk, "browser": browsers.shown(one.browser), "opened_at": one.opened_at, "seen_at": one.seen_at,
         "is_this": one.token == here_is}
        for one in SESSIONS.of(login, timezone.now())
    ]  # fmt: skip


@never_cache
@page
def stay(request: HttpRequest) -> HttpResponse:
    """How many seconds this session goes on (`left_s`); a press of the button lets it go on. 401: it is over."""
    now = timezone.now()
    opened = session.present(request, now)
    if opened is None:
        return JsonResponse({"left_s": 0}, status=401)
    if request.method == "POST":
        SESSIONS.note_use(opened, now)
        opened.seen_at = now
    return JsonResponse({"left_s": int(SESSIONS.left_of(opened, now).total_seconds())})


@session.needed
@page
def again(request: HttpRequest, login: Login) -> HttpResponseBase:
    """Show anew that it is you: by the password or by a code, which is sent from here."""
    word = request.GET.get("for", "")
    context = {"login": login, "has_second": factors.of(login) is not None, "word": word}
    if request.method != "POST":
        return render(request, "site/account/again.html", context)
    try:
        if request.POST.get("verb") == "send":
            _send(request, login)
            return render(request, "site/account/again.html", context | {"is_sent": True})
        typed, second = request.POST.get("password", ""), request.POST.get("code", "")
        proving.prove(request, login, typed, second, timezone.now())
    except HeldBackError:
        return refused.shown(request, "site/account/again.html", context | {"wrong": "held"}, 429)
    except NotProvenError:
        return render(request, "site/account/again.html", context | {"wrong": "wrong"}, status=422)
    return redirect(proving.PAGES.get(word, "account"))


def _send(request: HttpRequest, login: Login) -> None:
    """Raises: HeldBackError."""
    throttle.count_form(request, timezone.now())
    actions.send_code(
        profile=here.profile(), email=login.email, language=here.language(), sender=session.sender(request),
        browser=request.session[session.STAY], purpose=actions.PROOF, now=timezone.now(),
    )  # fmt: skip
