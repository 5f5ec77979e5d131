"""Messages, music and the bridge: what the caller hears."""

from __future__ import annotations

from collections.abc import Sequence

from kindline.switchboard.machine.commands import Engine, Join, Leave, Play, StartMusic, StopMusic, StopPlay
from kindline.switchboard.machine.events import Played
from kindline.switchboard.machine.state import Next, seconds
from kindline.switchboard.machine.turn import Turn


def play(turn: Turn, sounds: Sequence[str], then: Next) -> None:
    """Play messages one after the other, then go on; messages that have no sound are passed over."""
    turn.state.rest = tuple(sound for sound in sounds if turn.sound(sound) is not None)
    turn.state.then = then
    _next(turn)


def _next(turn: Turn) -> None:
    state = turn.state
    sound = turn.sound(state.rest[0]) if state.rest else None
    if sound is None:
        then, state.then = state.then, None
        state.playback = state.playing = ""
        turn.follow(then)
        return
    state.playing, *rest = state.rest
    state.rest = tuple(rest)
    state.playback = turn.name("play")
    state.played_from = turn.now
    state.music = False
    turn.do(Play(state.channel, state.playback, sound.media))


def played(turn: Turn) -> None:
    """A message ended: note it, play the next one or go on."""
    event, state = turn.event, turn.state
    if not isinstance(event, Played) or not state.playback or event.playback != state.playback:
        return
    if not event.failed:
        sound = turn.sound(state.playing)
        _heard(turn, sound.duration_s if sound else 0.0)
    state.playback = ""
    _next(turn)


def _heard(turn: Turn, duration_s: float) -> None:
    state = turn.state
    if state.playing == turn.plan.notice:
        turn.note("notice_played", notice="recording", duration_s=duration_s)
    else:
        node = state.place.node if state.place else ""
        turn.note("prompt_played", prompt=state.playing, node=node, duration_s=duration_s)


def stop(turn: Turn) -> None:
    """Cut the message that is playing, and forget what was to follow."""
    state = turn.state
    if state.playback:
        turn.do(StopPlay(state.playback))
        _heard(turn, seconds(state.played_from, turn.now))
    state.playback = state.playing = ""
    state.rest, state.then = (), None


def music(turn: Turn, _target: str = "") -> None:
    """Let the caller hear music."""
    if not turn.state.music:
        turn.state.music = True
        turn.do(StartMusic(turn.state.channel))


def silence(turn: Turn) -> list[Engine]:
    """What ends music and messages on the caller's channel, to be sent along with what comes next."""
    state = turn.state
    ended: list[Engine] = []
    if state.playback:
        ended.append(StopPlay(state.playback))
    if state.music:
        ended.append(StopMusic(state.channel))
    state.music = False
    state.playback = state.playing = ""
    state.rest, state.then = (), None
    return ended


def join(turn: Turn, *channels: str) -> None:
    """Bring the caller together with these channels, after what he heard meanwhile has ended.

    Music goes first: on a channel that sits in a bridge it would cover the others.
    """
    turn.state.joined = True
    turn.together(*silence(turn))
    turn.do(Join(turn.state.bridge, (turn.state.channel, *channels)))


def part(turn: Turn) -> None:
    """Take the caller out of the talk, to wait with music."""
    if turn.state.joined:
        turn.do(Leave(turn.state.bridge, turn.state.channel))
    turn.state.joined = False
    music(turn)
