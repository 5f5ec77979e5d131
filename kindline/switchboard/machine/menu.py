"""Arrival, greeting and the voice menu (krc-5.6.6)."""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import ending, inquiry, queue, sounds
from kindline.switchboard.machine.commands import Answer, LookUp
from kindline.switchboard.machine.events import Arrived, Digit, Found
from kindline.switchboard.machine.plan import Emergency, Key, Level, Plan, Sound
from kindline.switchboard.machine.state import CallState, MenuPlace, Next, Phase
from kindline.switchboard.machine.turn import NEWS, Turn

EMERGENCY = "emergency"
"""Why a line is closed that an emergency message closes."""


def arrived(turn: Turn) -> None:
    """A client's call: answer it, and say what must be said first.

    Clause: krc-5.5.2-13 (the notice of recording), krc-5.6.6-13 and krc-5.6.6-18 (the greetings).
    """
    event, state, plan = turn.event, turn.state, turn.plan
    if not isinstance(event, Arrived):
        return
    state.line, state.caller, state.called, state.closed = event.line, event.caller, event.called, bool(event.closed)
    state.tree = plan.tree
    turn.note("call_arrived", line=event.line, caller=event.caller, called=event.called, switchboard=plan.switchboard)
    turn.do(Answer(state.channel))
    turn.note("call_answered_by_system")
    if event.instead_of:
        turn.note("hours_closed", line=event.instead_of, reason="off_hours", to=event.line)
    if event.emergency:
        turn.note("emergency_told", emergency=event.emergency, line=event.line, closes=event.closed == EMERGENCY)
    state.phase = Phase.PROMPTED
    (_closed if state.closed else _welcome)(turn, event)


def _closed(turn: Turn, event: Arrived) -> None:
    """Nobody serves the line now: why, and what can be done without an operator."""
    plan = turn.plan
    turn.note("hours_closed", line=event.line, reason=event.closed)
    told = [] if event.closed == EMERGENCY else [plan.closed_greeting]
    then = Next("menu", plan.closed_level) if plan.closed_level else Next("hangup", "off_hours")
    sounds.play(turn, [*told, *_urgent(event)], then)


def _welcome(turn: Turn, event: Arrived) -> None:
    plan = turn.plan
    if plan.tells_news and turn.state.caller:
        turn.do(LookUp(NEWS, {}))
    rule = plan.lines.get(event.line)
    to_menu = plan.root and (rule is None or rule.menu)
    then = Next("menu", plan.root) if to_menu else Next("queue", plan.queue_of(event.line))
    greeting = [plan.greeting] if to_menu else []
    sounds.play(turn, [plan.notice, *greeting, *_urgent(event)], then)


def _urgent(event: Arrived) -> list[str]:
    return [Emergency.key_of(event.emergency)] if event.emergency else []


def news(turn: Turn) -> None:
    """An incident covers the caller's place: he is told once the greeting is over; found too late, it is left out."""
    event, state = turn.event, turn.state
    if isinstance(event, Found) and event.service == NEWS and event.media and state.playback and state.news is None:
        state.news = Sound(event.media, event.duration_s)
        state.rest = (*state.rest, NEWS)


def enter(turn: Turn, node: str) -> None:
    """Come to a level of the menu and hear its message."""
    if _place(turn, node):
        _say(turn)


def _place(turn: Turn, node: str) -> bool:
    """Stand at a level; False when there is none, or when the caller has walked in circles for long enough."""
    state, level = turn.state, turn.plan.levels.get(node)
    state.turns += 1
    if level is None or state.turns > turn.plan.menu_turns_max:
        give_up(turn)
        return False
    path = state.place.path if state.place else ()
    if node in path:
        path = path[: path.index(node)]
    state.place = MenuPlace(node, (*path, node))
    state.phase = Phase.MENU
    turn.note("menu_entered", node=node, level=level.depth)
    return True


