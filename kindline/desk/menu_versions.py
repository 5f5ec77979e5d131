"""Versions of the voice menu: which there are, which is in force, and the steps of one from draft to force and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kindline.desk import access, house, menu_words, telling
from kindline.desk.typed import moment_of
from kindline.journal.queries import facts_of
from kindline.staff.models import Role
from kindline.standard import menu_changes
from kindline.switchboard import in_force, menu_versions, work
from kindline.switchboard.menu_versions import MenuFaultsError, MenuVersionError
from kindline.switchboard.models import MenuTurn, MenuVersion

ROLES = (*access.IN_CHARGE, Role.ADMINISTRATOR)
HISTORY = 50


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*ROLES)
def several(request: HttpRequest) -> HttpResponseBase:
    """Every version and what was done to them; a post begins a draft out of one."""
    if request.method == "POST":
        return _draft(request)
    profile, now = house.profile(), timezone.now()
    rows = in_force.versions(profile)
    context = {
        "tab": "versions",
        "rows": [_row(request, one) for one in rows],
        "first": in_force.FIRST,
        "started": bool(rows),
        "number": in_force.number_now(profile, now),
        "to_come": in_force.turns_to_come(profile, now),
        "history": _history(),
        "may_edit": _may_edit(request),
        "has_menu": profile.menu is not None,
    }
    return render(request, "desk/menu_versions.html", context)


def _may_edit(request: HttpRequest) -> bool:
    return access.employee_of(request).has_role(*access.RUNNING_IT)


def _row(request: HttpRequest, row: MenuVersion) -> dict[str, Any]:
    return {"version": row, "state": _(menu_words.STATES[row.state]), "mine": row.changed_by == request.user}


def _draft(request: HttpRequest) -> HttpResponseBase:
    if not _may_edit(request):
        raise PermissionDenied
    raw, profile = request.POST.get("based_on", ""), house.profile()
    try:
        made = menu_versions.draft_menu(
            profile=profile, based_on=_number(raw), title=request.POST.get("title", ""),
            employee=access.employee_of(request), now=timezone.now(),
        )  # fmt: skip
    except MenuVersionError as error:
        messages.warning(request, menu_words.refusal(error.code))
        return redirect("menu-versions")
    return redirect("menu-version", made.number)


def _number(raw: str) -> int:
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 8 else 0


def _history() -> list[dict[str, Any]]:
    kinds = ("menu_activated", "menu_sound_kept")
    facts = facts_of("menu", house.profile().id).exclude(kind__in=kinds).order_by("-at", "-id")[:HISTORY]
    told = telling.all_told(rows := list(facts), None)
    return [one | {"version": fact.data.get("version")} for one, fact in zip(told, rows, strict=True)]


def version_of(number: int) -> MenuVersion:
    """The version of that number. Raises: Http404."""
    return get_object_or_404(MenuVersion, profile=house.profile().id, number=number)


def about(row: MenuVersion) -> dict[str, Any]:
    """What pages say of a version beside its tree: its state, its turns, what it changes."""
    profile = house.profile()
    content = in_force.content_of_version(profile, row)
    menu = in_force.menu_of_version(profile, row.number)
    changes = []
    if row.based_on is not None and menu is not None:
        found = menu_changes.differences(in_force.content_of_version(profile, row.based_on), content)
        changes = [menu_words.changed(one, menu) for one in found]
    return {
        "version": row,
        "state": _(menu_words.STATES[row.state]),
        "content": content,
        "menu": menu,
        "changes": changes,
        "turns": row.turns.filter(called_off_at=None).order_by("-from_at"),
        "in_force": in_force.number_now(profile, timezone.now()) == row.number,
    }


# --- steps ---
@require_POST
@access.for_roles(*ROLES)
def act(request: HttpRequest, number: int, verb: str) -> HttpResponseBase:
    """One step of a version: approve, discard, turn."""
    if verb not in STEPS:
        raise Http404
    if verb != "approve" and not _may_edit(request):
        raise PermissionDenied
    row = version_of(number)
    try:
        messages.success(request, STEPS[verb](request, row))
    except MenuFaultsError as error:
        clauses = sorted({one.clause for one in error.faults if one.clause})
        said = _("Not approved: the menu has faults. Cure what stands below first.")
        messages.warning(request, f"{said} {', '.join(clauses)}")
    except MenuVersionError as error:
        messages.warning(request, menu_words.refusal(error.code))
    return redirect("menu-versions") if verb == "discard" else redirect("menu-version", number)


def _approve(request: HttpRequest, row: MenuVersion) -> str:
    """Every message is said and measured first, so that nobody approves a guess."""
    profile = house.profile()
    durations = work.make_prompts(profile, in_force.menu_of_version(profile, row.number))
    menu_versions.approve_menu(
        version=row, profile=profile, durations=durations, revision=_number(request.POST.get("revision", "")),
        employee=access.employee_of(request), now=timezone.now(),
    )  # fmt: skip
    return _("Approved. Say from when on it holds.")


def _discard(request: HttpRequest, row: MenuVersion) -> str:
    menu_versions.discard_menu(version=row, employee=access.employee_of(request), now=timezone.now())
    return _("The draft was thrown away.")


def _turn(request: HttpRequest, row: MenuVersion) -> str:
    now = timezone.now()
    from_at = now if "now" in request.POST else _moment(request.POST.get("from_at", ""))
    turn = menu_versions.turn_to_menu(
        profile=house.profile(), number=row.number, from_at=from_at, employee=access.employee_of(request), now=now
    )
    if turn.from_at <= now:
        return _("The version is in force. New calls hear it; who is in the menu keeps the one he began with.")
    here = house.local(turn.from_at)
    return _("The version comes into force on %(moment)s.") % {"moment": f"{here:%d.%m.%Y %H:%M}"}


STEPS: dict[str, Callable[[HttpRequest, MenuVersion], str]] = {
    "approve": _approve,
    "discard": _discard,
    "turn": _turn,
}


def _moment(raw: str) -> dt.datetime:
    """A moment of the organisation's clock. Raises: MenuVersionError (moment)."""
    found = moment_of(raw)
    if found is None:
        raise MenuVersionError("moment")
    return found


@require_POST
@access.for_roles(*access.RUNNING_IT)
def call_off(request: HttpRequest, turn: int) -> HttpResponseBase:
    """A version that was to come into force does not."""
    row = get_object_or_404(MenuTurn, pk=turn, version__profile=house.profile().id)
    try:
        menu_versions.call_off_turn(turn=row, employee=access.employee_of(request), now=timezone.now())
        messages.success(request, _("It was called off."))
    except MenuVersionError as error:
        messages.warning(request, menu_words.refusal(error.code))
    return redirect("menu-versions")
