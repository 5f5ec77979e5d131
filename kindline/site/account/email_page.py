"""The page on which the e-mail address of a log-in is changed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from kindline.clients.login_models import Login
from kindline.correspondence.errors import BadAddressError
from kindline.site import here, refused
from kindline.site.account import actions, counting, emails, proving, session, throttle
from kindline.site.account.errors import AddressTakenError, HeldBackError, NotEnteredError

REFUSED: dict[type[Exception], tuple[str, int]] = {
    BadAddressError: ("address", 422),
    HeldBackError: ("held", 429),
    AddressTakenError: ("taken", 409),
}
"""What is said, and with which status."""


@session.needed
@require_http_methods(["GET", "HEAD", "POST"])
@proving.needed("email")
def change(request: HttpRequest, login: Login) -> HttpResponseBase:
    """Name another address; then type the code that came to it."""
    if request.method != "POST":
        return _page(request, login)
    is_code = request.POST.get("verb") == "confirm"
    try:
        (_confirmed if is_code else _asked)(request, login)
    except tuple(REFUSED) as error:
        return _page(request, login, *REFUSED[type(error)])
    except NotEnteredError:
        return _page(request, login, "code", 422)
    return redirect("account" if is_code else "account_email")


def _is_done(login: Login) -> bool:
    """Whether the button was pressed twice, and the first press has changed the address."""
    return Login.objects.get(pk=login.pk).email != login.email


def _asked(request: HttpRequest, login: Login) -> None:
    throttle.count_form(request, timezone.now())
    emails.ask(
        profile=here.profile(), login=login, email=request.POST.get("email", "").replace("\x00", ""),
        language=here.language(), sender=session.sender(request), now=timezone.now(),
    )  # fmt: skip


def _confirmed(request: HttpRequest, login: Login) -> None:
    """The other sessions end, and what was shown for it is used up."""
    if not _is_confirmed(request, login):
        return
    counting.note(request, login, actions.CHANGED, entered=True)
    session.keep(request, login)
    proving.use_up(request)
    messages.success(request, gettext("From now on you enter by the new e-mail address."))


def _is_confirmed(request: HttpRequest, login: Login) -> bool:
    """False when the button was pressed twice, and the first press has changed the address.

    Raises: HeldBackError; NotEnteredError.
    """
    code, now = request.POST.get("code", ""), timezone.now()
    with counting.in_turn(request, login, "code"):
        throttle.check_code(session.sender(request), now)
        try:
            emails.confirm(profile=here.profile(), login=login, code=code, language=here.language(), now=now)
        except NotEnteredError:
            if not _is_done(login):
                raise
            return False
    return True


def _page(request: HttpRequest, login: Login, wrong: str = "", status: int = 200) -> HttpResponse:
    context = {
        "login": login, "wrong": wrong, "waiting": emails.waiting(login, timezone.now()),
        "typed": request.POST.get("email", ""),
    }  # fmt: skip
    return refused.shown(request, "site/account/email.html", context, status)
