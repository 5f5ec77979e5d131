"""The client rates the answer and the service on the page of the state, once the answer has gone out."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kindline.feedback import actions
from kindline.feedback.errors import LongWordsError, NotRatedError
from kindline.site import form, here, status


@never_cache
@require_POST
def rate(request: HttpRequest) -> HttpResponse:
    """Two figures and some words, for whoever knows number and code (krc-5.7-16)."""
    profile = here.profile()
    found, known = status.asked_for(request, profile)
    if found is None:
        return status.unknown(request, known)
    if not status.is_answered(found.appeal):
        raise Http404
    answer, service = (form.row_key(request.POST.get(name, "")) for name in ("answer", "service"))
    words = request.POST.get("words", "")
    typed = {"rating": {"answer": answer, "service": service, "words": words}}
    told: dict[str, Any] = {"rated": True}
    try:
        actions.rate(
            subject_type="appeal", subject_id=found.appeal.pk, answer=answer, service=service, words=words,
            now=timezone.now(),
        )  # fmt: skip
    except NotRatedError:
        told = typed | {"not_rated": True}
    except LongWordsError as error:
        told = typed | {"too_long": error}
    return status.page(request, profile, found.appeal, known, more=told)
