"""A supervisor in a call: he listens, whispers to the operator, joins the talk, or takes the call over (ADR 25).

Who listens or whispers sits in a room of his own with an ear on the operator's phone: the ear brings him what both
say, and only where he whispers does it carry his voice, to the operator alone. Whatever else happens to the call,
`settle` puts him after each event where he belongs now.
"""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import mixing, tracks
from kindline.switchboard.machine.commands import Dial, DropBridge, HangUp, Join, Leave, Listen, MakeBridge
from kindline.switchboard.machine.events import Asked, Gone, MediaLost, StopSupervision, Supervise, Up
from kindline.switchboard.machine.state import Phase, Supervision, seconds
from kindline.switchboard.machine.turn import Turn

LISTEN, WHISPER, BARGE = "listen", "whisper", "barge"
MODES = (LISTEN, WHISPER, BARGE)
TALKS = frozenset({Phase.TALKING, Phase.HELD, Phase.CONSULTING, Phase.TELLING, Phase.CONFERENCE, Phase.LOST})
RING, EAR = "supervisor", "ear"
"""The timers: his phone rings so long; an ear is put on again after a moment, for the phone it was on may be gone, and
the other one is just being joined: an ear that is put on meanwhile may stay deaf to one side."""
EAR_AGAIN_S = 1.0
EAR_TRIES = 3


def asked(turn: Turn) -> None:
    """A supervisor wants to hear a talk, or to go from one way of being there to another."""
    event, state = turn.event, turn.state
    if not isinstance(event, Supervise):
        return
    there = state.supervision
    if there is not None and there.employee == event.employee and not event.endpoint:
        _change(turn, there, event.mode)
    elif code := _unfit(turn, event):
        if event.endpoint:
            turn.operator_is(event.employee, "ready")
        turn.refuse(code, REFUSALS.get(code, "this talk cannot be listened to now"))
    else:
        _dial(turn, event)


def too_late(turn: Turn) -> None:
    """The call has ended meanwhile: whoever was kept for it is free."""
    if isinstance(turn.event, Supervise) and turn.event.endpoint:
        turn.operator_is(turn.event.employee, "ready")
    turn.refuse("talk_over", REFUSALS["talk_over"])


REFUSALS = {
    "talk_over": "there is no talk any more",
    "supervised": "another supervisor is in this call",
    "own_call": "this is your own call",
    "no_mode": "ask for listen, whisper or barge",
}


def _unfit(turn: Turn, event: Supervise) -> str:
    """Why a supervisor cannot come in; empty when he can."""
    state = turn.state
    if state.phase not in TALKS:
        return "talk_over"
    if any(leg.employee == event.employee for leg in (state.operator, state.third) if leg):
        return "own_call"
    if state.supervision is not None:
        return "supervised"
    if event.mode not in MODES:
        return "no_mode"
    return event.why_not or ("" if event.endpoint else "no_phone")


def _dial(turn: Turn, event: Supervise) -> None:
    state = turn.state
    limit_s = turn.plan.ring_limit_s(state.waiting.queue if state.waiting else "")
    here = state.supervision = Supervision(
        event.employee, event.mode, event.endpoint, turn.name("supervisor"), turn.name("room"), turn.now
    )
    turn.together(MakeBridge(here.room), Dial(here.channel, event.endpoint, "supervise", limit_s + 5, state.caller))
    turn.set_timer(RING, limit_s)


def _change(turn: Turn, here: Supervision, mode: str) -> None:
    """Another way of being there; a phone that rings yet will begin with it."""
    if turn.state.over or mode not in MODES:
        turn.refuse("no_mode", REFUSALS["no_mode"])
        return
    turn.state.supervision = replace(here, mode=mode)
    if here.up and mode != here.mode:
        turn.note("supervision_changed", employee=here.employee, mode=mode, was=here.mode)


def came_up(turn: Turn) -> bool:
    """His phone was picked up, or his ear listens; says whether it was one of the two."""
    event, here = turn.event, turn.state.supervision
    if not isinstance(event, Up) or here is None:
        return False
    if event.channel == here.channel:
        _picked_up(turn, here)
        return True
    if mixing.came_up(turn, here):
        return True
    if event.channel == here.ear:
        turn.state.supervision = replace(here, ear_up=True, tries=0)
        turn.do(Join(here.room, (here.ear,)))
        return True
    return False


def _picked_up(turn: Turn, here: Supervision) -> None:
    if here.up:
        return
    turn.state.supervision = replace(here, up_at=turn.now)
    turn.cancel(RING)
    turn.do(Join(here.room, (here.channel,)))
    leg = turn.state.operator
    turn.note("supervision_started", employee=here.employee, mode=here.mode, operator=leg.employee if leg else None)
    turn.operator_is(here.employee, "watching")


