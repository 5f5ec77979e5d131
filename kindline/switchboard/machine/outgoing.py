"""A call to a client: the operator's phone first, then the client's."""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import ending, queue, sounds, tracks
from kindline.switchboard.machine.commands import Answer, Dial, HangUp, MakeBridge, Play, Ring, StopPlay, StopRing
from kindline.switchboard.machine.destinations import mobile
from kindline.switchboard.machine.events import Dialled, DialOut, Digit, Fired, Gone, Ringing, Up
from kindline.switchboard.machine.state import Leg, Next, Phase, identifier, seconds
from kindline.switchboard.machine.turn import Turn

MOBILE_KEY, MOBILE_KEY_S = "1", 15.0
"""Who takes his mobile presses this key before the client is called, so that no voicemail is joined with anybody."""


def begin(turn: Turn) -> None:
    """Call the operator's own phone."""
    event, state = turn.event, turn.state
    if not isinstance(event, DialOut):
        return
    state.direction, state.line, state.called, state.callback = "out", event.line, event.number, event.callback
    state.operator = Leg(turn.name("leg"), event.employee, event.endpoint, turn.now, wraps_up=event.wraps_up)
    state.bridge = turn.name("bridge")
    state.phase = Phase.CALLING_OPERATOR
    state.given = event.queue
    limit_s = turn.plan.ring_limit_s(event.queue)
    kind = "offer" if state.given else "callback"  # what he did not choose himself rings until he takes it
    dial = Dial(state.operator.channel, event.endpoint, kind, limit_s + 5 if state.given else limit_s, event.number)
    if state.given:
        turn.note("callback_given", employee=event.employee, queue=event.queue, wait_s=seconds(event.since, turn.now))
    turn.together(MakeBridge(state.bridge), dial)
    turn.set_timer("ring", limit_s)


def dialled(turn: Turn) -> None:
    """An employee dialled a client's number on his own telephone: he hears it ring, the client is called.

    Clause: krc-5.5.1-02, krc-5.5.2-12.
    """
    event, state = turn.event, turn.state
    if not isinstance(event, Dialled):
        return
    state.direction, state.line, state.called, state.callback = "out", event.line, event.number, event.callback
    state.operator = Leg(
        event.channel, event.employee, event.endpoint, turn.now, up_at=turn.now, dials=not event.answered,
        wraps_up=event.wraps_up,
    )  # fmt: skip
    _call_client(turn, state.operator)


def operator_up(turn: Turn) -> None:
    """The operator is there: call the client.

    Clause: yumek-9.4-26 (attempts stop after the sixth ring).
    """
    event, state, leg = turn.event, turn.state, turn.state.operator
    if not isinstance(event, Up) or leg is None or event.channel != leg.channel:
        return
    state.operator = replace(leg, up_at=turn.now)
    turn.cancel("ring")
    if mobile(leg.endpoint):
        _ask_for_key(turn, leg)
    else:
        _call_client(turn, state.operator)


def _ask_for_key(turn: Turn, leg: Leg) -> None:
    sound = turn.sound("system.mobile_key")
    if sound is not None:
        turn.do(Play(leg.channel, _asking(turn), sound.media))
    turn.set_timer("key", MOBILE_KEY_S + (sound.duration_s if sound else 0.0))


def _asking(turn: Turn) -> str:
    return identifier(turn.state.contact, "mobile-key")


def key(turn: Turn) -> None:
    """Somebody is at the mobile: call the client. Other keys mean nothing.

    Clause: krc-2-43, krc-5.5.1-02 (what is said by mobile is recorded as well).
    """
    event, leg = turn.event, turn.state.operator
    if not isinstance(event, Digit) or leg is None or (event.channel, event.digit) != (leg.channel, MOBILE_KEY):
        return
    if leg.up:
        turn.cancel("key")
        turn.do(StopPlay(_asking(turn)))
        _call_client(turn, leg)


def _call_client(turn: Turn, leg: Leg) -> None:
    state = turn.state
    state.phase, state.lost_at = Phase.CALLING_CLIENT, turn.now
    turn.operator_is(leg.employee, "talking")
    turn.note("client_dialled", employee=leg.employee, number=state.called)
    limit_s = turn.plan.outgoing_ring_limit_s()
    turn.do(Dial(state.channel, "", "client", limit_s + 5, number=state.called, line=state.line))
    turn.set_timer("outgoing", limit_s)


def client_rings(turn: Turn) -> None:
    """The client's phone rings: the limit counts from now. Networks may say it several times; the first one counts."""
    event, state = turn.event, turn.state
    if isinstance(event, Ringing) and event.channel == state.channel and state.rung_at is None:
        state.lost_at = state.rung_at = turn.now
        turn.set_timer("outgoing", turn.plan.outgoing_ring_limit_s())
        if state.operator is not None and (not state.bridge or mobile(state.operator.endpoint)):
            turn.do(Ring(state.operator.channel))


