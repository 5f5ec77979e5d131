"""Real calls of the autoinformer over SIP: a telephone outside rings, hears the message, presses a key."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest

from kindline.runtime import ports
from kindline.runtime.demo_calls import handset, sound
from kindline.runtime.demo_calls.handset import Handset
from tests.campaigns.conftest import by_day
from tests.plugins.postgres import Server
from tests.switchboard import rig as rigs
from tests.switchboard.rig import Rig, Telephones, until

pytestmark = pytest.mark.asterisk
MADE = """
from django.utils import timezone
from kindline.campaigns import actions
from kindline.campaigns.audience import Asked
from kindline.staff.models import Employee, Role
from kindline.standard import loader
now, krc = timezone.now(), loader.load("krc")
who, _ = Employee.objects.get_or_create(username="supervisor", defaults={{"roles": [Role.SUPERVISOR]}})
fields = {{"kind": "message", "purpose": "service_notices",
          "title": "a", "text": "Завтра не будет горячей воды.", "pause_s": 1, **{fields}}}
campaign = actions.create_campaign(profile=krc, fields=fields, employee=who, now=now)
actions.fill(campaign=campaign, asked=Asked(numbers={number!r}), country="RU", employee=who, now=now)
campaign.targets.update(zone={zone!r})
actions.start_campaign(campaign=campaign, employee=who, now=now)
"""


@pytest.fixture(scope="module")
def rig(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A house that can call outside."""
    made = rigs.build(tmp_path_factory.mktemp("rig"), pg, trunk_port=ports.choose(udp=True))
    yield made
    rigs.end(made)


@pytest.fixture(scope="module")
def switchboard(rig: Rig) -> list[subprocess.Popen[bytes]]:
    """The switchboard that leads calls now, the last one."""
    return [rig.start()]


@pytest.fixture(scope="module")
def phones(rig: Rig, switchboard: list[subprocess.Popen[bytes]]) -> Iterator[Telephones]:
    """The process of campaigns at work, the telephone of operator 1, and the world outside."""
    until(lambda: len(rig.passwords()) == 2)
    campaigns = rig.spawn("kindline.runtime.lasting", "kindline.campaigns.loop")
    with rig.telephones(1) as found:
        yield found
    rig.kill(campaigns)


def call(phones: Telephones, number: str, **fields: object) -> Handset:
    """Start a campaign for a number; its telephone rings."""
    since = phones.line.mark()
    phones.rig.manage("shell", "-v", "0", "-c", MADE.format(fields=json.dumps(fields), number=number, zone=by_day()))
    return rung(phones, number, since)


def rung(phones: Telephones, number: str, since: int) -> Handset:
    found = handset.rung(phones.exchange, phones.line, number, 60, since=since)
    assert found is not None, phones.rig.story()
    return found


def target(rig: Rig, number: str) -> tuple[str, int, str, str]:
    """State, tries, outcome and contact of a number."""
    query = "SELECT state, tries, outcome, contact_id::text FROM campaigns_target WHERE phone = %s"
    row = rig.rows(query, number)[0]
    return str(row[0]), int(row[1]), str(row[2]), str(row[3])


@pytest.mark.clause("krc-2-02", "krc-2-42", "krc-5.5.2-17", "krc-5.5.2-18")
def test_a_telephone_outside_hears_the_message_and_confirms(rig: Rig, phones: Telephones) -> None:
    number = "+79005550001"
    phone = call(phones, number)
    contact = target(rig, number)[3]
    handset.answer(phone)
    with phone.hearing() as heard:
        rig.comes(contact, "notice_played")
        until(lambda: "announcement" in [data.get("prompt") for _, data in rig.facts(contact)], 60, rig.log())
    assert sound.audible_s(heard.file) > 2, "the message with its keys is longer than that"
    phone.press("1")
    until(lambda: target(rig, number)[0] == "confirmed", 20, rig.story())
    assert phone.ended(20)
    until(lambda: "contact_closed" in rig.kinds(contact))
    assert rig.fact(contact, "announcement_key") == {"digit": "1", "valid": True}
    assert rig.fact(contact, "call_ended")["outcome"] == "confirmed"
    row = rig.rows("SELECT direction, called, outcome FROM conversations_contact WHERE id = %s", contact)
    assert row == [("out", number, "confirmed")]
    until(lambda: rig.rows("SELECT state FROM campaigns_campaign ORDER BY id DESC LIMIT 1") == [("done",)], 20)


@pytest.mark.clause("krc-2-42")
def test_a_key_brings_an_operator_and_both_hear_each_other(rig: Rig, phones: Telephones) -> None:
    number = "+79005550002"
    rig.ready(1)
    phone = call(phones, number)
    contact = target(rig, number)[3]
    handset.answer(phone)
    rig.comes(contact, "notice_played")
    since = phones.line.mark()
    until(lambda: rig.state(contact) == "announcing")
    phone.press("9")
    operator = phones.rung(1, since=since)
    handset.answer(operator)
    rig.becomes(contact, "talking")
    with phone.hearing() as heard, operator.hearing() as answered:
        operator.say(phones.sound(1))
        phone.say(phones.sound(1))
    assert sound.audible_s(heard.file) > 0.7
    assert sound.audible_s(answered.file) > 0.7
    phone.hang_up()
    until(lambda: target(rig, number)[0] == "to_operator", 20, rig.story())
    rig.comes(contact, "recording_stored")
    rig.post("/operators/1/wrap-up/end")


@pytest.mark.clause("krc-2-42")
def test_a_machine_that_greets_for_long_has_the_message_left_on_it(rig: Rig, phones: Telephones) -> None:
    number = "+79005550005"
    phone = call(phones, number)
    contact = target(rig, number)[3]
    handset.answer(phone)
    phones.begin_to_say(phone, 5)
    rig.comes(contact, "machine_answered")
    with phone.hearing() as heard:
        assert phone.ended(60), rig.story()
    assert sound.audible_s(heard.file) > 2, "the message is not on the machine"
    until(lambda: target(rig, number)[2] == "left_on_machine", 20, rig.story())
    assert target(rig, number)[0] == "reached"
    assert rig.fact(contact, "announcement_ended")["outcome"] == "left_on_machine"


def test_who_is_busy_is_called_again(rig: Rig, phones: Telephones) -> None:
    number = "+79005550003"
    phone = call(phones, number, tries=2)
    since = phones.line.mark()
    phones.line.order("DELETE", f"channels/{phone.channel}", {"reason_code": 17})
    again = rung(phones, number, since)
    assert target(rig, number)[1] == 2
    phones.line.order("DELETE", f"channels/{again.channel}", {"reason_code": 17})
    until(lambda: target(rig, number)[0] == "not_reached", 20, rig.story())
    assert target(rig, number)[2] == "busy"


def test_a_switchboard_that_is_killed_leaves_nobody_behind(
    rig: Rig, phones: Telephones, switchboard: list[subprocess.Popen[bytes]]
) -> None:
    number = "+79005550004"
    phone = call(phones, number, tries=3)
    assert target(rig, number)[0] == "calling"
    since = phones.line.mark()
    rig.kill(switchboard[-1])
    switchboard.append(rig.start())
    again = rung(phones, number, since)
    assert again.channel != phone.channel
    contact = target(rig, number)[3]
    handset.answer(again)
    rig.comes(contact, "notice_played")
    again.press("1")
    until(lambda: target(rig, number)[0] == "confirmed", 30, rig.story())
    open_calls = "SELECT count(*) FROM switchboard_call WHERE ended_at IS NULL"
    until(lambda: rig.rows(open_calls) == [(0,)], 40, rig.story())
