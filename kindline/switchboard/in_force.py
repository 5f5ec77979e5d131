"""Which version of the voice menu callers hear now, and what each version is like."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from kindline.standard import menu_drafts
from kindline.standard.menu_drafts import Content
from kindline.standard.menus import Menu, Node
from kindline.standard.profile import Profile
from kindline.switchboard.models import MenuState, MenuSwitch, MenuTurn, MenuVersion

FIRST = 1
"""The number of the standard's own menu.yaml."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A version of the menu and its number."""

    number: int
    menu: Menu


def turn_now(profile: Profile, now: dt.datetime) -> MenuTurn | None:
    """The turn that came last; None while the first version has never been left."""
    return _turns(profile).filter(from_at__lte=now).order_by("from_at", "id").last()


def turns_to_come(profile: Profile, now: dt.datetime) -> list[MenuTurn]:
    """The turns that are still to come, the next first."""
    return list(_turns(profile).filter(from_at__gt=now).order_by("from_at", "id"))


def _turns(profile: Profile) -> QuerySet[MenuTurn]:
    return MenuTurn.objects.filter(version__profile=profile.id, called_off_at=None).select_related("version")


def number_now(profile: Profile, now: dt.datetime) -> int:
    """The number of the version in force."""
    turn = turn_now(profile, now)
    return turn.version.number if turn else FIRST


def menu_in_force(profile: Profile, now: dt.datetime) -> InForce | None:
    """The version in force with the options switched as people left them; None where the standard has no menu."""
    number = number_now(profile, now)
    menu = menu_of_version(profile, number)
    return InForce(number, menu) if menu else None


def menu_of_version(profile: Profile, number: int) -> Menu | None:
    """A version's menu with its options as people switched them; None where there is no such version."""
    menu = profile.menu
    if menu is not None and number != FIRST:
        row = MenuVersion.objects.filter(profile=profile.id, number=number).first()
        menu = menu_drafts.menu_of(row.content, menu) if row else None
    if menu is None:
        return None
    rows = MenuSwitch.objects.filter(profile=profile.id, version=number)
    return switched(menu, {(row.node, row.digit): row.enabled for row in rows})


def content_of_version(profile: Profile, row: MenuVersion) -> Content:
    """What a version holds; the first one holds what menu.yaml says."""
    if row.content or profile.menu is None:
        return dict(row.content)
    return menu_drafts.content_of(profile.menu)


def switched(menu: Menu, switches: Mapping[tuple[str, str], bool]) -> Menu:
    """The menu with options (level, key) switched on or off."""
    return replace(menu, nodes={name: _switched(node, switches) for name, node in menu.nodes.items()})


def _switched(node: Node, switches: Mapping[tuple[str, str], bool]) -> Node:
    options = {
        digit: replace(option, enabled=switches.get((node.id, digit), option.enabled))
        for digit, option in node.options.items()
    }
    return replace(node, options=options)


def versions(profile: Profile) -> list[MenuVersion]:
    """Every version that is not thrown away, the newest first."""
    rows = MenuVersion.objects.filter(profile=profile.id).exclude(state=MenuState.DISCARDED)
    return list(rows.select_related("made_by", "changed_by", "approved_by", "based_on").order_by("-number"))
