"""Work of people around the calls: menu options switched, the menu's messages made."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path

from django.conf import settings
from django.db import transaction

from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard import menus
from kindline.standard.faults import Fault
from kindline.standard.menus import Menu
from kindline.standard.profile import Profile
from kindline.switchboard import in_force, prompts, sounds
from kindline.switchboard.models import MenuSwitch


class MenuBreaksError(Exception):
    """The menu would break the standard if the option were switched so; `faults` says where, with the clauses."""

    code = "menu_breaks"

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        said = "; ".join(f"{one.key}: {one.message} ({one.clause})" for one in faults)
        super().__init__(f"the menu would break the standard: {said}")


@transaction.atomic
def switch_menu_option(
    *, profile: Profile, node: str, digit: str, enabled: bool, employee: Employee, now: dt.datetime
) -> MenuSwitch:
    """Switch an option of the menu in force on or off; new calls hear the menu so (krc-5.6.6-14).

    Raises: MenuBreaksError when the menu would break a clause that it keeps now.
    """
    found = in_force.menu_in_force(profile, now)
    broken = _newly_broken(profile, found.menu, (node, digit), enabled=enabled) if found else []
    if broken:
        raise MenuBreaksError(broken)
    number = found.number if found else in_force.FIRST
    row, _ = MenuSwitch.objects.update_or_create(
        profile=profile.id, version=number, node=node, digit=digit,
        defaults={"enabled": enabled, "employee": employee, "at": now},
    )  # fmt: skip
    data = {"node": node, "digit": digit, "enabled": enabled, "employee": employee.pk, "version": number}
    by = actor(employee)
    journal.record(kind="menu_option_switched", subject_type="menu", subject_id=profile.id, actor=by, data=data, at=now)
    return row


def _newly_broken(profile: Profile, menu: Menu, option: tuple[str, str], *, enabled: bool) -> list[Fault]:
    """What a switch would break; what is broken already, or only advised against, hinders nobody."""
    lengths = prompt_durations(profile, menu)
    before = {(one.key, one.clause) for one in menus.check(menu, lengths)}
    after = menus.check(in_force.switched(menu, {option: enabled}), lengths)
    return [one for one in after if one.level == "error" and (one.key, one.clause) not in before]


def prompt_durations(profile: Profile, menu: Menu | None) -> dict[str, float]:
    """How long each message of a menu lasts, in seconds, where it has been made; by the message's key."""
    found: dict[str, float] = {}
    for key, path in prompt_files(profile, menu).items():
        with contextlib.suppress(sounds.SoundError):  # it is being replaced just now
            found[key] = sounds.duration_s(path)
    return prompts.longest(found)


def prompt_files(profile: Profile, menu: Menu | None) -> dict[str, Path]:
    """The files of a menu's messages that have been made, by the message's key."""
    folder, speakers = Path(settings.KINDLINE["paths"]["prompts"]), prompts.voices(profile.language)
    messages = prompts.menu_messages(profile, menu)
    made = ((one.key, prompts.file_of(one, profile.language, speakers, folder)) for one in messages)
    return {key: path for key, path in made if path is not None}


def make_prompts(profile: Profile, menu: Menu | None) -> dict[str, float]:
    """Let the best voice say what nobody has recorded or said yet; the length of each message, seconds, by its key."""
    folder = Path(settings.KINDLINE["paths"]["prompts"])
    made = prompts.make(prompts.menu_messages(profile, menu), profile.language, folder)
    return prompts.longest({key: sound.duration_s for key, sound in made.items()})
