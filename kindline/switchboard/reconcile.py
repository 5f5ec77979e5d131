"""After every connection: what lives in the engine against what we believe, and the events that we missed."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from kindline.switchboard import true_time
from kindline.switchboard.ari import Ari
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.state import CallState, Leg, Phase


@dataclass(frozen=True)
class Seen:
    """What the engine says is there."""

    started_at: dt.datetime
    channels: Mapping[str, Mapping[str, Any]]
    bridges: Mapping[str, frozenset[str]]
    playing: frozenset[str] = frozenset()
    recording: frozenset[str] = frozenset()
    applications: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def is_up(self, channel: str) -> bool:
        """Whether a phone was picked up."""
        return self.channels.get(channel, {}).get("state") == "Up"


async def look(ari: Ari, states: Iterable[CallState]) -> Seen | None:
    """Ask the engine what lives; None when it does not answer."""
    states = list(states)
    info, channels, bridges, applications = await asyncio.gather(
        ari.ask("GET", "asterisk/info", {"only": "status"}),
        ari.ask("GET", "channels"),
        ari.ask("GET", "bridges"),
        ari.ask("GET", "applications"),
    )
    if not (info.ok and channels.ok and bridges.ok and applications.ok):
        return None
    playing = [state.playback for state in states if state.playback]
    names = [track.name for state in states for track in state.tracks]
    played, recorded = await asyncio.gather(_there(ari, "playbacks", playing), _there(ari, "recordings/live", names))
    return Seen(
        started_at=_moment(info.body["status"]["startup_time"]),
        channels={one["id"]: one for one in channels.body},
        bridges={one["id"]: frozenset(one["channels"]) for one in bridges.body},
        playing=played,
        recording=recorded,
        applications={one["name"]: one for one in applications.body},
    )


async def _there(ari: Ari, kind: str, names: list[str]) -> frozenset[str]:
    answers = await asyncio.gather(*(ari.ask("GET", f"{kind}/{quote(name, safe='')}") for name in names))
    return frozenset(name for name, answer in zip(names, answers, strict=True) if answer.ok)


async def still_recording(ari: Ari, names: list[str]) -> set[str]:
    """The recordings that the engine still writes, or of which it does not say that it has ended."""
    answers = await asyncio.gather(*(ari.ask("GET", f"recordings/live/{quote(name, safe='')}") for name in names))
    return {name for name, answer in zip(names, answers, strict=True) if answer.status != 404}


def said_at(said: str) -> dt.datetime:
    """A moment as the engine says it, by its own clock."""
    return dt.datetime.strptime(said, "%Y-%m-%dT%H:%M:%S.%f%z")


def _moment(said: str) -> dt.datetime:
    return true_time.clock.of_engine(said_at(said))


def missed(state: CallState, seen: Seen, at: dt.datetime) -> list[e.Event]:
    """The events that the call has missed, in the order in which it should hear of them."""
    if state.channel not in seen.channels and state.phase is not Phase.CALLING_OPERATOR:
        if seen.started_at > state.started_at:
            return [e.NodeLost(at=at, estimated=True, node=f"started anew at {seen.started_at:%F %T}")]
        return [e.Gone(at=at, estimated=True, channel=state.channel)]
    found: list[e.Event] = []
    if state.phase is Phase.RINGING_CLIENT and seen.is_up(state.channel):
        found.append(e.Up(at=at, estimated=True, channel=state.channel))
    for leg in (state.operator, state.third):
        found += _of_leg(leg, seen, at)
    found += _of_supervision(state, seen, at)
    found += _of_tracks(state, seen, at)
    if state.playback and state.playback not in seen.playing:
        found.append(e.Played(at=at, estimated=True, playback=state.playback))
    return found


def _of_leg(leg: Leg | None, seen: Seen, at: dt.datetime) -> Iterator[e.Event]:
    if leg is None or not leg.channel:
        return
    if leg.channel not in seen.channels:
        yield e.Gone(at=at, estimated=True, channel=leg.channel)
    elif seen.is_up(leg.channel) and not leg.up:
        yield e.Up(at=at, estimated=True, channel=leg.channel)


def _of_supervision(state: CallState, seen: Seen, at: dt.datetime) -> Iterator[e.Event]:
    here = state.supervision
    if here is None:
        return
    if here.channel not in seen.channels:
        yield e.Gone(at=at, estimated=True, channel=here.channel)
    elif seen.is_up(here.channel) and not here.up:
        yield e.Up(at=at, estimated=True, channel=here.channel)
    for one, there in ((here.ear, here.ear_up), (here.mixer, here.mixer_up)):
        if one and one not in seen.channels:
            yield e.Gone(at=at, estimated=True, channel=one)
        elif one and not there:
            yield e.Up(at=at, estimated=True, channel=one)


def _of_tracks(state: CallState, seen: Seen, at: dt.datetime) -> Iterator[e.Event]:
    for track in state.tracks:
        runs = track.name in seen.recording
        if track.ear and track.ear not in seen.channels:
            yield e.Gone(at=at, estimated=True, channel=track.ear)
        elif runs and track.started_at is None:
            yield e.RecordingBegan(at=at, estimated=True, name=track.name)
        elif not runs and track.started_at is not None:
            yield e.Recorded(at=at, estimated=True, name=track.name, duration_s=(at - track.started_at).total_seconds())
        elif not runs and track.ear:
            yield e.Up(at=at, estimated=True, channel=track.ear)


def repairs(state: CallState, seen: Seen) -> list[c.Engine]:
    """What was decided before but has not reached the engine: bridges and who should be in them."""
    if state.over:
        return []
    found = _secrets(state, seen)
    if not state.bridge or state.phase is Phase.LOST:
        return found
    if state.bridge not in seen.bridges:
        found.append(c.MakeBridge(state.bridge))
    inside = seen.bridges.get(state.bridge, frozenset())
    aside = state.third if state.phase is Phase.TELLING else None  # he waits with music
    legs = [leg for leg in (state.operator, state.third) if leg is not aside]
    wanted = [leg.channel for leg in legs if leg and leg.up and leg.channel]
    if state.supervision and state.supervision.inside:
        wanted.append(state.supervision.channel)
    if state.supervision and state.supervision.mixer_up:
        wanted.append(state.supervision.mixer)
    if state.joined:
        wanted.insert(0, state.channel)
    missing = tuple(one for one in wanted if one not in inside and one in seen.channels)
    found += _aside(state, inside)
    found += [c.StopMusic(one) for one in missing]  # in the bridge it would cover the others
    if missing:
        found.append(c.Join(state.bridge, missing))
    return found


def _aside(state: CallState, inside: Iterable[str]) -> list[c.Engine]:
    """Who was to wait with music and never left: the colleague while the client is told, the client in his place."""
    waits = [state.third.channel] if state.phase is Phase.TELLING and state.third else []
    if not state.joined and state.music:
        waits.append(state.channel)
    here = [one for one in waits if one in inside]
    return [command for one in here for command in (c.Leave(state.bridge, one), c.StartMusic(one))]


def _secrets(state: CallState, seen: Seen) -> list[c.Engine]:
    """Whether what is said is recorded, told again where a secret was said; told twice it is as told once."""
    say = c.UnmuteRecord if state.secrecy is None else c.MuteRecord
    return [say(track.name) for track in state.tracks if state.secrets and track.name in seen.recording]


def repairs_of_supervision(state: CallState, seen: Seen) -> list[c.Engine]:
    """The same for the room in which a supervisor listens."""
    here = state.supervision
    if here is None or here.inside:
        return []
    found: list[c.Engine] = [] if here.room in seen.bridges else [c.MakeBridge(here.room)]
    wanted = [one for one, there in ((here.channel, here.up), (here.ear, here.ear_up)) if there]
    inside = seen.bridges.get(here.room, frozenset())
    missing = tuple(one for one in wanted if one not in inside and one in seen.channels)
    return [*found, c.Join(here.room, missing)] if missing else found


def half_dialled(state: CallState, seen: Seen) -> list[str]:
    """Phones that ring for a switchboard that is dead: nobody would hear of their answer."""
    ringing = [leg.channel for leg in (state.operator, state.third) if leg and leg.channel and not leg.up]
    if state.supervision and not state.supervision.up:
        ringing.append(state.supervision.channel)
    if state.phase is Phase.RINGING_CLIENT:
        ringing.append(state.channel)
    return [channel for channel in ringing if channel in seen.channels and not seen.is_up(channel)]


def channels_of(state: CallState) -> list[str]:
    """Everything of a call that moves with it from one switchboard to another."""
    legs = [leg.channel for leg in (state.operator, state.third) if leg and leg.channel]
    here = state.supervision
    spying = [one for one in (here.channel, here.ear, here.mixer) if one] if here else []
    return [state.channel, *legs, *spying, *(track.ear for track in state.tracks if track.ear)]


@dataclass(frozen=True, slots=True)
class Orphan:
    """A channel in the hands of an application without a call of ours."""

    channel: str
    is_client: bool
    line: str
    caller: str
    created_at: dt.datetime


def orphans(seen: Seen, apps: Iterable[str], known: set[str]) -> list[Orphan]:
    """Channels of these applications that no call knows."""
    found = []
    for app in apps:
        for channel in seen.applications.get(app, {}).get("channel_ids", []):
            one = seen.channels.get(channel)
            if one is not None and channel not in known:
                found.append(_orphan(one))
    return found


def talking(seen: Seen, channels: set[str]) -> set[str]:
    """Those of the channels that share a bridge with somebody, and with whom they do."""
    rooms = [members for members in seen.bridges.values() if len(members) > 1 and members & channels]
    return set().union(*rooms)


def _orphan(one: Mapping[str, Any]) -> Orphan:
    plan = one.get("dialplan", {})
    is_client = plan.get("context") == "from-trunk" and one["name"].startswith("PJSIP/trunk-")
    return Orphan(one["id"], is_client, plan.get("exten", ""), one["caller"]["number"], _moment(one["creationtime"]))
