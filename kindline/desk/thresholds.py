"""The thresholds of the wallboard: what holds, who set it, and the form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods

from kindline.correspondence import wires
from kindline.desk import access, board_formulas, house, rights, wallboard
from kindline.switchboard import crossing_letters, thresholds

PROBLEMS = {
    "unknown": _("There is no such figure or queue."),
    "range": _("Write a number from 0; a share is at most 100 %."),
    "order": _("Attention must come before alarm: exchange the two numbers."),
    "number": _("Write a number, or leave the field empty."),
    "quiet": _("Write the quiet time in whole minutes, from 1 to 1440."),
    "people": _("One of those chosen has no e-mail address or is not in charge any more: choose again."),
}
LETTERS = "letters"
KEPT = {
    False: _("Kept. The wallboard colours by it from now on."),
    True: _("Kept. From the next crossing on it is written so."),
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
        problem = _set_letters(request) if at == LETTERS else _set(request, queue, at)
        if not problem:
            messages.success(request, gettext(KEPT[at == LETTERS]))
            return redirect(f"{request.path}?queue={queue}")
    context = _context(queue, request.POST.dict() if problem else {}, at) | {
        "problem": gettext(PROBLEMS[problem]) if problem else "",
        "may_set": rights.may(me, "set_thresholds"),
        "letters": _letters(request.POST if problem and at == LETTERS else None),
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


def _set_letters(request: HttpRequest) -> str:
    people, quiet = request.POST.getlist("people"), request.POST.get("quiet_min", "").strip()
    try:
        crossing_letters.set_letters(
            profile=house.profile(), people=[int(one) for one in people if one.isdecimal()],
            alarms_only="alarms_only" in request.POST, quiet_min=int(quiet) if quiet.isdecimal() else 0,
            by=access.employee_of(request), now=timezone.now(),
        )  # fmt: skip
    except thresholds.ThresholdError as error:
        return error.code
    return ""


def _letters(posted: QueryDict | None) -> dict[str, Any]:
    """Who may be written to and who is; as it was typed where that was refused."""
    kept = crossing_letters.kept(house.profile())
    chosen = set(kept.people.values_list("pk", flat=True)) if kept else set()
    if posted:
        chosen = {int(one) for one in posted.getlist("people") if one.isdecimal()}
    quiet_min = kept.quiet_min if kept else crossing_letters.QUIET_USUAL
    return {
        "people": [(one, one.pk in chosen) for one in crossing_letters.may_read().order_by("surname", "pk")],
        "alarms_only": "alarms_only" in posted if posted else bool(kept and kept.alarms_only),
        "quiet_min": posted.get("quiet_min", "") if posted else quiet_min,
        "kept": kept,
        "wrong": posted is not None,
        "can_send": wires.relay() is not None,
    }


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
        "title": gettext(board_formulas.TITLES[measure]),
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
