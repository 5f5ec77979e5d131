"""By which kinds of service a standard promises to be reached, and whether the rest of it lets people in by each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kindline.standard.menus import Menu
from kindline.standard.profile import Profile

KINDS = "service_kinds"


def promised(profile: Profile) -> list[str]:
    """The kinds that clauses name; none: no norm (voe-2-02)."""
    named = [kind for clause in profile.clauses.values() for kind in clause.value.get(KINDS, ())]
    return list(dict.fromkeys(str(kind) for kind in named))


def unserved(profile: Profile) -> list[str]:
    """Promised kinds by which nobody can be reached: what serves them is missing from the profile (voe-2-02).

    A kind that this program does not know is one of them.
    """
    return [kind for kind in promised(profile) if not SERVED.get(kind, _unknown)(profile)]


def dead_ends(profile: Profile) -> list[str]:
    """Where somebody who calls could be left without a connection: the night, or queues that lead nowhere (voe-2-01).

    A connection is an operator, a call back, or a message that becomes work; so each queue goes on to one of these.
    """
    menu = profile.menu
    if menu is None:
        return []
    night = [] if menu.off_hours is not None and _is_met_at_night(menu) else ["off_hours"]
    return night + [queue.id for queue in menu.queues.values() if not (queue.overflow or queue.callback)]


def _is_met_at_night(menu: Menu) -> bool:
    """Whether the menu of the night takes a message, a call or a request."""
    node = menu.nodes.get(menu.off_hours.node or "") if menu.off_hours else None
    return node is not None and bool(node.options)


def _office(profile: Profile) -> bool:
    return _is_led(profile, "office")


def _phone(profile: Profile) -> bool:
    return bool(profile.menu and profile.menu.lines) and _is_led(profile, "phone")


def _is_led(profile: Profile, channel: str) -> bool:
    """Whether some guide leads those who come by it."""
    return any((one.channel, one.direction) == (channel, "in") for one in profile.scripts.values())


def _post(profile: Profile) -> bool:
    flow = profile.workflow
    return flow is not None and flow.intake is not None and flow.way("paper") is not None


def _web(profile: Profile) -> bool:
    flow = profile.workflow
    return profile.publication is not None and flow is not None and flow.way("web") is not None


def _unknown(_profile: Profile) -> bool:
    return False


SERVED: Mapping[str, Callable[[Profile], bool]] = {"office": _office, "phone": _phone, "post": _post, "web": _web}
"""What must be there for each kind: a guide for visits; lines and a guide; letters taken in and answered; a site."""
