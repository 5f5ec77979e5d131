"""Voice messages: heard, answered, handled."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kindline.desk import access, house, lists, recordings
from kindline.staff.models import Employee
from kindline.switchboard import work
from kindline.switchboard.models import Voicemail

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
    context = {"page": page, "rows": [_row(one, me) for one in page], "done": done, "now": timezone.now()}
    return render(request, "desk/voicemail.html", context)


@require_POST
@access.for_roles(*ROLES)
def handled(request: HttpRequest, message: int) -> HttpResponseBase:
    """The message was listened to and what it asks was begun."""
    found = get_object_or_404(Voicemail, pk=message)
    work.handle_voicemail(voicemail=found, employee=access.employee_of(request), now=timezone.now())
    return redirect("voicemail")


def _row(one: Voicemail, me: Employee) -> dict[str, object]:
    menu = house.profile().menu
    queue = menu.queues.get(one.box) if menu else None
    kept = one.recording if one.recording and one.recording.path and not one.recording.removed_at else None
    return {
        "message": one,
        "box": house.titled(queue.title) if queue else one.box,
        "sound": recordings.link(kept, me) if kept else "",
    }
