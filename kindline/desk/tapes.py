"""Recordings: found by when, who, what about, how they ended, how long, which clause was not met; what was removed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kindline.conversations import queries as conversations
from kindline.conversations.models import Contact
from kindline.correspondence import pdfs
from kindline.desk import access, contacts, house, lists, printouts, telling, wording
from kindline.desk.typed import moment_of
from kindline.desk.wording import titled
from kindline.journal.models import Fact
from kindline.quality.models import Measurement
from kindline.recordings import queries
from kindline.recordings import troubles as wrong
from kindline.recordings.models import Removal
from kindline.staff import queries as staff
from kindline.staff.models import Employee
from kindline.switchboard.models import Recording


@require_safe
@access.for_roles(*access.HEARING)
def several(request: HttpRequest) -> HttpResponseBase:
    """The list: an operator finds his own talks, those in charge all."""
    me, profile = access.employee_of(request), house.profile()
    asked, refused = _asked(request)
    found = queries.recorded(asked, only=None if access.in_charge(me) else me)
    page = lists.page_of(request, found.none() if refused else found)
    context = {
        "page": page,
        "rows": _rows(list(page)),
        "query": request.GET,
        "refused": refused,
        "people": staff.with_role(*access.AT_THE_PHONE) if access.in_charge(me) else [],
        "topics": conversations.topics(profile.id),
        "outcomes": _outcomes(),
        "clauses": [clause.id for clause in profile.clauses.values() if clause.rule is not None],
        "may_see_removed": access.in_charge(me),
        "troubles": troubles() if access.in_charge(me) else [],
    }
    return render(request, "desk/recordings.html", context)


def troubles() -> list[dict[str, Any]]:
    """What is wrong with recordings now, in words."""
    return [
        {"one": one, "title": titled(wording.TROUBLES, one.kind)}
        for one in wrong.present()
        if one.kind in wording.TROUBLES
    ]


def _asked(request: HttpRequest) -> tuple[queries.Asked, str]:
    """What is looked for; and what cannot be understood, in words."""
    typed = request.GET
    shortest, longest = _minutes(typed.get("min", "")), _minutes(typed.get("max", ""))
    since, until = _moment(typed.get("from", "")), _moment(typed.get("to", ""), end=True)
    lost, refused = _percent(typed.get("lost", "")), ""
    if any(typed.get(name, "").strip() and value is None for name, value in (("min", shortest), ("max", longest))):
        refused = _("Write the duration in minutes, such as 2 or 1.5.")
    elif typed.get("lost", "").strip() and lost is None:
        refused = _("Write the share of lost sound in percent, such as 5.")
    elif any(typed.get(name, "").strip() and value is None for name, value in (("from", since), ("to", until))):
        refused = _("Choose day and time, such as 02.03.2026 09:30.")
    employee = typed.get("employee", "")
    asked = queries.Asked(
        since=since, until=until, text=typed.get("q", ""), topic=typed.get("topic", ""),
        outcome=typed.get("outcome", ""),
        employee=int(employee) if employee.isascii() and employee.isdecimal() and len(employee) < 10 else None,
        lasts_min_s=shortest, lasts_max_s=longest, clause=typed.get("clause", "").strip(),
        words=typed.get("words", ""), lost_min=lost / 100 if lost is not None else None,
        is_incomplete="incomplete" in typed, is_held="held" in typed,
    )  # fmt: skip
    return asked, refused


def _minutes(typed: str) -> float | None:
    try:
        value = float(typed.strip().replace(",", "."))
    except ValueError:
        return None
    return value * 60 if 0 <= value <= 24 * 60 else None


def _percent(typed: str) -> float | None:
    try:
        value = float(typed.strip().removesuffix("%").strip().replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value <= 100 else None


def _moment(typed: str, *, end: bool = False) -> dt.datetime | None:
    """A moment of the organisation's clock; a minute that is an end is meant whole."""
    found = moment_of(typed)
    return found + dt.timedelta(minutes=1) if found and end else found


def _outcomes() -> list[tuple[str, str]]:
    found = {
        outcome.id: house.titled(outcome.title)
        for script in house.profile().scripts.values()
        for outcome in script.outcomes
    }
    found |= {code: telling.value_title(code) for code in ("voicemail", "answered")}
    return sorted(found.items(), key=lambda pair: pair[1])


def _rows(found: list[Contact]) -> list[dict[str, Any]]:
    kept, heard, held = queries.recordings_of(found), queries.listenings(found), queries.held(found)
    missed, lines = _not_met(found), queries.worst_lines(found)
    return [
        {
            "contact": one,
            "outcome": contacts.outcome_title(one),
            "talk_s": contacts.talk_s(one),
            "length_s": _length_s(kept.get(one.pk, [])),
            "complete": all(recording.complete for recording in kept.get(one.pk, [])),
            "until": max((r.retention_until for r in kept.get(one.pk, []) if r.retention_until), default=None),
            "heard": len(heard.get(str(one.pk), [])),
            "held": one.pk in held,
            "lost": _lost(lines.get(str(one.pk))),
            "not_met": missed.get(str(one.pk), 0),
        }
        for one in found
    ]


def _lost(fact: Fact | None) -> str:
    """How much of which side was lost; empty where nothing was, or nobody measured."""
    if fact is None or not fact.data["loss_share"]:
        return ""
    side = telling.value_title(fact.data["leg"])
    return f"{number_format(round(100 * fact.data['loss_share'], 1), 1)} % ({side})"


def _length_s(kept: list[Recording]) -> float | None:
    return max((recording.duration_s or 0.0 for recording in kept), default=None)


def _not_met(found: list[Contact]) -> dict[str, int]:
    keys = [str(one.pk) for one in found]
    counted: dict[str, int] = {}
    rows = Measurement.objects.filter(subject_type="contact", subject_id__in=keys, verdict="not_met")
    for key in rows.values_list("subject_id", flat=True):
        counted[key] = counted.get(key, 0) + 1
    return counted


@require_safe
@access.for_roles(*access.IN_CHARGE)
def removed(request: HttpRequest) -> HttpResponseBase:
    """The receipts of removed recordings, the latest first."""
    return render(request, "desk/removals.html", {"page": lists.page_of(request, queries.removals())})


@require_safe
@access.for_roles(*access.IN_CHARGE)
def receipt(request: HttpRequest, removal: int) -> HttpResponseBase:
    """One receipt as PDF."""
    found = get_object_or_404(Removal.objects.select_related("contact", "removed_by"), pk=removal)
    me: Employee = access.employee_of(request)
    context = {"removal": found, "now": timezone.now(), "profile": house.profile(), "me": me}
    make = lambda: pdfs.made(render_to_string("desk/print_removal.html", context, request))  # noqa: E731
    return printouts.made(request, make, f"removal-{found.pk}", "removals")
