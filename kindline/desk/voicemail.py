"""Voice messages: heard, answered, handled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kindline.desk import access, house, lists, recordings, said
from kindline.staff.models import Employee
from kindline.switchboard import work
from kindline.switchboard.models import Recording, Voicemail

ROLES = (*access.AT_THE_PHONE, *access.IN_CHARGE)


@require_safe
@access.for_roles(*ROLES)
def several(request: HttpRequest) -> HttpResponseBase:
    """Messages to handle, the oldest first; handled ones with `?state=done`."""
    me, done = access.employee_of(request), request.GET.get("state") == "done"
    found = Voicemail.objects.select_related("contact__client", "recording", "handled_by")
    found = (
        found.exclude(handled_at=None).order_by("-handled_at")
        if done
        else found.filter(handled_at=None).order_by("left_at")
    )
    page = lists.page_of(request, found)
    texts = said.of_messages([kept for one in page if (kept := _kept(one)) and access.may_hear(me, kept)], me)
    rows = [_row(one, me, texts) for one in page]
    context = {"page": page, "rows": rows, "done": done, "now": timezone.now()}
    return render(request, "desk/voicemail.html", context)


@require_POST
@access.for_roles(*ROLES)
def handled(request: HttpRequest, message: int) -> HttpResponseBase:
    """The message was listened to and what it asks was begun."""
    found = get_object_or_404(Voicemail, pk=message)
    work.handle_voicemail(voicemail=found, employee=access.employee_of(request), now=timezone.now())
    return redirect("voicemail")


def _kept(one: Voicemail) -> Recording | None:
    """The recording of a message, while it is there."""
    kept = one.recording
    return kept if kept is not None and kept.path and not kept.removed_at else None


def _row(one: Voicemail, me: Employee, texts: Mapping[int, dict[str, Any]]) -> dict[str, object]:
    menu = house.profile().menu
    queue, kept = menu.queues.get(one.box) if menu else None, _kept(one)
    return {
        "message": one,
        "box": house.titled(queue.title) if queue else one.box,
        "sound": recordings.link(kept, me) if kept else "",
        "said": texts.get(kept.pk) if kept else None,
    }
