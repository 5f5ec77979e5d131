"""The pages through which one enters and leaves the personal account."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kindline.clients.login_models import Entry, Login
from kindline.site import form, here, pace, refused
from kindline.site.account import actions, counting, factors, proving, session, throttle, typed
from kindline.site.account.errors import DisabledError, ElsewhereError, HeldBackError, NotEnteredError
from kindline.site.account.owning import Shown
from kindline.site.account.sessions import SESSIONS

TYPED, TYPED_MAX = ("number", "surname", "bill_code", "address", "email"), 300
page = require_http_methods(["GET", "HEAD", "POST"])
CLEARED = '"cache"'
"""Not "storage": that would lose a question typed by nobody's account, and the browser's subscription to notices.

What was typed in the account is removed from the browser's store by the page that follows.
"""


@never_cache
@page
def enter(request: HttpRequest) -> HttpResponseBase:
    """Enter by e-mail and password (krc-5.7.1-23)."""
    if request.method != "POST":
        return render(request, "site/account/enter.html")
    if faults := typed.faults(request.POST, typed.ENTER):
        return _again(request, "site/account/enter.html", "", 422, faults)
    email = request.POST.get("email", "").replace("\x00", "")[:TYPED_MAX]
    known = Login.objects.filter(email=email.strip().lower()).first()
    try:
        tried = counting.begin(request, known)
        login = _proven(tried, email, request.POST.get("password", ""))
    except HeldBackError:
        return _again(request, "site/account/enter.html", "held", 429)
    except DisabledError:
        return _again(request, "site/account/enter.html", "disabled", 403)
    except NotEnteredError:
        return _again(request, "site/account/enter.html", "wrong", 422)
    return _entered(request, login, "password")


def _proven(tried: Entry, email: str, password: str) -> Login:
    """Whose password this is; what was right was no failure. Raises: NotEnteredError; DisabledError."""
    try:
        login = actions.proven(email=email, password=password)
    except DisabledError:
        tried.delete()
        raise
    tried.delete()
    return login


@never_cache
@page
def register(request: HttpRequest) -> HttpResponseBase:
    """Registration by account number and the code of a bill, the surname or the address (krc-5.7.3-09).

    The answer is the same whoever asks.
    """
    return _letter(request, "site/account/register.html", typed.REGISTER)


@never_cache
@page
def letter(request: HttpRequest) -> HttpResponseBase:
    """A code by e-mail, to enter without a password or after it was forgotten."""
    return _letter(request, "site/account/letter.html", typed.LETTER)


def _letter(request: HttpRequest, template: str, needed: tuple[str, ...]) -> HttpResponseBase:
    if request.method != "POST":
        inside = session.current(request)  # who adds an account is not to come to another log-in by a slip
        return render(request, template, {"email": inside.email if inside else "", "key": uuid.uuid4()})
    if faults := typed.faults(request.POST, needed):  # whoever typed no sign of the owner would wait for no letter
        return _again(request, template, "", 422, faults)
    told = {field: request.POST.get(field, "").replace("\x00", "")[:TYPED_MAX] for field in TYPED}
    key = form.key_of(request.POST.get("key", ""))
    browser = session.asking_of(request) or session.asking_by(key)
    try:
        throttle.count_form(request, timezone.now())
        if not pace.is_pressed_twice(f"{template} {key} {told}", timezone.now()):
            _send(request, told, browser, is_new=needed == typed.REGISTER)
    except HeldBackError:
        return _again(request, template, "held", 429)
    answer = redirect("account_code")
    session.let_ask(answer, request, browser)
    return answer


def _send(request: HttpRequest, told: dict[str, str], browser: str, *, is_new: bool) -> None:
    """Send the code to whoever may have one. Raises: BadAddressError."""
    sender, email, now = session.sender(request), told["email"], timezone.now()
    common = {"profile": here.profile(), "language": here.language(), "sender": sender, "browser": browser}
    if not is_new:
        return actions.send_code(email=email, **common, now=now)  # type: ignore[arg-type]
    shown = Shown(told["surname"], told["bill_code"], told["address"])
    return actions.register(number=told["number"], shown=shown, email=email, **common, now=now)  # type: ignore[arg-type]


@never_cache
@page
def code(request: HttpRequest) -> HttpResponseBase:
    """The code from the letter lets in, once, in the browser that asked for it."""
    if request.method != "POST":
        return render(request, "site/account/code.html")
    try:
        login = _redeemed(request)
    except HeldBackError:
        return _again(request, "site/account/code.html", "held", 429)
    except DisabledError:
        return _again(request, "site/account/code.html", "disabled", 403)
    except ElsewhereError:
        return _again(request, "site/account/code.html", "elsewhere", 422)
    except NotEnteredError:
        return _again(request, "site/account/code.html", "wrong", 422)
    return _entered(request, login, "code")


def _redeemed(request: HttpRequest) -> Login:
    """Raises: HeldBackError; DisabledError; ElsewhereError; NotEnteredError."""
    now, code = timezone.now(), request.POST.get("code", "")
    with counting.in_turn(request, None, "code"):
        throttle.check_code(session.sender(request), now)
        site, browser = session.site_of(request), session.asking_of(request)
        return actions.redeem(profile=here.profile(), code=code, site=site, browser=browser, now=now)


@session.needed
@page
def password(request: HttpRequest, login: Login) -> HttpResponseBase:
    """Set a new password: after a code at once, else with the present one; who has none yet shows that it is he."""
    may = proving.is_fresh(request, timezone.now())
    if not (may or login.password):
        return proving.asked("password")
    context = {"ask_old": not may, "login": login}
    if request.method != "POST":
        return render(request, "site/account/password.html", context)
    try:
        if not may:
            _check_old(request, login)
        actions.set_password(login=login, password=request.POST.get("password", ""), now=timezone.now())
    except HeldBackError:
        return refused.shown(request, "site/account/password.html", context | {"wrong": "held"}, 429)
    except NotEnteredError:
        return render(request, "site/account/password.html", context | {"wrong": "old"}, status=422)
    except ValidationError as error:
        return render(request, "site/account/password.html", context | {"faults": error.messages}, status=422)
    session.keep(request, login)
    proving.use_up(request)
    messages.success(request, gettext("The password is set. You are logged out in every other browser."))
    return redirect("account")


def _check_old(request: HttpRequest, login: Login) -> None:
    """Raises: HeldBackError; NotEnteredError."""
    with counting.in_turn(request, login, "password"):
        throttle.check_entry(login, session.sender(request), known_device=True, now=timezone.now())
        actions.proven(email=login.email, password=request.POST.get("old", ""))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Leave: nothing of the session stays, nor of its pages in the browser (ASVS 14.3.1)."""
    now = timezone.now()
    opened = session.present(request, now)
    if opened:
        SESSIONS.end(opened.login, key=opened.pk, reason="left", now=now)
        request.session.flush()
    answer = redirect("account_left")
    answer["Clear-Site-Data"] = CLEARED
    return answer


