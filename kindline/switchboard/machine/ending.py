"""The end of a call: whoever ends it, wherever it is, once, and with nothing left behind."""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import supervising, tracks
from kindline.switchboard.machine.commands import DropBridge, HangUp, Leave
from kindline.switchboard.machine.events import Asked, Gone, HangUpAsked, NodeLost
from kindline.switchboard.machine.state import CallState, Leg, Next, Phase, seconds
from kindline.switchboard.machine.turn import Turn

CAUSES = {1: "unallocated", 16: "normal", 17: "busy", 18: "no_response", 19: "no_answer", 20: "absent", 21: "rejected"}
HEARD = {"unallocated": 1, "busy": 17, "no_response": 18, "no_answer": 19, "absent": 20, "rejected": 21}
HEARD |= {"out_of_order": 27, "congestion": 34, "network": 38}
"""What a telephone that has dialled itself is told, so that it sounds as its owner knows it."""
CAUSES |= {27: "out_of_order", 31: "normal", 34: "congestion", 38: "network", 42: "congestion", 52: "barred"}
CAUSES |= {127: "interworking"}


def end(turn: Turn, *, by: str, cause: str = "normal", outcome: str = "", stays: bool = False) -> None:
    """End the call: free the colleagues, drop what was built, say what it came to; the client alone may stay."""
    state = turn.state
    if state.over:
        return
    outcome = outcome or _outcome(state)
    gone = turn.event.channel if isinstance(turn.event, Gone) else ""
    if state.channel != gone and not stays:
        turn.do(HangUp(state.channel, HEARD.get(cause, 16) if state.inside and not state.talked else 16))
    _close_waiting(turn, outcome)
    close_hold(turn, "hangup")
    close_conference(turn, "hangup")
    if state.transfer:
        turn.note("transfer_cancelled", target=state.transfer.target, reason=f"{by}_hung_up")
    supervising.close(turn, "talk_over")
    _stop_recording(turn, stays=stays)
    for leg, talked in (
        (state.operator, state.talked),
        (state.third, bool(state.transfer and state.transfer.accepted)),
    ):
        if leg is not None:
            release(turn, leg, gone=gone, talked=talked, cause=cause)
    if state.inside is not None:
        turn.operator_is(state.inside.dialler, "ready")
    if state.bridge:
        turn.do(DropBridge(state.bridge))
    _count_talk(turn)
    close_announcement(turn, outcome)
    turn.note(
        "internal_ended" if state.inside else "call_ended", by=by, cause=cause, outcome=outcome,
        wait_s=round(state.wait_s, 3), talk_s=round(state.talk_s, 3), hold_s=round(state.hold_s, 3),
        estimated=turn.event.estimated,
    )  # fmt: skip
    _forget(state)


def _stop_recording(turn: Turn, *, stays: bool) -> None:
    if stays:
        tracks.stop(turn)
        if turn.state.joined:
            turn.do(Leave(turn.state.bridge, turn.state.channel))
    else:
        tracks.end(turn)


def let_go(turn: Turn) -> None:
    """The operator has said goodbye: the client may be asked how he was served, else the call ends."""
    turn.follow(Next("rate"))


def _outcome(state: CallState) -> str:
    if state.talked:
        return "answered"
    if state.by_operator:
        return "no_answer"
    if state.waiting is not None or state.wait_s:
        return "abandoned"
    return "off_hours" if state.closed else "menu"


def close_announcement(turn: Turn, outcome: str) -> None:
    """Say once what a message that the machine told came to."""
    told = turn.state.announcement
    if told is not None and not told.outcome:
        turn.state.announcement = replace(told, outcome=outcome)
        turn.note("announcement_ended", about=told.about, outcome=outcome, times=told.times)


def _close_waiting(turn: Turn, outcome: str) -> None:
    state = turn.state
    if state.waiting is not None and state.phase in (Phase.QUEUED, Phase.OFFERING, Phase.PROMISING):
        state.wait_s += seconds(state.waiting.since, turn.now)
        said = outcome if outcome in ("voicemail", "node_lost") else "abandoned"
        turn.queue_left(said, state.wait_s)


def _count_talk(turn: Turn) -> None:
    state = turn.state
    if state.talk_since is not None:
        state.talk_s += seconds(state.talk_since, turn.now)
        state.talk_since = None


def _forget(state: CallState) -> None:
    state.phase = Phase.ENDED
    state.operator = state.third = state.transfer = state.waiting = state.place = state.then = None
    state.wish = state.inquiry = state.news = None
    state.bridge = state.playback = state.playing = ""
    state.rest, state.timers, state.music, state.joined = (), {}, False, False


def release(turn: Turn, leg: Leg, *, gone: str = "", talked: bool, cause: str = "normal") -> None:
    """Let a colleague go: to his wrap-up after a talk with the client, else back to where he was."""
    talked = talked and leg.wraps_up
    if leg.channel and leg.channel != gone:
        turn.do(HangUp(leg.channel, HEARD.get(cause, 16) if leg.dials else 16))
    if talked:
        turn.note("wrap_up_started", employee=leg.employee)
    turn.operator_is(leg.employee, "wrap_up" if talked else "ready")


def close_hold(turn: Turn, outcome: str) -> None:
    """End a hold, if there is one, and count it."""
    state = turn.state
    if state.hold is None:
        return
    duration_s = seconds(state.hold.since, turn.now)
    state.hold_s += duration_s
    state.hold = None
    turn.note("hold_ended", duration_s=duration_s, total_s=round(state.hold_s, 3), outcome=outcome)


def close_conference(turn: Turn, outcome: str) -> None:
    """End a conference, if there is one: say who had it and how long it was."""
    state, leg, transfer = turn.state, turn.state.operator, turn.state.transfer
    if state.conference_since is None or leg is None or transfer is None:
        return
    duration_s = seconds(state.conference_since, turn.now)
    state.conference_since = None
    turn.note(
        "conference_ended", employee=leg.employee, target=transfer.target, target_employee=transfer.target_employee,
        duration_s=duration_s, outcome=outcome,
    )  # fmt: skip


def caller_gone(turn: Turn) -> None:
    """The client hung up, or his network did."""
    cause = turn.event.cause if isinstance(turn.event, Gone) else 16
    end(turn, by="operator" if turn.state.inside else "client", cause=CAUSES.get(cause, str(cause)))


def node_lost(turn: Turn) -> None:
    """The engine died: the call is over, and nobody could say goodbye."""
    node = turn.event.node if isinstance(turn.event, NodeLost) else ""
    turn.note("node_lost", node=node)
    end(turn, by="node", cause="node_lost", outcome="answered" if turn.state.talked else "node_lost")


def hang_up_asked(turn: Turn) -> None:
    """The operator ends the call."""
    event, state = turn.event, turn.state
    if not isinstance(event, HangUpAsked):
        return
    if state.operator is None or not is_in_call(state, event):
        turn.refuse("not_your_call", "only the operator of this call can end it")
    else:
        let_go(turn)


def follow_hang_up(turn: Turn, outcome: str) -> None:
    """The menu leads to the end of the call."""
    end(turn, by="system", outcome=outcome)


def is_in_call(state: CallState, event: Asked) -> bool:
    """Whether who asks is the operator of the call."""
    return state.operator is not None and state.operator.employee == event.employee
