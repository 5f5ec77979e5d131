"""The desk's pages of clients' log-ins: found by e-mail or account, looked at, shut, opened, mended."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods

from kindline.appeals import rights
from kindline.clients.login_models import Login
from kindline.clients.models import Account
from kindline.site import form, here
from kindline.site.account import factors, leading, session
from kindline.site.account.errors import AddressTakenError
from kindline.site.account.sessions import SESSIONS
from kindline.staff import browsers
from kindline.staff.models import Employee

SHOWN = 20
page = require_http_methods(["GET", "HEAD", "POST"])
WHY = {
    leading.NoGroundError: _("Choose on which ground it is done: it is kept."),
    leading.NothingToDoError: _("Nothing would change. Check the numbers of the accounts, or what is to be done."),
    leading.TooManyAccountsError: _(
        "These are more than %(most)s accounts: give them in parts, without those of the houses."
    ),
    AddressTakenError: _("Somebody else enters by the earlier address meanwhile."),
}


@page
def several(request: HttpRequest) -> HttpResponseBase:
    """Find log-ins; what is looked for is posted, as it belongs into no address (ASVS 14.2.1)."""
    if (away := _turned_away(request)) is not None:
        return away
    asked = request.POST.get("asked", "").replace("\x00", "")[:300]
    context = {"asked": asked, "found": leading.found(asked), "is_asked": request.method == "POST"}
    return render(request, "site/account/desk_logins.html", context)


@page
def one(request: HttpRequest, key: int) -> HttpResponseBase:
    """A client's log-in: where it is open, what it sees, what was tried; and what can be done about it."""
    if (away := _turned_away(request)) is not None:
        return away
    login = get_object_or_404(Login, pk=key)
    if request.method != "POST":
        return _shown(request, login)
    try:
        _do(request, login)
    except tuple(WHY) as error:
        return _shown(request, login, gettext(WHY[type(error)]) % {"most": leading.ACCOUNTS_MAX}, 422)
    messages.success(request, gettext("Done. The client is told by e-mail."))
    return redirect("client_login", key=login.pk)


def _do(request: HttpRequest, login: Login) -> None:
    typed, what = request.POST, request.POST.get("verb", "")
    accounts: list[Account] = []
    if what == "drop_account":
        accounts = list(login.accounts.filter(pk=form.row_key(typed.get("account", ""))))
    elif what == "give_readings":
        numbers = typed.get("numbers", "").replace("\x00", "")
        accounts = leading.named(numbers, with_houses=bool(typed.get("houses")))
    elif what not in leading.DEEDS or (what == "restore_email" and typed.get("former") != login.former_email):
        raise leading.NothingToDoError
    leading.lead(
        profile=here.profile(), login=login, what=what, ground=typed.get("ground", ""), employee=_me(request),
        accounts=accounts, site=session.site_of(request), now=timezone.now(),
    )  # fmt: skip


def _shown(request: HttpRequest, login: Login, wrong: str = "", status: int = 200) -> HttpResponse:
    now = timezone.now()
    context: dict[str, Any] = {
        "login": login, "was_misused": leading.was_misused(login),
        "wrong": wrong, "typed": request.POST, "has_factor": factors.of(login) is not None,
        "grounds": [(name, gettext(title)) for name, title in leading.GROUNDS.items()],
        "sessions": [(one, browsers.shown(one.browser)) for one in SESSIONS.of(login, now)],
        "accounts": login.accounts.select_related("client", "premise").order_by("number"),
        "reads": login.reads.select_related("premise").order_by("number"),
        "entries": [(one, browsers.shown(one.browser)) for one in login.entries.order_by("-at")[:SHOWN]],
    }  # fmt: skip
    return render(request, "site/account/desk_login.html", context, status=status)


def _turned_away(request: HttpRequest) -> HttpResponseBase | None:
    """To the log-in, where nobody is known. Raises: PermissionDenied."""
    if not request.user.is_authenticated:
        return redirect(f"/login/?{urlencode({'next': request.get_full_path()})}")
    if not rights.may(here.profile(), leading.RIGHT, _me(request)):
        raise PermissionDenied
    return None


def _me(request: HttpRequest) -> Employee:
    return cast(Employee, request.user)
