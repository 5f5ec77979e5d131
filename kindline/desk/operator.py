"""The operator's screen: the page, its state, and the operator's own state."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from kindline.desk import access, house, page, passing, reach, refusals, screen, switchboard
from kindline.desk.bodies import body_of
from kindline.switchboard.models import Operator

STATES = ("ready", "paused", "offline")


@require_GET
@ensure_csrf_cookie
@access.for_roles(*access.AT_THE_PHONE)
def show(request: HttpRequest) -> HttpResponseBase:
    """The page; everything that moves in it comes from `state`.

    Clause: krc-2-53, krc-5.5.2-01, yumek-9.1-03.
    """
    reach.may_hear(request)
    return render(request, "desk/operator.html", {"config": page.config(request)})


@require_GET
@access.for_roles(*access.AT_THE_PHONE)
def state(request: HttpRequest) -> HttpResponseBase:
    """The whole screen as JSON; 304 when nothing has changed. The time goes in a header, so that it changes nothing."""
    now = timezone.now()
    return answered(request, screen.state(access.employee_of(request), now), now)


@require_GET
@access.for_roles(*access.AT_THE_PHONE)
def whom(request: HttpRequest) -> HttpResponseBase:
    """To whom the present call may be passed on, asked only while the operator looks at the list."""
    me, now = access.employee_of(request), timezone.now()
    contact = screen.present_contact(Operator.objects.filter(employee=me).first(), now)
    under_way = contact is not None and contact.ended_at is None
    return answered(request, passing.offered(me, house.profile(), now) if under_way else passing.NOBODY, now)


def answered(request: HttpRequest, shown: dict[str, Any], now: dt.datetime) -> HttpResponse:
    """A screen's state as JSON, or 304 when the page has the same already."""
    content = json.dumps(shown, ensure_ascii=False).encode()
    tag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    same = request.headers.get("If-None-Match") == tag
    answer = HttpResponse(status=304) if same else HttpResponse(content, content_type="application/json")
    return _stamped(answer, tag, now)


@require_POST
@access.for_roles(*access.AT_THE_PHONE)
def set_state(request: HttpRequest) -> HttpResponseBase:
    """The operator is ready, on a pause with a reason, or offline; the switchboard decides and keeps the fact."""
    asked = body_of(request)
    me = access.employee_of(request)
    wanted = asked.get("state")
    if wanted not in STATES:
        return refusals.answer([refusals.one("state", "ready, paused or offline")])
    if wanted == "ready" and screen.unfinished(me):
        return refusals.answer([refusals.one("state", gettext(refusals.BY_CODE["close_first"]))])
    try:
        return JsonResponse(_change(me.pk, str(wanted), str(asked.get("reason") or "")))
    except switchboard.SwitchboardError as error:
        return refusals.of(error)


def _change(employee: int, wanted: str, reason: str) -> dict[str, Any]:
    return switchboard.post(f"/operators/{employee}/state", {"state": wanted, "reason": reason})


def _stamped(answer: HttpResponse, tag: str, now: dt.datetime) -> HttpResponse:
    answer["ETag"] = tag
    answer["Cache-Control"] = "no-store"
    answer["X-Kindline-Now"] = now.isoformat()
    return answer
