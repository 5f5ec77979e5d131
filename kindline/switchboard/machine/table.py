"""Which event does what in which phase of a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kindline.switchboard.machine import (
    announcement,
    answering,
    commands,
    conference,
    ending,
    events,
    forwarding,
    inquiry,
    internal,
    lost,
    menu,
    message,
    outgoing,
    promise,
    queue,
    rating,
    reminding,
    secrecy,
    silence,
    sounds,
    supervising,
    swapping,
    taking_over,
    talk,
    third,
    tracks,
    transfer,
)
from kindline.switchboard.machine.plan import Plan
from kindline.switchboard.machine.state import CallState, Phase
from kindline.switchboard.machine.turn import Follow, Turn

Act = Callable[[Turn], None]
P, E = Phase, events

FOLLOWS: Mapping[str, Follow] = {
    "menu": menu.enter,
    "listen": menu.listen,
    "queue": queue.follow,
    "music": sounds.music,
    "message": message.ask,
    "record": message.record,
    "hangup": ending.follow_hang_up,
    "talk": outgoing.talk,
    "announce": announcement.say,
    "await_key": announcement.await_key,
    "await_wish": promise.listen,
    "await_figures": inquiry.listen,
    "inquired": inquiry.leave,
    "give_up": menu.follow_give_up,
    "rate": rating.begin,
    "await_rating": rating.listen,
    "rated": rating.let_go,
}
"""What can come after a message."""

TABLE: Mapping[tuple[Phase, type[events.Event]], Act] = {
    (P.ARRIVING, E.Arrived): menu.arrived,
    (P.ARRIVING, E.DialOut): outgoing.begin,
    (P.ARRIVING, E.Dialled): outgoing.dialled,
    (P.ARRIVING, E.DialledInside): internal.begin,
    (P.CALLING_COLLEAGUE, E.ColleagueFound): internal.found,
    (P.CALLING_COLLEAGUE, E.Ringing): internal.rings,
    (P.CALLING_COLLEAGUE, E.Up): internal.answered,
    (P.CALLING_COLLEAGUE, E.Fired): internal.fired,
    (P.CALLING_COLLEAGUE, E.Decline): internal.declined,
    (P.CALLING_COLLEAGUE, E.TakenOver): internal.look_again,
    (P.PROMPTED, E.Digit): menu.digit_early,
    (P.MENU, E.Digit): menu.digit,
    (P.MENU, E.Fired): menu.no_input,
    (P.ASKING, E.Digit): inquiry.digit,
    (P.ASKING, E.Fired): inquiry.fired,
    (P.ASKING, E.Found): inquiry.found,
    (P.ASKING, E.TakenOver): inquiry.look_again,
    (P.PROMPTED, E.Found): menu.news,
    (P.MESSAGE, E.Recorded): message.recorded,
    (P.MESSAGE, E.Fired): message.timed_out,
    (P.QUEUED, E.Offer): queue.offer,
    (P.QUEUED, E.Fired): queue.fired,
    (P.QUEUED, E.Digit): promise.key,
    (P.PROMISING, E.Digit): promise.digit,
    (P.PROMISING, E.Fired): promise.silence,
    (P.OFFERING, E.Ringing): queue.ringing,
    (P.OFFERING, E.Up): queue.answered,
    (P.OFFERING, E.Fired): queue.ring_fired,
    (P.OFFERING, E.Decline): queue.declined,
    (P.OFFERING, E.MediaLost): queue.ringing_lost,
    (P.TALKING, E.HoldCaller): talk.hold,
    (P.TALKING, E.Mute): talk.mute,
    (P.TALKING, E.Unmute): talk.unmute,
    (P.TALKING, E.SendDigits): talk.digits,
    (P.TALKING, E.PauseRecording): secrecy.pause,
    (P.TALKING, E.Attempt): talk.attempt,
    (P.TALKING, E.EndBadLine): talk.end_bad_line,
    (P.TALKING, E.Terminate): talk.terminate,
    (P.TALKING, E.TransferAsked): transfer.asked,
    (P.TALKING, E.HangUpAsked): ending.hang_up_asked,
    (P.TALKING, E.MediaLost): lost.lost_named,
    (P.HELD, E.Resume): talk.resume,
    (P.HELD, E.Mute): talk.mute,
    (P.HELD, E.Unmute): talk.unmute,
    (P.HELD, E.Terminate): talk.terminate,
    (P.HELD, E.TransferAsked): transfer.asked,
    (P.HELD, E.HangUpAsked): ending.hang_up_asked,
    (P.HELD, E.MediaLost): lost.lost_named,
    (P.LOST, E.PhoneBack): lost.phone_back,
    (P.LOST, E.Up): lost.reattached,
    (P.LOST, E.Fired): lost.fired,
    (P.LOST, E.HangUpAsked): ending.hang_up_asked,
    (P.CONSULTING, E.Ringing): third.rings,
    (P.CONSULTING, E.Up): transfer.answered,
    (P.CONSULTING, E.Fired): transfer.fired,
    (P.CONSULTING, E.ColleagueFound): transfer.found,
    (P.CONSULTING, E.TakenOver): third.look_again,
    (P.CONSULTING, E.Introduce): transfer.introduced,
    (P.CONSULTING, E.Accept): transfer.accepted,
    (P.CONSULTING, E.RefuseTransfer): transfer.refused,
    (P.CONSULTING, E.Conference): conference.started,
    (P.CONSULTING, E.Complete): transfer.completed,
    (P.CONSULTING, E.CancelTransfer): transfer.cancelled,
    (P.CONSULTING, E.HangUpAsked): transfer.leave_to_colleague,
    (P.CONSULTING, E.MediaLost): lost.lost_named,
    (P.CONSULTING, E.Mute): talk.mute,
    (P.CONSULTING, E.Unmute): talk.unmute,
    (P.CONSULTING, E.BackToClient): swapping.to_client,
    (P.CONSULTING, E.PauseRecording): secrecy.pause,
    (P.TELLING, E.BackToColleague): swapping.to_colleague,
    (P.TELLING, E.Introduce): transfer.introduced,
    (P.TELLING, E.Accept): transfer.accepted,
    (P.TELLING, E.RefuseTransfer): transfer.refused,
    (P.TELLING, E.Conference): conference.started,
    (P.TELLING, E.Complete): transfer.completed,
    (P.TELLING, E.CancelTransfer): transfer.cancelled,
    (P.TELLING, E.HangUpAsked): transfer.leave_to_colleague,
    (P.TELLING, E.MediaLost): lost.lost_named,
    (P.TELLING, E.Mute): talk.mute,
    (P.TELLING, E.Unmute): talk.unmute,
    (P.TELLING, E.SendDigits): talk.digits,
    (P.TELLING, E.PauseRecording): secrecy.pause,
    (P.TELLING, E.Attempt): talk.attempt,
    (P.TELLING, E.EndBadLine): talk.end_bad_line,
    (P.TELLING, E.Terminate): talk.terminate,
    (P.FORWARDING, E.Ringing): third.rings,
    (P.FORWARDING, E.Up): forwarding.answered,
    (P.FORWARDING, E.Fired): forwarding.fired,
    (P.FORWARDING, E.ColleagueFound): forwarding.found,
    (P.FORWARDING, E.TakenOver): third.look_again,
    (P.FORWARDING, E.RefuseTransfer): forwarding.refused,
    (P.FORWARDING, E.Decline): forwarding.refused,
    (P.FORWARDING, E.MediaLost): forwarding.lost_named,
    (P.CONFERENCE, E.Introduce): transfer.introduced,
    (P.CONFERENCE, E.Accept): transfer.accepted,
    (P.CONFERENCE, E.RefuseTransfer): transfer.refused,
    (P.CONFERENCE, E.Complete): transfer.completed,
    (P.CONFERENCE, E.CancelTransfer): transfer.cancelled,
    (P.CONFERENCE, E.HangUpAsked): conference.hang_up_asked,
    (P.CONFERENCE, E.MediaLost): conference.lost_named,
    (P.CONFERENCE, E.Mute): talk.mute,
    (P.CONFERENCE, E.Unmute): talk.unmute,
    (P.CONFERENCE, E.SendDigits): talk.digits,
    (P.CONFERENCE, E.PauseRecording): secrecy.pause,
    (P.CONFERENCE, E.Attempt): talk.attempt,
    (P.CONFERENCE, E.EndBadLine): talk.end_bad_line,
    (P.CONFERENCE, E.Terminate): talk.terminate,
    (P.CALLING_OPERATOR, E.Up): outgoing.operator_up,
    (P.CALLING_OPERATOR, E.Digit): outgoing.key,
    (P.CALLING_OPERATOR, E.Fired): outgoing.fired,
    (P.CALLING_OPERATOR, E.Ringing): outgoing.operator_rings,
    (P.CALLING_OPERATOR, E.Decline): outgoing.declined,
    (P.CALLING_OPERATOR, E.HangUpAsked): outgoing.asked_to_end,
    (P.CALLING_CLIENT, E.Ringing): outgoing.client_rings,
    (P.CALLING_CLIENT, E.Up): outgoing.client_up,
    (P.CALLING_CLIENT, E.Fired): outgoing.fired,
    (P.CALLING_CLIENT, E.HangUpAsked): outgoing.asked_to_end,
    (P.ARRIVING, E.Announce): announcement.begin,
    (P.RINGING_CLIENT, E.Ringing): announcement.client_rings,
    (P.RINGING_CLIENT, E.Up): announcement.client_up,
    (P.RINGING_CLIENT, E.Fired): announcement.rung_out,
    (P.ANNOUNCING, E.Digit): announcement.key,
    (P.ANNOUNCING, E.Fired): announcement.fired,
    (P.ANNOUNCING, E.TalkBegan): answering.talk_began,
    (P.ANNOUNCING, E.TalkEnded): answering.talk_ended,
    (P.RATING, E.Found): rating.found,
    (P.RATING, E.Digit): rating.digit,
    (P.RATING, E.Fired): rating.fired,
    (P.RATING, E.TakenOver): rating.look_again,
    (P.RATING, E.NodeLost): rating.lost,
}

CALLER_GONE: Mapping[Phase, Act] = {
    P.MESSAGE: message.caller_gone,
    P.PROMISING: promise.caller_gone,
    P.ASKING: inquiry.caller_gone,
    P.CALLING_CLIENT: outgoing.client_gone,
    P.RINGING_CLIENT: announcement.not_reached,
    P.ANNOUNCING: announcement.client_gone,
    P.RATING: rating.caller_gone,
}
OPERATOR_GONE: Mapping[Phase, Act] = {
    P.CALLING_COLLEAGUE: internal.colleague_gone,
    P.OFFERING: queue.offered_gone,
    P.LOST: lost.reattach_failed,
    P.CONFERENCE: conference.operator_gone,
    P.CALLING_OPERATOR: outgoing.operator_gone,
    P.CALLING_CLIENT: outgoing.operator_gone,
}
COLLEAGUE_GONE: Mapping[Phase, Act] = {P.CONFERENCE: conference.colleague_left, P.FORWARDING: forwarding.gone}


def step(plan: Plan, state: CallState, event: events.Event) -> tuple[CallState, list[commands.Command]]:
    """The state after the event, and what is to be done. Never raises for any order of events."""
    turn = Turn(plan, state, event, FOLLOWS)
    if state.over:
        _late(turn)
    elif isinstance(event, E.Gone):
        _gone(turn, event)
    elif isinstance(event, E.Fired):
        _fired(turn, event)
    else:
        _happened(turn, event)
    silence.settle(turn)
    reminding.settle(turn)
    supervising.settle(turn)
    return turn.state, turn.commands


def _fired(turn: Turn, event: events.Fired) -> None:
    """A timer calls back: only one that is still set means anything."""
    if event.timer in turn.state.timers:
        turn.cancel(event.timer)
        if event.timer == secrecy.TIMER:
            secrecy.passed(turn)
            return
        if event.timer == reminding.TIMER:
            reminding.passed(turn)
            return
        if event.timer in (supervising.RING, supervising.EAR):
            supervising.fired(turn, event.timer)
            return
        TABLE.get((turn.state.phase, E.Fired), talk.timer_passed)(turn)


def _gone(turn: Turn, event: events.Gone) -> None:
    state = turn.state
    if event.channel == state.channel:
        CALLER_GONE.get(state.phase, ending.caller_gone)(turn)
    elif state.operator is not None and state.operator.channel == event.channel:
        OPERATOR_GONE.get(state.phase, lost.operator_gone)(turn)
    elif transfer.third_named(turn):
        COLLEAGUE_GONE.get(state.phase, transfer.third_gone)(turn)
    else:
        supervising.channel_gone(turn)
    tracks.gone(turn)


def _happened(turn: Turn, event: events.Event) -> None:
    if _of_the_supervisor(turn, event):
        return
    act = TABLE.get((turn.state.phase, type(event)))
    if isinstance(event, E.Up) and _stray(turn, event):
        return
    if act is not None:
        act(turn)
    else:
        ANYWHERE.get(type(event), _unfit)(turn)


def _of_the_supervisor(turn: Turn, event: events.Event) -> bool:
    """What concerns the phone of a supervisor who is in the call, and nobody else's."""
    if isinstance(event, E.Up):
        return supervising.came_up(turn)
    if isinstance(event, E.MediaLost):
        return supervising.lost(turn)
    return isinstance(event, E.HangUpAsked) and supervising.leaves(turn)


