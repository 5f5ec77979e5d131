"""The thresholds of the wallboard: what holds, who set it, and the form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods

from kindline.desk import access, house, rights, wallboard
from kindline.switchboard import thresholds

PROBLEMS = {
    "unknown": _("There is no such figure or queue."),
    "range": _("Write a number from 0; a share is at most 100 %."),
    "order": _("Attention must come before alarm: exchange the two numbers."),
    "number": _("Write a number, or leave the field empty."),
}
UNITS = {"_s": _("seconds")}


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.IN_CHARGE)
def show(request: HttpRequest) -> HttpResponseBase:
    """The thresholds of a queue, or of all of them; what is refused is shown again as it was typed."""
    me = access.employee_of(request)
    queue = request.POST.get("queue", request.GET.get("queue", ""))
    problem, at = "", ""
    if request.method == "POST":
        if not rights.may(me, "set_thresholds"):
            raise PermissionDenied
        at = request.POST.get("measure", "")
        problem = _set(request, queue, at)
        if not problem:
            messages.success(request, gettext("Kept. The wallboard colours by it from now on."))
            return redirect(f"{request.path}?queue={queue}")
    context = _context(queue, request.POST.dict() if problem else {}, at) | {
        "problem": gettext(PROBLEMS[problem]) if problem else "",
        "may_set": rights.may(me, "set_thresholds"),
    }
    return render(request, "desk/thresholds.html", context, status=422 if problem else 200)


def _set(request: HttpRequest, queue: str, measure: str) -> str:
    try:
        warn, alarm = (_number(request.POST.get(name, "")) for name in ("warn", "alarm"))
        thresholds.set_threshold(
            profile=house.profile(), queue=queue, measure=measure, warn=warn, alarm=alarm,
            by=access.employee_of(request), now=timezone.now(),
        )  # fmt: skip
    except thresholds.ThresholdError as error:
        return error.code
    except ValueError:
        return "number"
    return ""


def _number(text: str) -> float | None:
    cleaned = text.strip().replace(",", ".").removesuffix("%").strip()
    found = float(cleaned) if cleaned else None
    if found is not None and not abs(found) < 1e6:
        raise ValueError(text)
    return found


def _context(queue: str, typed: dict[str, str], at: str) -> dict[str, Any]:
    profile = house.profile()
    limits = thresholds.limits(profile)
    names = ["", *(profile.menu.queues if profile.menu else ())]
    return {
        "queue": queue,
        "queues": [(name, wallboard.queue_title(name, profile)) for name in names],
        "rows": [_row(queue, measure, limits, typed if measure == at else {}) for measure in _measures()],
    }


def _measures() -> tuple[str, ...]:
    return (*thresholds.MEASURES, *thresholds.TERMS)


def _row(queue: str, measure: str, limits: thresholds.Limits, typed: dict[str, str]) -> dict[str, Any]:
    limit = limits.of(queue, measure)
    unit = gettext(UNITS["_s"]) if measure.endswith("_s") else "%" if measure in thresholds.SHARES else ""
    return {
        "measure": measure,
        "title": gettext(wallboard.TITLES[measure]),
        "unit": unit,
        "limit": limit,
        "own": (queue, measure) in limits.own,
        "one_number": measure in thresholds.TERMS,
        "warn": typed.get("warn", _plain(limit.warn)),
        "alarm": typed.get("alarm", _plain(limit.alarm)),
        "wrong": bool(typed),
        "below": thresholds.MEASURES.get(measure) == "below",
    }


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
