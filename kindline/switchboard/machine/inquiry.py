"""Self-service in the menu: questions, the figures that the client presses, and what is found for him.

Which questions a service asks is data (`Plan.services`); what an answer comes to is looked at outside, round by round.
"""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import ending, sounds
from kindline.switchboard.machine.commands import LookUp
from kindline.switchboard.machine.events import Digit, Fired, Found
from kindline.switchboard.machine.plan import Dialogue, Question, Sound
from kindline.switchboard.machine.promise import digits_of
from kindline.switchboard.machine.state import Inquiry, Next, Phase
from kindline.switchboard.machine.turn import INQUIRY, Turn

BACK, END, YES, ANEW = "*", "#", "1", "2"
NOT_FOUND, FAILED, READ_BACK, CONFIRM, TO_OPERATOR, TOO_OFTEN = (
    f"self.{name}" for name in ("not_found", "failed", "read_back", "confirm", "to_operator", "too_often")
)
FIGURES_MAX = 20


def begin(turn: Turn, service: str) -> None:
    """Ask the first question, where the service begins with one; else look at once."""
    state = turn.state
    state.phase = Phase.ASKING
    state.inquiry = Inquiry(service, state.place.node if state.place else turn.plan.root)
    turn.note("self_service_asked", service=service)
    dialogue = _dialogue(turn)
    if not dialogue.questions:
        _look(turn, state.inquiry)
    elif state.misses >= turn.plan.inquiry_tries:
        _no_more(turn, TOO_OFTEN)
    elif dialogue.looks_first:
        _look(turn, state.inquiry)
    else:
        state.inquiry = replace(state.inquiry, question=dialogue.questions[0].id)
        _ask(turn)


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
        (_confirmed if asked.confirming else _figure)(turn, asked, event.digit)


def fired(turn: Turn) -> None:
    """No further figure came, or no answer."""
    event, asked = turn.event, turn.state.inquiry
    if not isinstance(event, Fired) or asked is None:
        return
    if event.timer == "figures" and not asked.looked:
        _silent(turn, asked)
    elif event.timer == "lookup" and asked.looked and asked.sound is None:
        turn.note("self_service_told", service=asked.service, found=False, reason="failed")
        sounds.play(turn, [FAILED], Next("inquired"))


def found(turn: Turn) -> None:
    """A round is over: the next question, the answer and back to the menu, or what was typed is not so."""
    event, asked = turn.event, turn.state.inquiry
    if not isinstance(event, Found) or asked is None or not asked.looked or asked.sound is not None:
        return
    if "lookup" not in turn.state.timers or (event.service and event.round != turn.state.rounds):
        return  # it came too late: he has been told that there is no answer, or asks something else
    turn.cancel("lookup")
    sound = Sound(event.media, event.duration_s) if event.media else None
    if event.stop or event.wrong or not (event.media or event.ask):
        _wrong(turn, asked, event, sound)
    elif event.ask:
        _next(turn, asked, event, sound)
    else:
        turn.note("self_service_told", service=asked.service, found=True)
        turn.state.inquiry = replace(asked, sound=sound, answered=True)
        sounds.play(turn, [INQUIRY], Next("inquired"))


def look_again(turn: Turn) -> None:
    """Whoever looked is dead; the same round again does nothing twice."""
    asked = turn.state.inquiry
    if asked is not None and asked.looked and "lookup" in turn.state.timers:
        turn.set_timer("lookup", turn.plan.inquiry_wait_s)
        turn.do(LookUp(asked.service, asked.answers, asked.question, turn.state.rounds))


def leave(turn: Turn, _target: str = "") -> None:
    """Back to the menu."""
    asked, turn.state.inquiry = turn.state.inquiry, None
    turn.cancel("figures", "lookup")
    turn.follow(Next("menu", asked.node if asked else turn.plan.root))


def caller_gone(turn: Turn) -> None:
    """He hung up: who has heard an answer was served by the machine."""
    asked = turn.state.inquiry
    cause = ending.CAUSES.get(getattr(turn.event, "cause", 16), "normal")
    ending.end(turn, by="client", cause=cause, outcome="self_service" if asked and asked.answered else "")


# --- what came of a round ---
def _next(turn: Turn, asked: Inquiry, event: Found, sound: Sound | None) -> None:
    """What he typed is right so far; what is done already is told before the question."""
    if event.done:
        turn.note("self_service_told", service=asked.service, found=True)
    _anew(turn, replace(asked, answered=asked.answered or event.done, tries=0), event, sound)
    _ask(turn, *([INQUIRY] if sound else []))


