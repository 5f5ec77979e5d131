"""Who waits may be called instead: the offer, the number read back or typed, the place in the queue kept."""

from __future__ import annotations

from dataclasses import replace

from kindline.clients import phones
from kindline.switchboard.machine import ending, sounds
from kindline.switchboard.machine.commands import KeepPlace
from kindline.switchboard.machine.events import Digit, Fired
from kindline.switchboard.machine.plan import QueueRule
from kindline.switchboard.machine.state import Next, Phase, Waiting, Wish, seconds
from kindline.switchboard.machine.turn import Turn

NUMBER, CONFIRM, TYPE, WRONG, ACCEPTED, KNOWN = (
    f"callback.{name}" for name in ("number", "confirm", "type", "wrong", "accepted", "known")
)
YES, OTHER, BACK, END = "1", "2", "*", "#"
SOON_S = 4.0
"""The offer waits so long while another message is said, or an operator's phone rings."""
DIGITS_MAX = 15


def offer(turn: Turn) -> None:
    """Say that the client may be called instead of waiting, once he has waited for long enough; or that he will be."""
    state, rule = turn.state, _rule(turn)
    if state.waiting is None or rule is None or not rule.callback_after_s:
        return
    if state.playback or state.phase is not Phase.QUEUED:
        turn.set_timer("callback", SOON_S)
        return
    turn.set_timer("callback", rule.callback_after_s)
    wait_s = round(state.wait_s + seconds(state.waiting.since, turn.now), 3)
    event = turn.event
    if isinstance(event, Fired) and event.kept:
        turn.note("callback_known", queue=state.waiting.queue, wait_s=wait_s)
        sounds.play(turn, [KNOWN], Next("music"))
        return
    if isinstance(event, Fired) and not rule.can_promise(event.expected_wait_s):
        turn.note("callback_withheld", queue=state.waiting.queue, wait_s=wait_s, expected_wait_s=event.expected_wait_s)
        return
    turn.note("callback_offered", queue=state.waiting.queue, wait_s=wait_s)
    state.waiting = replace(state.waiting, offered=True)
    sounds.play(turn, [f"callback.offer.{rule.callback_key}"], Next("music"))


def key(turn: Turn) -> None:
    """A key while waiting: the one that was offered asks for a call, others mean nothing."""
    event, state, rule = turn.event, turn.state, _rule(turn)
    if not isinstance(event, Digit) or event.channel != state.channel or state.waiting is None or rule is None:
        return
    if state.waiting.offered and event.digit == rule.callback_key:
        begin(turn)


def begin(turn: Turn, *, forced: bool = False) -> None:
    """Ask to which number; with `forced` he cannot wait on, since the queue is too full for him."""
    state = turn.state
    sounds.stop(turn)
    turn.cancel("announce", "overflow", "place", "callback")
    state.phase = Phase.PROMISING
    number = phones.normalised(state.caller, turn.plan.country)
    state.wish = Wish(number if _callable(turn, number) else "", forced=forced)
    _ask(turn)


def listen(turn: Turn, _target: str = "") -> None:
    """The question is over: wait for a key."""
    turn.set_timer("wish", turn.plan.callback_key_s)


def digit(turn: Turn) -> None:
    """A key while the number is asked for."""
    event, wish = turn.event, turn.state.wish
    if not isinstance(event, Digit) or event.channel != turn.state.channel or wish is None or wish.done:
        return
    if wish.number:
        _answered(turn, event.digit)
    else:
        _typed(turn, wish, event.digit)


def silence(turn: Turn) -> None:
    """Nothing was pressed: what was typed counts as a number, else it is asked again."""
    wish = turn.state.wish
    if not isinstance(turn.event, Fired) or turn.event.timer != "wish" or wish is None or wish.done:
        return
    if wish.typed:
        _check(turn, wish)
    else:
        _again(turn, wish)


def caller_gone(turn: Turn) -> None:
    """He hung up: after the promise, or before it as anybody who gives up waiting."""
    if turn.state.wish is not None and turn.state.wish.done:
        ending.end(turn, by="client", outcome="callback")
    else:
        ending.caller_gone(turn)


# --- the number ---
def _ask(turn: Turn, *before: str) -> None:
    """Read the number back, or ask for one."""
    wish = turn.state.wish
    number = wish.number if wish else ""
    said = [NUMBER, *digits_of(phones.spoken(number, turn.plan.country)), CONFIRM] if number else [TYPE]
    sounds.play(turn, [*before, *said], Next("await_wish"))


