"""Who is in the personal account: a session of its own kind, never an employee's."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth import logout as log_out
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.cache import never_cache

from kindline.clients.login_models import Login
from kindline.files import arriving
from kindline.site import refused, senders
from kindline.site.account import factors, wall
from kindline.site.account.sessions import SESSIONS
from kindline.site.models import AccountSession
from kindline.staff.known_browsers import KnownBrowser

STAY, STAMP, BY_CODE = "account_session", "account_stamp", "account_by_code"
PENDING, PENDING_S = "account_pending", 600
JUST_NOW_S = 600
"""So long an entry by a code stands in for the password where that is asked for."""
SALT = "kindline.site.account.session"
ASKING_S = 3600
"""Longer than a code lives, so that one that is asked for once more takes the place of the first."""
DEVICE = KnownBrowser("kindline_device", SALT, 365 * 24 * 3600, most=5)
"""A family's tablet knows all of them."""
IDLE = ("key", "photos", "verb", "reading", "session")
"""Fields that a form has by itself: a press alone is done again where he comes in."""
Page = Callable[..., HttpResponseBase]


def enter(request: HttpRequest, login: Login, *, by_code: bool, now: dt.datetime) -> None:
    """Begin a session: whatever was in this browser's session before, an employee's too, is over."""
    _end(request, now)
    request.session[STAY] = SESSIONS.open(login, browser=browser_of(request), now=now).token
    request.session[BY_CODE] = int(now.timestamp()) if by_code else 0
    _mark(request, login)


def _end(request: HttpRequest, now: dt.datetime) -> None:
    """Who was in here is not: where he is logged in this browser would stand twice, once as a stranger's."""
    if (opened := present(request, now)) is not None:
        SESSIONS.end(opened.login, key=opened.pk, reason="left", now=now)
    log_out(request)  # an employee's, too: the desk hears of it


def is_by_code(request: HttpRequest, now: dt.datetime) -> bool:
    """Whether he entered by a code from a letter, just now."""
    return bool(now.timestamp() - request.session.get(BY_CODE, 0) < JUST_NOW_S)


def wait_for_second(request: HttpRequest, login: Login, way: str, now: dt.datetime) -> None:
    """The first factor was right: nobody is in yet, and the second is awaited for some minutes."""
    _end(request, now)
    request.session[PENDING] = [login.pk, way, int(now.timestamp()), _stamp(login)]


def pending(request: HttpRequest, now: dt.datetime) -> tuple[Login, str] | None:
    """Who has shown the first factor a moment ago, and which."""
    pk, way, since, stamp = request.session.get(PENDING, [0, "", 0, ""])
    login = Login.objects.filter(pk=pk).first() if now.timestamp() - since < PENDING_S else None
    if (
        login is None
        or login.disabled_at
        or request.user.is_authenticated
        or not constant_time_compare(stamp, _stamp(login))
    ):
        return None
    return login, way


def keep(request: HttpRequest, login: Login) -> None:
    """Let this session outlive a change of the password or the second factor: the others end."""
    but = request.session.get(STAY, "")
    SESSIONS.end_others(login, but=but, reason="changed", now=timezone.now())
    _mark(request, login)


def _mark(request: HttpRequest, login: Login) -> None:
    request.session[STAMP] = _stamp(login)
    request.session.cycle_key()


def current(request: HttpRequest) -> Login | None:
    """Who is in; nobody when an employee is, when the session is over or was ended, or the password was changed."""
    opened = present(request, timezone.now())
    return opened.login if opened else None


def present(request: HttpRequest, now: dt.datetime) -> AccountSession | None:
    """The session of who is in; asking for it is no use of it, for that see `needed`."""
    if request.user.is_authenticated or STAY not in request.session:
        return None
    opened = SESSIONS.alive(request.session[STAY], now)
    if (
        opened is None
        or opened.login.disabled_at
        or not constant_time_compare(request.session.get(STAMP, ""), _stamp(opened.login))
    ):
        return None
    return opened


