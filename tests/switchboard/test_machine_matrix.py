"""Every event in every phase of a call: what the table leads is reached, the rest is refused or means nothing."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.state import Phase, as_json
from kindline.switchboard.machine.table import ANYWHERE, TABLE
from kindline.switchboard.machine.turn import NEWS, RATING
from tests.switchboard.calls import CALLER, PLAN, Call
from tests.switchboard.test_announcement import announced
from tests.switchboard.test_announcement import up as answers
from tests.switchboard.test_machine_dialling import MOBILE, NUMBER, Dialled
from tests.switchboard.test_machine_orders import ASKED, SUPERVISOR, TIMERS, asked_outside, begun, channels_of, check

Start = Callable[[], Call]
P = Phase


def of(*names: str) -> list[Start]:
    """Starts of the walks in any order."""
    return [functools.partial(begun, name) for name in names]


def begins() -> Call:
    """Nothing has happened, and no channel is there yet."""
    call = Call()
    call.channels.clear()
    return call


def calls_out(endpoint: str = "op1w", queue: str = "", *, answered: bool = False) -> Call:
    """An operator is called first, then the client."""
    call = begins()
    call.kept.add(1)
    event = e.DialOut(at=call.at, employee=1, endpoint=endpoint, number=NUMBER, queue=queue, since=call.at)
    call.happens(event)
    return call.after(2).answered() if answered else call


def loses(*, back: bool) -> Call:
    """The operator's page is gone, and is there again."""
    call = begun("browser")
    call.happens(e.MediaLost(at=call.at, employee=1))
    if back:
        call.happens(e.PhoneBack(at=call.at, employee=1, endpoint="op1w"))
    return call


def seeks() -> Call:
    """Of a department that was called the next one is sought, while the operator stays with it."""
    call = Call().talking(endpoint="op1w")
    call.asks(e.TransferAsked, target_employee=2, endpoint="op2s", kind="department", number="77")
    call.asks(e.RefuseTransfer, 2)
    return call


def hears_the_menu() -> Call:
    """The notice and the greeting are over, and the keys are being told."""
    call = begun("menu")
    while call.state.rest:
        call.after(3).happens(e.Played(at=call.at, playback=call.state.playback))
    return call


def goes_on(name: str, *wishes: type[e.Asked]) -> Call:
    """What an operator has done besides, some time ago."""
    call = begun(name)
    for wish in wishes:
        call.asks(wish)
    return call.after(11)


def machine_talks() -> Call:
    """An answering machine has said its greeting."""
    call = answers(announced(on_machine="tell")).plays_out()
    call.happens(e.TalkBegan(at=call.at, channel=CALLER))
    return call


STARTS: Mapping[Phase, Sequence[Start]] = {
    P.ARRIVING: [begins],
    P.PROMPTED: [*of("menu", "direct"), hears_the_menu, lambda: Call(replace(PLAN, tells_news=True)).arrives()],
    P.MENU: [lambda: begun("menu").plays_out()],
    P.MESSAGE: [lambda: begun("menu").plays_out().presses("1").plays_out().presses("1").plays_out()],
    P.QUEUED: of("queued", "offered"),
    P.PROMISING: of("promising", "typing"),
    P.ASKING: of("asking", "looking", "confirming", "sure"),
    P.OFFERING: [lambda: begun("queued").offered(1, "op1w")],
    P.TALKING: [*of("browser", "secret", "listened", "barged"), lambda: goes_on("talking", e.Mute, e.Attempt)],
    P.HELD: [*of("held"), lambda: goes_on("held", e.Mute)],
    P.LOST: [functools.partial(loses, back=False), functools.partial(loses, back=True)],
    P.CONSULTING: [*of("consulting", "introduced", "outside consulted"), seeks, lambda: goes_on("consulting", e.Mute)],
    P.TELLING: [*of("telling"), lambda: goes_on("telling", e.Introduce, e.Mute, e.Attempt)],
    P.FORWARDING: of("passed on", "passed outside", "department sought"),
    P.CONFERENCE: [*of("conference"), lambda: goes_on("conference", e.Introduce, e.Mute, e.Attempt)],
    P.CALLING_COLLEAGUE: [lambda: Dialled().inside(), lambda: Dialled().inside().found()],
    P.CALLING_OPERATOR: [
        calls_out, functools.partial(calls_out, queue="general"),
        functools.partial(calls_out, f"tel:{MOBILE}", answered=True),
    ],
    P.CALLING_CLIENT: [functools.partial(calls_out, answered=True)],
    P.RINGING_CLIENT: [announced],
    P.ANNOUNCING: [lambda: answers(announced()).plays_out(), machine_talks],
    P.RATING: of("left", "rating"),
    P.ENDED: [lambda: begun("talking").gone(CALLER)],
}  # fmt: skip
NAMED = (one for one in vars(e).values() if isinstance(one, type) and issubclass(one, e.Event))
KINDS = sorted({*NAMED} - {e.Event, e.Asked}, key=lambda one: one.__name__)


