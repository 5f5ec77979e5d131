"""Booking a meeting with the head, its page for the client, and the list for who keeps it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import formats, timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kindline.site import form, here, meetings, pace, refused, words
from kindline.site.account import session
from kindline.site.errors import AnotherError, NotAcceptedError
from kindline.site.models import Meeting
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.standard.published_data import Reception

REQUIRED = ("surname", "given_name", "phone")
SHOWN = ("surname", "given_name", "patronymic", "phone", "email")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest) -> HttpResponseBase:
    """Choose a time and say who comes; what is wrong is said beside the fields, and nothing typed is lost.

    Clause: krc-5.7.1-38.
    """
    profile, reception = here.having(meetings.reception_of)
    if request.method != "POST":
        context = _form(profile, reception, {}, {}, uuid.uuid4()) | {"fresh": True}
        return render(request, "site/meeting.html", context)
    key = form.key_of(request.POST.get("key", ""))

    def again(faults: dict[str, str], status: int) -> HttpResponseBase:
        return refused.shown(request, "site/meeting.html", _form(profile, reception, request.POST, faults, key), status)

    try:
        return refused.told(request, lambda: redirect("meeting_booked", key=_booked(request, profile, key).key), again)
    except AnotherError as error:
        context = _form(profile, reception, request.POST, {"": "already_booked"}, uuid.uuid4())
        return render(request, "site/meeting.html", refused.another(context, error), status=409)


def _booked(request: HttpRequest, profile: Profile, key: uuid.UUID) -> Meeting:
    typed, now = request.POST, timezone.now()
    posts = pace.count(request, now)
    if typed.get(form.TRAP):
        raise NotAcceptedError({form.TRAP: "trap"})
    return meetings.book(
        profile=profile, key=key, starts_at=_moment(typed.get("starts_at", "")), fields=typed.dict(),
        consented=bool(typed.get("consent")), language=here.language(), whose=posts.whose,
        login=session.current(request), now=now,
    )  # fmt: skip


def _moment(raw: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(raw)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _form(profile: Profile, reception: Reception, typed: Any, faults: dict[str, str], key: uuid.UUID) -> dict[str, Any]:
    wrong = {field: words.fault(field, code, profile) for field, code in faults.items()}
    fields = [
        {"id": name, "label": words.field_title(name), "type": words.INPUTS.get(name, "text"),
         "autocomplete": words.AUTOCOMPLETE[name], "value": typed.get(name, ""), "required": name in REQUIRED,
         "wrong": wrong[name]["text"] if name in wrong else ""}
        for name in SHOWN
    ]  # fmt: skip
    return {
        "key": key,
        "typed": typed,
        "fields": fields,
        "faults": list(wrong.values()),
        "wrong": {field: one["text"] for field, one in wrong.items()},
        "times": [(one.isoformat(), _said(one)) for one in meetings.free(profile, reception, timezone.now())],
        "host": _host(reception, profile),
        "place": reception.place,
        "longest": meetings.LONGEST["matter"],
        "trap": form.TRAP,
    }


def _said(moment: dt.datetime) -> str:
    """Day of the week, day and hour."""
    return f"{formats.date_format(moment, 'l, j E')}, {moment:%H:%M}"


def _host(reception: Reception, profile: Profile) -> str:
    return reception.host.get(here.language()) or reception.host[profile.language]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def booked(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """The number and the time, for whoever has the address; he may give the time back."""
    profile, reception = here.having(meetings.reception_of)
    found = get_object_or_404(Meeting, key=key, profile=profile.id)
    if request.method == "POST":
        if meetings.may_cancel(found, timezone.now()):
            meetings.cancel(profile=profile, meeting=found, employee=None, reason="", now=timezone.now())
        return redirect("meeting_booked", key=key)
    context = {
        "meeting": found,
        "when": _said(found.starts_at.astimezone(profile.zone)),
        "host": _host(reception, profile),
        "place": reception.place,
        "may_cancel": meetings.may_cancel(found, timezone.now()),
    }
    return render(request, "site/meeting_booked.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def several(request: HttpRequest) -> HttpResponseBase:
    """The list for who keeps it: who comes when, and about what; a meeting is cancelled with a reason."""
    profile, reception = here.having(meetings.reception_of)
    if not request.user.is_authenticated:
        return redirect(f"/login/?{urlencode({'next': request.get_full_path()})}")
    me = request.user
    if not me.has_role(*reception.secretaries):
        raise PermissionDenied
    wrong = _cancelled(request, profile, me) if request.method == "POST" else ""
    if request.method == "POST" and not wrong:
        return redirect("meetings")
    rows = meetings.coming(profile, timezone.now())
    context = {"rows": rows, "wrong": wrong, "of": request.POST.get("meeting", ""), "host": _host(reception, profile)}
    return render(request, "site/meetings.html", context, status=422 if wrong else 200)


def _cancelled(request: HttpRequest, profile: Profile, me: Employee) -> str:
    """What is wrong; empty where it was cancelled."""
    found = get_object_or_404(Meeting, pk=form.row_key(request.POST.get("meeting", "")), profile=profile.id)
    reason = request.POST.get("reason", "")
    try:
        meetings.cancel(profile=profile, meeting=found, employee=me, reason=reason, now=timezone.now())
    except NotAcceptedError:
        return gettext("Say why: the client is told of it.")
    return ""