def digits_of(number: str) -> list[str]:
    """The messages that read a number, figure by figure."""
    return [f"digit.{figure}" for figure in number if figure.isascii() and figure.isdecimal()]


def _answered(turn: Turn, pressed: str) -> None:
    """An answer to the number that was read back."""
    if pressed not in (YES, OTHER, BACK):
        return
    _quiet(turn)
    if pressed == YES:
        _accept(turn)
    elif pressed == OTHER:
        turn.state.wish = replace(turn.state.wish or Wish(), number="", typed="", tries=0)
        _ask(turn)
    else:
        _leave(turn, "stays")


def _typed(turn: Turn, wish: Wish, pressed: str) -> None:
    """A figure of another number; the hash ends it, the star clears it or, where nothing is typed, leaves."""
    _quiet(turn)
    if pressed == END:
        _check(turn, wish)
    elif pressed == BACK and not wish.typed:
        _leave(turn, "stays")
    elif pressed == BACK:
        turn.state.wish = replace(wish, typed="")
        _ask(turn)
    elif pressed.isascii() and pressed.isdecimal():
        turn.state.wish = replace(wish, typed=(wish.typed + pressed)[:DIGITS_MAX])
        listen(turn)
    else:
        listen(turn)


def _check(turn: Turn, wish: Wish) -> None:
    """Take what was typed as a number of the country, and read it back."""
    number = phones.normalised(wish.typed, turn.plan.country)
    if _callable(turn, number):
        turn.state.wish = replace(wish, number=number, typed="", tries=0)
        _ask(turn)
    else:
        _again(turn, replace(wish, typed=""), WRONG)


def _callable(turn: Turn, number: str) -> bool:
    """Whether the house may call it: no premium and no foreign number, whoever asks for it (X6)."""
    return number.startswith("+") and turn.plan.may_call(number)


def _again(turn: Turn, wish: Wish, *before: str) -> None:
    turn.state.wish = wish = replace(wish, tries=wish.tries + 1)
    if wish.tries < turn.plan.callback_tries:
        _ask(turn, *before)
    else:
        _leave(turn, "wrong_number" if before else "silence")


def _quiet(turn: Turn) -> None:
    sounds.stop(turn)
    turn.cancel("wish")


# --- the ways out ---
def _accept(turn: Turn) -> None:
    """The promise: his place is kept by the moment since which he waits, and the call ends with thanks.

    Clause: krc-5.4.1-23, krc-5.5.2-09.
    """
    state, waiting, wish = turn.state, turn.state.waiting, turn.state.wish
    if waiting is None or wish is None:
        return
    state.wish = replace(wish, done=True)
    state.wait_s += seconds(waiting.since, turn.now)
    wait_s = round(state.wait_s, 3)
    own = wish.number == phones.normalised(state.caller, turn.plan.country)
    turn.note("callback_asked", queue=waiting.queue, phone=wish.number, own_number=own, wait_s=wait_s)
    turn.queue_left("callback", wait_s)
    turn.do(KeepPlace(wish.number, waiting.queue, waiting.priority, waiting.since, turn.now))
    state.waiting = None
    sounds.play(turn, [ACCEPTED], Next("hangup", "callback"))


def _leave(turn: Turn, reason: str) -> None:
    """He does not want to be called: he waits on in his place, or leaves a message where he cannot."""
    state, waiting, wish = turn.state, turn.state.waiting, turn.state.wish
    if waiting is None or wish is None:
        return
    turn.note("callback_declined", queue=waiting.queue, reason=reason)
    state.wish = None
    if wish.forced:
        state.wait_s += seconds(waiting.since, turn.now)
        turn.queue_left("voicemail", state.wait_s)
        rule = turn.plan.queues.get(waiting.queue)
        turn.follow(Next("message", (rule.box if rule else "") or waiting.queue))
    else:
        _wait_on(turn, waiting)


def _wait_on(turn: Turn, waiting: Waiting) -> None:
    state, rule = turn.state, turn.plan.queues.get(waiting.queue)
    state.phase = Phase.QUEUED
    sounds.music(turn)
    if rule and rule.announce_every_s:
        turn.set_timer("announce", rule.announce_every_s)
    if rule and rule.overflow_after_s and rule.overflow_to:
        here_s = seconds(waiting.moved_at or waiting.since, turn.now)
        turn.set_timer("overflow", max(SOON_S, rule.overflow_after_s - here_s))
    if rule and rule.callback_after_s:
        turn.set_timer("callback", rule.callback_after_s)


def _rule(turn: Turn) -> QueueRule | None:
    waiting = turn.state.waiting
    return turn.plan.queues.get(waiting.queue) if waiting else None
