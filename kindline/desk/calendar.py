"""The working calendar: a year at a glance, days moved by order, their effect, and what is in force."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods, require_safe

from kindline.appeals import calendar_orders, recomputing, standard_followed
from kindline.conversations.errors import RefusedError
from kindline.desk import access, calendar_rows, house, refusals
from kindline.desk.typed import Post, day_of, post_of
from kindline.staff import workdays
from kindline.staff.models import CalendarEdit, DayKind, Role
from kindline.standard import regions
from kindline.standard.profile import Profile

SEEING = (*access.IN_CHARGE, Role.ADMINISTRATOR)
HISTORY_MAX = 100
MOVED = "moved"
WHAT = {
    DayKind.OFF: _("a day off"),
    DayKind.WORKING: _("a working day"),
    DayKind.SHORTENED: _("a shortened working day"),
    MOVED: _("a working day, and another day is off instead"),
}
WRONG = {
    "too_far": _("Choose a day between the last year and three years ahead."),
    "unknown_kind": _("Choose what becomes of the day."),
    "is_working": _("This day is a working day already."),
    "is_off": _("This day is a day off already."),
    "same_day": _("Choose two different days: one becomes working, the other is off instead."),
    "minutes": _("Say by how many minutes the day is shorter: from 1 to 480."),
    "no_order": _("Write the number of the order."),
    "no_reason": _("Write the reason."),
    "drafted_already": _("A draft has this day already: throw that one away, or put it in force first."),
    "not_in_force": _("This edit is not in force any more."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*SEEING)
def show(request: HttpRequest) -> HttpResponseBase:
    """The year, what is drafted with its effect, what was in force; the administrator's forms."""
    profile, post = house.profile(), post_of(request)
    if request.method != "POST":
        return render(request, "desk/calendar.html", _context(request, profile, post))
    if not post.me.has_role(Role.ADMINISTRATOR):
        raise PermissionDenied
    try:
        _act(profile, post)
    except (RefusedError, workdays.UnfitEditError) as error:
        refused = {"refusal": _why(error), "wrong": getattr(error, "field", ""), "typed": post.typed}
        return render(request, "desk/calendar.html", _context(request, profile, post) | refused, status=422)
    return redirect(f"{reverse('calendar')}?year={_year(request, profile, post)}")


@require_safe
@access.for_roles(*SEEING)
def progress(request: HttpRequest) -> HttpResponseBase:
    """How far the limits are computed anew."""
    return render(request, "desk/_limits.html", {"anew": recomputing.latest(house.profile())})


def _act(profile: Profile, post: Post) -> None:
    verb = post.text("verb")
    order = workdays.Order(post.text("order"), post.text("reason"))
    by: dict[str, Any] = {"employee": post.me, "now": post.now}
    if verb == "put_in_force":
        calendar_orders.put_in_force(profile=profile, seen=post.keys("seen"), **by)
    elif verb == "drop":
        workdays.drop_draft(edit=_edit(profile, post), **by)
    elif verb == "withdraw":
        workdays.draft_withdrawal(edit=_edit(profile, post), order=order, **by)
    elif post.text("kind") == MOVED:
        workdays.draft_move(profile=profile, day=post.day("day"), to=post.day("to"), order=order, **by)
    else:
        minutes = post.key("shorter_min")
        workdays.draft_day(
            profile=profile, day=post.day("day"), kind=post.text("kind"), shorter_min=min(minutes, 9999), order=order,
            **by,
        )  # fmt: skip


def _edit(profile: Profile, post: Post) -> CalendarEdit:
    return get_object_or_404(CalendarEdit, pk=post.key("edit"), profile=profile.id)


def _why(error: Exception) -> str:
    if isinstance(error, workdays.UnfitEditError):
        return gettext(WRONG[error.code])
    return refusals.message_of(error)


def _context(request: HttpRequest, profile: Profile, post: Post) -> dict[str, Any]:
    year, drafts = _year(request, profile, post), list(workdays.drafts(profile.id))
    shown, dates = workdays.drafted(profile), {one.date for one in drafts}
    chosen = day_of(request.GET.get("day", ""))
    return {
        "year": year,
        "years": workdays.years(post.now, profile),
        "months": calendar_rows.year(shown, year, dates),
        "weekdays": [(WEEKDAYS_ABBR[number], WEEKDAYS[number]) for number in range(7)],
        "region": regions.title(profile.calendar.country, profile.calendar.region) or profile.calendar.region,
        "edits": post.me.has_role(Role.ADMINISTRATOR),
        "sees_appeals": post.me.has_role(*access.REGISTRY),
        "drafts": [_told(one) for one in drafts],
        "history": [_told(one) for one in workdays.history(profile.id)[:HISTORY_MAX]],
        "what": [(str(code), gettext(title)) for code, title in WHAT.items()],
        "typed": {"day": chosen.isoformat() if chosen else ""},
        "anew": recomputing.latest(profile),
        "followed": standard_followed.followed(profile),
        **_effect(profile, drafts, post),
    }


def _told(edit: CalendarEdit) -> tuple[CalendarEdit, str]:
    return edit, gettext(calendar_rows.KINDS[DayKind(edit.kind)])


def _effect(profile: Profile, drafts: list[CalendarEdit], post: Post) -> dict[str, Any]:
    """What the draft would do; one under which no term would end is said instead."""
    if not drafts:
        return {}
    try:
        return {"effect": calendar_orders.effect(profile, drafts, post.now)}
    except RefusedError as error:
        return {"no_effect": refusals.message_of(error)}


def _year(request: HttpRequest, profile: Profile, post: Post) -> int:
    """The year that is asked for, or that of the day in the form; this one where there is none."""
    known, raw = workdays.years(timezone.now(), profile), request.GET.get("year", "")
    day = day_of(post.text("day"))
    asked = day.year if day else int(raw) if raw.isascii() and raw.isdecimal() and len(raw) == 4 else 0
    return asked if asked in known else post.now.astimezone(profile.zone).year
