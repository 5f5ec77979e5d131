"""Voice messages as work: heard, taken in hand, called back, handled with an outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_POST, require_safe

from kindline.conversations import norms
from kindline.desk import access, calling_out, house, lists, recordings, said
from kindline.desk.value_words import VALUES
from kindline.desk.wording import titled
from kindline.staff.models import Employee
from kindline.switchboard import voicemail_work as work
from kindline.switchboard.models import Recording, Voicemail, VoicemailOutcome
from kindline.switchboard.voicemail_work import VoicemailError

ROLES = (*access.AT_THE_PHONE, *access.IN_CHARGE)
REFUSALS = {
    "handled": _("The message is handled already."),
    "taken": _("Somebody else has this message in hand: %(who)s."),
    "promised": _("Somebody else has promised to call this client: %(who)s."),
    "not_taken": _("Nobody has this message in hand."),
    "no_number": _("The client hid the number: nobody can be called."),
    "no_outcome": _("Choose what it came to."),
    "unheard": _("Nobody has listened to this message yet. Listen to it first, or say that it needs no hearing."),
}
Fault = tuple[int, str, str]
"""The message, what is wrong, what was chosen."""


@require_safe
@access.for_roles(*ROLES)
def several(request: HttpRequest) -> HttpResponseBase:
    """Messages to handle, the oldest first; handled ones with `?state=done`."""
    return _page(request, done=request.GET.get("state") == "done")


@require_POST
@access.for_roles(*ROLES)
def act(request: HttpRequest, message: int, verb: str) -> HttpResponseBase:
    """Take a message in hand, give it back, call its client from the operator's screen, or say that it is handled.

    What was refused is said beside the message, with what was chosen.
    """
    me, found = access.employee_of(request), get_object_or_404(Voicemail, pk=message)
    try:
        return _acted(request, found, me, verb)
    except VoicemailError as error:
        told = gettext(REFUSALS[error.code]) % {"who": error.by or ""}
        if error.code == "handled":
            messages.info(request, told)
            return redirect("voicemail")
        fault = (message, told, request.POST.get("outcome", ""))
        return _page(request, fault=fault, unheard=error.code == "unheard")


def _acted(request: HttpRequest, found: Voicemail, me: Employee, verb: str) -> HttpResponseBase:
    now, pk = timezone.now(), found.pk
    if verb == "take":
        work.take(voicemail=pk, employee=me, now=now)
    elif verb == "back":
        work.let_go(voicemail=pk, employee=me, anybodys=access.in_charge(me), now=now)
    elif verb == "call" and me.has_role(*access.AT_THE_PHONE):
        promised = work.call_back(profile=house.profile(), voicemail=pk, employee=me, now=now)
        return calling_out.ask(request, reverse("callback-act", args=[promised.pk, "call"]), {})
    elif verb == "handled":
        outcome, as_is = request.POST.get("outcome", ""), request.POST.get("as_is") == "1"
        work.handle(voicemail=pk, outcome=outcome, employee=me, as_is=as_is, now=now)
    else:
        raise Http404
    return redirect("voicemail")


def overdue() -> list[dict[str, Any]]:
    """What those in charge are told of on the floor."""
    return [{"message": one, "box": _box(one)} for one in work.overdue()[:20]]


def _page(
    request: HttpRequest, *, done: bool = False, fault: Fault = (0, "", ""), unheard: bool = False
) -> HttpResponseBase:  # fmt: skip
    me, now = access.employee_of(request), timezone.now()
    page = lists.page_of(request, _asked(done=done))
    rows = _rows(list(page), me)
    context = {"page": page, "rows": rows, "done": done, "now": now, "outcomes": _outcomes(), "unheard": unheard}
    context |= {"fault": dict(zip(("message", "said", "outcome"), fault, strict=True))}
    context |= {"assumed": _is_assumed(now), "may_dial": me.has_role(*access.AT_THE_PHONE)}
    return render(request, "desk/voicemail.html", context, status=422 if fault[0] else 200)


def _asked(*, done: bool) -> QuerySet[Voicemail]:
    found = Voicemail.objects.select_related(
        "contact__client", "recording__contact", "handled_by", "taken_by", "callback"
    )
    if done:
        return found.exclude(handled_at=None).order_by("-handled_at")
    return found.filter(handled_at=None).order_by("left_at")


def _is_assumed(now: dt.datetime) -> bool:
    """Whether the standard names no time for calls back: then it is ours."""
    return norms.proposed_promise(house.profile(), now) is None


def _outcomes() -> list[tuple[str, str]]:
    return [(code, titled(VALUES, code)) for code in VoicemailOutcome.values]


def _rows(shown: list[Voicemail], me: Employee) -> list[dict[str, Any]]:
    kept = [one.recording for one in shown if one.recording and one.recording.is_there]
    texts = said.of_messages([one for one in kept if access.may_hear(me, one)], me)
    unheard = work.unheard(shown)
    return [_row(one, me, texts) | {"unheard": one.pk in unheard} for one in shown]


def _row(one: Voicemail, me: Employee, texts: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    kept: Recording | None = one.recording if one.recording and one.recording.is_there else None
    mine = one.taken_by_id == me.pk
    return {
        "message": one,
        "box": _box(one),
        "sound": recordings.lasting_link(kept, me) if kept else "",
        "said": texts.get(kept.pk) if kept else None,
        "outcome": titled(VALUES, one.outcome) if one.outcome else "",
        "mine": mine,
        "others": one.taken_by_id is not None and not mine,
        "may_return": one.taken_by_id is not None and (mine or access.in_charge(me)),
        "may_call": one.contact.caller.startswith("+"),
    }


def _box(one: Voicemail) -> str:
    menu = house.profile().menu
    queue = menu.queues.get(one.box) if menu else None
    return house.titled(queue.title) if queue else one.box
