"""What is done with the recordings of a talk: a remark, a hold, taking one out."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kindline.conversations.models import Contact
from kindline.desk import access, house, recordings
from kindline.files.errors import StoreError
from kindline.recordings import actions, listening
from kindline.recordings.errors import RecordingError, UnfitError
from kindline.staff.models import Employee
from kindline.switchboard.models import Recording


@require_POST
@access.for_roles(*access.HEARING)
def act(request: HttpRequest, contact: uuid.UUID, verb: str) -> HttpResponseBase:
    """Do what the verb says; what was typed is shown again where it is not taken."""
    me = access.employee_of(request)
    found = get_object_or_404(Contact, pk=contact)
    access.check_sight(me, found)
    if verb not in DEEDS:
        raise Http404(verb)
    try:
        DEEDS[verb](request, found, me)
    except UnfitError as error:
        messages.error(request, _refusal(error.field))
        kept = urlencode({name: request.POST.get(name, "") for name in ("text", "ground") if name in request.POST})
        return redirect(f"{reverse('contact', args=[found.pk])}?{kept}#recording")
    return redirect(f"{reverse('contact', args=[found.pk])}#recording")


def _remark(request: HttpRequest, contact: Contact, me: Employee) -> None:
    try:
        offset_s = float(request.POST.get("offset_s") or 0)
    except ValueError as error:
        raise UnfitError("offset_s") from error
    text = request.POST.get("text", "")
    actions.add_remark(contact=contact, offset_s=offset_s, text=text, employee=me, now=timezone.now())


def _hold(request: HttpRequest, contact: Contact, me: Employee) -> None:
    _check_charge(me)
    actions.place_hold(contact=contact, ground=request.POST.get("ground", ""), employee=me, now=timezone.now())
    messages.success(request, _("The recordings are held until somebody releases them."))


def _release(request: HttpRequest, contact: Contact, me: Employee) -> None:
    _check_charge(me)
    actions.release_hold(contact=contact, ground=request.POST.get("ground", ""), employee=me, now=timezone.now())
    messages.success(request, _("The recordings are not held any more: they leave when their time is over."))


DEEDS: dict[str, Callable[[HttpRequest, Contact, Employee], None]] = {
    "remark": _remark,
    "hold": _hold,
    "release": _release,
}


def _check_charge(me: Employee) -> None:
    if not access.in_charge(me):
        raise PermissionDenied


def _refusal(field: str) -> str:
    return {
        "text": _("Write the comment: 1 to 2000 characters."),
        "offset_s": _("Choose a moment of the talk."),
        "ground": _("Say why: an appeal, a complaint, a request of an authority."),
        "recording": _("The recordings are not there any more."),
        "reason": _("Say for what the recording is taken out."),
    }[field]


@require_POST
@access.for_roles(*access.DOWNLOADS)
def download(request: HttpRequest, recording: int) -> HttpResponseBase:
    """One recording as a file, for a reason that is written down; a right of its own."""
    me = access.employee_of(request)
    found = get_object_or_404(Recording.objects.select_related("contact"), pk=recording, removed_at=None)
    access.check_sight(me, found.contact)
    now, back = timezone.now(), f"{reverse('contact', args=[found.contact_id])}#recording"
    if not request.POST.get("reason", "").strip():
        messages.error(request, _refusal("reason"))
        return redirect(back)
    try:
        sound = listening.opened(found, now)
    except (RecordingError, StoreError) as error:
        raise Http404(str(error)) from error
    listening.note_downloaded(recording=found, employee=me, reason=request.POST["reason"], now=now)
    name = f"{house.local(found.started_at):%Y%m%d-%H%M%S}-{found.leg}.wav"
    headers = {
        "Content-Type": recordings.kind_of(found), "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(sound.size), "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    return StreamingHttpResponse(sound.read(0, sound.size), headers=headers)
