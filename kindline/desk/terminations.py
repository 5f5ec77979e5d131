"""Talks that operators ended on a ground, as those in charge are told of them on the floor."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from kindline.desk import access, house
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.switchboard import terminations
from kindline.switchboard.floor_models import TerminationNotice


def told(me: Employee) -> dict[str, Any]:
    """What the floor shows: the notices that he has not seen, and up to which of them he says so."""
    rows = terminations.unseen(me)
    return {
        "terminations": [{"notice": one, "ground": _ground(one)} for one in rows],
        "terminations_upto": max((one.pk for one in rows), default=0),
    }


@require_POST
@access.for_roles(*access.IN_CHARGE)
def seen(request: HttpRequest) -> HttpResponseBase:
    """He has seen what he was told of."""
    upto = request.POST.get("upto", "")
    if upto.isdecimal() and len(upto) < 19:
        terminations.see(employee=access.employee_of(request), upto=int(upto), now=timezone.now())
    return redirect("supervisor")


def _ground(notice: TerminationNotice) -> str:
    """The ground as the standard of the call words it."""
    scripts = loader.load(notice.contact.profile).scripts.values()
    branches = (branch for script in scripts for branch in script.branches)
    titles = (ground.title for branch in branches for ground in branch.grounds if ground.id == notice.ground)
    return house.titled(dict(next(titles, {}))) or notice.ground
