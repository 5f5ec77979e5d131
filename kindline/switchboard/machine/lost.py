"""An operator's phone that vanishes: the client is kept, the page may come back (a reload keeps the call)."""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import ending, queue, sounds, taking_over, tracks, transfer
from kindline.switchboard.machine.commands import Dial, HangUp, Join
from kindline.switchboard.machine.events import Event, Fired, Gone, MediaLost, PhoneBack, Up
from kindline.switchboard.machine.state import Phase, seconds
from kindline.switchboard.machine.turn import Turn

PASSING = (Phase.CONSULTING, Phase.TELLING)
"""The operator has a colleague on the line, who is not with the client yet."""
NO_MEDIA = 44
"""The cause with which the engine ends a channel from which no sound comes any more."""


def operator_gone(turn: Turn) -> None:
    """The operator's channel ended: a telephone was hung up, or a page or a telephone has fallen silent."""
    leg = turn.state.operator
    if leg is None:
        return
    if not leg.employee:
        ending.end(turn, by="outside", cause=ending.CAUSES.get(getattr(turn.event, "cause", 16), "normal"))
    elif fell_silent(turn):
        media_lost(turn)
    else:
        _hung_up(turn)


def fell_silent(turn: Turn) -> bool:
    """Whether the operator's phone vanished, and was not hung up by him."""
    event, leg = turn.event, turn.state.operator
    no_media = isinstance(event, Gone) and event.cause == NO_MEDIA
    return leg is not None and (leg.in_browser or no_media)


def _hung_up(turn: Turn) -> None:
    """A telephone's hang-up ends the call; in the midst of a transfer it means what it means on any telephone."""
    state = turn.state
    if state.phase not in PASSING:
        ending.let_go(turn)
    elif transfer.can_complete(turn):
        transfer.complete_now(turn)
    else:
        _leave_client(turn)


def _leave_client(turn: Turn) -> None:
    """The operator left while a client waits for his colleague: the client goes to the head of the queue."""
    state, leg = turn.state, turn.state.operator
    transfer.drop_third(turn, "operator_left")
    if leg is None or state.by_operator:
        ending.end(turn, by="operator")
        return
    ending.close_hold(turn, "hangup")
    sounds.part(turn)
    tracks.stop(turn)
    ending.release(turn, leg, gone=_gone_channel(turn.event), talked=state.talked)
    state.operator, state.lost_at = None, None
    queue.back_to_head(turn)


def _gone_channel(event: Event) -> str:
    return event.channel if isinstance(event, Gone) else ""


def lost_named(turn: Turn) -> None:
    """The network says that a colleague's phone is not there any more."""
    event, state = turn.event, turn.state
    if isinstance(event, MediaLost) and state.operator and event.employee == state.operator.employee:
        media_lost(turn)
    elif isinstance(event, MediaLost) and state.third and event.employee == state.third.employee:
        transfer.third_gone(turn)


def media_lost(turn: Turn) -> None:
    """The page with the phone is gone: the client hears music until it comes back."""
    state, leg = turn.state, turn.state.operator
    if leg is None:
        return
    if taking_over.inherits(turn):
        return
    if state.phase in PASSING:
        if transfer.can_complete(turn):
            transfer.complete_now(turn)
            return
        transfer.drop_third(turn, "operator_lost")
    turn.note("media_lost", leg="operator", employee=leg.employee)
    tracks.stop(turn, leg.channel)
    sounds.part(turn)
    if _gone_channel(turn.event) != leg.channel:
        turn.do(HangUp(leg.channel))
    state.operator = replace(leg, channel="", up_at=None, muted_at=None)
    state.lost_at, state.phase = turn.now, Phase.LOST
    turn.set_timer("reattach", turn.plan.reattach_s)


def phone_back(turn: Turn) -> None:
    """The page is there again: call it, it answers by itself."""
    event, state, leg = turn.event, turn.state, turn.state.operator
    if not isinstance(event, PhoneBack) or leg is None or leg.employee != event.employee:
        return
    if leg.channel:
        turn.do(HangUp(leg.channel))
    state.operator = replace(leg, channel=turn.name("leg"), endpoint=event.endpoint, dialled_at=turn.now, rung_at=None)
    turn.do(Dial(state.operator.channel, event.endpoint, "reattach", turn.plan.reattach_s, state.caller))


def reattached(turn: Turn) -> None:
    """Both hear each other again."""
    event, state, leg = turn.event, turn.state, turn.state.operator
    if not isinstance(event, Up) or leg is None or event.channel != leg.channel:
        return
    leg = state.operator = replace(leg, up_at=turn.now)
    if state.hold is None:
        sounds.join(turn, leg.channel)
        state.phase = Phase.TALKING
    else:
        turn.do(Join(state.bridge, (leg.channel,)))
        state.phase = Phase.HELD
    turn.cancel("reattach")
    turn.note("media_reattached", leg="operator", employee=leg.employee, gap_s=seconds(state.lost_at, turn.now))
    state.lost_at = None
    tracks.talk(turn, leg)


def reattach_failed(turn: Turn) -> None:
    """The phone did not answer: wait on, the page may try again until the time is over."""
    leg = turn.state.operator
    if leg is not None:
        turn.state.operator = replace(leg, channel="")


def fired(turn: Turn) -> None:
    """The page did not come back in time: the client goes to the head of the queue."""
    event, state, leg = turn.event, turn.state, turn.state.operator
    if not isinstance(event, Fired) or event.timer != "reattach" or leg is None:
        return
    if leg.channel:
        turn.do(HangUp(leg.channel))
    ending.close_hold(turn, "hangup")
    turn.operator_is(leg.employee, "offline")
    state.operator, state.lost_at = None, None
    if state.by_operator:
        ending.end(turn, by="system", cause="operator_lost")
        return
    tracks.stop(turn)
    queue.back_to_head(turn)