def _stray(turn: Turn, event: events.Up) -> bool:
    """A channel that is an ear, or that this call does not know (any more)."""
    state = turn.state
    known = {state.channel, *(leg.channel for leg in (state.operator, state.third) if leg)}
    if event.channel in known:
        return False
    if not tracks.ear_up(turn, event.channel):
        outgoing.drop(turn)
    return True


def _unfit(turn: Turn) -> None:
    """An event that means nothing here: refused when somebody asked for it, else passed over."""
    if isinstance(turn.event, E.Asked):
        talk.not_now(turn)


def _late(turn: Turn) -> None:
    """What comes after the end: nobody is kept, and no channel lives on."""
    event = turn.event
    if isinstance(event, E.Offer):
        queue.not_wanted(turn)
    elif isinstance(event, E.ColleagueFound):
        internal.not_wanted(turn)
    elif isinstance(event, E.TransferAsked):
        transfer.refused_now(turn)
    elif isinstance(event, E.Supervise | E.StopSupervision | E.TakeOver):
        supervising.too_late(turn)
    elif isinstance(event, E.Up):
        outgoing.drop(turn)
    elif isinstance(event, E.Asked):
        talk.not_now(turn)


ANYWHERE: Mapping[type[events.Event], Act] = {
    E.Played: sounds.played,
    E.Silent: silence.fell,
    E.Spoken: silence.broke,
    E.RecordingBegan: tracks.began,
    E.Recorded: tracks.ended,
    E.ResumeRecording: secrecy.resume,
    E.HeardAgain: talk.heard_again,
    E.NodeLost: ending.node_lost,
    E.Offer: queue.not_wanted,
    E.ColleagueFound: internal.not_wanted,
    E.TransferAsked: transfer.refused_now,
    E.Supervise: supervising.asked,
    E.StopSupervision: supervising.stopped,
    E.TakeOver: taking_over.take_over,
}
