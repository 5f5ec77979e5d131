"""The personal account from within: accounts, debt, own appeals, own data."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from kindline.appeals import wording
from kindline.appeals.models import Answer, Appeal
from kindline.clients.login_models import Login
from kindline.readings import money
from kindline.readings.billing import billing
from kindline.site import here, offering, queries, stages, words
from kindline.site.account import bookings, exporting, own, parts, people, session, session_pages, sheets, wall
from kindline.staff import browsers
from kindline.standard.profile import Profile

SHOWN = 20


@session.needed
def home(request: HttpRequest, login: Login) -> HttpResponse:
    """What the client has and owes, what he has asked, and who has entered (krc-2-18, krc-5.5.1-04)."""
    profile = here.profile()
    context = {
        "login": login,
        "parts": parts.of(profile),
        "accounts": own.accounts_of(login),
        "currency": money.sign(profile),
        "has_colleagues": bool(people.firm_accounts(login)),
        "sends_files": sheets.may_send(login),
        "has_bills": bool(settings.BILLING),
        "offers": offering.offers(profile),
        "appeals": _appeals(profile, appeals_of(login)[:SHOWN]),
        "bookings": bookings.of(login, profile, timezone.now()),
        "sessions": session_pages.shown(request, login),
        "entries": [(one, browsers.shown(one.browser)) for one in login.entries.order_by("-at")[:SHOWN]],
    }
    return render(request, "site/account/home.html", context)


@session.needed
@session.calls_out
def export(request: HttpRequest, login: Login) -> HttpResponse:  # noqa: ARG001 - a page's shape
    """Everything that the account shows, as a file."""
    with wall.behind(login.pk):
        accounts = own.accounts_of(login)
    moved = exporting.money_of(accounts, billing())
    with wall.behind(login.pk):
        told = exporting.told(login, accounts, moved, timezone.now())
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = 'attachment; filename="account.json"'
    return answer


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
