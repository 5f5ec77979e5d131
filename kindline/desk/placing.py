"""An operator as the supervisor places him: into a state with a reason, into another queue for a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kindline.desk import access, house, queue_rules, refusals, rights, screen, switchboard, words
from kindline.staff.models import Employee
from kindline.switchboard import reassigning
from kindline.switchboard.agents import OperatorError
from kindline.switchboard.models import Operator

STATES = ("ready", "paused", "offline")
MINUTES = (15, 30, 60, 120, 240, 480)
USUAL_MIN = 60


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.IN_CHARGE)
def one(request: HttpRequest, operator: int) -> HttpResponseBase:
    """The page of one operator of the floor; what was refused stands in its form with all that was typed."""
    found = get_object_or_404(Operator.objects.select_related("employee", "forced_by"), pk=operator)
    me = access.employee_of(request)
    errors: dict[str, str] = {}
    if request.method == "POST":
        verb = request.POST.get("verb", "")
        act = {"state": ("force_state", _force), "move": ("reassign", _move), "back": ("reassign", _back)}.get(verb)
        if act is None or not rights.may(me, act[0]):
            raise PermissionDenied
        problem = act[1](request, found, me)
        if not problem:
            return redirect("floor-operator", operator)
        errors[verb] = problem
    return render(
        request, "desk/floor_operator.html", _context(request, found, me, errors), status=422 if errors else 200
    )


def _context(request: HttpRequest, found: Operator, me: Employee, errors: dict[str, str]) -> dict[str, Any]:
    now, menu = timezone.now(), house.profile().menu
    queues = [(name, house.titled(queue.title) or name) for name, queue in menu.queues.items()] if menu else []
    moved = reassigning.in_force(now).get(found.pk)
    return {
        "operator": found,
        "state_title": words.word(f"state_{found.state}"),
        "wanted_title": words.word(f"state_{found.wanted}") if found.wanted else "",
        "reason": words.pause_title(found.reason) if found.reason else "",
        "states": [(state, words.word(f"state_{state}")) for state in STATES],
        "reasons": [(reason, words.pause_title(reason)) for reason in words.PAUSES],
        "queues": queues,
        "queue_rules": queue_rules.of(house.profile()),
        "moved": moved,
        "moved_title": dict(queues).get(moved.queue, moved.queue) if moved else "",
        "minutes": MINUTES,
        "may": rights.of(me),
        "typed": {"state": "paused", "minutes": str(USUAL_MIN), "only": "1"} | request.POST.dict(),
        "errors": errors,
    }


def _force(request: HttpRequest, found: Operator, me: Employee) -> str:
    """Put him into a state; returns why not, or nothing."""
    state, reason = request.POST.get("state", ""), request.POST.get("reason", "").strip()
    if state not in STATES or not reason:
        return _("Choose the state and say why: the operator sees both, and your name.")
    if state == "ready" and screen.unfinished(found.employee):
        return _("The operator has not closed his last contact: its result is not written down yet.")
    try:
        switchboard.post(f"/operators/{found.pk}/state", {"state": state, "reason": reason, "by": me.pk})
    except switchboard.SwitchboardError as error:
        return _(refusals.BY_CODE[error.code]) if error.code in refusals.BY_CODE else error.message
    fresh = Operator.objects.get(pk=found.pk)
    if fresh.wanted:
        messages.info(request, _("The operator is in a call: it comes as soon as the call has ended."))
    else:
        messages.success(request, _("Done. The operator sees who did it and why."))
    return ""


def _move(request: HttpRequest, found: Operator, me: Employee) -> str:
    """Let him serve another queue for a time; returns why not, or nothing."""
    minutes = request.POST.get("minutes", "")
    if not minutes.isdecimal():
        return _("Choose for how long.")
    now = timezone.now()
    try:
        reassigning.reassign(
            operator=found.pk, queue=request.POST.get("queue", ""), until=now + dt.timedelta(minutes=int(minutes)),
            only=request.POST.get("only") == "1", by=me, reason=request.POST.get("why", "").strip(),
            profile=house.profile(), now=now,
        )  # fmt: skip
    except OperatorError as error:
        return _(refusals.BY_CODE[error.code])
    messages.success(request, _("Moved. The operator goes back by himself when the time is over."))
    return ""


def _back(request: HttpRequest, found: Operator, me: Employee) -> str:
    """Bring him back before the time; returns nothing, since there is no fault in asking."""
    if reassigning.bring_back(operator=found.pk, by=me, now=timezone.now()):
        messages.success(request, _("Back in his own queues."))
    return ""
