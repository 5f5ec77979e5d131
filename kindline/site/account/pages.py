"""The personal account from within: accounts, debt, own appeals, own data."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_http_methods

from kindline.appeals import wording
from kindline.appeals.models import Answer, Appeal
from kindline.clients.login_models import Login
from kindline.clients.models import Account
from kindline.conversations.errors import MissingFieldsError, RefusedError
from kindline.notifications import topics
from kindline.site import catalogue, form, here, offering, queries, stages, words
from kindline.site.account import asking, browsers, parts, session
from kindline.site.errors import NotAcceptedError
from kindline.standard.profile import Profile

SHOWN = 20


@session.needed
def home(request: HttpRequest, login: Login) -> HttpResponse:
    """What the client has and owes, what he has asked, and who has entered (krc-2-18, krc-5.5.1-04)."""
    profile = here.profile()
    context = {
        "login": login,
        "parts": parts.of(profile),
        "accounts": accounts_of(login),
        "has_bills": bool(settings.BILLING),
        "offers": offering.offers(profile),
        "appeals": _appeals(profile, appeals_of(login)[:SHOWN]),
        "entries": [(one, browsers.shown(one.browser)) for one in login.entries.order_by("-at")[:SHOWN]],
    }
    return render(request, "site/account/home.html", context)


@parts.part("questions")
@session.needed
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, login: Login) -> HttpResponseBase:
    """Ask without typing anything again that is known."""
    profile, own = here.profile(), accounts_of(login)
    if not own:
        raise Http404
    kinds = form.kinds(profile)
    service = catalogue.chosen(profile, (request.POST or request.GET).get("service", ""))
    context: dict[str, Any] = {
        "key": form.key_of(request.POST.get("key", "")), "accounts": own, "typed": request.POST or request.GET,
        "email": login.email,
        "kinds": [(kind, wording.kind_title(kind)) for kind in kinds],
        "service": catalogue.shown(service),
    }  # fmt: skip
    context["draft"] = salted_hmac("kindline.site.draft", f"login {login.pk}").hexdigest()[:12]
    if request.method != "POST":
        return render(request, "site/account/ask.html", context | {"fresh": True})
    chosen = [one for one in own if one.number == request.POST.get("account")] or own
    kind = request.POST.get("kind", "")
    try:
        made = asking.ask(
            profile=profile, login=login, account=chosen[0], kind=kind if kind in kinds else kinds[0],
            substance=request.POST.get("substance", "").replace("\x00", ""), key=context["key"],
            service=service.id if service else "", now=timezone.now(),
        )  # fmt: skip
    except NotAcceptedError as error:
        code = error.faults["substance"]
    except MissingFieldsError:
        code = ""
    except RefusedError as error:
        code = error.code
    else:
        return redirect("asked", key=made.pk)
    fault = words.fault("substance", code, profile)["text"]
    return render(request, "site/account/ask.html", context | {"wrong": fault}, status=422)


@session.needed
def export(request: HttpRequest, login: Login) -> HttpResponse:  # noqa: ARG001 - a page's shape
    """Everything that the account shows, as a file."""
    told = {
        "email": login.email,
        "accounts": [
            asking.known_of(login, one) | {"number": one.number, "service": one.service, "balance": one.balance}
            for one in accounts_of(login)
        ],
        "appeals": [
            {"number": one.number, "text": one.substance, "registered_at": one.registered_at, "limit_at": one.limit_at}
            for one in appeals_of(login)
        ],
        "notices": list(
            topics.of_address(login.email).values("way", "topics", "street", "house", "made_at", "confirmed_at")
        ),
        "entries": list(login.entries.order_by("at").values("at", "way", "entered", "browser")),
    }
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = 'attachment; filename="account.json"'
    return answer


def accounts_of(login: Login) -> list[Account]:
    """The accounts that this log-in has shown to be its own."""
    return list(login.accounts.select_related("client", "premise").order_by("number"))


def appeals_of(login: Login) -> list[Appeal]:
    """What was asked from this log-in: the appeals of others about the same account are theirs."""
    return list(Appeal.objects.filter(submission__login=login).select_related("submission").order_by("-registered_at"))


def _appeals(profile: Profile, rows: list[Appeal]) -> list[dict[str, Any]]:
    """What was asked, with the stages of services (krc-2-28)."""
    services = stages.several(profile, rows)
    return [_appeal(profile, one) | {"service": services.get(one.pk)} for one in rows]


def _appeal(profile: Profile, appeal: Appeal) -> dict[str, Any]:
    answer = Answer.objects.filter(appeal=appeal).exclude(sent_at=None).first()
    return {
        "number": appeal.number,
        "kind": wording.kind_title(appeal.kind),
        "text": appeal.substance,
        "state": wording.state_title(profile, appeal.state),
        "limit": "" if appeal.closed_at else words.day(profile, appeal.limit_at),
        "answer": answer.text if answer else "",
        "code": queries.code_of(appeal.submission.pk),
    }
