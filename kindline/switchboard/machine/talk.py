"""The talk: hold, microphone, keys, bad line, ending on a ground."""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import ending, sounds
from kindline.switchboard.machine.commands import MuteLeg, PressDigits, UnmuteLeg
from kindline.switchboard.machine.events import Asked, Attempt, EndBadLine, Fired, HoldCaller, SendDigits, Terminate
from kindline.switchboard.machine.state import Hold, Leg, Phase, seconds
from kindline.switchboard.machine.turn import Turn

BAD_LINE = "bad_line"
"""The ground on which a talk is ended because the client cannot be heard."""


def own(turn: Turn) -> Leg | None:
    """The leg of the operator who asks; refused when it is not his call."""
    event, leg = turn.event, turn.state.operator
    if isinstance(event, Asked) and leg is not None and leg.employee == event.employee:
        return leg
    turn.refuse("not_your_call", "only the operator of this call can do that")
    return None


def hold(turn: Turn) -> None:
    """Let the client wait with music; where the standard asks for his consent, only with it.

    Clause: court-3-06, voe-6-16.
    """
    event, state, leg = turn.event, turn.state, own(turn)
    if leg is None or not isinstance(event, HoldCaller):
        return
    if turn.plan.hold_needs_consent and not event.consent:
        turn.note("action_refused", action="hold", reason="no_consent")
        turn.refuse("consent_needed", "the client has not agreed to wait on the line")
        return
    sounds.part(turn)
    state.hold, state.holds = Hold(turn.now, leg.employee), state.holds + 1
    state.phase = Phase.HELD
    turn.note(
        "hold_started", employee=leg.employee, announced=event.announced, consent=event.consent, reason=event.reason
    )
    turn.operator_is(leg.employee, "hold")


def resume(turn: Turn) -> None:
    """Back to the client."""
    leg = own(turn)
    if leg is not None:
        sounds.join(turn, leg.channel)
        ending.close_hold(turn, "resumed")
        turn.state.phase = Phase.TALKING
        turn.operator_is(leg.employee, "talking")


def mute(turn: Turn) -> None:
    """Nobody hears who asks for it (yumek-9.4-42)."""
    place, leg = _speaking(turn)
    if leg is not None and leg.muted_at is None:
        setattr(turn.state, place, replace(leg, muted_at=turn.now))
        turn.do(MuteLeg(leg.channel))
        turn.note("microphone_muted", employee=leg.employee)


def unmute(turn: Turn) -> None:
    """He is heard again."""
    place, leg = _speaking(turn)
    if leg is not None and leg.muted_at is not None:
        setattr(turn.state, place, replace(leg, muted_at=None))
        turn.do(UnmuteLeg(leg.channel))
        duration_s = seconds(leg.muted_at, turn.now)
        turn.note("microphone_unmuted", employee=leg.employee, duration_s=duration_s)


def _speaking(turn: Turn) -> tuple[str, Leg | None]:
    """The place and the leg of who asks: the operator, or a colleague who is on the line with him."""
    event, third = turn.event, turn.state.third
    if isinstance(event, Asked) and third is not None and third.up and third.employee == event.employee:
        return "third", third
    return "operator", own(turn)


def digits(turn: Turn) -> None:
    """Press keys towards the client."""
    event, leg = turn.event, own(turn)
    if leg is None or not isinstance(event, SendDigits):
        return
    kept = "".join(digit for digit in event.digits if digit in "0123456789*#ABCD")[:32]
    if not kept:
        turn.refuse("no_digits", "only 0-9, *, # and A-D can be sent")
        return
    turn.do(PressDigits(turn.state.channel, kept))
    turn.note("dtmf_sent", employee=leg.employee, digits=kept)


def attempt(turn: Turn) -> None:
    """The client cannot be heard: try again to establish contact.

    Clause: court-3-01, krc-5.6.3-10.
    """
    event, state, leg = turn.event, turn.state, own(turn)
    if leg is None or not isinstance(event, Attempt):
        return
    if state.bad_line_at is None:
        state.bad_line_at = turn.now
        turn.note("bad_line_flagged", employee=leg.employee)
    state.attempts += 1
    elapsed_s = seconds(state.bad_line_at, turn.now)
    turn.note("contact_attempted", employee=leg.employee, attempt=state.attempts, elapsed_s=elapsed_s)


def heard_again(turn: Turn) -> None:
    """The line is good again: what is bad later is tried anew, as long as the standard asks for (court-3-01)."""
    state, leg = turn.state, own(turn)
    if leg is not None and state.bad_line_at is not None:
        turn.note("bad_line_over", employee=leg.employee, duration_s=seconds(state.bad_line_at, turn.now))
        state.bad_line_at, state.attempts = None, 0


def end_bad_line(turn: Turn) -> None:
    """End a call in which the client cannot be heard, where the standard grants it and after the time it asks for.

    Clause: court-3-01, court-3-02.
    """
    leg = own(turn)
    if leg is not None and isinstance(turn.event, EndBadLine):
        _end_bad_line(turn, leg)


def _end_bad_line(turn: Turn, leg: Leg) -> None:
    state, plan = turn.state, turn.plan
    if state.phase is Phase.HELD:  # who waits with music is not tried to be heard
        _refused(turn, "end_bad_line", "not_now", "go back to the client first, and try to establish contact")
        return
    tried_s = seconds(state.bad_line_at, turn.now) if state.bad_line_at else None
    if not plan.bad_line_may_end:
        _refused(
            turn, "end_bad_line", "not_granted", "this standard does not let an operator end a call for a bad line"
        )
    elif tried_s is None or tried_s < (plan.bad_line_retry_s or 0):
        needed = plan.bad_line_retry_s or 0
        _refused(turn, "end_bad_line", "too_early", f"keep trying to establish contact for {needed:g} s first")
    else:
        turn.note("call_terminated", employee=leg.employee, ground=BAD_LINE, after_s=tried_s)
        ending.end(turn, by="operator", cause=BAD_LINE)


def terminate(turn: Turn) -> None:
    """End the call on a ground that the standard grants; without one it is refused.

    Clause: court-2-15.
    """
    event, state, leg = turn.event, turn.state, own(turn)
    if leg is None or not isinstance(event, Terminate):
        return
    if event.ground not in turn.plan.grounds:
        _refused(turn, "terminate", "not_granted", "this standard does not let an operator end a call on that ground")
        return
    if event.ground == BAD_LINE:
        _end_bad_line(turn, leg)
        return
    after_s = seconds(state.talk_since, turn.now)
    turn.note("call_terminated", employee=leg.employee, ground=event.ground, after_s=after_s)
    ending.end(turn, by="operator", cause=event.ground)


def _refused(turn: Turn, action: str, code: str, message: str) -> None:
    turn.note("action_refused", action=action, reason=code)
    turn.refuse(code, message)


def not_now(turn: Turn) -> None:
    """What is asked for does not fit where the call is."""
    turn.refuse("not_now", f"the call is {turn.state.phase.value}: that cannot be done now")


def timer_passed(turn: Turn) -> None:
    """A timer that means nothing any more."""
    assert isinstance(turn.event, Fired)  # noqa: S101
