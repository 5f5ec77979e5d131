"""The operator is reminded of a client on hold, again and again, and when the longest hold is reached; nothing is cut.

The clock runs as long as the hold, wherever the call is meanwhile (a colleague is asked, the page is reloaded).
"""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine.plan import Plan
from kindline.switchboard.machine.state import seconds
from kindline.switchboard.machine.turn import Turn

TIMER = "hold"
EARLY_S = 0.5
"""A clock that calls back this much too soon has called for the moment that follows."""


def passed(turn: Turn) -> None:
    """The client has been on hold for another while.

    Clause: court-3-11.
    """
    state, hold, most = turn.state, turn.state.hold, turn.plan.hold_max_s
    if hold is None:
        return
    held_s = seconds(hold.since, turn.now)
    state.hold = replace(hold, reminded_s=held_s)
    turn.note(
        "hold_reminded", employee=hold.employee, duration_s=held_s, total_s=round(state.hold_s + held_s, 3),
        over_limit=most is not None and held_s + EARLY_S >= most,
    )  # fmt: skip


def settle(turn: Turn) -> None:
    """After each event: the clock runs while a client is on hold, and at no other time."""
    state = turn.state
    if state.hold is None:
        if TIMER in state.timers:
            turn.cancel(TIMER)
    elif TIMER not in state.timers:
        held_s = seconds(state.hold.since, turn.now)
        next_s = _next_s(turn.plan, held_s)
        if next_s is not None:
            turn.set_timer(TIMER, next_s - held_s)


def _next_s(plan: Plan, held_s: float) -> float | None:
    """After how long a hold one is reminded next: another interval, or the longest hold; None: never."""
    every, most, by = plan.hold_remind_s, plan.hold_max_s, held_s + EARLY_S
    times = [every * (by // every + 1)] if every else []
    if most is not None and by < most:
        times.append(most)
    return min(times, default=None)
