"""The desk's pages of consultations: who comes when, who did not come, and the timetable of specialists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from kindline.site import form
from kindline.site.consultations import attending, booking, bringing, timetable, words
from kindline.site.consultations.pages import asked_profile
from kindline.site.consultations.timetable import Plan
from kindline.site.errors import NotAcceptedError
from kindline.site.models import Consultation, ConsultingHours
from kindline.staff.models import Employee
from kindline.standard.consultation_data import Consulting
from kindline.standard.profile import Profile

View = Callable[..., HttpResponseBase]


def for_staff(*, organisers: bool = False) -> Callable[[View], View]:
    """Let in who consults or organises; the timetable is for those who organise alone."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            _profile, consulting = asked_profile()
            if not request.user.is_authenticated:
                return redirect(f"/login/?{urlencode({'next': request.get_full_path()})}")
            roles = consulting.organisers if organisers else (*consulting.organisers, *consulting.specialists)
            if not request.user.has_role(*roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff()
def several(request: HttpRequest) -> HttpResponseBase:
    """One's own consultations, or all for who organises; a visitor is received, a time is called off with a reason."""
    profile, consulting = asked_profile()
    me, now, wrong = cast(Employee, request.user), timezone.now(), ""
    if request.method == "POST":
        found = get_object_or_404(
            Consultation, pk=form.row_key(request.POST.get("consultation", "")), profile=profile.id
        )
        try:
            return _done(request, profile, found, me)
        except timetable.NotTheirsError as error:
            raise PermissionDenied from error
        except attending.NotToBeginError:
            wrong = gettext("It was cancelled, or is over.")
        except NotAcceptedError:
            wrong = gettext("Say why: the client is told of it.")
    rows = [_row(one, profile, me, now) for one in booking.coming(profile, me, now)]
    context = {
        "rows": rows, "wrong": wrong, "of": request.POST.get("consultation", ""),
        "organises": me.has_role(*consulting.organisers), "typed": request.POST.get("reason", ""),
    }  # fmt: skip
    return render(request, "site/consultations.html", context, status=422 if wrong else 200)


def _done(request: HttpRequest, profile: Profile, found: Consultation, me: Employee) -> HttpResponseBase:
    verb, now = request.POST.get("verb", ""), timezone.now()
    if verb == "receive":
        contact = attending.receive(profile=profile, consultation=found, employee=me, now=now)
        return redirect("visit", contact=contact.pk)
    if verb == "absent":
        attending.note_absence(profile=profile, consultation=found, employee=me, now=now)
    else:
        reason = request.POST.get("reason", "")
        booking.cancel(profile=profile, consultation=found, employee=me, reason=reason, now=now)
    return redirect("consultations")


def _row(one: Consultation, profile: Profile, me: Employee, now: dt.datetime) -> dict[str, Any]:
    open_ = one.cancelled_at is None and one.ended_at is None
    return {
        "one": one,
        "way": words.said(one.way),
        "subject": bringing.subject_title(profile, one.subject),
        "place": bringing.place(one, profile),
        "missed": words.said(one.missed_by) if one.missed_by else "",
        "may_enter": open_ and one.way == "video" and one.specialist_id == me.pk,
        "may_receive": open_ and one.way == "in_person" and one.specialist_id == me.pk,
        "may_miss": open_ and one.begun_at is None and one.starts_at <= now,
        "may_cancel": open_ and one.begun_at is None,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff(organisers=True)
def hours(request: HttpRequest) -> HttpResponseBase:
    """The timetable of specialists: hours are entered, and ended by a day.

    Clause: krc-5.7.1-42, krc-5.7.1-45.
    """
    profile, consulting = asked_profile()
    wrong: dict[str, dict[str, str]] = {}
    if request.method == "POST":
        try:
            _written(request, profile)
            return redirect("consultation_hours")
        except NotAcceptedError as error:
            wrong = {field: words.fault(field, code, profile) for field, code in error.faults.items()}
    return render(
        request, "site/consultation_hours.html", _timetable(request, profile, consulting, wrong),
        status=422 if wrong else 200,
    )  # fmt: skip


def _written(request: HttpRequest, profile: Profile) -> None:
    me, typed, now = cast(Employee, request.user), request.POST, timezone.now()
    if typed.get("verb") == "end":
        row = get_object_or_404(ConsultingHours, pk=form.row_key(typed.get("hours", "")), profile=profile.id)
        until = _day(typed.get("until", ""))
        timetable.end_hours(profile=profile, hours=row, until=until, employee=me, now=now)
        return
    specialist = Employee.objects.filter(pk=form.row_key(typed.get("specialist", ""))).first()
    if specialist is None:
        raise NotAcceptedError({"specialist": "needed"})
    plan = Plan(
        weekday=min(form.row_key(typed.get("weekday", "")), 6), start=_clock(typed.get("start", "")),
        end=_clock(typed.get("end", "")), ways=tuple(typed.getlist("ways")),
        since=_day(typed.get("since", "")), centre=typed.get("centre", ""),
        subjects=tuple(one for one in typed.getlist("subjects") if one in asked_profile()[1].subjects),
        until=_day(typed.get("until", "")),
    )  # fmt: skip
    timetable.add_hours(profile=profile, specialist=specialist, plan=plan, employee=me, now=now)


def _day(raw: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(raw)
    except ValueError:
        return None


def _clock(raw: str) -> dt.time | None:
    try:
        return dt.time.fromisoformat(raw)
    except ValueError:
        return None


def _timetable(
    request: HttpRequest, profile: Profile, consulting: Consulting, wrong: dict[str, dict[str, str]]
) -> dict[str, Any]:
    today = timezone.now().astimezone(profile.zone).date()
    rows = [
        {
            "one": one,
            "weekday": words.weekday(one.weekday),
            "ways": [words.said(way) for way in one.ways],
            "centre": bringing.centre_title(profile, one.centre) if one.centre else "",
            "subjects": [bringing.subject_title(profile, code) for code in one.subjects],
        }
        for one in timetable.in_force(profile, today)
    ]
    return {
        "rows": rows,
        "faults": list(wrong.values()),
        "wrong": wrong,
        "typed": request.POST if wrong else {},
        "typed_ways": request.POST.getlist("ways") if wrong else list(consulting.ways),
        "typed_subjects": request.POST.getlist("subjects") if wrong else [],
        "people": timetable.who_consult(consulting),
        "weekdays": [(str(number), words.weekday(number)) for number in range(7)],
        "ways": [(one, words.said(one)) for one in consulting.ways],
        "centres": [(one.id, f"{one.title}, {one.address}") for one in consulting.centres.values()],
        "subjects": [(one.id, bringing.titled(one.title, profile)) for one in consulting.subjects.values()],
        "minutes": consulting.every_minutes,
        "today": today,
    }
