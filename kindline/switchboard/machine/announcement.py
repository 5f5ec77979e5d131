"""The autoinformer: the machine itself calls a client, tells him something and hears which key he presses."""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import answering, ending, queue, sounds
from kindline.switchboard.machine.commands import Dial
from kindline.switchboard.machine.events import Announce, Digit, Fired, Gone, Ringing, Up
from kindline.switchboard.machine.plan import Sound
from kindline.switchboard.machine.state import Announcement, Next, Phase, seconds
from kindline.switchboard.machine.turn import ANNOUNCEMENT, Turn

THANKS = "system.confirmed"
CAUSES = {
    **dict.fromkeys((17, 21), "busy"), **dict.fromkeys((0, 16, 18, 19, 31), "no_answer"), 52: "forbidden",
}  # fmt: skip
"""Causes of the network: busy or declined, nobody answered, may not be called; any other: it cannot be reached."""


def begin(turn: Turn) -> None:
    """Call the client.

    Clause: krc-2-02, krc-2-42, yumek-9.4-26 (the ring limit).
    """
    event, state = turn.event, turn.state
    if not isinstance(event, Announce):
        return
    state.direction, state.line, state.called, state.caller = "out", event.line, event.number, event.number
    norm_s = turn.plan.outgoing_ring_limit_s()
    limit_s = min(event.ring_limit_s or norm_s, norm_s)
    sound = Sound(event.media, event.duration_s)
    state.announcement = Announcement(
        event.about, sound, turn.now, limit_s, event.confirm, event.operator, event.client, event.on_machine
    )
    state.phase = Phase.RINGING_CLIENT
    turn.note("announcement_dialled", number=event.number, about=event.about)
    turn.do(Dial(state.channel, "", "client", limit_s + 5, number=event.number))
    turn.set_timer("outgoing", limit_s)


def client_rings(turn: Turn) -> None:
    """The client's phone rings: the limit counts from now. Networks may say it several times; the first one counts."""
    event, state, told = turn.event, turn.state, turn.state.announcement
    if isinstance(event, Ringing) and event.channel == state.channel and told is not None and state.rung_at is None:
        state.rung_at = turn.now
        state.announcement = replace(told, rung_at=turn.now)
        turn.set_timer("outgoing", told.ring_limit_s)


def client_up(turn: Turn) -> None:
    """The client answered: he hears the notice of recording, for he may ask for an operator; then the message."""
    event, state = turn.event, turn.state
    if isinstance(event, Up) and event.channel == state.channel:
        turn.cancel("outgoing")
        _tried(turn, "answered")
        state.phase = Phase.ANNOUNCING
        answering.attend(turn)
        sounds.play(turn, [turn.plan.notice], Next("announce"))


def say(turn: Turn, _target: str = "") -> None:
    """Tell the message."""
    sounds.play(turn, [ANNOUNCEMENT], Next("await_key"))


def await_key(turn: Turn, _target: str = "") -> None:
    """The message was heard to the end: wait for a key."""
    told = turn.state.announcement
    if told is not None:
        turn.state.announcement = replace(told, times=told.times + 1)
        turn.set_timer("key", turn.plan.announcement_key_s)


def key(turn: Turn) -> None:
    """A key: confirmed, or to an operator; the notice of recording is heard to its end, other keys mean nothing."""
    event, state, told = turn.event, turn.state, turn.state.announcement
    if not isinstance(event, Digit) or event.channel != state.channel or told is None or told.outcome:
        return
    if state.playing == turn.plan.notice != "":
        return
    confirmed, asked = event.digit == told.confirm, event.digit == told.operator
    turn.note("announcement_key", digit=event.digit, valid=confirmed or asked)
    answering.leave_off(turn)
    if confirmed or asked:
        sounds.stop(turn)
        turn.cancel("key")
    if confirmed:
        ending.close_announcement(turn, "confirmed")
        sounds.play(turn, [THANKS], Next("hangup", "confirmed"))
    elif asked:
        ending.close_announcement(turn, "to_operator")
        queue.enter(turn, turn.plan.queue_of(state.line))
    elif told.machine:
        say(turn)


def fired(turn: Turn) -> None:
    """No key was pressed: tell it once more, then hang up; or it shows whether a person has answered."""
    event, told = turn.event, turn.state.announcement
    if not isinstance(event, Fired) or answering.fired(turn, event.timer) or event.timer != "key" or told is None:
        return
    if told.times < turn.plan.announcement_times:
        say(turn)
    else:
        ending.end(turn, by="system", outcome="heard")


def client_gone(turn: Turn) -> None:
    """The client hung up: he has heard it, or only a part."""
    told = turn.state.announcement
    heard = "heard" if told and told.times else "machine" if told and told.machine else "cut_short"
    ending.end(turn, by="client", outcome=(told.outcome if told else "") or heard)


def not_reached(turn: Turn) -> None:
    """The call did not come about."""
    cause = turn.event.cause if isinstance(turn.event, Gone) else 19
    outcome = CAUSES.get(cause, "unreachable")
    _tried(turn, outcome)
    ending.end(turn, by="client", cause=ending.CAUSES.get(cause, str(cause)), outcome=outcome)


def rung_out(turn: Turn) -> None:
    """It has rung long enough."""
    if isinstance(turn.event, Fired) and turn.event.timer == "outgoing":
        _tried(turn, "no_answer")
        ending.end(turn, by="system", cause="no_answer", outcome="no_answer")


def _tried(turn: Turn, outcome: str) -> None:
    told = turn.state.announcement
    ring_s = seconds(told.rung_at if told else None, turn.now)
    turn.note("announcement_dial_ended", outcome=outcome, rings=turn.plan.rings(ring_s), ring_s=ring_s)