def needed(page: Page) -> Page:
    """A page of the account: it gets the log-in; whoever is not in is asked to enter. Never kept by a cache."""

    @never_cache
    @wraps(page)
    def guarded(request: HttpRequest, **named: str) -> HttpResponseBase:
        now = timezone.now()
        opened = present(request, now)
        if opened is None:
            return _not_entered(request)
        SESSIONS.note_use(opened, now)
        if request.method == "POST" or getattr(page, CALLS_OUT, False):
            return page(request, opened.login, **named)
        with wall.behind(opened.login.pk):
            return page(request, opened.login, **named)

    return guarded


CALLS_OUT = "asks_another_system"


def calls_out(page: Page) -> Page:
    """A page that asks another system meanwhile: no transaction may wait for that; it goes behind the wall itself."""
    setattr(page, CALLS_OUT, True)
    return page


def _not_entered(request: HttpRequest) -> HttpResponseBase:
    """Who is not in is asked to enter; what he sent meanwhile waits on the page, to be sent again once he is in.

    Files do not wait: each is asked for once more, under the name that it had, so that none is missed unseen.
    """
    told = refused.again(request)
    typed = [(name, value) for name, value in told.get("fields", ()) if name not in refused.SECRET]
    files = [(field, [one.name for one in request.FILES.getlist(field)]) for field in sorted(request.FILES)]
    cut = arriving.cut_off(request)
    if not (files or cut or any(value.strip() for name, value in typed if name not in IDLE)):
        return redirect("account_enter")
    context = {"typed": typed, "texts": told["texts"], "files": files, "cut": cut}
    return render(request, "site/account/expired.html", context, status=401)


def is_known_device(request: HttpRequest, login: Login | None) -> bool:
    """Whether this browser entered this account before: for who is in it is so, with its cookie or without."""
    return login is not None and (DEVICE.is_of(request, login.pk) or current(request) == login)


def remember_device(request: HttpRequest, answer: HttpResponse, login: Login) -> None:
    """Let the browser be known next time: guessing from elsewhere cannot hold it back."""
    DEVICE.remember(request, answer, login.pk)


def sender(request: HttpRequest) -> str:
    """The address from which it came, as it is kept."""
    return senders.address_of(request)


def asking_of(request: HttpRequest) -> str:
    """What tells the browser that asks for a code from all others; empty where it has asked for none of late."""
    return request.COOKIES.get(asking_cookie(), "")[:64]


def asking_by(key: uuid.UUID) -> str:
    """The same for a browser that has asked for none of late, by the key of its form: a second press tells the same."""
    return salted_hmac(f"{SALT}.asking", str(key), algorithm="sha256").hexdigest()


def let_ask(answer: HttpResponse, request: HttpRequest, asking: str) -> None:
    """Let the browser bring it back with the code (ASVS 6.6.2)."""
    answer.set_cookie(
        asking_cookie(), asking, max_age=ASKING_S, httponly=True, samesite="Lax",
        secure=request.is_secure() or bool(settings.HOST_ONLY),
    )  # fmt: skip


def asking_cookie() -> str:
    """What it is called: over HTTPS browsers keep it from this very host alone."""
    return f"{settings.HOST_ONLY}kindline_code"


def site_of(request: HttpRequest) -> str:
    """Under which address links of letters lead here: where the settings do not say, as we are reached now."""
    return settings.SITE_URL or request.build_absolute_uri("/").rstrip("/")


def browser_of(request: HttpRequest) -> str:
    """What the browser calls itself."""
    return str(request.META.get("HTTP_USER_AGENT", "")).replace("\x00", "")


def _stamp(login: Login) -> str:
    """What ends a session when it changes: the password, and the second factor."""
    factor = factors.of(login)
    return salted_hmac(SALT, f"{login.password} {factor.seed if factor else ''}", algorithm="sha256").hexdigest()
