"""Recordings: heard only through a link that is signed for one employee and short-lived; every hearing is a fact."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from kindline.desk import access, house
from kindline.journal import actions as journal
from kindline.staff.models import Employee
from kindline.switchboard.models import Recording

SALT = "kindline.desk.recordings"
LIFE_S = 15 * 60
BLOCK = 64 * 1024
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
    """An address under which this employee, and nobody else, hears the recording for a quarter of an hour."""
    return reverse("recording", args=[signing.dumps([recording.pk, employee.pk], salt=SALT)])


@require_safe
@access.for_roles(*access.EVERYBODY)
def play(request: HttpRequest, token: str) -> HttpResponseBase:
    """Send a recording, whole or the part asked for.

    Raises: PermissionDenied for a link that is forged, old or another's; Http404 for a recording that is gone.
    """
    employee = access.employee_of(request)
    recording = _recording(token, employee)
    path = _path(recording)
    asked = request.headers.get("Range", "")
    span = wanted(asked, path.stat().st_size) if asked else None
    if asked and span is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{path.stat().st_size}"})
    if request.method == "GET" and (span is None or span.first == 0):
        _note(recording, employee)
    return _sent(path, span)


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
    access.check_sight(employee, found.contact)
    return found


def _path(recording: Recording) -> Path:
    folder = Path(house.described()["paths"]["recordings"]).resolve()
    path = (folder / recording.path).resolve()
    if not recording.path or not path.is_relative_to(folder) or not path.is_file():
        raise Http404("the file of the recording is not there")
    return path


def _note(recording: Recording, employee: Employee) -> None:
    journal.record(
        kind="recording_listened",
        subject_type="contact",
        subject_id=recording.contact_id,
        actor=f"employee:{employee.pk}",
        data={"name": recording.name, "employee": employee.pk},
    )


def _sent(path: Path, span: Span | None) -> HttpResponseBase:
    kind = {".wav": "audio/wav", ".ogg": "audio/ogg", ".mp3": "audio/mpeg"}.get(path.suffix, "application/octet-stream")
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, no-store", "Content-Type": kind}
    if span is None:
        return FileResponse(path.open("rb"), headers=headers)
    headers |= {
        "Content-Range": f"bytes {span.first}-{span.last}/{path.stat().st_size}",
        "Content-Length": str(span.length),
    }
    return StreamingHttpResponse(_read(path, span), status=206, headers=headers)


def _read(path: Path, span: Span) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(span.first)
        left = span.length
        while left > 0 and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block
