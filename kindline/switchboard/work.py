"""Work of people around the calls: voice messages handled, menu options switched, the menu as it is in service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.db import transaction

from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard import menus
from kindline.standard.faults import Fault
from kindline.standard.menus import Menu, Node
from kindline.standard.profile import Profile
from kindline.switchboard import prompts, sounds
from kindline.switchboard.models import MenuSwitch, Voicemail


class MenuBreaksError(Exception):
    """The menu would break the standard if the option were switched so; `faults` says where, with the clauses."""

    code = "menu_breaks"

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        said = "; ".join(f"{one.key}: {one.message} ({one.clause})" for one in faults)
        super().__init__(f"the menu would break the standard: {said}")


@transaction.atomic
def handle_voicemail(*, voicemail: Voicemail, employee: Employee, now: dt.datetime) -> Voicemail:
    """A message was listened to and what it asks was begun; handling it twice keeps the first (krc-5.6.6-15)."""
    fresh = Voicemail.objects.select_for_update().get(pk=voicemail.pk)
    if fresh.handled_at is None:
        fresh.handled_at, fresh.handled_by = now, employee
        fresh.save(update_fields=["handled_at", "handled_by"])
        data = {"box": fresh.box, "employee": employee.pk}
        by, subject = actor(employee), fresh.contact_id
        journal.record(
            kind="voicemail_handled", subject_type="contact", subject_id=subject, actor=by, data=data, at=now
        )
    return fresh


@transaction.atomic
def switch_menu_option(
    *, profile: Profile, node: str, digit: str, enabled: bool, employee: Employee, now: dt.datetime
) -> MenuSwitch:
    """Switch an option of the menu on or off; new calls hear the menu so (krc-5.6.6-14).

    Raises: MenuBreaksError when the menu would break a clause that it keeps now.
    """
    broken = _newly_broken(profile, (node, digit), enabled=enabled)
    if broken:
        raise MenuBreaksError(broken)
    row, _ = MenuSwitch.objects.update_or_create(
        profile=profile.id, node=node, digit=digit, defaults={"enabled": enabled, "employee": employee, "at": now}
    )
    data = {"node": node, "digit": digit, "enabled": enabled, "employee": employee.pk}
    by = actor(employee)
    journal.record(kind="menu_option_switched", subject_type="menu", subject_id=profile.id, actor=by, data=data, at=now)
    return row


def menu_in_service(profile: Profile) -> Menu | None:
    """The profile's menu with the options switched as people left them; None where it has no menu."""
    if profile.menu is None:
        return None
    switches = {(row.node, row.digit): row.enabled for row in MenuSwitch.objects.filter(profile=profile.id)}
    return _with(profile.menu, switches)


def _with(menu: Menu, switches: Mapping[tuple[str, str], bool]) -> Menu:
    return replace(menu, nodes={name: _switched(node, switches) for name, node in menu.nodes.items()})


def _newly_broken(profile: Profile, option: tuple[str, str], *, enabled: bool) -> list[Fault]:
    """What a switch would break; what is broken already, or only advised against, hinders nobody."""
    now = menu_in_service(profile)
    if now is None:
        return []
    lengths = prompt_durations(profile)
    before = {(one.key, one.clause) for one in menus.check(now, lengths)}
    after = menus.check(_with(now, {option: enabled}), lengths)
    return [one for one in after if one.level == "error" and (one.key, one.clause) not in before]


def prompt_durations(profile: Profile) -> dict[str, float]:
    """How long each message of the menu lasts, in seconds, where it has been made; by the message's key."""
    folder = Path(settings.KINDLINE["paths"]["prompts"])
    found: dict[str, float] = {}
    speakers = prompts.voices(profile.language)
    for message in prompts.menu_messages(profile):
        path = prompts.file_of(message, profile.language, speakers, folder)
        if path is not None:
            found[message.key] = sounds.duration_s(path)
    return found


def _switched(node: Node, switches: Mapping[tuple[str, str], bool]) -> Node:
    options = {
        digit: replace(option, enabled=switches.get((node.id, digit), option.enabled))
        for digit, option in node.options.items()
    }
    return replace(node, options=options)