def client_up(turn: Turn) -> None:
    """The client answered: he hears the notice of recording, then the operator (krc-5.5.2-12).

    An emergency service hears no notice first.
    """
    event, state = turn.event, turn.state
    if not isinstance(event, Up) or event.channel != state.channel or state.talk_since is not None:
        return
    turn.cancel("outgoing")
    _tried(turn, "answered")
    state.talked, state.talk_since, state.lost_at = True, turn.now, None
    sounds.play(turn, [] if turn.plan.is_emergency(state.called) else [turn.plan.notice], Next("talk"))


def talk(turn: Turn, _target: str = "") -> None:
    """Both are there."""
    state = turn.state
    if state.operator is None:
        ending.end(turn, by="system")
        return
    state.phase = Phase.TALKING
    state.served_by = (state.operator.employee,)
    pick_up(turn, state.operator)
    sounds.join(turn, state.operator.channel)
    tracks.talk(turn, state.operator)


def pick_up(turn: Turn, leg: Leg) -> None:
    """Nobody rings out any more; who dialled himself is joined only now, and there is a bridge."""
    state = turn.state
    if state.bridge:
        if mobile(leg.endpoint):
            turn.do(StopRing(leg.channel))
        return
    state.bridge, state.operator = turn.name("bridge"), replace(leg, dials=False)
    turn.together(MakeBridge(state.bridge), Answer(leg.channel) if leg.dials else StopRing(leg.channel))


def client_gone(turn: Turn) -> None:
    """The client did not answer, or hung up again."""
    cause = turn.event.cause if isinstance(turn.event, Gone) else 19
    if turn.state.talk_since is None:
        _tried(turn, "busy" if cause in (17, 21) else "forbidden" if cause == 52 else "no_answer")
    ending.end(turn, by="client", cause=ending.CAUSES.get(cause, str(cause)))


def operator_rings(turn: Turn) -> None:
    """The operator's phone rings: the limit of a call that was given to him counts from now."""
    event, state, leg = turn.event, turn.state, turn.state.operator
    if not isinstance(event, Ringing) or leg is None or event.channel != leg.channel:
        return
    if state.given and leg.rung_at is None:
        state.operator = replace(leg, rung_at=turn.now)
        turn.set_timer("ring", turn.plan.ring_limit_s(state.given))


def operator_gone(turn: Turn) -> None:
    """The operator's phone did not answer, or he gave up."""
    if turn.state.given and turn.state.phase is Phase.CALLING_OPERATOR:
        _not_taken(turn, queue.why_missed(turn))
    else:
        _give_up(turn, "operator")


def declined(turn: Turn) -> None:
    """The operator does not take a call that was given to him."""
    if turn.state.given and ending.is_in_call(turn.state, turn.event):  # type: ignore[arg-type]
        _not_taken(turn, "declined")
    else:
        turn.refuse("not_your_call", "this call is not offered to you")


def _not_taken(turn: Turn, reason: str) -> None:
    """The client was not called yet and keeps his place; the next operator is asked."""
    state, leg = turn.state, turn.state.operator
    if leg is None:
        return
    ring_s = leg.ring_s(turn.now)
    rings = turn.plan.rings(ring_s)
    turn.note("callback_not_taken", employee=leg.employee, reason=reason, rings=rings, ring_s=ring_s)
    if not (isinstance(turn.event, Gone) and turn.event.channel == leg.channel):
        turn.do(HangUp(leg.channel))
    turn.operator_is(leg.employee, *(("ready", "") if turn.event.estimated else queue.AFTER_MISS[reason]))
    state.operator = None
    ending.end(turn, by="system", outcome="not_taken")


def asked_to_end(turn: Turn) -> None:
    """The operator gives up."""
    if not ending.is_in_call(turn.state, turn.event):  # type: ignore[arg-type]
        turn.refuse("not_your_call", "only the operator of this call can end it")
    elif turn.state.given and turn.state.phase is Phase.CALLING_OPERATOR:
        _not_taken(turn, "declined")
    else:
        _give_up(turn, "operator")


def fired(turn: Turn) -> None:
    """It has rung long enough."""
    if turn.state.given and turn.state.phase is Phase.CALLING_OPERATOR:
        _not_taken(turn, "timeout")
    elif isinstance(turn.event, Fired) and turn.event.timer in ("ring", "key", "outgoing"):
        if turn.state.phase is Phase.CALLING_CLIENT and turn.state.talk_since is None:
            _tried(turn, "no_answer")
        ending.end(turn, by="system", cause="no_answer")


def _give_up(turn: Turn, by: str) -> None:
    if turn.state.phase is Phase.CALLING_CLIENT and turn.state.talk_since is None:
        _tried(turn, "cancelled")
    ending.end(turn, by=by)


def _tried(turn: Turn, outcome: str) -> None:
    state = turn.state
    ring_s = seconds(state.lost_at, turn.now)
    employee = state.operator.employee if state.operator else None
    rings = turn.plan.rings(ring_s)
    turn.note("client_dial_ended", employee=employee, outcome=outcome, rings=rings, ring_s=ring_s)


def drop(turn: Turn) -> None:
    """Hang up a channel that nobody wants any more."""
    if isinstance(turn.event, Up):
        turn.do(HangUp(turn.event.channel))
