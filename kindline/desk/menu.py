"""The voice menu in force: its tree, how long each message is, what breaks the standard, and switches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kindline.desk import access, faulting, house, menu_words
from kindline.staff.models import Role
from kindline.standard import menus
from kindline.standard.menus import Menu, Node, Option, Prompt
from kindline.switchboard import in_force, work

ROLES = (*access.IN_CHARGE, Role.ADMINISTRATOR)
Durations = Mapping[str, float]


@require_safe
@access.for_roles(*ROLES)
def show(request: HttpRequest) -> HttpResponseBase:
    """The tree as it is in service now.

    Clause: krc-5.6.6-05..20.
    """
    profile, now = house.profile(), timezone.now()
    found = in_force.menu_in_force(profile, now)
    menu = found.menu if found else None
    durations = work.prompt_durations(profile, menu)
    context = {
        "number": found.number if found else None,
        "to_come": in_force.turns_to_come(profile, now),
        "tab": "menu",
        "menu": menu,
        **drawn(menu, durations),
        "opening": _opening(menu, durations),
        "faults": [faulting.told(fault, menu) for fault in menus.check(menu, durations)] if menu else [],
        "limits": sorted({bound.clause for bound in menu.limits.values()}) if menu else [],
        "shape": menus.shape(menu, durations) if menu else {},
        "may_switch": access.employee_of(request).has_role(*access.RUNNING_IT),
    }
    return render(request, "desk/menu.html", context)


@require_POST
@access.for_roles(*access.RUNNING_IT)
def switch(request: HttpRequest) -> HttpResponseBase:
    """Switch an option on or off, at once and without a release (krc-5.6.6-14)."""
    profile = house.profile()
    node, digit = request.POST.get("node", ""), request.POST.get("digit", "")
    found = in_force.menu_in_force(profile, timezone.now())
    known = found.menu.nodes.get(node) if found else None
    if known is None or digit not in known.options:
        raise Http404
    try:
        work.switch_menu_option(
            profile=profile,
            node=node,
            digit=digit,
            enabled=request.POST.get("enabled") == "1",
            employee=access.employee_of(request),
            now=timezone.now(),
        )
    except work.MenuBreaksError as error:
        clauses = ", ".join(sorted({fault.clause for fault in error.faults}))
        messages.warning(
            request, _("Not switched: the menu would break the standard (%(clauses)s).") % {"clauses": clauses}
        )
    else:
        messages.success(request, _("Switched. New calls hear the menu so from now on."))
    return redirect("menu")


def drawn(menu: Menu | None, durations: Durations) -> dict[str, Any]:
    """Both trees of a menu as pages show them: within working hours and outside."""
    return {
        "tree": _tree(menu, menu.root, durations, set()) if menu and menu.root in menu.nodes and menu.root else None,
        "closed": _closed(menu, durations),
    }


def _tree(menu: Menu, node_id: str, durations: Durations, above: set[str]) -> dict[str, Any]:
    node = menu.nodes[node_id]
    return {
        "node": node,
        "title": house.titled(node.title) or node.id,
        "prompt": _prompt(node.prompt, durations),
        "options": [_option(menu, node, option, durations, {*above, node_id}) for option in node.options.values()],
    }


def _option(menu: Menu, node: Node, option: Option, durations: Durations, above: set[str]) -> dict[str, Any]:
    goes = option.action == "goto" and option.target in menu.nodes and option.target not in above
    return {
        "node": node.id,
        "digit": option.digit,
        "enabled": option.enabled,
        "title": menu_words.option_title(menu, option),
        "action": menu_words.leads(menu, option),
        "prompt": _prompt(option.prompt, durations) if option.prompt else None,
        "below": _tree(menu, str(option.target), durations, above) if goes else None,
    }


def _prompt(prompt: Prompt, durations: Durations) -> dict[str, Any]:
    return {"text": prompt.text, "seconds": durations.get(prompt.key), "clauses": prompt.clauses}


def _opening(menu: Menu | None, durations: Durations) -> list[tuple[str, dict[str, Any]]]:
    if menu is None:
        return []
    named = [(_("Notice of recording"), menu.recording_notice), (_("Greeting"), menu.greeting)]
    if menu.off_hours:
        named.append((_("Greeting outside working hours"), menu.off_hours.greeting))
    return [(title, _prompt(prompt, durations)) for title, prompt in named if prompt]


def _closed(menu: Menu | None, durations: Durations) -> dict[str, Any] | None:
    node = menu.off_hours.node if menu and menu.off_hours else None
    return _tree(menu, node, durations, set()) if menu and node in menu.nodes and node else None
