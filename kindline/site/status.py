"""The state of an appeal, at once and at any hour, for whoever knows its number and code."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kindline.appeals import wording
from kindline.appeals.models import Answer, Appeal
from kindline.site import here, queries, words
from kindline.standard.profile import Profile


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Ask for number and code; then the state, the term and, once it has gone out, the answer (krc-5.7.3-08)."""
    profile, context = here.profile(), {"number": request.GET.get("number", "")}
    if request.method != "POST":
        return render(request, "site/status.html", context)
    number, code = request.POST.get("number", ""), request.POST.get("code", "")
    found = queries.by_number(profile.id, number, code)
    context |= {"number": number, "code": code}
    if found is None:
        return render(request, "site/status.html", context | {"unknown": True}, status=404)
    return render(request, "site/status.html", context | _shown(profile, found.appeal))


def _shown(profile: Profile, appeal: Appeal) -> dict[str, Any]:
    answer = Answer.objects.filter(appeal=appeal).exclude(sent_at=None).first()
    return {
        "appeal": appeal,
        "kind": wording.kind_title(appeal.kind),
        "state": wording.state_title(profile, appeal.state),
        "registered": words.day(profile, appeal.registered_at),
        "limit": "" if appeal.closed_at else words.day(profile, appeal.limit_at),
        "answered": words.day(profile, answer.sent_at) if answer else "",
        "answer": answer.text if answer else "",
    }
