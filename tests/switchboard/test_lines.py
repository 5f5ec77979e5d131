"""Each line has its own hours: what is told of them, and who takes its calls outside them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from kindline.standard import hours, loader
from kindline.standard.menus import OffHours, Prompt
from kindline.standard.profile import Profile
from kindline.switchboard import inquiries, menu, prompts
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.commands import LookUp
from kindline.switchboard.machine.plan import Sound
from kindline.switchboard.reception import Reception
from tests.switchboard.calls import PLAN, START, Call

VOE = loader.load("voe")
assert VOE.menu is not None
MENU = VOE.menu
SATURDAY_NOON = dt.datetime(2026, 3, 7, 12, tzinfo=VOE.zone)
SATURDAY_NIGHT = dt.datetime(2026, 3, 7, 23, tzinfo=VOE.zone)
MONDAY_MORNING = dt.datetime(2026, 3, 2, 10, tzinfo=VOE.zone)
HOTLINE, DIRECT = hours.spoken(VOE, "hotline"), hours.spoken(VOE, "direct")


def arrival(line: str, at: dt.datetime, profile: Profile = VOE) -> e.Arrived:
    """How a call of `voe` arrives at the machine."""
    heard: list[e.Event] = []
    board: Any = SimpleNamespace(
        calls={}, plan=menu.plan(profile, profile.menu, {}, switchboard="sb"), take=lambda *_: None,
        feed=lambda _contact, event: heard.append(event),
    )  # fmt: skip
    Reception(board, profile, instance="i", token="t").arrive("1.1", line=line, caller="+380501112233", at=at)
    [arrived] = heard
    assert isinstance(arrived, e.Arrived)
    return arrived


@pytest.mark.clause("voe-4-01")
@pytest.mark.clause("voe-4-02")
@pytest.mark.parametrize(
    ("called", "at", "line", "closed", "instead_of"),
    [
        ("direct", MONDAY_MORNING, "direct", "", ""),
        ("direct", SATURDAY_NOON, "hotline", "", "direct"),
        ("direct", SATURDAY_NIGHT, "direct", "off_hours", ""),
        ("hotline", SATURDAY_NOON, "hotline", "", ""),
        ("hotline", SATURDAY_NIGHT, "hotline", "off_hours", ""),
    ],
)
def test_a_closed_line_is_taken_by_the_one_that_the_standard_names_while_it_is_open(
    called: str, at: dt.datetime, line: str, closed: str, instead_of: str
) -> None:
    arrived = arrival(called, at)
    assert (arrived.line, arrived.closed, arrived.instead_of, arrived.called) == (line, closed, instead_of, called)


def test_a_closed_line_that_leans_on_no_other_stays_closed() -> None:
    alone = replace(MENU, lines={**MENU.lines, "direct": replace(MENU.lines["direct"], when_closed=None)})
    assert arrival("direct", SATURDAY_NOON, replace(VOE, menu=alone)).closed == "off_hours"


def test_it_is_a_fact_that_another_line_took_the_call() -> None:
    call = Call()
    call.happens(e.Arrived(at=START, line="hotline", called="direct", caller="+79001112233", instead_of="direct"))
    [closed] = call.facts("hours_closed")
    assert closed.data == {"line": "direct", "reason": "off_hours", "to": "hotline"}
    assert not call.state.closed
    assert call.state.line == "hotline"


def test_the_greeting_of_closed_hours_is_made_for_each_line_with_hours_of_its_own() -> None:
    made = {one.key: one.text for one in prompts.menu_messages(VOE, MENU)}
    assert HOTLINE in made["off_hours.greeting"]
    assert DIRECT in made["off_hours.greeting@direct"]
    assert "off_hours.greeting@hotline" not in made, "the first line's is the general one"
    assert [key for key in made if "@" in key] == ["off_hours.greeting@direct"]


def test_a_message_that_somebody_recorded_is_heard_on_all_lines(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "r.wav").touch()
    monkeypatch.setattr(prompts, "kept_path", lambda sha256: tmp_path / f"{sha256}.wav")
    recorded = Prompt("off_hours.greeting", "{hours}", sound="r")
    said = prompts.menu_messages(VOE, replace(MENU, off_hours=OffHours(recorded, "closed")))
    assert [one.kept for one in said if one.key.startswith("off_hours.greeting")] == [tmp_path / "r.wav"]


def test_a_message_is_as_long_as_its_longest_line() -> None:
    assert prompts.longest({"a": 2.0, "a@direct": 3.5, "b": 1.0}) == {"a": 3.5, "b": 1.0}


@pytest.mark.parametrize(("line", "media"), [("hotline", "sound:/closed_greeting"), ("direct", "sound:/direct")])
def test_a_caller_hears_the_hours_of_the_line_that_he_called(line: str, media: str) -> None:
    sounds = {**PLAN.sounds, "closed_greeting@direct": Sound("sound:/direct", 4.0)}
    call = Call(replace(PLAN, sounds=sounds)).arrives(line, closed="off_hours")
    played = [one.media for one in call.done if isinstance(one, c.Play)]
    assert played == [media]


@pytest.mark.parametrize(
    ("line", "at", "told"),
    [
        ("hotline", SATURDAY_NOON, ("Зараз ми працюємо.", HOTLINE)),
        ("direct", SATURDAY_NOON, ("Зараз ми не працюємо.", DIRECT)),
        ("direct", MONDAY_MORNING, ("Зараз ми працюємо.", DIRECT)),
        ("", SATURDAY_NOON, ("Зараз ми працюємо.", HOTLINE)),
    ],
)
def test_the_hours_that_a_client_asks_for_are_those_of_his_line(
    monkeypatch: pytest.MonkeyPatch, line: str, at: dt.datetime, told: tuple[str, str]
) -> None:
    monkeypatch.setattr(inquiries, "spoken", lambda _profile, said: Sound(said, 1.0))
    found = inquiries.answer(VOE, LookUp("hours", {}, "", 1), contact="c", caller="", line=line, now=at)
    assert all(part in found.reply.said for part in told)
