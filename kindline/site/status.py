"""The state of an appeal, at once and at any hour, for whoever knows its number and code."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kindline.appeals import wording
from kindline.appeals.models import Answer, Appeal
from kindline.feedback import queries as feedback
from kindline.feedback.actions import BEST
from kindline.site import here, messages, pace, queries, stages, words
from kindline.site.account import session
from kindline.site.models import Submission
from kindline.standard.profile import Profile


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Ask for number and code; then state, term, talk and, once it has gone out, the answer (krc-5.7.3-08)."""
    profile = here.profile()
    if request.method != "POST":
        return render(request, "site/status.html", {"number": request.GET.get("number", "")})
    found, known = asked_for(request, profile)
    if found is None:
        return unknown(request, known)
    return page(request, profile, found.appeal, known)


def page(
    request: HttpRequest, profile: Profile, appeal: Appeal, told: dict[str, Any], *, key: uuid.UUID | None = None,
    more: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """The page about an appeal; `key`: of a form that is shown again, since it was not sent, or not whole."""
    context = told | shown(profile, appeal, key) | (more or {})
    context["is_inside"] = session.current(request) is not None
    context["puzzle"] = pace.puzzle(request, context["key"], timezone.now())
    return render(request, "site/status.html", context, status=422 if key and not context.get("rated") else 200)


def asked_for(request: HttpRequest, profile: Profile) -> tuple[Submission | None, dict[str, Any]]:
    """The submission of the number and code that were sent, and both as they were typed."""
    number, code = (request.POST.get(name, "").replace("\x00", "") for name in ("number", "code"))
    return queries.by_number(profile.id, number, code), {"number": number, "code": code}


def unknown(request: HttpRequest, known: dict[str, Any]) -> HttpResponse:
    """Nothing is told to who does not know both; what he wrote stays on the page."""
    text = {"lost_text": request.POST.get("text", "") or request.POST.get("words", "")}
    return render(request, "site/status.html", known | text | {"unknown": True}, status=404)


def shown(profile: Profile, appeal: Appeal, key: uuid.UUID | None) -> dict[str, Any]:
    """What is told of an appeal."""
    appeal.refresh_from_db(fields=["state", "closed_at", "answered_at", "data_due_at", "limit_at"])
    answer = Answer.objects.filter(appeal=appeal).exclude(sent_at=None).first()
    return messages.told(profile, appeal, key) | {
        "service": stages.told(profile, appeal),
        "appeal": appeal,
        "kind": wording.kind_title(appeal.kind),
        "state": wording.state_title(profile, appeal.state),
        "registered": words.day(profile, appeal.registered_at),
        "limit": "" if appeal.closed_at else words.day(profile, appeal.limit_at),
        "answered": words.day(profile, answer.sent_at) if answer else "",
        "answer": answer.text if answer else "",
        "may_rate": is_answered(appeal),
        "rating": feedback.of("appeal", appeal.pk),
        "figures": range(1, BEST + 1),
    }


def is_answered(appeal: Appeal) -> bool:
    """Whether there is something to rate: the answer has gone out, or the appeal has left."""
    return appeal.answered_at is not None or appeal.closed_at is not None
