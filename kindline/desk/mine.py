"""An executor's own desk: what waits for him, by what is to be done; a head may look at his unit instead."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_safe

from kindline.appeals import notice_signing, own_work, signing
from kindline.desk import access, house, mine_rows
from kindline.readings import queries as readings
from kindline.staff.models import Employee, Unit
from kindline.standard.profile import Profile

ANYBODY = {
    "sort": _("letters to be sorted"),
    "take": _("of my unit, nobody’s yet"),
    "approve": _("answers to be checked"),
    "sign": _("answers to be signed"),
}
"""What anybody like him may do, by the act."""


@require_safe
@access.for_roles(*access.REGISTRY)
def show(request: HttpRequest) -> HttpResponseBase:
    """What is mine and due, sent back, added, failed, promised; `?of=unit` the same of a head's unit (krc-6.2-03)."""
    me, now, profile = access.employee_of(request), timezone.now(), house.profile()
    own_unit = me.unit if access.in_charge(me) else None
    unit = own_unit if request.GET.get("of") == "unit" else None
    whose = own_work.of_unit(unit) if unit is not None else own_work.of_employee(me)
    work = own_work.waiting(whose, profile, now)
    first, second = mine_rows.columns(work, profile, now, named=unit is not None)
    context = {
        "columns": [[one for one in column if one.rows] for column in (first, second)],
        "parts": [one for one in (*first, *second) if one.rows],
        "work": work,
        "unit": unit,
        "own_unit": own_unit,
        "now": now,
        "anybody": []
        if unit
        else [*_anybody(me, own_unit or me.unit, profile), *_notices(me, profile, now), *_readings(me, profile, now)],
        "unit_list": f"{reverse('appeals')}?{urlencode({'unit': unit.pk})}" if unit else "",
    }
    return render(request, "desk/mine.html", context)


def _anybody(me: Employee, unit: Unit | None, profile: Profile) -> list[dict[str, Any]]:
    """What waits for anybody like him: a count, and the list in which it stands."""
    found = own_work.for_anybody(me, profile)
    return [
        {"title": gettext(ANYBODY[act]), "count": count, "address": _address(act, unit, profile)}
        for act, count in found.items()
    ]


def _notices(me: Employee, profile: Profile, now: dt.datetime) -> list[dict[str, Any]]:
    """Notices to applicants that wait for his signature (krc-5.8-10, krc-6.1-44)."""
    many = len(notice_signing.pile(profile, me, signing.powers_of(profile, now)))
    title = gettext("notices to applicants to be signed")
    return [{"title": title, "count": many, "address": reverse("appeal-signing")}] if many else []


def _readings(me: Employee, profile: Profile, now: dt.datetime) -> list[dict[str, Any]]:
    """Readings that were asked back and that nobody has answered in time."""
    many = readings.unsettled(profile, now).count() if me.has_role(*access.METERS) else 0
    title = gettext("readings asked back and not answered in time")
    return [{"title": title, "count": many, "address": reverse("readings-desk")}] if many else []


def _address(act: str, unit: Unit | None, profile: Profile) -> str:
    if act == "sign":
        return reverse("appeal-signing")
    if act == "take":
        return f"{reverse('appeals')}?{urlencode({'executor': 'none', 'unit': unit.pk if unit else ''})}"
    flow = profile.workflow
    states = [state for one in (flow.named(act) if flow else []) for state in one.sources]
    return f"{reverse('appeals')}?{urlencode({'state': states[0] if states else 'open'})}"
