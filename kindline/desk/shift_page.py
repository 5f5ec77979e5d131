"""One shift: other times, other breaks, or taken away."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from kindline.desk import house, rights, shift_form
from kindline.desk.shift_form import Faults
from kindline.desk.shifts import ACT, enumerate_faults
from kindline.desk.typed import Post, post_of
from kindline.staff import shifts
from kindline.staff.models import Shift
from kindline.standard.profile import Profile


@require_http_methods(["GET", "HEAD", "POST"])
@rights.needed(ACT)
def one(request: HttpRequest, shift: int) -> HttpResponseBase:
    """The shift's form; a post keeps it or takes the shift away."""
    post, profile = post_of(request), house.profile()
    found = get_object_or_404(Shift.objects.select_related("employee"), pk=shift)
    week = f"{reverse('shifts')}?week={found.start_at.astimezone(profile.zone):%F}"
    if request.method != "POST":
        return render(request, "desk/shift.html", {"shift": found, "week": week, **_kept(found, profile)})
    if post.text("verb") == "remove":
        _remove(request, post, found)
        return redirect(week)
    faults, seen = _change(post, found, profile)
    if not faults:
        messages.success(request, gettext("Kept."))
        return redirect(week)
    rows = shift_form.break_rows(shift_form.typed_breaks(post))
    context = {"shift": found, "week": week, "typed": post.typed, "faults": faults, "break_rows": rows, "seen": seen}
    return render(request, "desk/shift.html", context | {"kinds": shift_form.kinds()}, status=422)


def _remove(request: HttpRequest, post: Post, shift: Shift) -> None:
    n = shifts.remove(shifts=Shift.objects.filter(pk=shift.pk), employee=post.me, now=post.now)
    if n:
        messages.success(request, ngettext("%(n)s shift taken away.", "%(n)s shifts taken away.", n) % {"n": n})
    else:
        messages.info(request, gettext("Somebody has taken this shift away already."))


def _change(post: Post, shift: Shift, profile: Profile) -> tuple[Faults, str]:
    """What is wrong, and the mark of the shift that was seen: once he is told of another's change, of that one."""
    seen = post.text("seen")
    plan, faults = shift_form.changed(post, shift.employee_id, profile.zone)
    if plan is None:
        return faults, seen
    try:
        shifts.change(shift=shift, plan=plan, employee=post.me, now=post.now, seen=seen)
    except Shift.DoesNotExist:
        gone = gettext("Somebody has taken this shift away meanwhile: enter it anew on the page of the week.")
        return {"gone": gone}, seen
    except shifts.OtherwiseError as error:
        return {"otherwise": shift_form.otherwise(error, profile.zone)}, shifts.mark(error.plan)
    except shifts.ClashError as error:
        lines = shift_form.clashing(error, {shift.employee_id: shift.employee}, profile.zone)
        return dict(enumerate_faults(lines)), seen
    return {}, seen


def _kept(shift: Shift, profile: Profile) -> dict[str, Any]:
    plan = shifts.plan_of(shift)
    breaks = [(one.kind, _clock(one.start_at, profile), _clock(one.end_at, profile)) for one in plan.breaks]
    return {
        "typed": {
            "day": f"{plan.start_at.astimezone(profile.zone):%F}", "start": _clock(plan.start_at, profile),
            "end": _clock(plan.end_at, profile),
        },
        "break_rows": shift_form.break_rows(breaks), "kinds": shift_form.kinds(), "seen": shifts.mark(plan),
    }  # fmt: skip


def _clock(at: dt.datetime, profile: Profile) -> str:
    return f"{at.astimezone(profile.zone):%H:%M}"
