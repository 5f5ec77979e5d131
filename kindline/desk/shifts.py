"""The schedule of shifts: a week of people as a table; entered for many at once, copied, taken away, taken out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from kindline.desk import access, house, lists, rights, shift_form, shift_rows, shift_sheets, wallboard
from kindline.desk.shift_form import Faults
from kindline.desk.typed import Post, is_key, post_of
from kindline.staff import queries as staff
from kindline.staff import shift_plans, shifts
from kindline.staff.models import Employee, Unit
from kindline.standard.profile import Profile
from kindline.switchboard import choosing

ACT = "lead_shifts"
WORKDAYS = range(5)


@dataclass(frozen=True, slots=True)
class Scope:
    """Of what the page is: a week, and the people who are shown, by key."""

    monday: dt.date
    people: dict[int, Employee]
    unit: str
    queue: str


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.IN_CHARGE)
def show(request: HttpRequest) -> HttpResponseBase:
    """The week; a post enters shifts, copies the week to the next, or takes shifts away; `?format=csv` takes it out."""
    profile, post = house.profile(), post_of(request)
    scope = scope_of(request, profile)
    if request.GET.get("format") == "csv":
        return lists.as_csv(f"shifts-{scope.monday}", shift_sheets.heads(), _lines(scope, profile))
    if request.method != "POST":
        return render(request, "desk/shifts.html", _context(post, scope, profile))
    if not rights.may(post.me, ACT):
        raise PermissionDenied
    faults = _act(request, post, scope, profile)
    if not faults:
        return redirect(request.get_full_path())
    typed = {} if post.text("verb") == "copy" else _typed(post)
    context = _context(post, scope, profile) | typed | {"faults": faults}
    return render(request, "desk/shifts.html", context, status=422)


def scope_of(request: HttpRequest, profile: Profile) -> Scope:
    """What the address asks for; without a word of it, this week of everybody at the telephone."""
    today = timezone.now().astimezone(profile.zone).date()
    unit, queue = request.GET.get("unit", ""), request.GET.get("queue", "")
    day = shift_form.near(request.GET.get("week", "")) or today
    return Scope(shift_plans.monday(day), people_of(unit, queue, profile), unit, queue)


def people_of(unit: str, queue: str, profile: Profile, besides: Collection[int] = ()) -> dict[int, Employee]:
    """Who has a place at the telephone, by key: all, those of a unit and the units below, those fit for a queue.

    `besides`: who may have had one and left.
    """
    rows = staff.with_role(*access.AT_THE_PHONE) | Employee.objects.filter(pk__in=besides)
    if is_key(unit) and (found := Unit.objects.filter(pk=int(unit)).first()):
        rows = rows.filter(unit__in=staff.units_below(found))
    known = profile.menu.queues.get(queue) if profile.menu else None
    if known is not None:
        rows = rows.filter(pk__in=staff.having(Employee.objects.all(), choosing.need(known.skills).skills).values("pk"))
    return {one.pk: one for one in rows.order_by("surname", "given_name", "pk")}


def _act(request: HttpRequest, post: Post, scope: Scope, profile: Profile) -> Faults:
    by: dict[str, Any] = {"employee": post.me, "now": post.now}
    try:
        if post.text("verb") == "remove":
            return _removed(request, post, scope, profile, by)
        if post.text("verb") == "copy":
            return _copied(request, post, scope, profile, by)
        return _entered(request, post, scope, profile, by)
    except shifts.ClashError as error:
        return dict(enumerate_faults(shift_form.clashing(error, scope.people, profile.zone)))


def enumerate_faults(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Faults that belong to no field."""
    return ((f"line-{n}", line) for n, line in enumerate(lines))


def _entered(request: HttpRequest, post: Post, scope: Scope, profile: Profile, by: dict[str, Any]) -> Faults:
    plans, faults = shift_form.entry(post, scope.people, profile.zone)
    if not faults:
        n = shifts.enter(plans=plans, replace=post.flag("replace"), **by)
        messages.success(request, ngettext("%(n)s shift entered.", "%(n)s shifts entered.", n) % {"n": n})
    return faults


def _copied(request: HttpRequest, post: Post, scope: Scope, profile: Profile, by: dict[str, Any]) -> Faults:
    n, left = shifts.copy_week(
        monday=scope.monday, people=scope.people.keys(), zone=profile.zone, replace=post.flag("replace"), **by
    )
    messages.success(
        request,
        ngettext("%(n)s shift entered in the next week.", "%(n)s shifts entered in the next week.", n) % {"n": n},
    )
    for line in shift_form.left_out(left, scope.people, profile.zone):
        messages.warning(request, line)
    return {}


def _removed(request: HttpRequest, post: Post, scope: Scope, profile: Profile, by: dict[str, Any]) -> Faults:
    who, days, faults = shift_form.scope(post, scope.people)
    if not faults:
        since, until = (
            dt.datetime.combine(day, dt.time(), profile.zone) for day in (days[0], days[-1] + dt.timedelta(1))
        )
        rows = shifts.between(since, until, who).filter(start_at__gte=since)
        chosen = [one.pk for one in rows if one.start_at.astimezone(profile.zone).date() in set(days)]
        n = shifts.remove(shifts=rows.filter(pk__in=chosen), **by)
        messages.success(request, ngettext("%(n)s shift taken away.", "%(n)s shifts taken away.", n) % {"n": n})
    return faults


def _context(post: Post, scope: Scope, profile: Profile) -> dict[str, Any]:
    week = shift_plans.WEEK
    return {
        "scope": scope,
        "rows": shift_rows.week(scope.monday, scope.people, profile),
        "heads": shift_rows.heads(scope.monday),
        "today": post.now.astimezone(profile.zone).date(),
        "before": scope.monday - week,
        "after": scope.monday + week,
        "sunday": scope.monday + week - shift_plans.DAY,
        "may": rights.may(post.me, ACT),
        "weekdays": list(WEEKDAYS.items()),
        "kinds": shift_form.kinds(),
        "break_rows": shift_form.break_rows([("lunch", "", ""), ("break", "", "")]),
        "typed_weekdays": list(WORKDAYS),
        "typed": {"first": scope.monday.isoformat(), "last": (scope.monday + week - shift_plans.DAY).isoformat()},
        "zone": profile.zone,
        **choices(profile),
    }


def choices(profile: Profile) -> dict[str, Any]:
    """Whom a page of shifts may be narrowed to."""
    queues = profile.menu.queues if profile.menu else ()
    return {
        "units": [(one.pk, one.name) for one in staff.units()],
        "queues": [(name, wallboard.queue_title(name, profile)) for name in queues],
    }


def _typed(post: Post) -> dict[str, Any]:
    """What was typed, for the form that comes again."""
    return {
        "is_open": True, "typed": post.typed, "typed_who": post.keys("who"), "typed_weekdays": post.keys("weekdays"),
        "break_rows": shift_form.break_rows(shift_form.typed_breaks(post)),
    }  # fmt: skip


def _lines(scope: Scope, profile: Profile) -> Iterator[list[object]]:
    since, until = shifts.week(scope.monday, profile.zone)
    for one in shifts.between(since, until, scope.people.keys()).filter(start_at__gte=since):
        yield shift_sheets.line(one, profile.zone)
