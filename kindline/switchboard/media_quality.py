"""How well sound came through: asked of the engine while people talk, kept as a fact when the call ends (T11)."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kindline.journal import actions as journal
from kindline.switchboard.board import Board
from kindline.switchboard.machine.commands import Note
from kindline.switchboard.machine.state import CallState, Phase

AT_ONCE = 64
"""Legs asked after in a round; those that were not asked for longest come first."""
ROUND = 65536
"""After so many packets RTP numbers them anew (RFC 3550, 5.1)."""
TALKS = frozenset({Phase.TALKING, Phase.HELD, Phase.CONSULTING, Phase.TELLING, Phase.CONFERENCE})


@dataclass(frozen=True, slots=True)
class Heard:
    """What came from one side of a talk."""

    leg: str
    employee: int
    received: int
    lost: int

    @property
    def data(self) -> dict[str, Any]:
        """As the fact says it; the share is of what was sent."""
        sent = self.received + self.lost
        return {
            "leg": self.leg, "employee": self.employee, "received": self.received, "lost": self.lost,
            "loss_share": round(self.lost / sent, 4) if sent else 0.0,
        }  # fmt: skip


class MediaQuality:
    """The last that the engine said of each leg of each talk."""

    def __init__(self, board: Board, aside: Callable[..., Coroutine[Any, Any, Any]]) -> None:
        self._board, self._aside = board, aside
        self.on_packets: Callable[[str, int], None] = lambda channel, packets: None  # noqa: ARG005
        self._heard: dict[str, dict[str, Heard]] = {}
        self._round = 0
        self._asked: dict[str, int] = {}

    async def look(self) -> None:
        """Ask after some legs of the talks that go on."""
        self._round += 1
        legs = [(contact, *leg) for contact, state in self._board.open_calls() for leg in _legs(state)]
        channels = {channel for _, channel, _, _ in legs}
        self._asked = {channel: at for channel, at in self._asked.items() if channel in channels}
        legs.sort(key=lambda leg: self._asked.get(leg[1], 0))
        await asyncio.gather(*(self._ask(*leg) for leg in legs[:AT_ONCE]))

    async def _ask(self, contact: str, channel: str, leg: str, employee: int) -> None:
        self._asked[channel] = self._round
        answer = await self._board.ari.ask("GET", f"channels/{channel}/rtp_statistics", tries=1)
        if answer.ok and contact in self._board.calls:
            heard = self._heard.setdefault(contact, {})[channel] = understood(answer.body, leg, employee)
            self.on_packets(channel, heard.received)

    def noted(self, contact: str, notes: Iterable[Note]) -> None:
        """Something was noted of a call; with its end, what was heard of it is kept."""
        for note in notes:
            if note.kind in ("call_ended", "internal_ended") and contact in self._heard:
                heard = list(self._heard.pop(contact).values())
                self._board.start(self._aside(keep, contact, heard, note.at), "media quality")


def _legs(state: CallState) -> Iterable[tuple[str, str, int]]:
    """The channels of a talk, each with its side and its employee."""
    if state.phase in TALKS:
        yield state.channel, "client", 0
        for leg, name in ((state.operator, "operator"), (state.third, "specialist")):
            if leg is not None and leg.channel and (leg.up or name == "operator"):
                yield leg.channel, name, leg.employee


def understood(said: Mapping[str, Any], leg: str, employee: int) -> Heard:
    """What the engine says of a leg, in packets.

    A packet with a strange number (a forged one) makes it count whole rounds of numbers as lost; no call truly loses a
    round, twenty minutes of sound, since it would have ended by its silence.
    """
    return Heard(leg, employee, int(said.get("rxcount") or 0), int(said.get("rxploss") or 0) % ROUND)


def keep(contact: str, heard: Iterable[Heard], at: dt.datetime) -> None:
    """Write down how well each side came through."""
    journal.record_many(
        [journal.NewFact("media_measured", "contact", contact, "switchboard", one.data, at) for one in heard]
    )