def _wrong(turn: Turn, asked: Inquiry, event: Found, sound: Sound | None) -> None:
    turn.state.misses += not event.stop
    turn.note("self_service_told", service=asked.service, found=False, reason=event.stop or "unknown")
    _anew(turn, asked, event, sound)
    said = INQUIRY if sound else TOO_OFTEN if event.stop else NOT_FOUND
    if event.stop or turn.state.misses >= turn.plan.inquiry_tries or not (event.ask or asked.question):
        _no_more(turn, said)
    else:
        _ask(turn, said)


def _anew(turn: Turn, asked: Inquiry, event: Found, sound: Sound | None) -> None:
    turn.state.inquiry = replace(
        asked, question=event.ask or asked.question, answers=dict(event.answers), figures="", confirming=False,
        looked=False, sound=sound,
    )  # fmt: skip


def _no_more(turn: Turn, *said: str) -> None:
    """No further try: an operator goes on with it; while nobody serves, the menu offers what there is."""
    state = turn.state
    if state.inquiry is not None:  # no further figure counts
        state.inquiry = replace(state.inquiry, looked=True, sound=state.inquiry.sound or Sound("", 0.0))
    if state.closed:
        sounds.play(turn, list(said), Next("inquired"))
    else:
        sounds.play(turn, [*said, TO_OPERATOR], Next("give_up"))


# --- figures ---
def _dialogue(turn: Turn) -> Dialogue:
    service = turn.state.inquiry.service if turn.state.inquiry else ""
    return turn.plan.services.get(service, Dialogue())


def _question(turn: Turn, asked: Inquiry) -> Question:
    return _dialogue(turn).question(asked.question)


def _ask(turn: Turn, *before: str) -> None:
    name = turn.state.inquiry.question if turn.state.inquiry else ""
    sounds.play(turn, [*before, f"self.{name}"], Next("await_figures"))


def _figure(turn: Turn, asked: Inquiry, pressed: str) -> None:
    question = _question(turn, asked)
    if pressed == END:
        _enough(turn, asked)
    elif pressed.isascii() and pressed.isdecimal():
        asked = replace(asked, figures=(asked.figures + pressed)[: min(question.figures_max, FIGURES_MAX)])
        turn.state.inquiry = asked
        if question.figures_max == 1:
            _enough(turn, asked)
        else:
            listen(turn)
    else:
        listen(turn)


def _enough(turn: Turn, asked: Inquiry) -> None:
    """What was typed is read back or looked at; where nothing was, it is asked again."""
    if not asked.figures:
        _again(turn)
    elif _question(turn, asked).read_back:
        turn.state.inquiry = replace(asked, confirming=True)
        _read_back(turn)
    else:
        _look(turn, replace(asked, answers={**asked.answers, asked.question: asked.figures}))


def _read_back(turn: Turn) -> None:
    figures = turn.state.inquiry.figures if turn.state.inquiry else ""
    sounds.play(turn, [READ_BACK, *digits_of(figures), CONFIRM], Next("await_figures"))


def _confirmed(turn: Turn, asked: Inquiry, pressed: str) -> None:
    """An answer to what was read back; another key changes nothing, and it is read once more."""
    if pressed == YES:
        _look(turn, replace(asked, answers={**asked.answers, asked.question: asked.figures}))
    elif pressed == ANEW:
        turn.state.inquiry = replace(asked, figures="", confirming=False, sound=None)
        _ask(turn)
    else:
        _again(turn)


def _silent(turn: Turn, asked: Inquiry) -> None:
    if asked.confirming:
        _again(turn)
    else:
        _enough(turn, asked)


def _again(turn: Turn) -> None:
    """Nothing that counts was pressed: the same once more, then back to the menu."""
    asked = turn.state.inquiry
    if asked is None:
        return
    turn.state.inquiry = replace(asked, tries=asked.tries + 1)
    if asked.tries + 1 >= turn.plan.inquiry_tries:
        leave(turn)
    elif asked.confirming:
        _read_back(turn)
    else:
        _ask(turn, *([INQUIRY] if asked.sound else []))


def _look(turn: Turn, asked: Inquiry) -> None:
    turn.state.rounds += 1
    turn.state.inquiry = replace(asked, looked=True, confirming=False, sound=None)
    turn.set_timer("lookup", turn.plan.inquiry_wait_s)
    turn.do(LookUp(asked.service, asked.answers, asked.question, turn.state.rounds))
