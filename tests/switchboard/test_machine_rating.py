"""A rating is asked of who just spoke: the operator is free at once, the client presses a key and is let go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from kindline.standard import loader
from kindline.switchboard import reconcile
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.plan import RatingRule
from kindline.switchboard.machine.state import Phase
from kindline.switchboard.machine.turn import RATING
from tests.switchboard import people
from tests.switchboard.calls import CALLER, PLAN, Call

ASKS = replace(PLAN, rating=RatingRule(talk_s_min=20))


def talked(seconds: float = 60, rule: RatingRule | None = ASKS.rating) -> Call:
    return Call(replace(PLAN, rating=rule)).talking().after(seconds)


def left(call: Call | None = None) -> Call:
    call = call or talked()
    call.asks(e.HangUpAsked)
    return call


def looked(call: Call, *, allowed: bool = True) -> Call:
    call.after(0.1).happens(e.Found(at=call.at, service=RATING, round=call.state.rounds, done=allowed))
    return call


def asked(call: Call | None = None) -> Call:
    return looked(left(call)).plays_out()


def heard(call: Call) -> list[str]:
    played = [one.media.removeprefix("sound:/") for one in call.done if isinstance(one, c.Play)]
    return [one for one in played if one.startswith("rating")]


def given(call: Call) -> list[int]:
    return [one.score for one in call.done if isinstance(one, c.KeepRating)]


@pytest.mark.clause("krc-5.5.2-03", "krc-5.6.1-33", "yumek-9.4-28")
@pytest.mark.parametrize("key", "12345")
def test_a_key_is_the_rating_and_thanks_the_end(key: str) -> None:
    call = asked().presses(key)
    assert given(call) == [int(key)]
    assert call.plays_out().state.over
    assert heard(call) == ["rating.question", "rating.thanks"]
    assert call.channels == set()
    assert call.kinds()[-3:].count("rating_not_given") == 0


def test_the_operator_is_free_and_the_call_over_before_the_question() -> None:
    call = left()
    assert call.operators()[-1] == (1, "wrap_up")
    assert call.fact("call_ended") | {"by": "operator", "outcome": "answered"} == call.fact("call_ended")
    assert call.fact("call_ended")["talk_s"] == 60.0
    assert (call.state.phase, call.channels, call.bridges) == (Phase.RATING, {CALLER}, set())
    assert [one.leg for one in call.done if isinstance(one, c.Keep)] == ["client", "operator"]
    assert [one.service for one in call.done if isinstance(one, c.LookUp)] == [RATING]
    assert call.facts("rating_asked") == []
    assert looked(call).fact("rating_asked") == {"employee": 1}


def test_a_key_counts_before_the_question_is_over_and_only_once() -> None:
    call = looked(left()).presses("4")
    assert heard(call) == ["rating.question", "rating.thanks"]
    call.presses("1").plays_out()
    assert given(call) == [4]


@pytest.mark.parametrize(
    ("keys", "reason"), [("", "no_key"), ("9", "wrong_key"), ("0*", "wrong_key"), ("#", "wrong_key")]
)
def test_it_is_asked_once_more_and_then_thanked_all_the_same(keys: str, reason: str) -> None:
    call = asked().presses(keys)
    while call.state.phase is Phase.RATING and "rating_key" in call.plays_out().state.timers:
        call.fires("rating_key")
    assert call.state.over
    assert heard(call) == ["rating.question", "rating.again", "rating.goodbye"]
    assert call.fact("rating_not_given") == {"employee": 1, "reason": reason}
    assert given(call) == []


def test_a_wrong_key_is_mended_by_a_right_one() -> None:
    call = asked().presses("8").plays_out().presses("2").plays_out()
    assert (given(call), call.state.over) == ([2], True)


def test_hanging_up_is_no_rating() -> None:
    call = asked().gone(CALLER)
    assert call.state.over
    assert call.fact("rating_not_given")["reason"] == "hung_up"
    assert (given(call), len(call.facts("call_ended"))) == ([], 1)


def test_who_hangs_up_while_thanked_has_rated() -> None:
    call = asked().presses("5").gone(CALLER)
    assert call.state.over
    assert (given(call), call.facts("rating_not_given")) == ([5], [])


def test_who_may_not_be_asked_is_let_go_and_silence_of_the_house_too() -> None:
    call = looked(left(), allowed=False)
    assert (call.state.over, heard(call), call.channels) == (True, [], set())
    call = left().fires("rating_look")
    assert (call.state.over, heard(call)) == (True, [])
    looked(call)
    assert heard(call) == [], "it came too late"


Way = Callable[[Call], object]
BYE: Way = lambda call: call.asks(e.HangUpAsked)  # noqa: E731 - one of a list
HOLD: Way = lambda call: call.asks(e.HoldCaller)  # noqa: E731
NOISE: Way = lambda call: call.asks(e.Attempt)  # noqa: E731


@pytest.mark.parametrize(
    ("ways", "is_asked"),
    [
        ([BYE], True),
        ([HOLD, BYE], True),
        ([lambda call: call.gone(call.state.operator.channel)], True),  # a telephone is hung up
        ([lambda call: call.gone(CALLER)], False),
        ([lambda call: call.asks(e.Terminate, ground="insult")], False),
        ([NOISE, BYE], False),
        ([NOISE, lambda call: call.asks(e.HeardAgain), BYE], True),
        ([NOISE, lambda call: call.after(11).asks(e.EndBadLine)], False),
        ([lambda call: call.happens(e.NodeLost(at=call.at, node="a"))], False),
    ],
)
def test_it_is_asked_only_where_the_operator_says_goodbye(ways: list[Way], is_asked: bool) -> None:
    call = talked()
    for way in ways:
        way(call)
    assert (call.state.phase is Phase.RATING) == is_asked
    assert call.state.over != is_asked
    assert len(call.facts("call_ended")) == 1


@pytest.mark.parametrize(
    ("rule", "seconds", "is_asked"),
    [
        (None, 60, False),
        (RatingRule(talk_s_min=20), 19, False),
        (RatingRule(talk_s_min=20), 20, True),
        (RatingRule(lines=frozenset({"hotline"})), 1, True),
        (RatingRule(lines=frozenset({"direct"})), 60, False),
        (RatingRule(queues=frozenset({"general"})), 1, True),
        (RatingRule(queues=frozenset({"billing"})), 60, False),
        (RatingRule(directions=frozenset({"out"})), 60, False),
    ],
)
def test_the_profile_says_after_which_talks(rule: RatingRule | None, seconds: float, is_asked: bool) -> None:
    assert (left(talked(seconds, rule)).state.phase is Phase.RATING) == is_asked


def test_without_a_sound_nobody_waits_for_a_question() -> None:
    dumb = replace(ASKS, sounds={name: one for name, one in PLAN.sounds.items() if name != "rating.question"})
    assert left(Call(dumb).talking().after(60)).state.over


def test_music_of_a_hold_ends_with_the_question() -> None:
    call = talked()
    call.asks(e.HoldCaller)
    assert left(call).music == {CALLER}
    assert looked(call).music == set()


def test_another_switchboard_goes_on_with_it() -> None:
    call = left()
    call.happens(e.TakenOver(at=call.at))
    assert sum(isinstance(one, c.LookUp) for one in call.done) == 2
    looked(call)
    seen = reconcile.Seen(call.at, {CALLER: {"state": "Up"}}, {})
    for event in reconcile.missed(call.state, seen, call.at):  # the question was heard meanwhile
        call.happens(event)
    assert "rating_key" in call.state.timers
    assert reconcile.repairs(call.state, seen) == []
    assert given(call.presses("3")) == [3]


def test_an_engine_that_dies_takes_the_rating_and_nothing_else() -> None:
    call = asked()
    call.happens(e.NodeLost(at=call.at, node="a"))
    assert call.state.over
    assert call.fact("rating_not_given")["reason"] == "node_lost"
    assert (call.facts("node_lost"), len(call.facts("call_ended"))) == ([], 1), "nobody is called back for that"


def test_the_next_call_of_the_operator_is_not_touched() -> None:
    call = asked()
    (refused,) = call.asks(e.HangUpAsked)
    assert isinstance(refused, c.Refuse)
    call.happens(e.Offer(at=call.at + dt.timedelta(seconds=1), employee=1, endpoint="op1s"))
    assert call.operators()[-1] == (1, "ready")


@pytest.mark.parametrize("profile", ["krc", "yumek"])
def test_the_profiles_ask_on_their_hotline(profile: str) -> None:
    rule = people.plan_of(loader.load(profile)).rating
    assert rule == RatingRule(lines=frozenset({"hotline"}), talk_s_min=20.0)


@pytest.mark.parametrize("profile", ["court", "voe"])
def test_a_profile_that_does_not_say_so_asks_nobody(profile: str) -> None:
    assert people.plan_of(loader.load(profile)).rating is None
