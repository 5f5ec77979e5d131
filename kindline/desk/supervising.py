"""What a supervisor does from the floor: listens, whispers, joins a talk, takes it over, leaves it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_POST

from kindline.desk import access, refusals, rights, switchboard
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard.models import Call

DONE = {
    "listen": _("Your phone is called: pick up, and you hear the talk. Nobody hears you."),
    "whisper": _("You whisper: only the operator hears you."),
    "barge": _("You join the talk: the client hears you too."),
    "take-over": _("The call is yours now. The operator is in his wrap-up."),
    "stop": _("You have left the talk."),
}
ASKS: dict[str, Callable[[uuid.UUID, Employee], dict[str, Any]]] = {
    **{
        mode: lambda call, me, mode=mode: switchboard.post(  # type: ignore[misc]
            f"/calls/{call}/supervise", {"employee": me.pk, "mode": mode}
        )
        for mode in ("listen", "whisper", "barge")
    },
    "take-over": lambda call, me: switchboard.post(f"/calls/{call}/take-over", {"employee": me.pk}),
    "stop": lambda call, me: switchboard.post(f"/calls/{call}/supervise/stop", {"employee": me.pk}),
}


@require_POST
@access.for_roles(*access.IN_CHARGE)
def act(request: HttpRequest, contact: uuid.UUID, verb: str) -> HttpResponseBase:
    """Ask the switchboard for it; what it refuses is said in words on the floor."""
    me = access.employee_of(request)
    if verb not in ASKS:
        raise Http404
    if verb != "stop" and not rights.may(me, verb.replace("-", "_")):
        raise PermissionDenied
    try:
        ASKS[verb](contact, me)
    except switchboard.SwitchboardError as error:
        known = refusals.BY_CODE.get(error.code)
        messages.warning(request, gettext(known) if known else error.message)
    else:
        messages.success(request, gettext(DONE[verb]))
    return redirect("supervisor")


def shown(profile: Profile) -> bool:
    """Whether an operator sees that a supervisor is in his call: the standard's word, and yes where it says nothing."""
    said = profile.variables.get("supervision") or {}
    return bool(said.get("shown", True))


def of_call(call: Call, me: Employee) -> dict[str, Any] | None:
    """Who is in a call as its supervisor, and how; None: nobody."""
    said = call.data.get("supervision") if call.data else None
    if not said:
        return None
    person = Employee.objects.filter(pk=said["employee"]).first()
    return {
        "employee": said["employee"],
        "name": str(person or ""),
        "mode": said["mode"],
        "mine": said["employee"] == me.pk,
        "up": bool(said.get("up_at")),
    }
