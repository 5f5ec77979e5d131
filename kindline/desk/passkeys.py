"""Employees' passkeys: a whole log-in by one, and the list of one's own."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kindline.desk import login, passkey_asking, proving
from kindline.desk.typed import is_key
from kindline.staff import browsers, challenges, passkey_entry
from kindline.staff.challenges import ChallengeOverError
from kindline.staff.factors import HeldBackError
from kindline.staff.models import Employee
from kindline.staff.passkey_entry import PASSKEYS
from kindline.staff.passkeys import NAME_MAX, NoHostNameError, PasskeyRefusedError, place_of

REFUSALS = (PasskeyRefusedError, ChallengeOverError, NoHostNameError, HeldBackError)
WORDS = {
    "over": _("This attempt is over: each is good once and for five minutes. Press the button again."),
    "held": _(
        "There were many attempts from your address: for an hour no passkey is looked at. Log in with the password."
    ),
    "held_within": _(
        "There were many attempts from your address: for an hour no passkey is looked at. Type the figures of the app"
        " or a code on paper, take a browser in which you were logged in before, or ask the administrator."
    ),
    "host": _("A passkey belongs to the name of the site, not to an address in figures: open this page by its name."),
    "unknown": _(
        "This passkey is not known here: it was taken away, or belongs to somebody else. Log in with the password."
    ),
    "unverified": _(
        "This passkey did not make sure by a PIN, a finger or a face that it is you, so it does not let in alone."
        " Log in with the password: after it this passkey is enough."
    ),
    "unproven": _(
        "This passkey did not make sure by a PIN, a finger or a face that it is you: type the password too, then press"
        " the button again."
    ),
    "went_back": _(
        "This passkey counted backwards, as a copy of it would, so it was not taken. Log in another way, take it away"
        " under Second factor and tell the administrator."
    ),
    "known": _("This device or key holds a passkey of yours already."),
    "many": _("You have as many passkeys as one can have: take one away first."),
    "gone": _("This passkey was taken away already, perhaps in another window."),
    "needed": _("The password alone is not enough: show one of your passkeys."),
    "wrong": _(
        "This passkey was not taken: it was shown for another address, for another window of this browser, or was"
        " damaged on its way. Open the page by its usual address in one window alone and press the button again."
    ),
}  # fmt: skip


def said(error: Exception) -> tuple[str, int]:
    """A refusal in words, and the status of the answer."""
    if isinstance(error, HeldBackError):
        return gettext(WORDS["held"]), 429
    if isinstance(error, ChallengeOverError):
        return gettext(WORDS["over"]), 422
    return gettext(WORDS[error.why if isinstance(error, PasskeyRefusedError) else "host"]), 422


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponseBase:
    """Log in by a passkey alone: it has verified that it is he. A look at the address is led to the log-in page."""
    if request.user.is_authenticated or request.method != "POST":
        return redirect("home")
    now = timezone.now()
    try:
        challenge = challenges.taken(request, purpose=passkey_asking.ENTER, now=now)
        employee = passkey_entry.enter(request, said=_credential(request), challenge=challenge, now=now)
    except REFUSALS as error:
        return _refused(request, error)
    return login.let_in(request, employee, login.safe(request))


def _refused(request: HttpRequest, error: Exception) -> HttpResponse:
    words, status = said(error)
    shown = {"form": AuthenticationForm(request), "next": login.safe(request), "passkey_wrong": words}
    return render(request, "desk/login.html", shown, status=status)


def show_second(request: HttpRequest, employee: Employee) -> None:
    """A passkey after the password. Raises: one of REFUSALS."""
    now = timezone.now()
    purpose = challenges.in_session(request, passkey_asking.SECOND)
    challenge = challenges.taken(request, purpose=purpose, now=now)
    how = passkey_entry.AFTER_PASSWORD
    passkey_entry.show(request, employee, said=_credential(request), challenge=challenge, how=how, now=now)


def add(request: HttpRequest, me: Employee) -> None:
    """Keep what the browser has made. Raises: NotProvenError; one of REFUSALS."""
    now = timezone.now()
    proving.check(request, now)
    challenge = challenges.taken(request, purpose=challenges.in_session(request, passkey_asking.ADD), now=now)
    place, typed = place_of(request), request.POST.get("name", "").replace("\x00", "").strip()[:NAME_MAX]
    name = typed or browsers.shown(request.META.get("HTTP_USER_AGENT", "")) or gettext("Passkey")
    PASSKEYS.add(me, said=_credential(request), name=name, place=place, challenge=challenge, now=now)


def take_away(request: HttpRequest, me: Employee) -> None:
    """One of his lets in no more. Raises: NotProvenError; PasskeyRefusedError where he has no such: nothing is done."""
    now, key = timezone.now(), request.POST.get("passkey", "")
    proving.check(request, now)
    if not (is_key(key) and PASSKEYS.take_away(me, key=int(key), now=now)):
        raise PasskeyRefusedError("gone")


def _credential(request: HttpRequest) -> str:
    return request.POST.get("credential", "")
