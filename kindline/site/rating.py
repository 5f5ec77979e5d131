"""The client rates the answer and the service on the page of the state, once the answer has gone out."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kindline.appeals.models import Appeal
from kindline.feedback import actions, queries
from kindline.feedback.errors import LongWordsError, NotRatedError
from kindline.site import form, here, status, uploads


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
    key, told = form.key_of(request.POST.get("key", "")), _rated(request, found.appeal)
    return status.page(request, profile, found.appeal, known | _message(request, found.appeal, key), key=key, more=told)


def beside(request: HttpRequest, appeal: Appeal, *, sent: bool) -> dict[str, Any]:
    """What is told of a rating that came with a message; it is kept where the message was `sent`, else shown again.

    Empty where nothing was rated, or the rating is the one that is kept already.
    """
    typed, kept = _typed(request), queries.of("appeal", appeal.pk)
    was = {"answer": kept.answer, "service": kept.service, "words": kept.words} if kept else NOTHING
    if not status.is_answered(appeal) or typed in (NOTHING, was):
        return {}
    return _rated(request, appeal) if sent else {"rating": typed}


NOTHING = {"answer": 0, "service": 0, "words": ""}


def _typed(request: HttpRequest) -> dict[str, Any]:
    figures = {name: form.row_key(request.POST.get(name, "")) for name in ("answer", "service")}
    return figures | {"words": request.POST.get("words", "").replace("\r\n", "\n")}


def _rated(request: HttpRequest, appeal: Appeal) -> dict[str, Any]:
    """Keep a rating; what is told of it."""
    typed = _typed(request)
    try:
        actions.rate(subject_type="appeal", subject_id=appeal.pk, **typed, now=timezone.now())
    except NotRatedError:
        return {"rating": typed, "not_rated": True}
    except LongWordsError as error:
        return {"rating": typed, "too_long": error}
    return {"rated": True}


def _message(request: HttpRequest, appeal: Appeal, key: uuid.UUID) -> dict[str, Any]:
    """A message that was begun beside the rating stays as it was typed, with its files."""
    text = request.POST.get("text", "")
    if appeal.closed_at is not None:  # meanwhile: no message is sent any more
        return {"lost_text": text}
    return {"text": text, "wrong_files": uploads.take(request, key, timezone.now())}
