"""One call driven through the machine, with a small world around it that remembers what was built."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any, Self

from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine import step
from kindline.switchboard.machine.plan import Dialogue, Key, Level, LineRule, Plan, Question, QueueRule, Sound
from kindline.switchboard.machine.state import CallState, as_json, from_json

START = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
CONTACT = str(uuid.UUID(int=7))
CALLER = "1772445600.1"
FREE = ("ready", "wrap_up", "paused", "offline")

PLAN = Plan(
    profile="test", version="1", language="ru",
    lines={"hotline": LineRule("general"), "direct": LineRule("general", menu=False)},
    levels={
        "main": Level("main", {
            "1": Key("goto", "sub"), "2": Key("queue", "billing"), "3": Key("info", sound="facts"),
            "0": Key("operator", "general"), "9": Key("repeat"), "8": Key("hangup"),
            "7": Key("self", "appeal_status"), "6": Key("self", "hours"), "5": Key("self", "readings"),
            "4": Key("self", "outages"),
        }),
        "sub": Level("sub", {
            "1": Key("voicemail", "general"), "*": Key("back"), "0": Key("operator", "general"),
        }, depth=2),
        "closed": Level("closed", {
            "1": Key("voicemail", "night"), "7": Key("self", "appeal_status"), "5": Key("self", "readings"),
        }),
    },
    queues={
        "general": QueueRule(0, 15, 30, 600, "voicemail", callback_after_s=60),
        "billing": QueueRule(5, 15, 30, 300, "general"),
    },
    root="main", closed_level="closed",
    sounds={name: Sound(f"sound:/{name}", 3.0) for name in (
        "notice", "greeting", "closed_greeting", "main", "sub", "closed", "facts",
        "position.1", "position.2", "wait.1", "system.leave_message", "system.message_thanks", "callback.offer.1",
        "callback.number", "callback.confirm", "callback.type", "callback.wrong", "callback.accepted",
        "self.appeal_status", "self.not_found", "self.failed", "self.account", "self.value", "self.sure",
        "rating.question", "rating.again", "rating.thanks", "rating.goodbye",
        "self.read_back", "self.confirm", "self.to_operator", "self.too_often", "callback.known",
        *(f"digit.{figure}" for figure in range(10)),
    )},
    notice="notice", greeting="greeting", closed_greeting="closed_greeting",
    ring_period_s=5, grounds=frozenset({"insult"}), bad_line_may_end=True, bad_line_retry_s=10,
    transfer_needs=frozenset({"introduced"}), outgoing_rings_max=6, switchboard="sb-test",
    country="RU", services={
        "appeal_status": Dialogue((Question("appeal_status"),)), "hours": Dialogue(),
        "readings": Dialogue((
            Question("account"), Question("meter", 1), Question("value", 12, read_back=True), Question("sure", 1),
        )),
        "outages": Dialogue((Question("account"),), looks_first=True),
    },
)  # fmt: skip


class Call:
    """A call and its world: which channels, bridges and operators live because of it."""

    def __init__(self, plan: Plan = PLAN) -> None:
        self.plan = plan
        self.at = START
        self.state = CallState(CONTACT, CALLER, START)
        self.done: list[c.Command] = []
        self.channels: set[str] = {CALLER}
        self.bridges: set[str] = set()
        self.members: dict[str, set[str]] = {}
        self.kept: set[int] = set()
        self.music: set[str] = set()
        self.recording: set[str] = set()
        self.silenced: set[str] = set()
        self.ears: dict[str, str] = {}
        """Each ear ends with the channel that it listens to."""

    # -- driving --
    def happens(self, event: e.Event) -> list[c.Command]:
        """Put an event through the machine, by way of JSON, and let its commands act on the world."""
        if isinstance(event, e.Gone):
            self._ended(event.channel)
        if isinstance(event, e.Offer) or (isinstance(event, e.ColleagueFound) and event.employee):
            self.kept.add(event.employee)
        if isinstance(event, e.TransferAsked) and event.endpoint and event.target_employee:
            self.kept.add(event.target_employee)
        if isinstance(event, e.Supervise) and event.endpoint:
            self.kept.add(event.employee)
        state = from_json(json.loads(json.dumps(as_json(self.state))))
        assert state == self.state
        before = as_json(state)
        self.state, made = step(self.plan, state, event)
        assert as_json(state) == before, "the state that was given was changed"
        for command in made:
            for one in command.commands if isinstance(command, c.Together) else (command,):
                self._act(one)
        self.done += made
        return made

    def after(self, seconds: float) -> Self:
        """Let time pass."""
        self.at += dt.timedelta(seconds=seconds)
        return self

    def arrives(self, line: str = "hotline", closed: str = "") -> Self:
        self.happens(e.Arrived(at=self.at, line=line, caller="+79001112233", called=line, closed=closed))
        return self

    def plays_out(self) -> Self:
        """Let all messages be played to their end."""
        while self.state.playback:
            self.after(3).happens(e.Played(at=self.at, playback=self.state.playback))
        return self

    def presses(self, digits: str) -> Self:
        for digit in digits:
            self.after(0.5).happens(e.Digit(at=self.at, channel=CALLER, digit=digit))
        return self

    def offered(self, employee: int = 1, endpoint: str = "") -> Self:
        self.happens(e.Offer(at=self.at, employee=employee, endpoint=endpoint or f"op{employee}s"))
        return self

    def rings(self) -> Self:
        leg = self.state.third or self.state.operator
        assert leg is not None
        self.happens(e.Ringing(at=self.at, channel=leg.channel))
        return self

    def answered(self) -> Self:
        leg = self.state.third or self.state.operator
        assert leg is not None
        self.happens(e.Up(at=self.at, channel=leg.channel))
        for track in self.state.tracks:
            self.happens(e.Up(at=self.at, channel=track.ear))
            self.happens(e.RecordingBegan(at=self.at, name=track.name))
        return self

    def talking(self, employee: int = 1, endpoint: str = "") -> Self:
        """The usual way to an operator: through the menu, the queue and a ringing phone."""
        self.arrives().plays_out().presses("0").after(4).offered(employee, endpoint).rings()
        return self.after(4).answered()

    def supervised(self, mode: str = "listen", employee: int = 9) -> Self:
        """A supervisor comes in: his phone is picked up, and his ear listens."""
        self.asks(e.Supervise, employee, mode=mode, endpoint=f"op{employee}s")
        assert self.state.supervision
        self.after(2).happens(e.Up(at=self.at, channel=self.state.supervision.channel))
        return self.hears()

    def hears(self) -> Self:
        """What a supervisor hears by is there, as far as it is not yet."""
        here = self.state.supervision
        if here and here.ear and not here.ear_up:
            self.happens(e.Up(at=self.at, channel=here.ear))
        if here and here.mixer and not here.mixer_up:
            self.happens(e.Up(at=self.at, channel=here.mixer))
        return self

    def gone(self, channel: str, cause: int = 16) -> Self:
        self.happens(e.Gone(at=self.at, channel=channel, cause=cause))
        return self

    def fires(self, timer: str, *, late_s: float = 0.0, **more: Any) -> Self:
        self.at = max(self.at, self.state.timers[timer] + dt.timedelta(seconds=late_s))
        self.happens(e.Fired(at=self.at, timer=timer, position=1, expected_wait_s=50.0, **more))
        return self

    def asks(self, wish: type[e.Asked], employee: int = 1, **data: Any) -> list[c.Command]:
        return self.happens(wish(at=self.at, employee=employee, **data))

    # -- looking --
    def facts(self, kind: str | None = None) -> list[c.Note]:
        notes = [command for command in self.done if isinstance(command, c.Note)]
        return [note for note in notes if kind is None or note.kind == kind]

    def fact(self, kind: str) -> dict[str, Any]:
        found = self.facts(kind)
        assert len(found) == 1, f"{kind}: {len(found)} in {[note.kind for note in self.facts()]}"
        return dict(found[0].data)

    def kinds(self) -> list[str]:
        return [note.kind for note in self.facts()]

    def operators(self) -> list[tuple[int, str]]:
        return [(command.employee, command.state) for command in self.done if isinstance(command, c.OperatorIs)]

    def hear_each_other(self) -> set[str]:
        """The channels that share the bridge of the call, without the silent one by which the engine mixes."""
        here = self.state.supervision
        return self.members.get(self.state.bridge, set()) - ({here.mixer} if here else set())

    # -- the world --
    def _act(self, command: c.Command) -> None:
        match command:
            case c.Dial(channel=channel) | c.Listen(ear=channel):
                assert channel not in self.channels, "a channel was made twice"
                self.channels.add(channel)
                if isinstance(command, c.Listen):
                    self.ears[channel] = command.channel
            case c.HangUp(channel=channel):
                self._ended(channel)
            case c.OperatorIs(employee=employee, state=state) if state in FREE:
                self.kept.discard(employee)
            case _:
                self._act_on_sound(command)

    def _act_on_sound(self, command: c.Command) -> None:
        match command:
            case c.MakeBridge(bridge=bridge):
                assert bridge not in self.bridges
                self.bridges.add(bridge)
                self.members[bridge] = set()
            case c.DropBridge(bridge=bridge):
                self.bridges.discard(bridge)
                self.members.pop(bridge, None)
            case c.Join(bridge=bridge, channels=channels):
                assert bridge in self.bridges
                self.members[bridge] |= set(channels)
            case c.Leave(channel=channel):
                self._left(channel)
            case c.StartMusic(channel=channel):
                assert all(channel not in members for members in self.members.values()), "music over a talk"
                self.music.add(channel)
            case c.StopMusic(channel=channel) | c.Play(channel=channel):
                self.music.discard(channel)
            case c.MuteRecord(name=name):
                self.silenced.add(name)
            case c.UnmuteRecord(name=name):
                self.silenced.discard(name)

    def _ended(self, channel: str) -> None:
        self.channels -= {channel, *(ear for ear, of in self.ears.items() if of == channel)}
        self.music.discard(channel)
        self._left(channel)

    def _left(self, channel: str) -> None:
        for members in self.members.values():
            members.discard(channel)
