"""The emergency message: turned on and off by people and by its end, heard by new callers on the right line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError

from kindline.journal.models import Fact
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.switchboard import emergencies, prompts
from kindline.switchboard.emergencies import EmergencyError
from kindline.switchboard.floor_models import EmergencyMessage
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.plan import Emergency, Plan, Sound
from kindline.switchboard.messages import Messages
from kindline.switchboard.reception import Reception
from tests.switchboard.calls import PLAN, START, Call

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=2)
KRC, VOE = loader.load("krc"), loader.load("voe")
Turn = Callable[..., EmergencyMessage]


# --- the machine ---
def urgent(*messages: Emergency) -> Plan:
    sounds = {Emergency.key_of(one.id): Sound(f"sound:/urgent{one.id}", 6.0) for one in messages}
    return replace(PLAN, emergencies=messages, sounds={**PLAN.sounds, **sounds})


def arrives(plan: Plan, *, line: str = "hotline", closed: str = "", emergency: int = 0) -> Call:
    call = Call(plan)
    call.happens(e.Arrived(at=START, line=line, called=line, caller="+79001112233", closed=closed, emergency=emergency))
    return call.plays_out()


def played(call: Call) -> list[str]:
    return [one.media.removeprefix("sound:/") for one in call.done if isinstance(one, c.Play)]


OPEN, CLOSING = Emergency(5, "", LATER), Emergency(5, "", LATER, closes=True)


@pytest.mark.parametrize(
    ("line", "closed", "emergency", "heard"),
    [
        ("hotline", "", 0, ["notice", "greeting", "main"]),
        ("hotline", "", 5, ["notice", "greeting", "urgent5", "main"]),
        ("direct", "", 5, ["notice", "urgent5"]),
        ("hotline", "off_hours", 5, ["closed_greeting", "urgent5", "closed"]),
        ("hotline", "emergency", 5, ["urgent5", "closed"]),
        ("direct", "emergency", 5, ["urgent5", "closed"]),
    ],
)
def test_a_caller_hears_it_before_the_menu_or_the_queue(
    line: str, closed: str, emergency: int, heard: list[str]
) -> None:
    call = arrives(urgent(OPEN), line=line, closed=closed, emergency=emergency)
    assert played(call)[: len(heard)] == heard


def test_what_a_caller_was_told_is_a_fact_of_his_call() -> None:
    call = arrives(urgent(CLOSING), closed="emergency", emergency=5)
    assert call.fact("emergency_told") == {"emergency": 5, "line": "hotline", "closes": True}
    assert call.fact("hours_closed") == {"line": "hotline", "reason": "emergency"}
    assert not call.facts("queue_entered")
    assert not arrives(urgent(OPEN)).facts("emergency_told")


def test_a_closed_line_leads_nobody_to_an_operator() -> None:
    call = arrives(urgent(CLOSING), closed="emergency", emergency=5)
    call.presses("1")
    assert call.state.box == "night", "a message can be left"
    silent = arrives(urgent(CLOSING), closed="emergency", emergency=5)
    for _ in range(3):
        silent.fires("menu").plays_out()
    assert not silent.facts("queue_entered")


def test_a_message_that_nobody_here_can_say_hinders_no_call() -> None:
    call = arrives(replace(PLAN, emergencies=(OPEN,)), emergency=5)
    assert played(call) == ["notice", "greeting", "main"]


# --- which line, until when ---
def test_a_line_s_own_message_goes_before_that_of_all_and_each_ends_at_its_time() -> None:
    own, common = Emergency(6, "direct", NOW + dt.timedelta(hours=1)), Emergency(5, "", LATER)
    plan = urgent(common, own)
    assert plan.emergency_of("direct", NOW) == own
    assert plan.emergency_of("hotline", NOW) == common
    assert plan.emergency_of("direct", own.until) == common
    assert plan.emergency_of("direct", LATER) is None


def arrival(profile: Profile, at: dt.datetime, line: str, *messages: Emergency) -> e.Arrived:
    heard: list[Any] = []
    board: Any = SimpleNamespace(
        calls={}, plan=replace(urgent(*messages), lines=PLAN.lines), take=lambda *_: None,
        feed=lambda _contact, event: heard.append(event),
    )  # fmt: skip
    Reception(board, profile, instance="i", token="t").arrive("1.1", line=line, caller="+380501112233", at=at)
    found: e.Arrived = heard[0]
    return found


def test_reception_closes_a_line_by_an_emergency_and_says_which() -> None:
    morning = dt.datetime(2026, 3, 2, 11, tzinfo=VOE.zone)
    until = morning + dt.timedelta(days=9)
    closing, telling = Emergency(7, "hotline", until, closes=True), Emergency(8, "", until)
    found = arrival(VOE, morning, "hotline", closing, telling)
    assert (found.closed, found.emergency) == ("emergency", 7)
    other = arrival(VOE, morning, "direct", closing, telling)
    assert (other.closed, other.emergency) == ("", 8)
    saturday = dt.datetime(2026, 3, 7, 12, tzinfo=VOE.zone)
    leaned = arrival(VOE, saturday, "direct", closing)
    assert (leaned.line, leaned.instead_of, leaned.closed) == ("hotline", "direct", "emergency")
    night = arrival(VOE, dt.datetime(2026, 3, 7, 23, tzinfo=VOE.zone), "hotline", closing)
    assert (night.closed, night.emergency) == ("off_hours", 7)


# --- turned on and off ---
@pytest.fixture
def vera(db: None) -> Employee:
    return Employee.objects.create(username="vera", roles=[Role.SUPERVISOR])


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> dict[str, float]:
    """What the voice was asked to say, and how long it takes for it; no text of `mute` can be said."""
    lengths: dict[str, float] = {}

    def make(messages: Sequence[prompts.Spoken], *_args: Any, **_named: Any) -> dict[str, Sound]:
        said = [one for one in messages if one.text != "mute"]
        return {one.key: Sound(f"sound:/{one.text}", lengths.setdefault(one.text, 5.0)) for one in said}

    monkeypatch.setattr(prompts, "make", make)
    settings.KINDLINE = {"paths": {"prompts": str(tmp_path)}}
    return lengths


@pytest.fixture
def turn(vera: Employee, voice: dict[str, float]) -> Turn:
    def on(text: str = "Авария", *, line: str = "", profile: Profile = KRC, **more: Any) -> EmergencyMessage:
        said = {"closes": False, "until": LATER, "employee": vera, "now": NOW, **more}
        return emergencies.turn_on(profile=profile, line=line, text=text, **said)

    return on


def facts() -> list[tuple[str, dict[str, Any]]]:
    found = Fact.objects.filter(kind__startswith="emergency_turned").order_by("id")
    return [(one.kind.rpartition("_")[2], {"actor": one.actor, **one.data}) for one in found]


@pytest.mark.db
def test_who_turned_it_on_and_off_and_when_is_kept(turn: Turn, vera: Employee) -> None:
    made = turn("  Авария на насосной станции.  ", closes=True)
    assert emergencies.in_force(KRC, NOW) == [made]
    assert emergencies.in_force(VOE, NOW) == []
    assert emergencies.turn_off(profile=KRC, emergency=made.pk, employee=vera, now=LATER - dt.timedelta(hours=1))
    assert not emergencies.turn_off(profile=KRC, emergency=made.pk, employee=vera, now=LATER)
    assert emergencies.in_force(KRC, NOW) == []
    (_, on), (_, off) = facts()
    assert (on["actor"], on["text"], on["closes"]) == (f"employee:{vera.pk}", "Авария на насосной станции.", True)
    assert (on["duration_s"], on["line"], on["emergency"]) == (5.0, "", made.pk)
    assert (off["actor"], off["how"]) == (f"employee:{vera.pk}", "hand")


@pytest.mark.db
def test_it_ends_by_itself_once_with_its_own_end(turn: Turn) -> None:
    made = turn()
    assert emergencies.end_due(now=LATER - dt.timedelta(seconds=1)) == 0
    assert emergencies.in_force(KRC, LATER) == [], "over even before anybody wrote it down"
    assert emergencies.end_due(now=LATER + dt.timedelta(minutes=5)) == 1
    assert emergencies.end_due(now=LATER + dt.timedelta(minutes=5)) == 0
    made.refresh_from_db()
    assert (made.ended_at, made.ended_by) == (LATER, None)
    assert [(kind, one.get("how"), one["actor"]) for kind, one in facts()][1] == ("off", "time", "switchboard")


@pytest.mark.db
def test_a_new_message_of_the_same_line_replaces_the_old_one(turn: Turn) -> None:
    turn("первое")
    second = turn("второе")
    other = turn("третье", line="hotline")
    assert emergencies.in_force(KRC, NOW) == [second, other]
    assert [(kind, one.get("how")) for kind, one in facts()] == [
        ("on", None), ("off", "replaced"), ("on", None), ("on", None),
    ]  # fmt: skip


@pytest.mark.db
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"text": " \n"}, "empty"),
        ({"text": "а" * 501}, "long_text"),
        ({"line": "nobody"}, "no_line"),
        ({"until": NOW}, "past"),
        ({"until": NOW + dt.timedelta(days=8)}, "far"),
        ({"text": "mute"}, "no_voice"),
    ],
)
def test_what_cannot_be_heard_or_ended_is_not_turned_on(turn: Turn, said: dict[str, Any], code: str) -> None:
    with pytest.raises(EmergencyError) as refused:
        turn(**said)
    assert refused.value.code == code
    assert not EmergencyMessage.objects.exists()
    assert facts() == []


@pytest.mark.db
@pytest.mark.clause("krc-5.6.6-05")
def test_it_may_last_no_longer_than_a_message_of_the_menu_where_the_standard_says_so(
    turn: Turn, voice: dict[str, float]
) -> None:
    voice["долго"] = 15.1
    with pytest.raises(EmergencyError) as refused:
        turn("долго")
    assert (refused.value.code, refused.value.clause) == ("too_long", "krc-5.6.6-05")
    voice["долго"] = 15.0
    turn("долго")
    voice["дуже довго"] = 60.0
    turn("дуже довго", profile=VOE)


@pytest.mark.db
def test_the_database_keeps_one_message_a_line(turn: Turn) -> None:
    made = turn()
    made.pk = None
    with pytest.raises(IntegrityError):
        made.save(force_insert=True)


@pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
def test_every_standard_offers_texts_and_says_that_they_are_assumed(profile: str) -> None:
    found = loader.load(profile)
    texts = emergencies.ready_texts(found)
    assert len(texts) >= 2
    assert all(0 < len(text) <= emergencies.TEXT_MAX and "{" not in text for text in texts)
    assert "emergency" in found.assumed


# --- in the running switchboard ---
def at_once(round_: Coroutine[Any, Any, None]) -> None:
    """Go through a round that never waits, on this thread's connection."""
    with pytest.raises(StopIteration):
        round_.send(None)


@pytest.mark.db
def test_the_switchboard_hears_of_it_without_a_new_menu(turn: Turn, vera: Employee, monkeypatch: Any) -> None:
    async def aside(action: Callable[..., Any], *args: Any, **named: Any) -> Any:
        return action(*args, **named)

    board: Any = SimpleNamespace(desk=SimpleNamespace(app="sb"), in_database=aside)
    watched = Messages(board, KRC, aside)
    monkeypatch.setattr("kindline.switchboard.messages.utc_now", lambda: NOW)
    at_once(watched.watch_emergencies())
    assert not hasattr(board, "plan"), "nothing has changed"
    made = turn(closes=True)
    at_once(watched.watch_emergencies())
    [known] = board.plan.emergencies
    assert (known.id, known.line, known.until, known.closes) == (made.pk, "", LATER, True)
    key = Emergency.key_of(made.pk)
    assert board.plan.sounds[key] == Sound("sound:/Авария", 5.0)
    number = board.plan.tree
    emergencies.turn_off(profile=KRC, emergency=made.pk, employee=vera, now=NOW)
    at_once(watched.watch_emergencies())
    assert (board.plan.emergencies, board.plan.tree) == ((), number)
    assert key in board.plan.sounds, "who hears it now hears it out"
