"""Booking a consultation, and its page for the client."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kindline.site import form, here, pace, refused
from kindline.site import words as site_words
from kindline.site.account import session
from kindline.site.consultations import booking, bringing, timetable, words
from kindline.site.consultations.timetable import Slot
from kindline.site.errors import AnotherError, NotAcceptedError
from kindline.site.models import Consultation
from kindline.standard.consultation_data import IN_PERSON, VIDEO, Consulting
from kindline.standard.profile import Profile

SHOWN = ("surname", "given_name", "patronymic", "phone", "email")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest) -> HttpResponseBase:
    """Choose way, subject and time, and say who comes; what is wrong is said beside it, and nothing typed is lost.

    Clause: krc-5.7.1-42, krc-5.7.1-45, krc-5.7.1-46, krc-5.7.1-47.
    """
    profile, consulting = asked_profile()
    if request.method != "POST":
        context = _form(profile, consulting, request.GET, {}, uuid.uuid4()) | {"fresh": True}
        return render(request, "site/consultation.html", context)
    key = form.key_of(request.POST.get("key", ""))

    def again(faults: dict[str, str], status: int) -> HttpResponseBase:
        context = _form(profile, consulting, request.POST, faults, key)
        return refused.shown(request, "site/consultation.html", context, status)

    try:
        return refused.told(
            request, lambda: redirect("consultation_booked", key=_booked(request, profile, key).key), again
        )
    except AnotherError as error:
        context = _form(profile, consulting, request.POST, {"": "already_booked"}, uuid.uuid4())
        return render(request, "site/consultation.html", refused.another(context, error), status=409)


def _booked(request: HttpRequest, profile: Profile, key: uuid.UUID) -> Consultation:
    typed, now = request.POST, timezone.now()
    posts = pace.count(request, now)
    if typed.get(form.TRAP):
        raise NotAcceptedError({form.TRAP: "trap"})
    starts_at, centre = _chosen(typed.get("starts_at", ""))
    wish = booking.Wish(typed.get("way", ""), typed.get("subject", ""), starts_at, centre)
    return booking.book(
        profile=profile, key=key, wish=wish, fields=typed.dict(), consented=bool(typed.get("consent")),
        language=here.language(), address=_address(request, key), whose=posts.whose,
        login=session.current(request), now=now,
    )  # fmt: skip


def _address(request: HttpRequest, key: uuid.UUID) -> str:
    """The page of the booking as the client reaches it: where the settings do not say, as he reaches us now."""
    path = reverse("consultation_booked", args=[key])
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)


def _chosen(raw: str) -> tuple[dt.datetime | None, str]:
    """The moment and the centre of a time that was chosen."""
    moment, _, centre = raw.partition("|")
    try:
        found = dt.datetime.fromisoformat(moment)
    except ValueError:
        return None, ""
    return (found, centre) if found.tzinfo else (None, "")


def _form(
    profile: Profile, consulting: Consulting, typed: Any, faults: Mapping[str, str], key: uuid.UUID
) -> dict[str, Any]:
    way = typed.get("way", "") if typed.get("way") in consulting.ways else ""
    subject = typed.get("subject", "") if typed.get("subject") in consulting.subjects else ""
    wrong = {field: words.fault(field, code, profile) for field, code in faults.items()}
    return {
        "key": key,
        "typed": typed,
        "ways": [(one, words.said(one)) for one in consulting.ways],
        "subjects": [(one.id, bringing.titled(one.title, profile)) for one in consulting.subjects.values()],
        "way": way,
        "subject": subject,
        "way_title": words.said(way) if way else "",
        "subject_title": bringing.subject_title(profile, subject) if subject else "",
        "minutes": consulting.every_minutes,
        "phone": consulting.phone,
        "fields": _fields(way, typed, wrong),
        "faults": list(wrong.values()),
        "wrong": {field: one["text"] for field, one in wrong.items()},
        "days": _days(profile, consulting, way, subject) if way and subject else [],
        "documents": bringing.documents_of(profile, subject) if way == IN_PERSON else [],
        "longest": booking.LONGEST["problem"],
        "trap": form.TRAP,
    }


def _fields(way: str, typed: Any, wrong: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    return [
        {"id": name, "label": site_words.field_title(name), "type": site_words.INPUTS.get(name, "text"),
         "autocomplete": site_words.AUTOCOMPLETE[name], "value": typed.get(name, ""),
         "required": name in booking.NEEDED.get(way, ()), "wrong": wrong[name]["text"] if name in wrong else ""}
        for name in SHOWN
    ]  # fmt: skip


def _days(profile: Profile, consulting: Consulting, way: str, subject: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The free times by day: what is sent, and what is read."""
    several = timetable.free(profile, consulting, way, subject, timezone.now())
    return [
        (words.day(day), [(f"{one.starts_at.isoformat()}|{one.centre}", _said(one, profile)) for one in slots])
        for day, slots in itertools.groupby(several, key=lambda one: one.starts_at.date())
    ]


def _said(slot: Slot, profile: Profile) -> str:
    at = f"{slot.starts_at:%H:%M}"
    return f"{at}, {bringing.centre_title(profile, slot.centre)}" if slot.centre else at


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def booked(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """The number, the time and the way in, for whoever has the address; he may give the time back."""
    profile, consulting = asked_profile()
    found = get_object_or_404(Consultation, key=key, profile=profile.id)
    now = timezone.now()
    may_cancel = booking.may_cancel(found, now)
    if request.method == "POST":
        if may_cancel:
            booking.cancel(profile=profile, consultation=found, employee=None, reason="", now=now)
        return redirect("consultation_booked", key=key)
    context = {
        "consultation": found,
        "when": words.moment(profile, found.starts_at),
        "way_title": words.said(found.way),
        "subject": bringing.subject_title(profile, found.subject),
        "place": bringing.place(found, profile),
        "documents": bringing.documents(found, profile),
        "minutes": consulting.every_minutes,
        "early": consulting.early_minutes,
        "phone": consulting.phone,
        "may_enter": found.way == VIDEO and found.cancelled_at is None and found.ended_at is None,
        "may_cancel": may_cancel,
    }
    return render(request, "site/consultation_booked.html", context)


def asked_profile() -> tuple[Profile, Consulting]:
    """The standard with its consultations. Raises: Http404 where it has none."""
    return here.having(timetable.consulting_of)
