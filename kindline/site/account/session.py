"""Who is in the personal account: a session of its own kind, never an employee's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.cache import never_cache

from kindline.clients.login_models import Login
from kindline.site import refused
from kindline.site.account import factors
from kindline.staff.known_browsers import KnownBrowser

WHO, STAMP, BY_CODE = "account_login", "account_stamp", "account_by_code"
PENDING, PENDING_S = "account_pending", 600
SALT = "kindline.site.account.session"
DEVICE = KnownBrowser("kindline_device", SALT, 365 * 24 * 3600)
Page = Callable[..., HttpResponseBase]


def enter(request: HttpRequest, login: Login, *, by_code: bool) -> None:
    """Begin a session: whatever was in this browser's session before, an employee's too, is over."""
    request.session.flush()
    request.session[WHO], request.session[BY_CODE] = login.pk, by_code
    keep(request, login)


def wait_for_second(request: HttpRequest, login: Login, way: str, now: dt.datetime) -> None:
    """The first factor was right: nobody is in yet, and the second is awaited for some minutes."""
    request.session.flush()
    request.session[PENDING] = [login.pk, way, int(now.timestamp()), _stamp(login)]


def pending(request: HttpRequest, now: dt.datetime) -> tuple[Login, str] | None:
    """Who has shown the first factor a moment ago, and which."""
    pk, way, since, stamp = request.session.get(PENDING, [0, "", 0, ""])
    login = Login.objects.filter(pk=pk).first() if now.timestamp() - since < PENDING_S else None
    if login is None or request.user.is_authenticated or not constant_time_compare(stamp, _stamp(login)):
        return None
    return login, way


def keep(request: HttpRequest, login: Login) -> None:
    """Let this session outlive a change of the password: the others do not."""
    request.session[STAMP] = _stamp(login)
    request.session.cycle_key()


def current(request: HttpRequest) -> Login | None:
    """Who is in; nobody when an employee is, or when the password was changed elsewhere."""
    if request.user.is_authenticated or WHO not in request.session:
        return None
    login = Login.objects.filter(pk=request.session[WHO]).first()
    if login is None or not constant_time_compare(request.session.get(STAMP, ""), _stamp(login)):
        return None
    return login


def needed(page: Page) -> Page:
    """A page of the account: it gets the log-in; whoever is not in is asked to enter. Never kept by a cache."""

    @never_cache
    @wraps(page)
    def guarded(request: HttpRequest, **named: str) -> HttpResponseBase:
        login = current(request)
        if login is None:
            return _not_entered(request)
        return page(request, login, **named)

    return guarded


def _not_entered(request: HttpRequest) -> HttpResponseBase:
    """Who is not in is asked to enter; what he sent meanwhile waits on the page, to be sent again once he is in."""
    if request.method != "POST" or not (texts := refused.texts_of(request)):
        return redirect("account_enter")
    typed = [(name, value) for name, value in request.POST.items() if name not in refused.SECRET]
    return render(request, "site/account/expired.html", {"typed": typed, "texts": texts}, status=401)


def is_known_device(request: HttpRequest, login: Login | None) -> bool:
    """Whether this browser entered this account before."""
    return login is not None and DEVICE.is_of(request, login.pk)


def remember_device(request: HttpRequest, answer: HttpResponse, login: Login) -> None:
    """Let the browser be known next time: guessing from elsewhere cannot hold it back."""
    DEVICE.remember(request, answer, login.pk)


def _stamp(login: Login) -> str:
    """What ends a session when it changes: the password, and the second factor."""
    factor = factors.of(login)
    return salted_hmac(SALT, f"{login.password} {factor.seed if factor else ''}", algorithm="sha256").hexdigest()