def events(kind: type[e.Event], call: Call) -> Iterator[e.Event]:
    """All that an event of a kind could say of this call: by each channel, each person, each timer."""
    at, state = call.at, call.state
    if kind in (e.Up, e.Ringing, e.Gone, e.TalkBegan, e.TalkEnded):
        yield from (kind(at=at, channel=one) for one in channels_of(call))
    elif kind is e.Digit:
        yield from (e.Digit(at=at, channel=one, digit=key) for one in channels_of(call) for key in "019*")
    elif issubclass(kind, e.Asked):
        yield from asked(kind, call)
    elif kind in (e.Recorded, e.RecordingBegan):
        yield from (kind(at=at, name=one) for one in [*(track.name for track in state.tracks), "unknown"])
    elif kind is e.Played:
        yield from (e.Played(at=at, playback=one) for one in (state.playback, "unknown"))
    elif kind is e.Fired:
        yield from (e.Fired(at=at, timer=one) for one in [*state.timers, *TIMERS])
    elif kind is e.Found:
        for service in ("", "readings", NEWS, RATING):
            yield e.Found(at=at, media="sound:/x", duration_s=2.0, service=service, round=state.rounds, done=True)
    else:
        yield from (kind(at=at, **said) for said in SAID[kind])


PHONES: list[dict[str, Any]] = [{"employee": one, "endpoint": f"op{one}w"} for one in (1, 2, SUPERVISOR)]
SAID: Mapping[type[e.Event], list[dict[str, Any]]] = {
    e.Arrived: [{"line": "hotline"}],
    e.Silent: [{"silence_s": 12.0, "side": one} for one in ("both", "client", "operator")],
    e.Spoken: [{}],
    e.NodeLost: [{"node": "a"}],
    e.TakenOver: [{}],
    e.MediaLost: [{"employee": one} for one in (1, 2, SUPERVISOR)],
    e.PhoneBack: PHONES,
    e.Offer: [{"employee": 4, "endpoint": "op4s"}],
    e.ColleagueFound: [{"employee": 4, "endpoint": "op4s"}, {"why_not": "absent"}],
    e.DialOut: [{"employee": 1, "endpoint": "op1w", "number": NUMBER}],
    e.Dialled: [{"employee": 1, "endpoint": "op1s", "channel": "x.9", "number": NUMBER}],
    e.DialledInside: [{"employee": 1, "number": "22"}],
    e.Announce: [{"number": NUMBER, "about": "x", "media": "sound:/x", "duration_s": 3.0}],
}


def asked(kind: type[e.Asked], call: Call) -> Iterator[e.Event]:
    """A wish by each of the people, with all that it may say."""
    at = call.at
    for who in (1, 2, SUPERVISOR):
        if kind is e.TransferAsked:
            yield e.TransferAsked(at=at, employee=who, target_employee=4, endpoint="op4s")
            yield asked_outside(call, who, "attended")
        elif kind is e.Supervise:
            yield e.Supervise(at=at, employee=5, mode="listen", endpoint="op5s")
        else:
            choices = next(said for one, said in ASKED if one is kind)
            yield from (kind(at=at, employee=who, **{name: one}) for name, all_ in choices.items() for one in all_)
            if not choices:
                yield kind(at=at, employee=who)


@functools.cache
def starts(phase: Phase) -> list[Call]:
    """Calls that have come to a phase."""
    made = [start().after(1) for start in STARTS[phase]]
    assert {call.state.phase for call in made} == {phase}
    return made


@pytest.mark.parametrize("kind", KINDS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("phase", list(Phase), ids=lambda one: one.name.lower())
def test_every_event_in_every_phase(phase: Phase, kind: type[e.Event]) -> None:
    reached = False
    for start in starts(phase):
        for event in events(kind, start):
            call = copy.deepcopy(start)
            if isinstance(event, e.Up):
                call.channels.add(event.channel)
            before, made = as_json(call.state), call.happens(event)
            check(call)
            refused = any(isinstance(one, c.Refuse) for one in made)
            reached |= as_json(call.state) != before or (bool(made) and not refused)
            if isinstance(event, e.Asked) and (phase, kind) not in TABLE and kind not in ANYWHERE:
                ours = start.state.supervision and event.employee == start.state.supervision.employee
                assert refused or ours, "who asked is told why not"
    assert reached or (phase, kind) not in TABLE, "no call of this test has come so far: give it a start"
    assert reached or kind is not e.Gone or phase is P.ENDED, "the end of a channel is never passed over"
