"""Who is not heard in a talk: the engine's ear for speech, and its count of packets (ADR 55).

The engine is asked once a person to say when he begins and has ceased to speak, where as much silence as the profile
allows is no pause of speech: it says nothing while a talk goes on, and no row of a call is written for it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kindline.standard.profile import Profile
from kindline.switchboard.board import Board, utc_now
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine import silence
from kindline.switchboard.machine.commands import HearTalk
from kindline.switchboard.machine.state import CallState, seconds
from kindline.switchboard.sending import request

FRESH_S = 5.0
"""A talk that is older when it is first seen was led by another switchboard."""


@dataclass(slots=True)
class Side:
    """One person of a talk, as far as it is known whether he is heard.

    The engine tells the first word of who was not listened to before; what was said under another switchboard is not
    known, and unknown is heard.
    """

    quiet_from: float | None = None
    """Since when the engine has heard no speech of him, seconds of a clock that only grows."""
    dead_from: float | None = None
    """Since when no packet has come from him."""
    packets: int = -1

    @property
    def unheard_from(self) -> float | None:
        """Since when he is not heard; None: he is."""
        return min((one for one in (self.quiet_from, self.dead_from) if one is not None), default=None)


@dataclass(slots=True)
class Talk:
    """The two sides of a talk: the client's first, then the operator's."""

    client: str
    operator: str
    since: float
    sides: dict[str, Side] = field(default_factory=dict)
    noticed: bool = False

    def silence_s(self, now: float) -> float:
        """For how long nobody has been heard; 0 while anybody is."""
        unheard = [side.unheard_from for side in self.sides.values()]
        known = [one for one in unheard if one is not None]
        return max(0.0, now - max(self.since, *known)) if len(known) == 2 else 0.0

    @property
    def dead_side(self) -> str:
        """From which side nothing comes at all; `both` too where both send, and nobody speaks."""
        client, operator = (self.sides[one].dead_from is not None for one in (self.client, self.operator))
        return "both" if client == operator else "client" if client else "operator"


class Silences:
    """The talks of this switchboard, and which of them are silent."""

    def __init__(self, board: Board, profile: Profile, clock: Callable[[], float] | None = None) -> None:
        said = profile.variables.get("silence_notice_s")
        self.notice_s = float(said) if isinstance(said, int | float) else None
        self._board, self._clock = board, clock or (lambda: asyncio.get_running_loop().time())
        self._talks: dict[str, Talk] = {}
        self._where: dict[str, str] = {}

    def changed(self, contact: str, state: CallState, at: dt.datetime) -> None:
        """A call has changed at a moment: its talk begins, goes on after a hold, or is none now."""
        if self.notice_s is None:
            return
        leg, here = state.operator, self._talks.get(contact)
        if leg is None or not silence.concerns(state):
            self._paused(contact, over=state.over)
        elif here is None or (here.client, here.operator) != (state.channel, leg.channel):
            known = here.sides if here else {}
            self._paused(contact, over=True)
            adopted = here is None and seconds(state.talk_since, at) > FRESH_S
            self._begin(contact, Talk(state.channel, leg.channel, self._clock()), known, adopted=adopted)
        elif here.since == float("inf"):
            here.since = self._clock()

    def _paused(self, contact: str, *, over: bool) -> None:
        """No plain talk goes on: silence means nothing."""
        here = self._talks.get(contact)
        if here is not None:
            here.since, here.noticed = float("inf"), False
            if over:
                del self._talks[contact]
                for channel in here.sides:
                    self._where.pop(channel, None)

    def _begin(self, contact: str, talk: Talk, known: Mapping[str, Side], *, adopted: bool) -> None:
        self._talks[contact] = talk
        for channel in (talk.client, talk.operator):
            fresh = Side(None if adopted else talk.since)
            talk.sides[channel], self._where[channel] = known.get(channel, fresh), contact
            if channel not in known:
                self._board.start(self._listen(contact, channel), "hear talk")

    async def _listen(self, contact: str, channel: str) -> None:
        """Have the engine tell of speech; when it cannot, nothing is noticed, and nothing else is lost."""
        asked = request(self._board.wire, contact, HearTalk(channel, self.notice_s or 0.0))
        await self._board.ari.ask(asked.method, asked.path, asked.query, tries=1)

    def heard(self, event: e.Event) -> None:
        """The engine says that somebody speaks, or has not spoken for as long as is noticed."""
        if not isinstance(event, e.TalkBegan | e.TalkEnded):
            return
        talk = self._talks.get(self._where.get(event.channel, ""))
        if talk is not None:
            side = talk.sides[event.channel]
            if isinstance(event, e.TalkBegan):
                side.quiet_from = side.dead_from = None
            else:
                side.quiet_from = self._clock() - (self.notice_s or 0.0)
            self._look_at(self._where[event.channel], talk)

    def came(self, channel: str, packets: int) -> None:
        """So many packets have come from somebody by now; who sends none is not heard, whatever was heard before."""
        talk = self._talks.get(self._where.get(channel, ""))
        if talk is not None:
            side = talk.sides[channel]
            if packets not in (0, side.packets):
                side.dead_from = None
            elif side.dead_from is None:
                side.dead_from = self._clock()
            side.packets = packets

    async def look(self) -> None:
        """Tell the calls in which nobody is heard any more, or again."""
        for contact, talk in list(self._talks.items()):
            self._look_at(contact, talk)

    def _look_at(self, contact: str, talk: Talk) -> None:
        lasts_s = talk.silence_s(self._clock())
        if self.notice_s is not None and lasts_s >= self.notice_s and not talk.noticed:
            talk.noticed = True
            self._board.feed(contact, e.Silent(at=utc_now(), silence_s=round(lasts_s, 1), side=talk.dead_side))
        elif lasts_s == 0 and talk.noticed:
            talk.noticed = False
            self._board.feed(contact, e.Spoken(at=utc_now()))
