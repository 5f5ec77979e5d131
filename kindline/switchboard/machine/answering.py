"""Is it a person who answered, or a machine? Who says a word and waits is a person; who talks on and on is a machine.

A guess by what is heard, never by what is said; whoever presses a key is a person whatever was guessed before.
"""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import ending, sounds
from kindline.switchboard.machine.commands import HearTalk, IgnoreTalk
from kindline.switchboard.machine.events import TalkBegan, TalkEnded
from kindline.switchboard.machine.state import Announcement, Next
from kindline.switchboard.machine.turn import ANNOUNCEMENT, Turn

LATER = "later"
"""A machine is told nothing: the client is called again later."""
TALKS, QUIET, PERSON = "talks", "quiet", "person"
"""Timers: he talks on; the machine's greeting is over; nothing has shown a machine, so it is a person."""


def attend(turn: Turn) -> None:
    """From the answer on, hear whether somebody talks; where the campaign wants to know it."""
    told = turn.state.announcement
    if told is not None and told.on_machine:
        turn.do(HearTalk(turn.state.channel, turn.plan.talk_pause_s))
        turn.set_timer(PERSON, turn.plan.machine_within_s)


def talk_began(turn: Turn) -> None:
    """He begins to say something: if it goes on for long, it is a machine's greeting."""
    told = _heard_from(turn)
    if told is not None and told.machine:
        turn.set_timer(QUIET, turn.plan.machine_greeting_s)
    elif told is not None:
        turn.set_timer(TALKS, turn.plan.machine_talk_s)


def talk_ended(turn: Turn) -> None:
    """He is silent: a person waits for an answer, a machine has told its greeting and records."""
    told = _heard_from(turn)
    turn.cancel(TALKS)
    if told is not None and told.machine:
        turn.set_timer(QUIET, turn.plan.machine_quiet_s)


def fired(turn: Turn, timer: str) -> bool:
    """What the clock says of it; False for a timer that is none of these."""
    if timer not in (TALKS, QUIET, PERSON):
        return False
    if timer == TALKS:
        _is_machine(turn)
    elif timer == QUIET:
        _leave_message(turn)
    else:
        leave_off(turn)
    return True


def leave_off(turn: Turn) -> None:
    """It is a person: listen for nothing any more."""
    told = turn.state.announcement
    if told is None or not told.on_machine:
        return
    turn.state.announcement = replace(told, on_machine="", machine=False)
    turn.cancel(TALKS, QUIET, PERSON)
    turn.do(IgnoreTalk(turn.state.channel))


def _leave_message(turn: Turn) -> None:
    """Tell the machine the message, whatever it says meanwhile."""
    told = turn.state.announcement
    if told is not None:
        turn.state.announcement = replace(told, on_machine="")
        turn.do(IgnoreTalk(turn.state.channel))
        sounds.play(turn, [ANNOUNCEMENT], Next("hangup", "left_on_machine"))


def _heard_from(turn: Turn) -> Announcement | None:
    """What is being told, when it was the client who was heard and it still matters."""
    event, told = turn.event, turn.state.announcement
    ours = isinstance(event, TalkBegan | TalkEnded) and event.channel == turn.state.channel
    return told if ours and told is not None and told.on_machine and not told.outcome else None


def _is_machine(turn: Turn) -> None:
    told = turn.state.announcement
    if told is None or told.machine or not told.on_machine:
        return
    turn.note("machine_answered", about=told.about, talk_s=turn.plan.machine_talk_s)
    sounds.stop(turn)
    turn.cancel("key", PERSON)
    if told.on_machine == LATER:
        ending.end(turn, by="system", outcome="machine")
        return
    turn.state.announcement = replace(told, machine=True)
    turn.set_timer(QUIET, turn.plan.machine_greeting_s)
