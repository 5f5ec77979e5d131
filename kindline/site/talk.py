"""The client writes on the page of the state, attaches files, and takes the files that were shown to him."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kindline.appeals import talking
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Appeal
from kindline.appeals.moves import WrongStateError
from kindline.files import handing
from kindline.files.errors import FilesError
from kindline.files.models import FileState
from kindline.site import form, here, messages, pace, rating, status, uploads, words
from kindline.site.errors import TooManyError


@never_cache
@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """A message about an appeal, for whoever knows its number and code; what is wrong loses nothing that was typed."""
    profile, now = here.profile(), timezone.now()
    found, known = status.asked_for(request, profile)
    if found is None:
        return status.unknown(request, known)
    key, wrong = form.key_of(request.POST.get("key", "")), []
    code = _too_many(request, key)
    if not code and not (wrong := uploads.take(request, key, now)):
        code = _received(request, found.appeal, key)
    is_said = not wrong and code in ("", "nothing_said")  # who only rated, and pressed this button, has said something
    more = rating.beside(request, found.appeal, sent=is_said)
    if not wrong and (not code or (code == "nothing_said" and more.get("rated"))):
        return status.page(request, profile, found.appeal, known | ({} if code else {"sent": key}), more=more)
    fault = words.fault("text", code, profile)["text"] if code else ""
    told = {"is_later": code == "too_many", "wrong": fault, "wrong_files": wrong, "text": request.POST.get("text", "")}
    return status.page(request, profile, found.appeal, known | told, key=key, more=more)


def _too_many(request: HttpRequest, key: uuid.UUID) -> str:
    now = timezone.now()
    try:
        pace.is_proven(request, pace.count(request, now), key, now)
    except TooManyError:
        return "too_many"
    return ""


def _received(request: HttpRequest, appeal: Appeal, key: uuid.UUID) -> str:
    """Why the message was not taken; empty where it was."""
    text = request.POST.get("text", "").replace("\x00", "")
    if len(text) > form.LONGEST:
        return "too_long"
    try:
        talking.receive_message(
            appeal=appeal, text=text, key=key, draft=uploads.draft_of(key), is_reply=bool(request.POST.get("reply")),
            now=timezone.now(),
        )  # fmt: skip
    except EmptyTextError:
        return "nothing_said"
    except WrongStateError:
        return "left"
    return ""


@never_cache
@require_POST
def file(request: HttpRequest) -> HttpResponseBase:
    """A file of the talk or of the answer, to be saved, once it was found clean."""
    found, known = status.asked_for(request, here.profile())
    if found is None:
        return status.unknown(request, known)
    row = messages.open_to(found.appeal).filter(pk=form.row_key(request.POST.get("file", ""))).first()
    if row is None or row.file.state != FileState.CLEAN:
        raise Http404
    try:
        return handing.give(request, row, employee=None, now=timezone.now())
    except FilesError as error:
        raise Http404 from error
