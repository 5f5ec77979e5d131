"""Waiting for an operator, and being offered to one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from kindline.switchboard.machine import promise, sounds, tracks
from kindline.switchboard.machine.commands import Dial, HangUp, MakeBridge
from kindline.switchboard.machine.events import Decline, Fired, Gone, MediaLost, Offer, Ringing, Up
from kindline.switchboard.machine.state import Leg, Next, Phase, Waiting, seconds
from kindline.switchboard.machine.turn import Turn

HEAD = 1000
"""Added to the priority of a caller whose talk was cut: he comes before all who wait."""
WAIT_TIMERS = ("announce", "overflow", "place", "callback", "ring")
CALLBACK = "callback"
"""Where a full queue sends on to: he is called when it is his turn."""
PLACE_S = 0.3
"""So long after somebody enters a queue it is seen whether it is too full for him."""
POSITION_SPOKEN_MAX = 20
WAIT_SPOKEN_MAX_MIN = 20


def enter(turn: Turn, queue: str, *, from_menu: bool = False, since: dt.datetime | None = None) -> None:
    """Wait in a queue with music; who is sent on from another queue waits `since` he waited there."""
    rule = turn.plan.queues.get(queue)
    if rule is None:
        queue = turn.plan.queue_of(turn.state.line)
        rule = turn.plan.queues.get(queue)
    priority = rule.priority if rule else 0
    moved_at = turn.now if since else None
    _wait(turn, Waiting(queue, priority, since or turn.now, from_menu, moved_at=moved_at))


def follow(turn: Turn, queue: str) -> None:
    """The messages lead into a queue."""
    enter(turn, queue, from_menu=turn.state.place is not None)


def back_to_head(turn: Turn, *, back_to: int = 0, not_to: int = 0) -> None:
    """The talk was cut by no fault of the client's: he waits again, before all others.

    `back_to` is the operator who passed him on in vain, `not_to` who did not take him.
    """
    old = turn.state.waiting
    queue = old.queue if old else turn.plan.queue_of(turn.state.line)
    priority = (old.priority if old else 0) % HEAD + HEAD
    refused = {str(not_to): turn.now} if not_to else {}
    _wait(turn, Waiting(queue, priority, turn.now, refused=refused, back_to=back_to))


def _wait(turn: Turn, waiting: Waiting) -> None:
    state, rule = turn.state, turn.plan.queues.get(waiting.queue)
    state.waiting, state.phase, state.place = waiting, Phase.QUEUED, None
    state.bad_line_at, state.attempts = None, 0  # whoever takes him next has tried nothing yet
    turn.note("queue_entered", queue=waiting.queue, priority=waiting.priority, position=0, from_menu=waiting.from_menu)
    sounds.music(turn)
    turn.cancel(*WAIT_TIMERS, "menu")
    if rule and rule.announce_every_s:
        turn.set_timer("announce", turn.plan.announce_first_s)
    if rule and rule.overflow_after_s and rule.overflow_to:
        turn.set_timer("overflow", rule.overflow_after_s)
    if rule and rule.overflow_to and not waiting.moved_at and (rule.overflow_length or rule.overflow_expected_s):
        turn.set_timer("place", PLACE_S)
    if rule and rule.callback_after_s:
        turn.set_timer("callback", rule.callback_after_s)


def fired(turn: Turn) -> None:
    """A timer of waiting: say the place in the queue, or end the wait."""
    event = turn.event
    if not isinstance(event, Fired) or turn.state.waiting is None:
        return
    if event.timer == "announce":
        _announce(turn, event)
    elif event.timer == "overflow":
        _overflow(turn, turn.state.waiting)
    elif event.timer == "place":
        _see_place(turn, turn.state.waiting, event)
    elif event.timer == "callback":
        promise.offer(turn)


def _see_place(turn: Turn, waiting: Waiting, event: Fired) -> None:
    """Who came last where too many wait, or wait too long, goes on; those before him keep their places."""
    if _is_too_full(turn, waiting, event):
        _overflow(turn, waiting)


def _is_too_full(turn: Turn, waiting: Waiting, event: Fired) -> bool:
    """Whether he should go on from here: too many wait before him, or his wait is expected to be too long.

    Who comes before all others stays.
    """
    rule = turn.plan.queues.get(waiting.queue)
    if rule is None or not rule.overflow_to or waiting.moved_at or waiting.priority >= HEAD:
        return False
    return event.position > 0 and rule.is_full(event.position, event.expected_wait_s)


def _announce(turn: Turn, event: Fired) -> None:
    waiting = turn.state.waiting
    rule = turn.plan.queues.get(waiting.queue) if waiting else None
    if waiting is None or rule is None or not rule.announce_every_s:
        return
    if _is_too_full(turn, waiting, event):  # it was not when he came: the forecast has risen, or others go before him
        _overflow(turn, waiting)
        return
    turn.set_timer("announce", rule.announce_every_s)
    if event.position < 1 or turn.state.playback:
        return
    said = [f"position.{min(event.position, POSITION_SPOKEN_MAX)}"]
    if event.expected_wait_s is not None:
        minutes = max(1, -int(-event.expected_wait_s // 60))
        said.append(f"wait.{min(minutes, WAIT_SPOKEN_MAX_MIN)}")
        if waiting.told_at is None:
            turn.state.waiting = replace(waiting, told_at=turn.now, told_s=event.expected_wait_s)
    turn.note(
        "queue_position_said", queue=waiting.queue, position=event.position, expected_wait_s=event.expected_wait_s
    )
    sounds.play(turn, said, Next("music"))


def _overflow(turn: Turn, waiting: Waiting) -> None:
    rule = turn.plan.queues.get(waiting.queue)
    if rule is None:
        return
    sounds.stop(turn)  # what plays would go on beside what he hears now
    if rule.overflow_to == CALLBACK:
        promise.begin(turn, forced=True)
        return
    turn.cancel(*WAIT_TIMERS)
    waited_s = turn.state.wait_s + seconds(waiting.since, turn.now)
    to_message = rule.overflow_to not in turn.plan.queues
    turn.queue_left("voicemail" if to_message else "overflow", waited_s)
    if to_message:
        turn.state.wait_s = waited_s
        turn.follow(Next("message", rule.box or waiting.queue))
    else:
        enter(turn, rule.overflow_to, since=waiting.since)


# --- offering ---
def offer(turn: Turn) -> None:
    """An operator is kept for this call: let his phone ring."""
    event, state = turn.event, turn.state
    if not isinstance(event, Offer) or state.waiting is None:
        return
    limit_s = turn.plan.ring_limit_s(state.waiting.queue)
    state.operator = Leg(turn.name("leg"), event.employee, event.endpoint, turn.now)
    state.phase = Phase.OFFERING
    made = [] if state.bridge else [MakeBridge(turn.name("bridge"))]
    if made:
        state.bridge = made[0].bridge
    turn.note("call_offered", employee=event.employee, queue=state.waiting.queue)
    turn.together(*made, Dial(state.operator.channel, event.endpoint, "offer", limit_s + 5, state.caller))
    turn.set_timer("ring", limit_s)


def not_wanted(turn: Turn) -> None:
    """The call needs no operator any more: let him go."""
    if isinstance(turn.event, Offer):
        turn.operator_is(turn.event.employee, "ready")


def ringing(turn: Turn) -> None:
    """A phone says that it rings: rings are counted from now."""
    event, state = turn.event, turn.state
    if not isinstance(event, Ringing):
        return
    for place in ("operator", "third"):
        leg: Leg | None = getattr(state, place)
        if leg and leg.channel == event.channel and leg.rung_at is None:
            setattr(state, place, replace(leg, rung_at=turn.now))


def answered(turn: Turn) -> None:
    """The operator picked up: both hear each other at once; the rest comes after.

    Clause: krc-5.6.4-02, krc-5.6.4-03 (rings until the answer).
    """
    event, state = turn.event, turn.state
    if not isinstance(event, Up) or not state.operator or not state.waiting or event.channel != state.operator.channel:
        return
    leg = state.operator = replace(state.operator, up_at=turn.now)
    sounds.join(turn, leg.channel)
    turn.cancel(*WAIT_TIMERS)
    ring_s = leg.ring_s(turn.now)
    state.wait_s += seconds(state.waiting.since, turn.now)
    state.phase, state.talked, state.talk_since = Phase.TALKING, True, turn.now
    state.served_by = (*(one for one in state.served_by if one != leg.employee), leg.employee)
    turn.note(
        "call_answered", employee=leg.employee, rings=turn.plan.rings(ring_s), ring_s=ring_s,
        wait_s=round(state.wait_s, 3), queue=state.waiting.queue, reconstructed=event.estimated,
    )  # fmt: skip
    turn.queue_left("answered", state.wait_s)
    _compare(turn, state.waiting)
    turn.operator_is(leg.employee, "talking")
    tracks.talk(turn, leg)


def ring_fired(turn: Turn) -> None:
    """The ring limit, or a timer of waiting while a phone rings."""
    event, state = turn.event, turn.state
    if not isinstance(event, Fired):
        return
    if event.timer == "ring":
        _missed(turn, "timeout")
    elif event.timer == "announce":
        rule = turn.plan.queues.get(state.waiting.queue) if state.waiting else None
        turn.set_timer("announce", (rule.announce_every_s if rule else None) or turn.plan.announce_first_s)
    elif event.timer == "overflow" and state.waiting:
        state.waiting = replace(state.waiting, overdue=True)
    elif event.timer == "callback":
        promise.offer(turn)


def offered_gone(turn: Turn) -> None:
    """The phone that rang is gone: busy, declined, not answered, not there."""
    _missed(turn, why_missed(turn))


def why_missed(turn: Turn) -> str:
    """Why a phone that rang is gone, by the cause of the network."""
    cause = turn.event.cause if isinstance(turn.event, Gone) else 16
    if turn.event.estimated:
        return "lost"
    reasons = {16: "declined", 17: "declined", 21: "declined", 18: "timeout", 19: "timeout", 31: "declined"}
    return reasons.get(cause, "unreachable")


def declined(turn: Turn) -> None:
    """The operator does not take the call."""
    event = turn.event
    if isinstance(event, Decline) and turn.state.operator and event.employee == turn.state.operator.employee:
        _missed(turn, "declined")
    else:
        turn.refuse("not_your_call", "this call is not offered to you")


def ringing_lost(turn: Turn) -> None:
    """The page with the phone was closed while it rang."""
    event = turn.event
    if isinstance(event, MediaLost) and turn.state.operator and event.employee == turn.state.operator.employee:
        _missed(turn, "lost")


def _compare(turn: Turn, waiting: Waiting) -> None:
    """What the caller was told about his wait, beside what came true."""
    if waiting.told_at is None or waiting.told_s is None:
        return
    wait_s = round(seconds(waiting.told_at, turn.now), 3)
    turn.note(
        "wait_forecast_compared", queue=waiting.queue, expected_wait_s=waiting.told_s, wait_s=wait_s,
        error_s=round(waiting.told_s - wait_s, 3),
    )  # fmt: skip


AFTER_MISS = {
    "timeout": ("paused", "no_answer"),
    "declined": ("ready", "declined"),
    "unreachable": ("offline", ""),
    "lost": ("offline", ""),
}
"""What becomes of an operator who did not take a call, by the reason."""


def _missed(turn: Turn, reason: str) -> None:
    """The call was not taken: back to its place, to be offered to the next operator."""
    state, leg = turn.state, turn.state.operator
    if leg is None or state.waiting is None:
        return
    ring_s = leg.ring_s(turn.now)
    turn.note("offer_missed", employee=leg.employee, reason=reason, rings=turn.plan.rings(ring_s), ring_s=ring_s)
    if not (isinstance(turn.event, Gone) and turn.event.channel == leg.channel):
        turn.do(HangUp(leg.channel))
    state.operator = None
    state.phase = Phase.QUEUED
    turn.cancel("ring")
    if turn.event.estimated:
        turn.operator_is(leg.employee, "ready")  # it was our own fault, not his
    else:
        state.waiting = replace(state.waiting, refused={**state.waiting.refused, str(leg.employee): turn.now})
        turn.operator_is(leg.employee, *AFTER_MISS[reason])
    if state.waiting.overdue:
        _overflow(turn, replace(state.waiting, overdue=False))
