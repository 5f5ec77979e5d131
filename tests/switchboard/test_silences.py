"""Nobody is heard on either side of a talk: noticed, told, and over with the first word (ADR 55)."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindline.standard import loader
from kindline.switchboard.machine import events as e
from kindline.switchboard.sending import Wire
from kindline.switchboard.silences import Silences
from tests.switchboard.calls import CALLER, CONTACT, START, Call

N = 12.0
NOTICE: dict[str, Any] = {"silence_s": N, "side": "both"}


def silent(call: Call, **more: Any) -> Call:
    call.after(30).happens(e.Silent(at=call.at, **{**NOTICE, **more}))
    return call


# --- the machine ---
@pytest.mark.clause("krc-5.6.3-10")
def test_silence_of_both_is_a_fact_and_over_with_the_first_word() -> None:
    call = silent(Call().talking(), side="client")
    assert call.fact("silence_noticed") == {"employee": 1, "silence_s": N, "side": "client"}
    assert call.state.silence_at == call.at
    call.after(4).happens(e.Spoken(at=call.at))
    assert call.fact("silence_over") == {"duration_s": 4.0, "outcome": "spoken"}
    assert call.state.silence_at is None


def test_it_is_said_once_as_long_as_it_lasts() -> None:
    call = silent(silent(Call().talking()))
    assert len(call.facts("silence_noticed")) == 1


@pytest.mark.parametrize(
    ("ways", "outcome"),
    [
        ([lambda call: call.asks(e.HoldCaller, consent=True)], "held"),
        ([lambda call: call.asks(e.Mute)], "muted"),
        ([lambda call: call.asks(e.HangUpAsked)], "ended"),
        ([lambda call: call.gone(CALLER)], "ended"),
    ],
)
def test_what_has_another_cause_is_no_bad_line(ways: list[Any], outcome: str) -> None:
    call = silent(Call().talking())
    for way in ways:
        way(call)
    assert call.fact("silence_over")["outcome"] == outcome
    assert silent(call).state.silence_at is None
    assert len(call.facts("silence_noticed")) == 1


@pytest.mark.parametrize("where", ["queue", "held", "muted", "conference"])
def test_elsewhere_silence_means_nothing(where: str) -> None:
    call = Call().arrives().plays_out() if where == "queue" else Call().talking()
    if where == "held":
        call.asks(e.HoldCaller, consent=True)
    elif where == "muted":
        call.asks(e.Mute)
    elif where == "conference":
        call.asks(e.TransferAsked, target_employee=2, endpoint="op2w")
        call.after(2).answered().asks(e.Conference)
    assert silent(call).facts("silence_noticed") == []


# --- who is heard ---
class Ears:
    """A talk as the engine tells of it, with a clock of our own."""

    def __init__(self, profile: str = "krc", age_s: float = 0) -> None:
        self.now = 1000.0
        self.asked: list[Any] = []
        self.fed: list[e.Event] = []
        board: Any = SimpleNamespace(
            wire=Wire("app"),
            ari=self,
            start=lambda work, _: asyncio.run(work),
            feed=lambda _, event: self.fed.append(event),
        )
        self.silences = Silences(board, loader.load(profile), clock=lambda: self.now)
        self.call = Call().talking().after(age_s)
        self.operator = self.call.state.operator.channel if self.call.state.operator else ""
        self.changed()

    async def ask(self, *asked: Any, tries: int) -> None:
        self.asked.append((asked, tries))

    def changed(self) -> None:
        self.silences.changed(CONTACT, self.call.state, self.call.at)

    def hears(self, channel: str, *, talks: bool) -> None:
        kind = e.TalkBegan if talks else e.TalkEnded
        self.silences.heard(kind(at=self.call.at, channel=channel))

    def passes(self, seconds: float) -> None:
        self.now += seconds
        asyncio.run(self.silences.look())

    @property
    def told(self) -> list[str]:
        return [type(one).__name__ for one in self.fed]


def test_the_engine_is_asked_once_a_person_with_the_silence_of_the_profile() -> None:
    ears = Ears()
    ears.changed()
    assert [one[0][2] for one in ears.asked] == [{"variable": "TALK_DETECT(set)", "value": "12000"}] * 2


def test_both_silent_are_noticed_and_one_alone_is_not() -> None:
    ears = Ears()
    ears.hears(ears.operator, talks=True)
    ears.passes(N)
    ears.hears(CALLER, talks=False)
    ears.passes(60)
    assert ears.told == [], "the operator speaks"
    ears.hears(ears.operator, talks=False)
    assert (ears.told, ears.fed[0].silence_s) == (["Silent"], N)  # type: ignore[attr-defined]
    ears.passes(5)
    ears.hears(CALLER, talks=True)
    assert ears.told == ["Silent", "Spoken"]


def test_who_never_spoke_is_silent_from_the_beginning() -> None:
    ears = Ears()
    ears.passes(N - 1)
    assert ears.told == []
    ears.passes(1)
    assert ears.told == ["Silent"]


def test_of_a_talk_that_another_switchboard_led_nothing_is_supposed() -> None:
    ears = Ears(age_s=60)
    ears.passes(60)
    assert ears.told == []
    for channel in (CALLER, ears.operator):
        ears.hears(channel, talks=False)
    assert ears.told == ["Silent"]


def test_a_side_that_sends_nothing_is_not_heard_and_is_named() -> None:
    ears = Ears()
    ears.silences.came(CALLER, 0)
    ears.silences.came(ears.operator, 400)
    ears.hears(ears.operator, talks=True)
    ears.passes(N)
    ears.hears(ears.operator, talks=False)
    assert [(type(one).__name__, one.side) for one in ears.fed] == [("Silent", "client")]  # type: ignore[attr-defined]
    ears.silences.came(CALLER, 50)
    ears.passes(1)
    assert ears.told == ["Silent"], "packets are no speech"
    ears.hears(CALLER, talks=True)
    assert ears.told == ["Silent", "Spoken"]


def test_packets_that_cease_after_speech_are_silence_too() -> None:
    ears = Ears()
    for channel in (CALLER, ears.operator):
        ears.hears(channel, talks=True)
        ears.silences.came(channel, 300)
    ears.passes(10)
    for channel in (CALLER, ears.operator):
        ears.silences.came(channel, 300)
    ears.passes(N - 0.1)
    assert ears.told == []
    ears.passes(0.2)
    assert ears.told == ["Silent"]


def test_after_a_hold_it_is_counted_anew() -> None:
    ears = Ears()
    ears.passes(N)
    for channel in (CALLER, ears.operator):
        ears.hears(channel, talks=False)
    ears.call.asks(e.HoldCaller, consent=True)
    ears.changed()
    ears.passes(300)
    ears.call.asks(e.Resume)
    ears.changed()
    ears.passes(N - 1)
    assert ears.told == ["Silent"], "only what came before the hold"
    ears.passes(1)
    assert ears.told == ["Silent", "Silent"]


def test_a_profile_without_the_number_asks_nothing() -> None:
    profile = SimpleNamespace(variables={})
    board: Any = SimpleNamespace()
    silences = Silences(board, profile, clock=lambda: 0.0)  # type: ignore[arg-type]
    silences.changed(CONTACT, Call().talking().state, START)
    assert silences.notice_s is None


WAYS = ["talks", "quiet", "pass", "hold", "resume", "none", "some"]
STEPS = st.lists(
    st.tuples(st.sampled_from(WAYS), st.booleans(), st.integers(1, 20)),
    max_size=40,
)  # fmt: skip


@given(STEPS)
def test_in_any_order_notices_and_ends_take_turns_and_nobody_who_speaks_is_called_silent(steps: Any) -> None:
    ears, heard_at = Ears(), {CALLER: 1000.0}
    heard_at[ears.operator] = 1000.0
    packets = 1
    for what, client, seconds in steps:
        channel = CALLER if client else ears.operator
        if what in ("talks", "quiet"):
            ears.hears(channel, talks=what == "talks")
            if what == "talks":
                heard_at[channel] = ears.now
        elif what == "pass":
            ears.passes(seconds)
        elif what in ("hold", "resume"):
            ears.call.asks(
                e.HoldCaller if what == "hold" else e.Resume, consent=True
            ) if what == "hold" else ears.call.asks(e.Resume)
            ears.changed()
        else:
            packets += 1
            ears.silences.came(channel, 0 if what == "none" else packets)
        for event in ears.fed:
            ears.call.happens(event)
        ears.fed.clear()
        if ears.call.state.silence_at is not None:
            assert ears.call.state.hold is None
    kinds = [kind for kind in ears.call.kinds() if kind.startswith("silence_")]
    assert kinds[::2] == ["silence_noticed"] * len(kinds[::2])
    assert kinds[1::2] == ["silence_over"] * len(kinds[1::2])
    ears.hears(CALLER, talks=True)
    for event in ears.fed:
        ears.call.happens(event)
    assert ears.call.state.silence_at is None, "he speaks"
