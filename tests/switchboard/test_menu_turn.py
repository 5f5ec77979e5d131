"""A version of the menu comes into force while callers are in the menu, and goes again, with real calls over SIP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from kindline.runtime.demo_calls.handset import Handset
from tests.switchboard.rig import Rig, Telephones, until

pytestmark = pytest.mark.asterisk
MADE = """
from django.utils import timezone
from kindline.staff.models import Employee
from kindline.standard import loader, menu_drafts
from kindline.switchboard import menu_versions
krc, now = loader.load("krc"), timezone.now()
one, boss = Employee.objects.first(), Employee.objects.create(username="boss", roles=["director"])
made = menu_versions.draft_menu(profile=krc, based_on=1, employee=one, now=now)
main = next(level for level in made.content["nodes"] if level["id"] == "main")
main["options"] = [option for option in main["options"] if option["digit"] != "9"]
made = menu_versions.save_menu_draft(
    version=made, profile=krc, content=made.content, revision=1, employee=one, now=now, title="two")
"""
APPROVED = """
UPDATE switchboard_menuversion SET state = 'approved', approved_at = now(), approved_by_id = made_by_id
WHERE number = 2 RETURNING id
"""
TURN = """
INSERT INTO switchboard_menuturn (version_id, from_at, set_by_id, set_at)
SELECT id, %s, (SELECT min(id) FROM staff_employee), now() FROM switchboard_menuversion WHERE number = %s RETURNING id
"""


@pytest.fixture(scope="module")
def phones(rig: Rig) -> Iterator[Telephones]:
    """A running switchboard, and a second version of the menu without the key 9 on its first level."""
    rig.manage("shell", "-v", "0", "-c", MADE)
    assert rig.rows(APPROVED)
    process = rig.start()
    with rig.telephones() as found:
        yield found
    rig.kill(process)


def turn(rig: Rig, number: int) -> None:
    """Let a version come into force, and wait until the switchboard says that it is."""
    query = "SELECT data->>'version' FROM journal_fact WHERE kind = 'menu_activated' ORDER BY at DESC, id DESC LIMIT 1"
    assert rig.rows(TURN, dt.datetime.now(dt.UTC), number)
    until(lambda: rig.rows(query) == [(str(number),)], 40, rig.log())


def in_the_menu(rig: Rig, phones: Telephones) -> tuple[Handset, str]:
    """A caller who hears the first level."""
    client, caller = phones.call("hotline")
    contact = rig.contact_of(caller)
    rig.comes(contact, "menu_entered")
    return client, contact


def pressed(rig: Rig, contact: str) -> list[tuple[str, bool]]:
    """The keys that a caller has pressed, and whether they meant something."""
    return [(data["digit"], data["valid"]) for kind, data in rig.facts(contact) if kind == "menu_digit"]


def press(rig: Rig, caller: tuple[Handset, str], digit: str, *, valid: bool) -> None:
    """Press a key and wait until the switchboard has understood it."""
    client, contact = caller
    client.press(digit)
    until(lambda: (digit, valid) in pressed(rig, contact), 20, f"{pressed(rig, contact)} {rig.log()}")


@pytest.mark.clause("krc-5.6.6-14")
def test_who_is_in_the_menu_keeps_it_and_new_callers_hear_the_new_one(rig: Rig, phones: Telephones) -> None:
    before = in_the_menu(rig, phones)
    turn(rig, 2)
    after = in_the_menu(rig, phones)
    press(rig, after, "9", valid=False)
    press(rig, before, "9", valid=True)
    turn(rig, 1)
    press(rig, after, "9", valid=False)
    back = in_the_menu(rig, phones)
    press(rig, back, "9", valid=True)
    for client, contact in (before, after, back):
        client.hang_up()
        rig.comes(contact, "call_ended")
