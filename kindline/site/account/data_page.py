"""The page of own data: what is known, what was agreed to, correction and erasure."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from kindline.clients.login_models import Login
from kindline.conversations.errors import MissingFieldsError, RefusedError
from kindline.site import form, here, reception, words
from kindline.site.account import own, session
from kindline.site.errors import AnotherError, NotAcceptedError
from kindline.site.models import Submission
from kindline.standard.profile import Profile


@session.needed
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: HttpRequest, login: Login) -> HttpResponseBase:
    """What we know of the client and what he agreed to; he may change his wishes, and ask for more."""
    if not own.accounts_of(login):
        raise Http404
    if request.method != "POST":
        return _page(request, login, {})
    if request.POST.get("verb") == "wishes":
        own.set_wishes(
            login=login, key=form.row_key(request.POST.get("client", "")),
            do_not_call=bool(request.POST.get("do_not_call")), survey_consent=bool(request.POST.get("survey_consent")),
            now=timezone.now(),
        )  # fmt: skip
        messages.success(request, gettext("Your wishes are kept."))
        return redirect("account_data")
    if request.POST.get("verb") == "ways":
        own.set_ways(
            login=login, key=form.row_key(request.POST.get("client", "")),
            ways=[request.POST.get(name, "") for name in own.ORDER],
            notices=request.POST.getlist("notices"), now=timezone.now(),
        )  # fmt: skip
        messages.success(request, gettext("Your wishes are kept."))
        return redirect("account_data")
    return _asked(request, login)


def _asked(request: HttpRequest, login: Login) -> HttpResponseBase:
    about = own.ERASURE if request.POST.get("verb") == own.ERASURE else own.CORRECTION
    if about == own.ERASURE and not request.POST.get("sure"):
        return _page(request, login, {"sure": "consent_erasure"}, status=422)
    try:
        made = own.ask_about_data(
            profile=here.profile(), login=login, account=own.chosen(login, request.POST), about=about,
            said=request.POST.get("said", "").replace("\x00", ""), key=form.key_of(request.POST.get("key", "")),
            now=timezone.now(),
        )  # fmt: skip
    except NotAcceptedError as error:
        return _page(request, login, error.faults, status=422)
    except AnotherError as error:  # back was pressed, and something else asked for
        return _page(request, login, {"said": "already_asked"}, status=409, number=error.number)
    except MissingFieldsError:
        return _page(request, login, {"said": "card_incomplete"}, status=422)
    except RefusedError as error:
        return _page(request, login, {"said": error.code}, status=422)
    return reception.thanked(request, made)


def _page(
    request: HttpRequest, login: Login, faults: dict[str, str], status: int = 200, number: str = ""
) -> HttpResponseBase:
    """`number`: of what was sent from this page already; then what is sent next goes under a key of its own."""
    profile, is_same = here.profile(), bool(faults) and not number
    context: dict[str, Any] = {
        "login": login,
        "owners": [own.known(one, timezone.now()) for one in own.owners_of(login)],
        "accounts": own.accounts_of(login),
        "consents": [(one, words.moment(profile, one.consented_at)) for one in _consents(login)],
        "erasure": own.open_erasure(login),
        "key": form.key_of(request.POST.get("key", "")) if is_same else uuid.uuid4(),
        "erasure_key": uuid.uuid4(),  # an erasure that waits is known without one
        "typed": request.POST,
        "faults": (told := _told(profile, faults, number)),
        "wrong": {one["field"]: one["text"] for one in told},
    }
    return render(request, "site/account/data.html", context, status=status)


def _told(profile: Profile, faults: dict[str, str], number: str) -> list[dict[str, str]]:
    rows = [words.fault(field, code, profile) for field, code in faults.items()]
    return [{**one, "text": one["text"] % {"number": number}} for one in rows] if number else rows


def _consents(login: Login) -> list[Submission]:
    return list(login.submissions.select_related("appeal").order_by("-made_at")[:20])
