"""How each command of the machine is said to the engine, and what its failure means for the call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from kindline.switchboard.ari import Answer, Outcome
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.destinations import Destinations, mobile


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the engine."""

    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Wire:
    """What requests need to know of the instance."""

    app: str
    trunk: str = "trunk"
    caller: str = ""
    """The number that clients see on outgoing calls."""
    callers: Mapping[str, str] = field(default_factory=dict)
    """The same by line, where a line has a number of its own."""
    destinations: Destinations | None = None

    def hindrance(self, command: c.Engine) -> str:
        """Why a number outside must not be called; all that goes through the trunk is looked at here (X6)."""
        number = outside(command)
        return self.destinations.hindrance(number) if number and self.destinations else ""


def outside(command: c.Engine) -> str:
    """The number that a command calls through the trunk; empty for any other command."""
    if not isinstance(command, c.Dial):
        return ""
    return command.number if command.kind == "client" else mobile(command.endpoint)


def request(wire: Wire, contact: str, command: c.Engine) -> Request:
    """The request that carries a command out."""
    return REQUESTS[type(command)](wire, contact, command)


def _answer(_wire: Wire, _contact: str, command: c.Answer) -> Request:
    return Request("POST", f"channels/{command.channel}/answer")


def _ring(_wire: Wire, _contact: str, command: c.Ring) -> Request:
    return Request("POST", f"channels/{command.channel}/ring")


def _stop_ring(_wire: Wire, _contact: str, command: c.StopRing) -> Request:
    return Request("DELETE", f"channels/{command.channel}/ring")


def _play(_wire: Wire, _contact: str, command: c.Play) -> Request:
    return Request("POST", f"channels/{command.channel}/play/{command.playback}", {"media": command.media})


def _stop_play(_wire: Wire, _contact: str, command: c.StopPlay) -> Request:
    return Request("DELETE", f"playbacks/{command.playback}")


def _start_music(_wire: Wire, _contact: str, command: c.StartMusic) -> Request:
    return Request("POST", f"channels/{command.channel}/moh", {"mohClass": "default"})


def _stop_music(_wire: Wire, _contact: str, command: c.StopMusic) -> Request:
    return Request("DELETE", f"channels/{command.channel}/moh")


def _make_bridge(_wire: Wire, _contact: str, command: c.MakeBridge) -> Request:
    return Request("POST", f"bridges/{command.bridge}", {"type": "mixing"})


def _drop_bridge(_wire: Wire, _contact: str, command: c.DropBridge) -> Request:
    return Request("DELETE", f"bridges/{command.bridge}")


def _join(_wire: Wire, _contact: str, command: c.Join) -> Request:
    return Request("POST", f"bridges/{command.bridge}/addChannel", {"channel": ",".join(command.channels)})


def _leave(_wire: Wire, _contact: str, command: c.Leave) -> Request:
    return Request("POST", f"bridges/{command.bridge}/removeChannel", {"channel": command.channel})


def _dial(wire: Wire, contact: str, command: c.Dial) -> Request:
    query = {"app": wire.app, "appArgs": f"leg,{contact}", "timeout": int(command.timeout_s)}
    number = outside(command)
    if number:
        query["endpoint"] = f"PJSIP/{number}@{wire.trunk}"
        seen = wire.callers.get(command.line) or wire.caller
        if seen:
            query["callerId"] = seen
        return Request("POST", f"channels/{command.channel}", query)
    query["endpoint"] = f"PJSIP/{command.endpoint}"
    if command.caller:
        query["callerId"] = command.caller
    headers = {"X-Kindline-Contact": contact, "X-Kindline-Kind": command.kind}
    variables = {f"PJSIP_HEADER(add,{name})": value for name, value in headers.items()}
    return Request("POST", f"channels/{command.channel}", query, {"variables": variables})


def _hang_up(_wire: Wire, _contact: str, command: c.HangUp) -> Request:
    return Request("DELETE", f"channels/{command.channel}", {"reason_code": command.cause})


def _mute(_wire: Wire, _contact: str, command: c.MuteLeg) -> Request:
    return Request("POST", f"channels/{command.channel}/mute", {"direction": "in"})


def _unmute(_wire: Wire, _contact: str, command: c.UnmuteLeg) -> Request:
    return Request("DELETE", f"channels/{command.channel}/mute", {"direction": "in"})


def _digits(_wire: Wire, _contact: str, command: c.PressDigits) -> Request:
    return Request("POST", f"channels/{command.channel}/dtmf", {"dtmf": command.digits})


def _listen(wire: Wire, contact: str, command: c.Listen) -> Request:
    query = {"spy": command.spy, "whisper": command.whisper, "app": wire.app, "appArgs": f"ear,{contact}"}
    return Request("POST", f"channels/{command.channel}/snoop/{command.ear}", query)


def _hear_talk(_wire: Wire, _contact: str, command: c.HearTalk) -> Request:
    query = {"variable": "TALK_DETECT(set)", "value": str(round(command.pause_s * 1000))}
    return Request("POST", f"channels/{command.channel}/variable", query)