@never_cache
@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """He has left: what was typed in the account is removed from this browser too."""
    return render(request, "site/account/left.html")


def _entered(request: HttpRequest, login: Login, way: str) -> HttpResponse:
    """The first factor was right: in, or on to the second where there is one."""
    if factors.of(login) is None:
        return let_in(request, login, way)
    session.wait_for_second(request, login, way, timezone.now())
    return redirect("account_second")


def let_in(request: HttpRequest, login: Login, way: str) -> HttpResponse:
    """In: it is kept, and this browser is known from now on."""
    counting.note(request, login, way, entered=True)
    session.enter(request, login, by_code=way == "code", now=timezone.now())
    answer = redirect("account" if login.password else "account_password")
    session.remember_device(request, answer, login)
    return answer


def _again(
    request: HttpRequest, template: str, wrong: str, status: int, faults: Sequence[dict[str, str]] = ()
) -> HttpResponse:
    """The form once more; `faults`: what is wrong by field, `wrong`: with the whole of it."""
    shown = {field: request.POST.get(field, "") for field in (*TYPED, "code")}
    told = {"wrong": wrong, "faults": faults, "key": form.key_of(request.POST.get("key", ""))}
    told["beside"] = {one["field"]: one["text"] for one in faults}
    return refused.shown(request, template, shown | told, status)
