"""Recordings: heard only through a link that is signed for one employee and short-lived; every hearing is a fact."""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from kindline.desk import access
from kindline.files.errors import StoreError
from kindline.recordings import listening
from kindline.recordings.errors import RecordingError
from kindline.staff.models import Employee
from kindline.switchboard.models import Recording

SALT, LASTING_SALT = "kindline.desk.recordings", "kindline.desk.recordings.lasting"
LIFE_S = 5 * 60
RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a file that was asked for, both ends inclusive."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes that is."""
        return self.last - self.first + 1


def link(recording: Recording, employee: Employee, listening: str = "") -> str:
    """An address under which this employee, and nobody else, hears the recording for five minutes.

    What is fetched by links of one `listening` was listened to once; without it the link is a listening of its own.
    """
    return reverse("recording", args=[_signed(recording, employee, listening, SALT)])


def lasting_link(recording: Recording, employee: Employee) -> str:
    """An address for a page that stays open: whenever he plays it, it leads to a link that is made then.

    Whatever is fetched by it is one listening.
    """
    return reverse("recording-now", args=[_signed(recording, employee, "", LASTING_SALT)])


def _signed(recording: Recording, employee: Employee, listening: str, salt: str) -> str:
    return signing.dumps([recording.pk, employee.pk, listening or secrets.token_hex(4)], salt=salt)


@require_safe
@access.for_roles(*access.EVERYBODY)
def now(request: HttpRequest, token: str) -> HttpResponseBase:
    """Lead to a fresh link. Raises: PermissionDenied and Http404 as `play` does."""
    employee = access.employee_of(request)
    _check_place(request)
    recording, heard = _recording(token, employee, LASTING_SALT, None)
    answer = redirect(link(recording, employee, heard))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@require_safe
@access.for_roles(*access.EVERYBODY)
def links(request: HttpRequest, contact: uuid.UUID) -> HttpResponse:
    """Where the sides of a talk are to be fetched for one listening: {key of the recording: address}.

    Asked for when it is first played, so that who has only opened the page has neither heard it nor an old link.
    Raises: PermissionDenied for a contact that is not his to hear; Http404 where nothing is kept.
    """
    employee, listening = access.employee_of(request), secrets.token_hex(4)
    kept = list(Recording.objects.select_related("contact").filter(contact=contact, removed_at=None).exclude(path=""))
    if not kept:
        raise Http404("nothing is kept of the talk any more")
    mine = {one.pk: link(one, employee, listening) for one in kept if access.may_hear(employee, one)}
    if not mine:
        raise PermissionDenied("the contact is not yours to hear")
    return JsonResponse(mine, headers={"Cache-Control": "private, no-store"})


@require_safe
@access.for_roles(*access.EVERYBODY)
def play(request: HttpRequest, token: str) -> HttpResponseBase:
    """Send a recording, whole or the part asked for; that it is listened to is a fact, before the first byte goes.

    Raises: PermissionDenied for a link that is forged, old, another's or followed from elsewhere; Http404 for a
    recording that is gone or broken.
    """
    employee = access.employee_of(request)
    _check_place(request)
    recording, heard = _recording(token, employee, SALT, LIFE_S)
    sound = _opened(recording)
    asked = request.headers.get("Range", "")
    span = wanted(asked, sound.size) if asked else None
    if asked and span is None:
        sound.file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{sound.size}"})
    if request.method == "GET":
        listening.note_listened(recording=recording, employee=employee, now=timezone.now(), listening=heard)
    return _sent(recording, sound, span, head=request.method == "HEAD")


def _check_place(request: HttpRequest) -> None:
    """Raises: PermissionDenied for a link that leaked, in a Referer or otherwise, and is followed elsewhere."""
    origin = f"{request.scheme}://{request.get_host()}"
    referer = request.headers.get("Referer", "")
    here = not referer or f"{urlsplit(referer).scheme}://{urlsplit(referer).netloc}" == origin
    if not here or request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise PermissionDenied("the link is followed from another place: open the contact")


def _opened(recording: Recording) -> listening.Sound:
    try:
        return listening.opened(recording, timezone.now())
    except (RecordingError, StoreError) as error:
        raise Http404(str(error)) from error


def wanted(asked: str, size: int) -> Span | None:
    """The span that a Range header names in a file of `size` bytes; None when it cannot be served."""
    found = RANGE.match(asked.strip())
    if not found or size == 0 or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return Span(max(0, size - int(last)), size - 1) if int(last) else None
    span = Span(int(first), min(int(last), size - 1) if last else size - 1)
    return span if span.first <= span.last else None


def _recording(token: str, employee: Employee, salt: str, life_s: int | None) -> tuple[Recording, str]:
    """The recording that a link names, and for which listening it is fetched."""
    try:
        pk, whose, heard = signing.loads(token, salt=salt, max_age=life_s)
    except (signing.BadSignature, ValueError) as error:  # of two parts: made before an upgrade
        raise PermissionDenied("the link is old or not ours: open the contact again") from error
    if whose != employee.pk:
        raise PermissionDenied("the link was made for somebody else")
    found = Recording.objects.select_related("contact").filter(pk=pk, removed_at=None).first()
    if found is None:
        raise Http404("the recording is not kept any more")
    if not access.may_hear(employee, found):
        raise PermissionDenied("the contact is not yours to hear")
    return found, heard


def _sent(recording: Recording, sound: listening.Sound, span: Span | None, *, head: bool) -> HttpResponseBase:
    headers = {
        "Accept-Ranges": "bytes", "Cache-Control": "private, no-store", "Content-Type": kind_of(recording),
        "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
        "Content-Length": str(span.length if span else sound.size),
    }  # fmt: skip
    if span is not None:
        headers["Content-Range"] = f"bytes {span.first}-{span.last}/{sound.size}"
    status = 200 if span is None else 206
    if head:
        sound.file.close()
        return HttpResponse(status=status, headers=headers)
    first, length = (span.first, span.length) if span else (0, sound.size)
    return StreamingHttpResponse(sound.read(first, length), status=status, headers=headers)


def kind_of(recording: Recording) -> str:
    """The media type, by the name of the file."""
    kinds = {".wav": "audio/wav", ".ogg": "audio/ogg", ".mp3": "audio/mpeg"}
    return kinds.get(PurePosixPath(recording.path).suffix, "application/octet-stream")
