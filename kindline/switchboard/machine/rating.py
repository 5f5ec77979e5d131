"""The operator has left: the client is asked how he was served, presses a key, hears thanks and is let go (ADR 35).

For everybody else the call is over: its end is noted before the question. Whatever happens from here on, nothing is
lost but the rating.
"""

from __future__ import annotations

from dataclasses import replace

from kindline.standard.menus import RATING_BEST
from kindline.switchboard.machine import ending, sounds
from kindline.switchboard.machine.commands import HangUp, KeepRating, LookUp
from kindline.switchboard.machine.events import Digit, Fired, Found, Gone, NodeLost
from kindline.switchboard.machine.opinion import Opinion
from kindline.switchboard.machine.state import CallState, Next, Phase, seconds
from kindline.switchboard.machine.turn import RATING, Turn

QUESTION, AGAIN, THANKS, GOODBYE = (f"rating.{name}" for name in ("question", "again", "thanks", "goodbye"))
LOOK, KEY = "rating_look", "rating_key"


def begin(turn: Turn, _target: str = "") -> None:
    """The operator goes to his wrap-up at once; where the profile asks for ratings, it is seen whether to ask here.

    Clause: krc-5.5.2-03, krc-5.6.1-33, yumek-9.4-28.
    """
    state, leg = turn.state, turn.state.operator
    if leg is None or not _fits(turn, state):
        ending.end(turn, by="operator")
        return
    held = state.music
    ending.end(turn, by="operator", stays=True)
    state.phase, state.opinion, state.music = Phase.RATING, Opinion(leg.employee), held
    state.rounds += 1
    turn.set_timer(LOOK, turn.plan.rating_look_s)
    turn.do(LookUp(RATING, {}, "", state.rounds))


def _fits(turn: Turn, state: CallState) -> bool:
    """Whether this talk is one of those about which it is asked; never a bad line, nor a message of a campaign."""
    rule = turn.plan.rating
    if rule is None or turn.sound(QUESTION) is None or not state.talked:
        return False
    if state.phase not in (Phase.TALKING, Phase.HELD) or state.bad_line_at or state.announcement:
        return False
    queue = state.waiting.queue if state.waiting else state.given
    talk_s = state.talk_s + seconds(state.talk_since, turn.now)
    return rule.fits(line=state.line, queue=queue, direction=state.direction, talk_s=talk_s)


def found(turn: Turn) -> None:
    """It is known whether he may be asked."""
    event, opinion = turn.event, turn.state.opinion
    if not isinstance(event, Found) or event.service != RATING or opinion is None or LOOK not in turn.state.timers:
        return
    turn.cancel(LOOK)
    if not event.done:
        _close(turn)
        return
    turn.state.opinion = replace(opinion, asked=True)
    turn.note("rating_asked", employee=opinion.employee)
    sounds.play(turn, [QUESTION], Next("await_rating"))


def look_again(turn: Turn) -> None:
    """The switchboard that looked is dead."""
    if LOOK in turn.state.timers:
        turn.set_timer(LOOK, turn.plan.rating_look_s)
        turn.do(LookUp(RATING, {}, "", turn.state.rounds))


def listen(turn: Turn, _target: str = "") -> None:
    """The question is over: wait for a key."""
    turn.set_timer(KEY, turn.plan.rating_key_s)


def digit(turn: Turn) -> None:
    """A key: a rating, which counts before the question is over too, or one that means nothing."""
    event, opinion = turn.event, turn.state.opinion
    if not isinstance(event, Digit) or event.channel != turn.state.channel or opinion is None:
        return
    if not opinion.asked or opinion.done:
        return
    sounds.stop(turn)
    turn.cancel(KEY)
    if event.digit.isascii() and event.digit.isdecimal() and 1 <= int(event.digit) <= RATING_BEST:
        turn.do(KeepRating(int(event.digit), RATING_BEST, turn.now))
        _thank(turn, opinion, THANKS)
    else:
        _again(turn, replace(opinion, pressed=True))


def fired(turn: Turn) -> None:
    """No key came, or nobody said whether to ask."""
    event, opinion = turn.event, turn.state.opinion
    if not isinstance(event, Fired) or opinion is None:
        return
    if event.timer == LOOK:
        _close(turn)
    elif event.timer == KEY and not opinion.done:
        _again(turn, opinion)


def caller_gone(turn: Turn) -> None:
    """He hung up, which says nothing of how he was served."""
    opinion = turn.state.opinion
    if opinion is not None and opinion.asked and not opinion.done:
        turn.note("rating_not_given", employee=opinion.employee, reason="hung_up")
    _close(turn)


def lost(turn: Turn) -> None:
    """The engine is gone, and with it the question; the talk was over."""
    opinion = turn.state.opinion
    if isinstance(turn.event, NodeLost) and opinion is not None and opinion.asked and not opinion.done:
        turn.note("rating_not_given", employee=opinion.employee, reason="node_lost")
    _close(turn)


def let_go(turn: Turn, _target: str = "") -> None:
    """He has heard thanks."""
    _close(turn)


def _again(turn: Turn, opinion: Opinion) -> None:
    """The question once more; then thanks all the same."""
    opinion = turn.state.opinion = replace(opinion, tries=opinion.tries + 1)
    if opinion.tries < turn.plan.rating_tries:
        sounds.play(turn, [AGAIN], Next("await_rating"))
        return
    turn.note("rating_not_given", employee=opinion.employee, reason="wrong_key" if opinion.pressed else "no_key")
    _thank(turn, opinion, GOODBYE)


def _thank(turn: Turn, opinion: Opinion, said: str) -> None:
    turn.state.opinion = replace(opinion, done=True)
    sounds.play(turn, [said], Next("rated"))


def _close(turn: Turn) -> None:
    """Let the client go: nothing of the call is left."""
    state, event = turn.state, turn.event
    if not (isinstance(event, Gone) and event.channel == state.channel):
        turn.do(HangUp(state.channel))
    state.phase, state.opinion, state.timers, state.music = Phase.ENDED, None, {}, False
    state.playback = state.playing = ""
    state.rest, state.then = (), None