def _say(turn: Turn) -> None:
    level = _level(turn)
    sounds.play(turn, [level.sound] if level else [], Next("listen"))


def _level(turn: Turn) -> Level | None:
    return turn.plan.levels.get(turn.state.place.node) if turn.state.place else None


def listen(turn: Turn, _target: str = "") -> None:
    """The message is over: wait for a key."""
    level = _level(turn)
    turn.set_timer("menu", level.timeout_s if level else 5)


def digit_early(turn: Turn) -> None:
    """A key pressed into the greeting counts; the notice of recording is heard to its end."""
    state = turn.state
    then = state.then
    if state.playing == turn.plan.notice or then is None or then.step != "menu":
        return
    sounds.stop(turn)
    if _place(turn, then.target):
        digit(turn)


def digit(turn: Turn) -> None:
    """A key in the menu."""
    event, state, level = turn.event, turn.state, _level(turn)
    if not isinstance(event, Digit) or level is None or state.place is None or event.channel != state.channel:
        return
    sounds.stop(turn)
    turn.cancel("menu")
    key = level.keys.get(event.digit)
    turn.note("menu_digit", node=state.place.node, digit=event.digit, valid=key is not None)
    if key is None:
        _again(turn)
    else:
        turn.note("menu_choice", node=state.place.node, digit=event.digit, action=key.action, target=key.target)
        _choose(turn, key)


def no_input(turn: Turn) -> None:
    """No key was pressed in time."""
    state = turn.state
    if state.place is not None:
        turn.note("menu_no_input", node=state.place.node, tries=state.place.tries + 1)
        _again(turn)


def _again(turn: Turn) -> None:
    state, level = turn.state, _level(turn)
    if state.place is None or level is None:
        return
    state.place = replace(state.place, tries=state.place.tries + 1)
    state.turns += 1
    if state.place.tries >= level.tries or state.turns > turn.plan.menu_turns_max:
        give_up(turn)
    else:
        _say(turn)


def give_up(turn: Turn) -> None:
    """Who cannot use the menu goes to an operator; while nobody serves, he can leave a message.

    Clause: krc-5.6.6-09, krc-5.6.6-20.
    """
    if not turn.state.closed:
        queue.enter(turn, operator_of(turn.plan, turn.state), from_menu=True)
        return
    level = turn.plan.levels.get(turn.plan.closed_level)
    boxes = [key.target for key in level.keys.values() if key.action == "voicemail"] if level else []
    if boxes:
        turn.follow(Next("message", boxes[0]))
    else:
        ending.end(turn, by="system", outcome="off_hours")


def follow_give_up(turn: Turn, _target: str = "") -> None:
    """What the machine could not do for him, people do."""
    turn.state.inquiry = None
    turn.cancel("figures", "lookup")
    give_up(turn)


def operator_of(plan: Plan, state: CallState) -> str:
    """The queue behind the operator key of where the caller is, else that of his line."""
    level = plan.levels.get(state.place.node) if state.place else None
    for key in level.keys.values() if level else ():
        if key.action == "operator" and key.target in plan.queues:
            return key.target
    return plan.queue_of(state.line)


def _choose(turn: Turn, key: Key) -> None:
    state = turn.state
    path = state.place.path if state.place else ()
    if key.action == "goto":
        enter(turn, key.target)
    elif key.action in ("queue", "operator"):
        queue.enter(turn, key.target, from_menu=True)
    elif key.action == "voicemail":
        turn.follow(Next("message", key.target))
    elif key.action == "info":
        after = Next("queue", operator_of(turn.plan, state)) if key.on_end == "operator" else Next("menu", path[-1])
        sounds.play(turn, [key.sound], after)
    elif key.action == "self":
        inquiry.begin(turn, key.target)
    elif key.action == "hangup":
        ending.end(turn, by="system")
    else:
        enter(turn, path[-2] if key.action == "back" and len(path) > 1 else path[-1])
