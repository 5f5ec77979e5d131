"""The floor as those in charge see it: operators by state, waiting and living calls, the phone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_safe

from kindline.appeals import notices
from kindline.conversations.models import Callback, CallbackState, Contact
from kindline.conversations.queries import kept_share
from kindline.correspondence import queries as correspondence
from kindline.desk import (
    access,
    emergency,
    house,
    rights,
    supervising,
    switchboard,
    tapes,
    voicemail,
    wallboard,
    wording,
    words,
)
from kindline.desk.terminations import told as terminations_told
from kindline.desk.value_words import VALUES
from kindline.staff import queries as staff
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard import clocks, dial_alarms, forecasts, on_shift, reassigning
from kindline.switchboard.models import Call, Operator, OperatorState, Reassignment, Voicemail

NOTICES_MOST = 10
ORDER = ("ringing", "talking", "hold", "wrap_up", "ready", "watching", "paused", "offline")
IN_TALK = ("talking", "hold")
MODES = (("listen", _("Listen")), ("whisper", _("Whisper")), ("barge", _("Join in")))


@require_safe
@access.for_roles(*access.IN_CHARGE)
def floor(request: HttpRequest) -> HttpResponseBase:
    """The page, or with `?part=1` only its living part."""
    now = timezone.now()
    part = "part" in request.GET
    me = access.employee_of(request)
    told = notices.unseen(me).exclude(appeal=None)
    context = {**_picture(me, now), "live_url": house.live_url(request), "notices": told[:NOTICES_MOST]}
    context |= {"may": rights.of(me), "crossings": wallboard.told(me), **terminations_told(me)}
    context["emergencies"] = emergency.shown(house.profile(), now)
    waiting = dial_alarms.waiting()[:NOTICES_MOST]
    context["dial_alarms"] = [{"alarm": one, "why": wording.titled(VALUES, one.reason)} for one in waiting]
    context["voicemail_overdue"], context["mail_held_up"] = voicemail.overdue(), correspondence.held_up(now)
    answer = render(request, "desk/_floor.html" if part else "desk/supervisor.html", context)
    answer["X-Kindline-Now"] = now.isoformat()
    return answer


def _picture(me: Employee, now: dt.datetime) -> dict[str, Any]:
    profile = house.profile()
    calls = _calls(profile, me)
    operators = _operators(calls, me, now)
    return {
        "phone": house.phone_state(),
        "switchboard": switchboard.healthy(),
        "operators": operators,
        "states": _states(operators),
        "waiting": [call for call in calls if call["waiting"]],
        "calls": [call for call in calls if not call["waiting"]],
        "today": _today(profile, now),
        "callbacks": Callback.objects.filter(state__in=(CallbackState.OPEN, CallbackState.MISSED)).count(),
        "overdue": Callback.objects.filter(state=CallbackState.MISSED).count(),
        "kept": kept_share(now),
        "voicemail": Voicemail.objects.filter(handled_at=None).count(),
        "troubles": tapes.troubles(),
        "clocks": clocks.wrong(),
        "schedule": on_shift.beside(_day(profile, now), now),
    }


def _calls(profile: Profile, me: Employee) -> list[dict[str, Any]]:
    living = list(Call.objects.filter(ended_at=None).order_by("-priority", "enqueued_at", "started_at"))
    contacts = Contact.objects.select_related("client", "employee").in_bulk([call.pk for call in living])
    return [_call(call, contacts.get(call.pk), profile) | {"watched": supervising.of_call(call, me)} for call in living]


def _call(call: Call, contact: Contact | None, profile: Profile) -> dict[str, Any]:
    queue = profile.menu.queues.get(call.queue) if profile.menu else None
    return {
        "id": call.pk,
        "state": wording.call_state_title(call.state),
        "waiting": call.state in ("queued", "offering"),
        "queue": house.titled(queue.title) if queue else call.queue,
        "since": (call.enqueued_at or call.started_at).isoformat(),
        "caller": contact.number if contact else "",
        "client": contact.client if contact else None,
        "employee": contact.employee if contact else None,
    }


def _operators(calls: list[dict[str, Any]], me: Employee, now: dt.datetime) -> list[dict[str, Any]]:
    by_contact = {call["id"]: call for call in calls}
    rows = {row.employee_id: row for row in Operator.objects.select_related("forced_by")}
    moved = reassigning.in_force(now)
    acts = [(mode, gettext(title)) for mode, title in MODES if rights.may(me, mode)]
    people = staff.with_role(*access.AT_THE_PHONE)
    found = [
        _operator(person, rows.get(person.pk), by_contact)
        | _placed(moved.get(person.pk))
        | _lead(rows.get(person.pk), by_contact, me, acts)
        for person in people
    ]
    return sorted(found, key=lambda row: (ORDER.index(row["state"]), row["name"]))


def _operator(person: Employee, row: Operator | None, by_contact: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    state = row.state if row else OperatorState.OFFLINE
    return {
        "id": person.pk if row else None,
        "name": str(person),
        "number": person.number,
        "state": str(state),
        "title": _state_title(str(state)),
        "reason": words.pause_title(row.reason) if row and row.reason else "",
        "forced_by": row.forced_by if row else None,
        "since": row.since.isoformat() if row else "",
        "registered": bool(row and row.registered),
        "who": _who(by_contact.get(row.contact_id)) if row and row.contact_id else "",
        "contact": row.contact_id if row else None,
    }


def _placed(moved: Reassignment | None) -> dict[str, Any]:
    """The queue that he serves for a time, if there is one."""
    menu = house.profile().menu
    queue = menu.queues.get(moved.queue) if moved and menu else None
    return {"moved": moved, "moved_title": house.titled(queue.title) if queue else (moved.queue if moved else "")}


def _lead(
    row: Operator | None, by_contact: dict[Any, dict[str, Any]], me: Employee, acts: list[tuple[str, str]]
) -> dict[str, Any]:
    """How the talk of an operator may be listened to, and who does so now."""
    call = by_contact.get(row.contact_id) if row and row.state in IN_TALK else None
    watched = call["watched"] if call else None
    free = call is not None and row is not None and row.employee_id != me.pk and (not watched or watched["mine"])
    return {"watched": watched, "acts": acts if free else []}


def _who(call: dict[str, Any] | None) -> str:
    """Whom an operator talks with; in the wrap-up there is no call any more."""
    return str(call["client"] or call["caller"]) if call else gettext("open")


def _state_title(state: str) -> str:
    return words.word(f"state_{state}")


def _states(operators: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    return [(state, _state_title(state), sum(row["state"] == state for row in operators)) for state in ORDER]


def _day(profile: Profile, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """The midnights between which now is."""
    today = now.astimezone(profile.zone).date()
    midnight, next_midnight = (dt.datetime.combine(today + dt.timedelta(n), dt.time(), profile.zone) for n in (0, 1))
    return midnight, next_midnight


def _today(profile: Profile, now: dt.datetime) -> dict[str, Any]:
    midnight, _next = _day(profile, now)
    began = Contact.objects.filter(channel="phone", started_at__gte=midnight)
    error_s = forecasts.mean_error_s(midnight, now)
    return {"calls": began.count(), "answered": began.exclude(answered_at=None).count(), "error_s": error_s}