def _ignore_talk(_wire: Wire, _contact: str, command: c.IgnoreTalk) -> Request:
    return Request("POST", f"channels/{command.channel}/variable", {"variable": "TALK_DETECT(remove)", "value": ""})


def _record(_wire: Wire, _contact: str, command: c.Record) -> Request:
    query: dict[str, Any] = {"name": command.name, "format": "wav", "ifExists": "fail"}
    query |= {"maxDurationSeconds": command.max_s, "maxSilenceSeconds": command.silence_s}
    query |= {"beep": "true" if command.beep else "false", "terminateOn": command.stop_digit}
    return Request("POST", f"channels/{command.channel}/record", query)


def _stop_record(_wire: Wire, _contact: str, command: c.StopRecord) -> Request:
    return Request("POST", f"recordings/live/{quote(command.name, safe='')}/stop")


def _drop_record(_wire: Wire, _contact: str, command: c.DropRecord) -> Request:
    return Request("DELETE", f"recordings/stored/{quote(command.name, safe='')}")


def _mute_record(_wire: Wire, _contact: str, command: c.MuteRecord) -> Request:
    return Request("POST", f"recordings/live/{quote(command.name, safe='')}/mute")


def _unmute_record(_wire: Wire, _contact: str, command: c.UnmuteRecord) -> Request:
    return Request("DELETE", f"recordings/live/{quote(command.name, safe='')}/mute")


REQUESTS: dict[type[c.Engine], Callable[[Wire, str, Any], Request]] = {
    c.Answer: _answer,
    c.Ring: _ring,
    c.StopRing: _stop_ring,
    c.Play: _play,
    c.StopPlay: _stop_play,
    c.StartMusic: _start_music,
    c.StopMusic: _stop_music,
    c.MakeBridge: _make_bridge,
    c.DropBridge: _drop_bridge,
    c.Join: _join,
    c.Leave: _leave,
    c.Dial: _dial,
    c.HangUp: _hang_up,
    c.MuteLeg: _mute,
    c.UnmuteLeg: _unmute,
    c.PressDigits: _digits,
    c.Listen: _listen,
    c.HearTalk: _hear_talk,
    c.IgnoreTalk: _ignore_talk,
    c.Record: _record,
    c.StopRecord: _stop_record,
    c.DropRecord: _drop_record,
    c.MuteRecord: _mute_record,
    c.UnmuteRecord: _unmute_record,
}
AT_ONCE = (c.Join, c.Leave, c.StartMusic, c.StopMusic, c.StopPlay, c.MuteRecord, c.UnmuteRecord)
"""Who hears whom, and what no file may hold: said twice it is as said once, so it need not wait until it is written."""
TARGETS = ("channel", "bridge", "playback", "ear", "name")
NOT_THERE = "Allocation failed"
"""What the engine says when a phone is not registered."""
UNREACHABLE = 20
BARRED = 52
"""The cause of a call that was not made because its number may not be called (Q.850: outgoing calls barred)."""


def target(command: c.Engine) -> str:
    """What the command is about: the id of a channel, a bridge, a playback or a recording."""
    if isinstance(command, c.Listen):
        return command.ear
    return next((str(getattr(command, name)) for name in TARGETS if hasattr(command, name)), "")


def at_once(command: c.Engine) -> bool:
    """Whether a command may be sent before it is written."""
    return isinstance(command, AT_ONCE)


ENDING = (c.HangUp, c.DropBridge, c.StopPlay, c.StopRing, c.StopMusic, c.DropRecord, c.MuteRecord, c.UnmuteRecord)
"""What is done as well where that which it is about has ended."""


def settled(command: c.Engine, answer: Answer) -> Outcome:
    """What became of a command; to end what has ended and to make what is there is done, not failed."""
    if answer.outcome is Outcome.GONE and isinstance(command, ENDING):
        return Outcome.DONE
    if answer.status == 409 and isinstance(command, c.MakeBridge | c.Dial | c.Listen | c.StopMusic | c.Leave):
        return Outcome.DONE
    return answer.outcome


def failure(command: c.Engine, answer: Answer, at: dt.datetime) -> e.Event | None:
    """What the call must be told when a command could not be carried out; None when nothing follows from it."""
    outcome = settled(command, answer)
    if outcome is Outcome.DONE:
        return None
    reader = FAILURES.get(type(command))
    return reader(command, answer, at) if reader else None


FAILURES: dict[type[c.Engine], Callable[[Any, Answer, dt.datetime], e.Event | None]] = {
    c.Dial: lambda command, _, at: e.Gone(at=at, channel=command.channel, cause=UNREACHABLE),
    c.Answer: lambda command, answer, at: (
        e.Gone(at=at, channel=command.channel) if answer.outcome is Outcome.GONE else None
    ),
    c.Play: lambda command, _, at: e.Played(at=at, playback=command.playback, failed=True),
    c.Listen: lambda command, _, at: e.Gone(at=at, channel=command.ear),
    c.Record: lambda command, answer, at: e.Recorded(at=at, name=command.name, failed=answer.error or "refused"),
}
"""Commands whose failure changes the call; that of the others shows in what follows."""
