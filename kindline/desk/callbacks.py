"""Calls that were promised: what is due, by whom; dialling, cancelling."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kindline.conversations import actions as conversations
from kindline.conversations.callbacks import PENDING
from kindline.conversations.errors import CallbackDoneError
from kindline.conversations.models import Callback
from kindline.conversations.queries import kept_share
from kindline.desk import access, calling_out, house, lists, refusals, switchboard, wording
from kindline.staff.models import Employee
from kindline.switchboard import afterwards, permits

ROLES = (*access.AT_THE_PHONE, *access.IN_CHARGE)
OUTCOMES = ("reached", "no_answer", "busy")


@require_safe
@access.for_roles(*ROLES)
def several(request: HttpRequest) -> HttpResponseBase:
    """Those due first; done ones with `?state=done`. An operator sees his own and nobody's."""
    me = access.employee_of(request)
    done = request.GET.get("state") == "done"
    now = timezone.now()
    page = lists.page_of(request, _asked(me, done=done))
    held = {} if done else permits.held_back(house.profile(), [one.phone for one in page], now)
    rows = [_row(found, now, held.get(found.phone)) for found in page]
    may_dial = me.has_role(*access.AT_THE_PHONE)
    context = {"page": page, "rows": rows, "done": done, "may_dial": may_dial, "outcomes": _outcomes()}
    context["kept"] = kept_share(now)
    return render(request, "desk/callbacks.html", context)


@require_POST
@access.for_roles(*ROLES)
def act(request: HttpRequest, callback: int, verb: str) -> HttpResponseBase:
    """Dial the promised call from the operator's screen, note how it went by hand, or cancel it with a reason."""
    me = access.employee_of(request)
    found = get_object_or_404(Callback, pk=callback)
    if not access.in_charge(me) and found.employee_id not in (None, me.pk):
        raise PermissionDenied
    if verb == "call":
        return _call(found, me)
    try:
        if found.state not in PENDING:
            raise CallbackDoneError
        if verb == "dial":
            return calling_out.ask(request, reverse("callback-act", args=[found.pk, "call"]), {})
        if verb == "note" and request.POST.get("outcome") in OUTCOMES:
            _note(found, me, request.POST["outcome"])
        elif verb == "cancel":
            _cancel(request, found, me)
    except CallbackDoneError as error:  # the list was older than what somebody else did
        messages.error(request, refusals.message_of(error))
    return redirect("callbacks")


def _asked(me: Employee, *, done: bool) -> QuerySet[Callback]:
    found = Callback.objects.select_related("contact", "employee", "client")
    found = found.exclude(state__in=PENDING).order_by("-closed_at") if done else _pending(found)
    return found if access.in_charge(me) else found.filter(Q(employee=me) | Q(employee=None))


def _pending(found: QuerySet[Callback]) -> QuerySet[Callback]:
    return found.filter(state__in=PENDING).order_by("due_at")


def _row(found: Callback, now: Any, held: permits.HeldBack | None = None) -> dict[str, Any]:
    late = found.state in PENDING and found.due_at < now
    menu = house.profile().menu
    queue = menu.queues.get(found.queue) if menu else None
    return {
        "callback": found,
        "late": late,
        "not_before": found.try_after if found.try_after and found.try_after > now else None,
        "held": held,
        "why_held": _(refusals.BY_CODE[held.why]) if held else "",
        "state": wording.callback_state_title(found.state),
        "origin": wording.callback_origin_title(found.origin),
        "queue": house.titled(queue.title) if queue else found.queue,
    }


def _outcomes() -> list[tuple[str, str]]:
    return [("reached", _("reached")), ("no_answer", _("no answer")), ("busy", _("busy"))]


def _call(found: Callback, me: Employee) -> HttpResponseBase:
    """The operator's phone rings, then the client's."""
    try:
        return JsonResponse(switchboard.post(f"/callbacks/{found.pk}/dial", {"employee": me.pk}))
    except switchboard.SwitchboardError as error:
        return refusals.of(error)


def _note(found: Callback, me: Employee, outcome: str) -> None:
    now = timezone.now()
    again_at = afterwards.again_at(house.profile(), found, now)
    conversations.note_by_hand(callback=found, outcome=outcome, employee=me, now=now, again_at=again_at)


def _cancel(request: HttpRequest, found: Callback, me: Employee) -> None:
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, _("Say why the call is not needed any more."))
        return
    conversations.cancel_callback(callback=found, reason=reason, employee=me, now=timezone.now())