def channel_gone(turn: Turn) -> bool:
    """His phone or his ear is gone; says whether it was one of the two."""
    event, here = turn.event, turn.state.supervision
    if not isinstance(event, Gone) or here is None:
        return False
    if event.channel == here.channel:
        close(turn, "left" if here.up else "no_answer")
        return True
    if mixing.gone(turn, here):
        return True
    if event.channel != here.ear:
        return False
    turn.state.supervision = replace(here, ear="", ear_up=False, tries=here.tries + 1)
    if here.tries + 1 >= EAR_TRIES:
        close(turn, "failed")
    else:
        turn.set_timer(EAR, EAR_AGAIN_S)
    return True


def lost(turn: Turn) -> bool:
    """The network says that his phone is not there any more."""
    event, here = turn.event, turn.state.supervision
    if not isinstance(event, MediaLost) or here is None or event.employee != here.employee:
        return False
    close(turn, "lost")
    return True


def fired(turn: Turn, timer: str) -> None:
    """His phone was not picked up; or it is time to put a lost ear back, which `settle` does."""
    if timer == RING:
        close(turn, "no_answer")


def stopped(turn: Turn) -> None:
    """He leaves by a button."""
    here, event = turn.state.supervision, turn.event
    if isinstance(event, Asked) and here is not None and here.employee == event.employee:
        close(turn, "left")
    elif isinstance(event, StopSupervision):
        turn.refuse("not_supervising", "you are not in this call")


def leaves(turn: Turn) -> bool:
    """Whether who asks to hang up is the supervisor, who then leaves alone."""
    here, event = turn.state.supervision, turn.event
    if here is None or not isinstance(event, Asked) or event.employee != here.employee:
        return False
    close(turn, "left")
    return True


def settle(turn: Turn) -> None:
    """After each event: put the supervisor where he belongs now, or let him go when the talk is over."""
    state, here = turn.state, turn.state.supervision
    if here is None:
        return
    if state.over or state.phase not in TALKS:
        close(turn, "talk_over")
    elif not here.up:
        return
    elif here.mode == BARGE:
        _bring_in(turn, here)
    else:
        _let_hear(turn, here)


def _bring_in(turn: Turn, here: Supervision) -> None:
    """All hear him and he hears all; his voice is recorded like everybody's."""
    if here.inside:
        return
    drop_ear(turn, here)
    here = mixing.drop(turn, here)
    turn.state.supervision = replace(here, inside=True, ear="", ear_up=False)
    turn.do(Leave(here.room, here.channel), Join(turn.state.bridge, (here.channel,)))
    tracks.start(turn, ("supervisor", here.channel, here.employee))


def _let_hear(turn: Turn, here: Supervision) -> None:
    """He hears what the operator's phone hears and says; his own voice goes to the operator, or nowhere."""
    state = turn.state
    if here.inside:
        tracks.stop(turn, here.channel)
        turn.do(Leave(state.bridge, here.channel), Join(here.room, (here.channel,)))
        here = state.supervision = replace(here, inside=False)
    leg = state.operator
    on = leg.channel if leg and leg.up else ""
    if here.ear and (here.ear_on, here.ear_mode) != (on, here.mode):
        drop_ear(turn, here)
        if on and here.ear_on != on:
            turn.set_timer(EAR, EAR_AGAIN_S)
        here = state.supervision = replace(here, ear="", ear_up=False)
    if on and not here.ear and EAR not in state.timers:
        here = state.supervision = replace(here, ear=turn.name("ear"), ear_on=on, ear_mode=here.mode)
        turn.do(Listen(here.ear, on, "both", "out" if here.mode == WHISPER else "none"))
    mixing.keep(turn, here)


def drop_ear(turn: Turn, here: Supervision) -> None:
    """End his ear, if it has not ended by itself."""
    if here.ear and _gone_channel(turn) != here.ear:
        turn.do(HangUp(here.ear))


def close(turn: Turn, outcome: str) -> None:
    """He is out of the call, back to where he was; the talk goes on without him."""
    state, here = turn.state, turn.state.supervision
    if here is None:
        return
    tracks.stop(turn, here.channel)
    drop_ear(turn, here)
    mixing.drop(turn, here)
    if _gone_channel(turn) != here.channel:
        turn.do(HangUp(here.channel))
    turn.do(DropBridge(here.room))
    turn.cancel(RING, EAR)
    ended(turn, here, outcome)
    state.supervision = None
    turn.operator_is(here.employee, "ready")


def ended(turn: Turn, here: Supervision, outcome: str) -> None:
    """Say how long he was there, and why no longer."""
    duration_s = seconds(here.up_at, turn.now)
    turn.note("supervision_ended", employee=here.employee, mode=here.mode, duration_s=duration_s, outcome=outcome)


def _gone_channel(turn: Turn) -> str:
    return turn.event.channel if isinstance(turn.event, Gone) else ""
