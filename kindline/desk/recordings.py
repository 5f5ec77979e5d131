"""Recordings: heard only through a link that is signed for one employee and short-lived; every hearing is a fact."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from kindline.desk import access
from kindline.files.errors import StoreError
from kindline.recordings import listening
from kindline.recordings.errors import RecordingError
from kindline.staff.models import Employee
from kindline.switchboard.models import Recording

SALT = "kindline.desk.recordings"
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


def link(recording: Recording, employee: Employee) -> str:
    """An address under which this employee, and nobody else, hears the recording for five minutes."""
    return reverse("recording", args=[signing.dumps([recording.pk, employee.pk], salt=SALT)])


@require_safe
@access.for_roles(*access.EVERYBODY)
def play(request: HttpRequest, token: str) -> HttpResponseBase:
    """Send a recording, whole or the part asked for; every opening of a link is a fact.

    Raises: PermissionDenied for a link that is forged, old, another's or followed from elsewhere; Http404 for a
    recording that is gone or broken.
    """
    employee = access.employee_of(request)
    _check_place(request)
    recording = _recording(token, employee)
    sound = _opened(recording)
    asked = request.headers.get("Range", "")
    span = wanted(asked, sound.size) if asked else None
    if asked and span is None:
        sound.file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{sound.size}"})
    if request.method == "GET":
        listening.note_listened(recording=recording, employee=employee, now=timezone.now())
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


def _recording(token: str, employee: Employee) -> Recording:
    try:
        pk, whose = signing.loads(token, salt=SALT, max_age=LIFE_S)
    except signing.BadSignature as error:
        raise PermissionDenied("the link is old or not ours: open the contact again") from error
    if whose != employee.pk:
        raise PermissionDenied("the link was made for somebody else")
    found = Recording.objects.select_related("contact").filter(pk=pk, removed_at=None).first()
    if found is None:
        raise Http404("the recording is not kept any more")
    if not access.may_hear(employee, found):
        raise PermissionDenied("the contact is not yours to hear")
    return found


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
