"""Any order of events: the machine never raises, never keeps two operators with a client, and leaves nothing behind."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.plan import RatingRule
from kindline.switchboard.machine.state import Phase
from kindline.switchboard.machine.turn import NEWS, RATING
from tests.switchboard.calls import CALLER, PLAN, Call

EXAMPLES = int(os.environ.get("KINDLINE_ORDERS", "300"))
"""How many orders are tried; more when the machine has been changed."""
STRAY = "00000000-0000-0000-0000-00000000dead"
ASKED: list[tuple[type[e.Asked], dict[str, list[Any]]]] = [
    (e.Decline, {}),
    (e.HoldCaller, {"consent": [True, False]}),
    (e.Resume, {}),
    (e.Mute, {}),
    (e.Unmute, {}),
    (e.PauseRecording, {"reason": ["card", "password", "gossip"]}),
    (e.PauseRecording, {"reason": ["card"]}),
    (e.ResumeRecording, {}),
    (e.SendDigits, {"digits": ["1", "x", "12#"]}),
    (e.Attempt, {}),
    (e.HeardAgain, {}),
    (e.EndBadLine, {}),
    (e.Terminate, {"ground": ["insult", "none"]}),
    (e.HangUpAsked, {}),
    (e.Introduce, {}),
    (e.Accept, {}),
    (e.RefuseTransfer, {}),
    (e.Conference, {}),
    (e.BackToClient, {}),
    (e.BackToColleague, {}),
    (e.Complete, {}),
    (e.CancelTransfer, {}),
    (e.Supervise, {"mode": ["listen", "whisper", "barge", "sing"]}),
    (e.StopSupervision, {}),
    (e.TakeOver, {}),
]
SUPERVISOR = 3
OUTSIDE = "+79161234567"
NUMBERS = st.integers(0, 2**40)
STARTS = [
    *("secret", "menu", "closed", "direct", "queued", "talking", "browser", "consulting", "introduced", "conference"),
    "telling",
    *("offered", "promising", "typing", "promised", "asking", "looking", "told", "asking by night"),
    *("listened", "whispered", "barged", "listened while consulting", "held"),
    *("left", "rating", "rated"),
    *("passed on", "passed outside", "passed to a department", "department sought", "outside", "outside consulted"),
    *("account", "meter", "value", "confirming", "taking", "sure", "taken", "account by night", "news", "outages"),
]
TIMERS = [
    *("menu", "ring", "reattach", "consult", "announce", "place", "message", "outgoing", "key", "callback", "wish"),
    *("rating_look", "rating_key", "hold"),
    *("find", "figures", "lookup", "secret", "supervisor", "ear", "talks", "quiet", "person"),
]


SUPERVISED = {"listened": "listen", "whispered": "whisper", "barged": "barge"}
SUPERVISED["listened while consulting"] = "listen"


class Dice:
    """Choices out of one drawn number: quick to draw, and it shrinks."""

    def __init__(self, number: int) -> None:
        self.number = number

    def one(self, among: Sequence[Any]) -> Any:
        self.number, place = divmod(self.number, len(among))
        return among[place]


def channels_of(call: Call) -> list[str]:
    """Every channel that an event could name: those of the call, old ones, and one of nobody."""
    state = call.state
    legs = [leg.channel for leg in (state.operator, state.third) if leg and leg.channel]
    ears = [track.ear for track in state.tracks if track.ear]
    here = state.supervision
    legs += [one for one in (here.channel, here.ear, here.mixer) if one] if here else []
    old = [command.channel for command in call.done if isinstance(command, c.Dial)][-2:]
    return [CALLER, *legs, *legs, *ears, *old, STRAY]


def an_event(dice: Dice, call: Call) -> e.Event:
    """One of all events, most of them such that they could happen now."""
    if dice.one(range(3)) == 0:
        kind, choices = dice.one(ASKED)
        said = {name: dice.one(all_) for name, all_ in choices.items()}
        asked: e.Event = kind(at=call.at, employee=dice.one([1, 2, 1, 2, SUPERVISOR]), **said)
        return asked
    made: e.Event = dice.one(SOURCES)(dice, call)
    return made


def from_a_channel(dice: Dice, call: Call) -> e.Event:
    channel = dice.one(channels_of(call))
    kind = dice.one([e.Up, e.Up, e.Ringing, e.Gone, e.Digit, e.TalkBegan, e.TalkEnded])
    if kind is e.Digit:
        return e.Digit(at=call.at, channel=channel, digit=dice.one("0123456789*#A"))
    if kind is e.Gone:
        cause = dice.one([0, 1, 16, 17, 19, 20, 21, 34, 127])
        return e.Gone(at=call.at, channel=channel if channel != CALLER else STRAY, cause=cause)
    made: e.Event = kind(at=call.at, channel=channel, estimated=dice.one([True, False]))
    return made


def from_the_line(dice: Dice, call: Call) -> e.Event:
    """Nobody is heard, or somebody again."""
    silent = e.Silent(at=call.at, silence_s=12.0, side=dice.one(["both", "client", "operator"]))
    made: e.Event = dice.one([silent, e.Spoken(at=call.at)])
    return made


def from_a_message(dice: Dice, call: Call) -> e.Event:
    name = dice.one([*(track.name for track in call.state.tracks), "unknown"])
    kind = dice.one([e.Played, e.Recorded, e.RecordingBegan, e.Fired])
    if kind is e.Played:
        return e.Played(at=call.at, playback=call.state.playback or "none", failed=dice.one([False, True]))
    if kind is e.Recorded:
        return e.Recorded(at=call.at, name=name, duration_s=dice.one([0.0, 5.0]), failed=dice.one(["", "full"]))
    if kind is e.RecordingBegan:
        return e.RecordingBegan(at=call.at, name=name)
    timer = dice.one([*call.state.timers, *call.state.timers, *TIMERS])
    waits = {"position": dice.one([0, 1, 30]), "expected_wait_s": dice.one([None, 70.0])}
    return e.Fired(at=call.at, timer=timer, kept=dice.one([False, False, True]), **waits)


def from_a_phone(dice: Dice, call: Call) -> e.Event:
    who = dice.one([1, 2])
    if dice.one(range(40)) == 0:
        return e.NodeLost(at=call.at, node="a")
    if dice.one(range(5)) == 0:
        return found(dice, call)
    if dice.one(range(6)) == 0:
        return e.MediaLost(at=call.at, employee=SUPERVISOR)
    if dice.one(range(12)) == 0:
        return e.TakenOver(at=call.at)
    if dice.one([True, False]):
        return e.PhoneBack(at=call.at, employee=who, endpoint=f"op{who}{dice.one('ws')}")
    return e.MediaLost(at=call.at, employee=who)


def found(dice: Dice, call: Call) -> e.Event:
    """What comes of a round: of this one, of one long over, of what is told before the menu; any next question."""
    number = dice.one([call.state.rounds, call.state.rounds, call.state.rounds, 0])
    service = dice.one(["readings", "readings", "", NEWS, RATING])
    ask = dice.one(["", "account", "meter", "value", "sure", "unheard"])
    stop, wrong = dice.one(["", "", "", "too_often", "operator"]), dice.one([False, False, True])
    return e.Found(
        at=call.at, media=dice.one(["", "sound:/found", "sound:/found"]), duration_s=2.0, service=service,
        round=number, ask=ask, answers=dice.one([{}, {"account": "1"}]), done=dice.one([True, False]), wrong=wrong,
        stop=stop,
    )  # fmt: skip


def from_the_dispatcher(dice: Dice, call: Call) -> e.Event:
    if SUPERVISOR not in call.kept and dice.one(range(3)) == 0:
        mode, endpoint = dice.one(["listen", "whisper", "barge"]), dice.one(["op3s", "op3w", ""])
        return e.Supervise(
            at=call.at, employee=SUPERVISOR, mode=mode, endpoint=endpoint, why_not="" if endpoint else "busy"
        )
    free = [one for one in (1, 2) if one not in call.kept]
    if not free:
        return from_a_channel(dice, call)
    who = dice.one(free)
    endpoint = f"op{who}{dice.one('ws')}"
    if (call.state.inside or call.state.transfer) and dice.one([True, False]):
        return e.ColleagueFound(
            at=call.at, **dice.one([{"employee": who, "endpoint": endpoint}, {"why_not": "absent"}])
        )
    if dice.one([True, False]):
        return e.Offer(at=call.at, employee=who, endpoint=endpoint)
    asker = dice.one([1, 2])
    mode = dice.one(["attended", "attended", "blind"])
    if dice.one(range(4)) == 0:
        return asked_outside(call, asker, mode)
    kind, reached = dice.one(["employee", "employee", "department", "deputy"]), dice.one([endpoint, endpoint, ""])
    number = "77" if kind == "department" else ""
    return e.TransferAsked(
        at=call.at, employee=asker, target_employee=who, endpoint=reached, kind=kind, number=number, mode=mode
    )


def asked_outside(call: Call, asker: int, mode: str) -> e.TransferAsked:
    """A call is to be passed on to a number outside."""
    return e.TransferAsked(
        at=call.at, employee=asker, target_employee=0, target=OUTSIDE, endpoint=f"tel:{OUTSIDE}", kind="outside",
        number=OUTSIDE, mode=mode,
    )  # fmt: skip


SOURCES = [from_the_line, from_a_channel, from_a_channel, from_a_message, from_a_phone, from_the_dispatcher]


def check(call: Call) -> None:
    """What must hold after every event."""
    state = call.state
    check_supervision(call)
    barged = {state.supervision.channel} if state.supervision and state.supervision.inside else set()
    others = call.hear_each_other() - {CALLER} - barged
    if CALLER in call.hear_each_other():
        assert len(others) <= (2 if state.phase is Phase.CONFERENCE else 1), "too many with one client"
        assert state.phase in (Phase.TALKING, Phase.OFFERING, Phase.CONFERENCE, Phase.TELLING), state.phase
    if state.operator and state.third:
        assert state.phase in (Phase.CONSULTING, Phase.CONFERENCE, Phase.TELLING)
    check_passing(call)
    check_telling(call)
    if state.phase is Phase.CONFERENCE:
        check_conference(call)
    else:
        assert state.conference_since is None
    started, ended = len(call.facts("conference_started")), len(call.facts("conference_ended"))
    assert started == ended + (state.phase is Phase.CONFERENCE), "each conference ends once"
    ended_as = "internal_ended" if state.inside else "call_ended"
    assert len(call.facts(ended_as)) == (1 if state.over or state.phase is Phase.RATING else 0)
    check_rating(call)
    check_promise(call)
    check_secret(call)
    check_hold(call)
    known = {CALLER, *(leg.channel for leg in (state.operator, state.third) if leg)}
    known |= {track.ear for track in state.tracks}
    rooms = {state.supervision.room} if state.supervision else set()
    here = state.supervision
    known |= {here.channel, here.ear, here.mixer} if here else set()
    assert call.channels <= known | {STRAY}, "a channel that nobody knows any more"
    assert call.bridges <= {state.bridge} | rooms
    kept = {leg.employee for leg in (state.operator, state.third) if leg and leg.employee}
    kept |= {state.inside.dialler} if state.inside and not state.over else set()
    assert call.kept <= kept | ({state.supervision.employee} if state.supervision else set())
    if state.over:
        assert not call.channels - {STRAY}, "a channel outlived the call"
        assert not call.bridges, "a bridge outlived the call"
        assert not call.kept, "an operator is still kept"
        assert not state.timers, "a timer outlived the call"


def check_passing(call: Call) -> None:
    """Who is passed on is not forgotten: a phone rings for him, or somebody is sought."""
    state = call.state
    passing = (Phase.CONSULTING, Phase.TELLING, Phase.CONFERENCE, Phase.FORWARDING)
    assert (state.transfer is not None) == (state.phase in passing), state.phase
    if state.phase is Phase.FORWARDING:
        assert state.operator is None
        assert state.transfer
        assert state.transfer.blind
        assert "consult" in state.timers if state.third else "find" in state.timers, "nothing would ever happen"
        assert call.hear_each_other() == set()
    if state.phase is Phase.CONSULTING and state.third is None:
        assert "find" in state.timers, "nobody is sought"
    blind = [one for one in call.facts("transfer_completed") if one.data["mode"] == "blind"]
    assert not blind or call.plan.blind_transfer, "the standard asks for an introduction"


def check_telling(call: Call) -> None:
    """The operator is with the client again: the colleague hears music, and nobody else does."""
    state = call.state
    if state.phase is Phase.TELLING:
        assert state.operator
        assert state.third
        assert state.transfer
        assert state.transfer.told == state.transfer.introduced, "told once the rest is done"
        assert state.hold is None
        barged = {state.supervision.channel} if state.supervision and state.supervision.inside else set()
        assert call.hear_each_other() == {CALLER, state.operator.channel} | barged
        assert call.music == {state.third.channel}
    else:
        assert call.music <= {CALLER}, "a colleague is left with music"


def check_supervision(call: Call) -> None:
    """A supervisor is where his way of being there puts him, and nobody but the operator can hear a whisper."""
    here, state = call.state.supervision, call.state
    began, ended = len(call.facts("supervision_started")), len(call.facts("supervision_ended"))
    assert began <= ended + 1
    if here is None:
        return
    assert not state.over
    assert state.phase in (
        Phase.TALKING, Phase.HELD, Phase.CONSULTING, Phase.TELLING, Phase.CONFERENCE, Phase.LOST,
    )  # fmt: skip
    assert here.employee not in {leg.employee for leg in (state.operator, state.third) if leg}
    ears = [one for one in call.done if isinstance(one, c.Listen) and one.ear == here.ear]
    assert all(one.whisper == "none" or here.mode == "whisper" for one in ears), "he is heard, and does not know it"
    assert not ears or (state.operator and ears[0].channel == state.operator.channel), "an ear on the wrong phone"
    room = call.members.get(here.room, set())
    if here.up:
        assert (here.channel in call.hear_each_other()) == (here.mode == "barge")
        assert (here.channel in room) == (here.mode != "barge")
    assert room <= {here.channel, here.ear}
    silent = [one for one in call.done if isinstance(one, c.Listen) and one.ear == here.mixer]
    assert all((one.spy, one.whisper) == ("out", "none") for one in silent), "something is said by who must be silent"
    assert not here.mixer or here.up, "a talk is mixed for nobody"
    assert not here.mixer or not here.inside, "three are in it anyway"


def check_rating(call: Call) -> None:
    """Asked at most once, nobody else is in the call any more, and it goes on by itself; one answer or none."""
    state = call.state
    asked, given = len(call.facts("rating_asked")), [one for one in call.done if isinstance(one, c.KeepRating)]
    none = len(call.facts("rating_not_given"))
    assert (state.opinion is not None) == (state.phase is Phase.RATING)
    assert len(given) + none <= asked <= 1
    assert all(1 <= one.score <= one.of for one in given)
    if state.phase is Phase.RATING:
        assert (state.operator, state.third, state.supervision) == (None, None, None)
        assert not call.kept
        assert not call.bridges
        assert not state.tracks
        assert state.playback or state.timers, "nothing would ever happen"
    elif asked:
        assert state.over
        assert len(given) + none == 1, "what came of the question is known"


def check_promise(call: Call) -> None:
    """A place is kept once, for who said so, and no longer waited in; what was asked for ends with the call."""
    state = call.state
    asked, kept = len(call.facts("callback_asked")), sum(isinstance(one, c.KeepPlace) for one in call.done)
    assert asked == kept <= 1
    if asked:
        assert state.waiting is None
        assert state.over or (state.wish and state.wish.done)
    assert (state.wish is not None) == (state.phase is Phase.PROMISING)
    assert (state.inquiry is not None) == (state.phase is Phase.ASKING)
    if state.inquiry and not state.inquiry.looked and not state.playback:
        assert "figures" in state.timers, "nobody waits for what he types"
    if state.phase in (Phase.PROMISING, Phase.ASKING, Phase.ANNOUNCING):
        assert state.playback or state.timers, "nothing would ever happen"
        assert state.operator is None


def check_hold(call: Call) -> None:
    """The clock of a hold runs while it lasts, and the operator is never reminded of a hold that is over."""
    state, open_ = call.state, 0
    assert ("hold" in state.timers) == (state.hold is not None and call.plan.hold_remind_s is not None)
    for kind in call.kinds():
        open_ += (kind == "hold_started") - (kind == "hold_ended")
        assert open_ in (0, 1), "a hold within a hold"
        assert open_ or kind != "hold_reminded", "reminded of nobody"
    assert open_ == (state.hold is not None)
    assert len(call.facts("hold_started")) == state.holds


def check_secret(call: Call) -> None:
    """While a secret is said nothing runs that is not silenced, and it ends by itself; else nothing stays silenced."""
    state = call.state
    running = {track.name for track in state.tracks if track.started_at is not None}
    assert running & call.silenced == (running if state.secrecy else set())
    assert ("secret" in state.timers) == (state.secrecy is not None)
    assert state.secrecy is None or state.tracks, "a pause without a recording"
    paused, resumed = len(call.facts("recording_paused")), len(call.facts("recording_resumed"))
    assert paused == resumed + (state.secrecy is not None) == state.secrets


def check_conference(call: Call) -> None:
    """All three are there, nobody hears music, and what a transfer came to is still open."""
    state = call.state
    assert state.operator
    assert state.third
    assert state.transfer
    assert state.third.up
    assert state.hold is None
    barged = {state.supervision.channel} if state.supervision and state.supervision.inside else set()
    assert call.hear_each_other() == {CALLER, state.operator.channel, state.third.channel} | barged
    assert CALLER not in call.music


def run(numbers: list[int], call: Call) -> None:
    for number in numbers:
        dice = Dice(number)
        call.after(dice.one([0, 0, 0.5, 3, 11]))
        event = an_event(dice, call)
        if isinstance(event, e.Up) and event.channel not in call.channels:
            if event.channel == CALLER:
                continue  # nobody has called the client yet
            call.channels.add(event.channel)  # it is there, whoever asked for it
        call.happens(event)
        check(call)


def waits(call: Call, start: str) -> None:
    """A client who waits for so long that he is offered a call, and as far as he has gone with it."""
    if start != "queued":
        call.fires("callback").plays_out()
    if start not in ("queued", "offered"):
        call.presses("1")
        call.presses({"promising": "", "typing": "2895", "promised": "1"}[start])


ROUNDS = ["account", "meter", "value", "confirming", "taking", "sure", "taken"]


def gives_readings(call: Call, start: str) -> None:
    """A client who types a reading, and as far as he has gone with it."""

    def comes(ask: str = "", **more: Any) -> None:
        call.happens(e.Found(at=call.at, media="sound:/found", duration_s=2.0, ask=ask, **more))
        call.plays_out()

    call.arrives(closed="night" if "night" in start else "").plays_out().presses("5").plays_out()
    far = ROUNDS.index(start.partition(" ")[0])
    if far >= 1:
        call.presses("55#")
        comes("meter", answers={"account": "55"})
    if far >= 2:
        call.presses("1")
        comes("value", answers={"account": "55", "meter": "1"})
    if far >= 3:
        call.presses("123#").plays_out()
    if far >= 4:
        call.presses("1")
    if far >= 5:
        comes("sure" if start == "sure" else "meter", done=start == "taken")


def watched(call: Call, start: str) -> None:
    """A talk in which a supervisor is already."""
    call.talking(endpoint="op1w").supervised(SUPERVISED[start], SUPERVISOR)
    if "consulting" in start:
        call.asks(e.TransferAsked, target_employee=2, endpoint="op2w")


def begun(start: str) -> Call:
    """A call that has gone as far as the start says."""
    blind = start.startswith(("passed", "department"))
    plan = replace(PLAN, tells_news=start == "news", rating=RatingRule(), blind_transfer=blind)
    call = Call(replace(plan, hold_remind_s=20.0, hold_max_s=50.0))
    if start in ("left", "rating", "rated"):
        leaves(call, start)
        return call
    if start in PASSED or start in ("talking", "browser", "consulting", "introduced", "conference", "telling"):
        talks(call, start)
    elif start in ("secret", "held"):
        wish = {"secret": e.PauseRecording, "held": e.HoldCaller}[start]
        call.talking(endpoint="op1w").asks(wish, **({"reason": "card"} if start == "secret" else {"consent": True}))
    elif start in SUPERVISED:
        watched(call, start)
    elif start in ("queued", "offered", "promising", "typing", "promised"):
        call.arrives().plays_out().presses("0")
        waits(call, start)
    elif start.partition(" ")[0] in ROUNDS:
        gives_readings(call, start)
    elif start.startswith(("asking", "looking", "told")):
        asks_one(call, start)
    else:
        call.arrives("direct" if start == "direct" else "hotline", closed="sunday" if start == "closed" else "")
    if start == "outages":
        call.plays_out().presses("4")
    elif start == "news":
        call.happens(e.Found(at=call.at, media="sound:/news", duration_s=2.0, service=NEWS))
    return call


PASSED = ("passed on", "passed outside", "passed to a department", "department sought", "outside", "outside consulted")


def passes_on(call: Call, start: str) -> None:
    """A call that is passed on: blindly, to a department, outside."""
    call.talking(endpoint="op1w")
    if "outside" in start:
        call.happens(asked_outside(call, 1, "blind" if start == "passed outside" else "attended"))
        if start != "passed outside":
            call.after(2).answered()
        if start == "outside":
            call.asks(e.Introduce)
            call.asks(e.Complete)
        return
    kind, mode = ("employee", "blind") if start == "passed on" else ("department", "blind")
    call.asks(e.TransferAsked, target_employee=2, endpoint="op2s", kind=kind, number="77", mode=mode)
    if start == "department sought":
        call.asks(e.RefuseTransfer, 2)


def leaves(call: Call, start: str) -> None:
    """The operator has let the client go, who may be asked how he was served."""
    call.talking().asks(e.HangUpAsked)
    if start != "left":
        call.happens(e.Found(at=call.at, service=RATING, done=True))
    if start == "rated":
        call.plays_out().presses("4")


def talks(call: Call, start: str) -> None:
    """A talk, alone or with a colleague."""
    if start in PASSED:
        passes_on(call, start)
        return
    call.talking(endpoint="op1s" if start == "talking" else "op1w")
    if start in ("consulting", "introduced", "conference", "telling"):
        call.asks(e.TransferAsked, target_employee=2, endpoint="op2w")
        if start != "consulting":
            wish = {"conference": e.Conference, "telling": e.BackToClient}.get(start, e.Introduce)
            call.after(2).answered().asks(wish)


def asks_one(call: Call, start: str) -> None:
    """A client who asks what needs one number."""
    call.arrives(closed="night" if "night" in start else "").plays_out().presses("7").plays_out()
    call.presses("202600001#" if start in ("looking", "told") else "")
    if start == "told":
        call.happens(e.Found(at=call.at, media="sound:/found", duration_s=2.0))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(NUMBERS, max_size=60), st.sampled_from(STARTS))
def test_any_order_leaves_nothing_behind(numbers: list[int], start: str) -> None:
    call = begun(start)
    check(call)
    run(numbers, call)
    call.after(1).gone(CALLER)
    check(call)
    assert call.state.over
    run(numbers[:6], call)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(NUMBERS, max_size=30), st.sampled_from(["", "general"]))
def test_any_order_of_an_outgoing_call(numbers: list[int], queue: str) -> None:
    call = Call()
    call.channels.clear()
    call.kept.add(1)
    number = "+79001112233"
    call.happens(e.DialOut(at=call.at, employee=1, endpoint="op1w", number=number, queue=queue, since=call.at))
    run(numbers, call)
    call.after(1).gone(CALLER)
    check(call)
    assert call.state.over


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(NUMBERS, max_size=40),
    st.sampled_from(["dialled", "told", "queued"]),
    st.sampled_from(["", "tell", "later"]),
)
def test_any_order_of_a_call_of_the_autoinformer(numbers: list[int], start: str, on_machine: str) -> None:
    call = Call()
    call.channels.clear()
    told = e.Announce(
        at=call.at, number="+79001112233", about="x", media="sound:/x", duration_s=3.0, confirm="1", operator="9",
        on_machine=on_machine,
    )  # fmt: skip
    call.happens(told)
    if start != "dialled":
        call.after(2).happens(e.Up(at=call.at, channel=CALLER))
        call.plays_out()
    if start == "queued":
        call.presses("9")
    run(numbers, call)
    call.after(1).gone(CALLER)
    check(call)
    assert call.state.over
    assert len(call.facts("announcement_ended")) == 1


@pytest.mark.parametrize("order", range(3))
def test_time_that_runs_backwards_does_no_harm(order: int) -> None:
    call = Call().talking()
    call.at -= dt.timedelta(hours=1 + order)
    call.gone(CALLER)
    assert call.fact("call_ended")["talk_s"] == 0
