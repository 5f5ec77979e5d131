"""The room of a consultation by video: the client's page, the specialist's page, and what both say and hear."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import uuid
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from kindline.journal.checking import storable
from kindline.site import sight
from kindline.site.booking_models import CLIENT, SPECIALIST
from kindline.site.consultations import bringing, conference, words
from kindline.site.consultations.conference import Entrance, Room, Word
from kindline.site.consultations.desk_pages import for_staff
from kindline.site.consultations.pages import asked_profile
from kindline.site.models import Consultation
from kindline.staff.models import Employee
from kindline.standard.consultation_data import VIDEO
from kindline.standard.profile import Profile

TURN_FOR = dt.timedelta(hours=2)
"""So long a password for the TURN server is good."""


@require_safe
@never_cache
@ensure_csrf_cookie
def client(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """The client's page: he sees himself, waits, and talks; without a script or a camera he is told the telephone.

    Clause: krc-5.7.1-44, krc-5.7.1-49.
    """
    profile, _ = asked_profile()
    found = get_object_or_404(Consultation, key=key, profile=profile.id, way=VIDEO)
    return _page(request, found, profile, CLIENT, reverse("consultation_say", args=[key]))


@require_safe
@never_cache
@ensure_csrf_cookie
@for_staff()
def specialist(request: HttpRequest, row: int) -> HttpResponseBase:
    """The specialist's page; the consultation is his own."""
    profile, _ = asked_profile()
    found = _own(request, profile, row)
    return _page(request, found, profile, SPECIALIST, reverse("consultation_desk_say", args=[row]))


@require_POST
@never_cache
def client_says(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """What the client's page says and hears."""
    profile, _ = asked_profile()
    found = get_object_or_404(Consultation, key=key, profile=profile.id, way=VIDEO)
    return _answer(request, found, profile, CLIENT)


@require_POST
@never_cache
@for_staff()
def specialist_says(request: HttpRequest, row: int) -> HttpResponseBase:
    """What the specialist's page says and hears."""
    profile, _ = asked_profile()
    return _answer(request, _own(request, profile, row), profile, SPECIALIST)


def _own(request: HttpRequest, profile: Profile, row: int) -> Consultation:
    found = get_object_or_404(Consultation, pk=row, profile=profile.id, way=VIDEO)
    if found.specialist_id != cast(Employee, request.user).pk:
        raise PermissionDenied
    return found


def _page(request: HttpRequest, found: Consultation, profile: Profile, side: str, say: str) -> HttpResponseBase:
    _, consulting = asked_profile()
    sight.may_see(request)
    limit = conference.limit_of(profile)
    config = {
        "side": side,
        "say": say,
        "limit_s": int(limit.total_seconds()),
        "warn_s": list(consulting.warn_s),
        "servers": ice_servers(found.number, timezone.now()),
        "words": words.room(profile),
    }
    context = {
        "consultation": found,
        "config": config,
        "when": words.moment(profile, found.starts_at),
        "subject": bringing.subject_title(profile, found.subject),
        "minutes": int(limit.total_seconds()) // 60,
        "phone": consulting.phone,
    }
    template = "site/room.html" if side == CLIENT else "site/room_desk.html"
    return render(request, template, context)


def ice_servers(name: str, now: dt.datetime) -> list[dict[str, Any]]:
    """The STUN and TURN servers of the settings; a TURN password is made for this session and soon over."""
    known = settings.ICE
    found: list[dict[str, Any]] = [{"urls": known["stun"]}] if known["stun"] else []
    if known["turn"]:
        user = f"{int((now + TURN_FOR).timestamp())}:{name}"
        sealed = hmac.new(known["turn_secret"].encode(), user.encode(), hashlib.sha1).digest()
        found.append({"urls": known["turn"], "username": user, "credential": base64.b64encode(sealed).decode()})
    return found


def _answer(request: HttpRequest, found: Consultation, profile: Profile, side: str) -> HttpResponseBase:
    now = timezone.now()
    try:
        typed = json.loads(request.body)
        if typed.get("leave"):
            conference.end(profile=profile, consultation=found, side=side, now=now)
        entrance, said = _read(typed, side)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
        return JsonResponse({"error": "form"}, status=400)
    room = conference.exchange(profile=profile, consultation=found, entrance=entrance, words=said, now=now)
    return JsonResponse(_told(room, now))


def _read(typed: Any, side: str) -> tuple[Entrance, list[Word]]:
    """Raises: ValueError, TypeError, KeyError where it is not what a page says."""
    page = str(uuid.UUID(typed["page"]))
    words_ = [
        Word(storable(str(one["to"]))[:36], str(one["kind"]), storable(str(one["body"])))
        for one in typed.get("words", [])
    ]
    entrance = Entrance(
        side, page, enters=bool(typed.get("enters")), joined=bool(typed.get("joined")), after=int(typed.get("after", 0))
    )
    return entrance, words_


def _told(room: Room, now: dt.datetime) -> dict[str, Any]:
    return {
        "phase": room.phase,
        "other": room.other,
        "words": [{"id": one.pk, "page": one.page, "kind": one.kind, "body": one.body} for one in room.words],
        "left_s": max(0.0, (room.ends_at - now).total_seconds()) if room.ends_at else None,
    }
