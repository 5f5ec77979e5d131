"""Self-service in the menu: a question, the figures that the client presses, and the answer that is found for him."""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import ending, sounds
from kindline.switchboard.machine.commands import LookUp
from kindline.switchboard.machine.events import Digit, Fired, Found
from kindline.switchboard.machine.plan import Sound
from kindline.switchboard.machine.state import Inquiry, Next, Phase
from kindline.switchboard.machine.turn import INQUIRY, Turn

BACK, END = "*", "#"
NOT_FOUND, FAILED = "self.not_found", "self.failed"
FIGURES_MAX = 20


def begin(turn: Turn, service: str) -> None:
    """Ask for the number, where the service needs one, else look at once."""
    state = turn.state
    state.phase = Phase.ASKING
    state.inquiry = Inquiry(service, state.place.node if state.place else turn.plan.root)
    turn.note("self_service_asked", service=service)
    if service in turn.plan.numbered:
        _ask(turn)
    else:
        _look(turn, state.inquiry)


def listen(turn: Turn, _target: str = "") -> None:
    """The question is over: wait for figures."""
    turn.set_timer("figures", turn.plan.inquiry_key_s)


def digit(turn: Turn) -> None:
    """A figure; the hash ends the number, the star goes back to the menu, and so does any key into the answer."""
    event, asked = turn.event, turn.state.inquiry
    if not isinstance(event, Digit) or event.channel != turn.state.channel or asked is None:
        return
    if event.digit == BACK or (asked.looked and asked.sound is not None):
        sounds.stop(turn)
        leave(turn)
    elif not asked.looked:
        sounds.stop(turn)
        turn.cancel("figures")
        _figure(turn, asked, event.digit)


def fired(turn: Turn) -> None:
    """No further figure came, or no answer."""
    event, asked = turn.event, turn.state.inquiry
    if not isinstance(event, Fired) or asked is None:
        return
    if event.timer == "figures" and not asked.looked:
        _enough(turn, asked)
    elif event.timer == "lookup" and asked.sound is None:
        turn.note("self_service_told", service=asked.service, found=False, reason="failed")
        sounds.play(turn, [FAILED], Next("inquired"))


def found(turn: Turn) -> None:
    """The answer is there: say it, and go back to the menu; a number that nobody knows may be typed anew."""
    event, asked = turn.event, turn.state.inquiry
    if not isinstance(event, Found) or asked is None or not asked.looked or asked.sound is not None:
        return
    if "lookup" not in turn.state.timers:
        return  # it came too late: he has been told that there is no answer
    turn.cancel("lookup")
    reason = "" if event.media else "unknown"
    turn.note("self_service_told", service=asked.service, found=bool(event.media), reason=reason or None)
    if event.media:
        turn.state.inquiry = replace(asked, sound=Sound(event.media, event.duration_s))
        sounds.play(turn, [INQUIRY], Next("inquired"))
    else:
        turn.state.inquiry = replace(asked, figures="", looked=False)
        _again(turn, NOT_FOUND)


def leave(turn: Turn, _target: str = "") -> None:
    """Back to the menu."""
    asked, turn.state.inquiry = turn.state.inquiry, None
    turn.cancel("figures", "lookup")
    turn.follow(Next("menu", asked.node if asked else turn.plan.root))


def caller_gone(turn: Turn) -> None:
    """He hung up: who has heard an answer was served by the machine."""
    asked = turn.state.inquiry
    cause = ending.CAUSES.get(getattr(turn.event, "cause", 16), "normal")
    ending.end(turn, by="client", cause=cause, outcome="self_service" if asked and asked.sound else "")


def _ask(turn: Turn, *before: str) -> None:
    service = turn.state.inquiry.service if turn.state.inquiry else ""
    sounds.play(turn, [*before, f"self.{service}"], Next("await_figures"))


def _figure(turn: Turn, asked: Inquiry, pressed: str) -> None:
    if pressed == END:
        _enough(turn, asked)
    elif pressed.isascii() and pressed.isdecimal():
        turn.state.inquiry = replace(asked, figures=(asked.figures + pressed)[:FIGURES_MAX])
        turn.set_timer("figures", turn.plan.inquiry_key_s)
    else:
        turn.set_timer("figures", turn.plan.inquiry_key_s)


def _enough(turn: Turn, asked: Inquiry) -> None:
    """What was typed is looked for; where nothing was, it is asked again."""
    if asked.figures:
        _look(turn, asked)
    else:
        _again(turn)


def _again(turn: Turn, *before: str) -> None:
    asked = turn.state.inquiry
    if asked is None:
        return
    turn.state.inquiry = replace(asked, tries=asked.tries + 1)
    if asked.tries + 1 < turn.plan.inquiry_tries and asked.service in turn.plan.numbered:
        _ask(turn, *before)
    else:
        sounds.play(turn, list(before), Next("inquired"))


def _look(turn: Turn, asked: Inquiry) -> None:
    turn.state.inquiry = replace(asked, looked=True)
    turn.set_timer("lookup", turn.plan.inquiry_wait_s)
    turn.do(LookUp(asked.service, asked.figures))
