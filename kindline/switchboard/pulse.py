"""The beat of a switchboard: that it lives is said to the others, and to the dialplan of its engine."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import DatabaseError, InterfaceError

from kindline.switchboard import reconcile, refused, true_time, watch
from kindline.switchboard.models import Switchboard
from kindline.switchboard.patience import patiently
from kindline.switchboard.true_time import Alarm

if TYPE_CHECKING:
    from kindline.switchboard.house import House

T = TypeVar("T")
BEAT_S = 1.0
ALL_BACK_S = 15.0
"""So long after the database is reached again everybody who lives has found it too: a try to connect lasts ten seconds,
and the next comes a second later."""


class Pulse:
    """What is said once a second, and whether it was heard."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._alarm = Alarm(house.board.desk.app, house.aside)
        self._heard_at, self._back_at, self._unheard = math.inf, -math.inf, False
        self._refused = 0
        self.entry: Switchboard | None = None
        """How we stand among the switchboards."""

    async def beat(self) -> None:
        """Say to the other switchboards that we live, whether the engine answers or not."""
        board = self._house.board
        serving = self._house.ready and board.healthy and board.ari.connected.is_set()
        if self.entry is None:
            return
        begun = monotonic()
        try:
            skew_s = await board.in_database(beat, self.entry, serving)
        except (DatabaseError, InterfaceError):
            board.healthy, self._unheard = False, True
            self._heard_at = min(self._heard_at, begun)  # the first beat of all may already fail
            raise
        self._heard()
        await self._alarm.look(skew_s)

    def _heard(self) -> None:
        """The others have heard us; after a silence in which we counted as dead there is something to put right."""
        if self._unheard:
            self._house.board.healthy, self._unheard = True, False
        now = monotonic()
        if now - self._heard_at > watch.DEAD_AFTER_S:
            self._back_at = now  # before we count as heard again: `judged` asks on another thread
            self._house.board.start(patiently(self._house.come_back), "come back")
        self._heard_at = now

    def may_judge(self) -> bool:
        """Whether a silence of others is theirs: who is or was lately unheard himself cannot know that."""
        lately = 0 <= monotonic() - self._heard_at <= watch.DEAD_AFTER_S
        return lately and not self._unheard and monotonic() - self._back_at > ALL_BACK_S

    async def judged(self, action: Callable[..., list[T]], *args: Any, **named: Any) -> list[T]:
        """Do what follows from a silence of others, in turn with our own beat; nothing while we may not judge.

        That is asked in the same turn: before it a beat may have been written of which nobody here knows yet.
        """
        return await self._house.board.in_database(self._if_judging, action, *args, **named)

    def _if_judging(self, action: Callable[..., list[T]], *args: Any, **named: Any) -> list[T]:
        return action(*args, **named) if self.may_judge() else []

    async def beat_at_engine(self) -> None:
        """Say the same to dialplans that cannot ask."""
        ari = self._house.board.ari
        if self._house.ready and ari.connected.is_set():
            answer = await ari.ask("GET", "asterisk/variable", {"variable": "EPOCH"}, tries=1)
            if answer.ok and str(answer.body["value"]).isdecimal():
                true_time.clock.learn_engine(int(answer.body["value"]))
            now = int(dt.datetime.now(dt.UTC).timestamp())
            for name, value in (("KINDLINE_HEARTBEAT", now), ("KINDLINE_APP", ari.app)):
                await ari.ask("POST", "asterisk/variable", {"variable": name, "value": value}, tries=1)

    async def count_refused(self) -> None:
        """Keep how many calls the engine has refused, when that is news; no beat waits for it: it needs the database.

        A dialplan that cannot ask counts us as dead three seconds after the last beat.
        """
        board = self._house.board
        answer = await board.ari.ask("GET", "asterisk/variable", {"variable": refused.COUNT}, tries=1)
        told = str(answer.body["value"]) if answer.ok else ""
        total = int(told) if told.isdecimal() else 0
        if total and total != self._refused:
            info = await board.ari.ask("GET", "asterisk/info", {"only": "status"}, tries=1)
            if not info.ok:
                return
            since = reconcile.said_at(info.body["status"]["startup_time"])
            await self._house.aside(refused.keep, board.desk.node, total, since, true_time.clock.now())
        self._refused = total


def beat(entry: Switchboard, serving: bool) -> float:
    """Beat by the clock of the database; how far our own is ahead of it, seconds."""
    entry.beat_at, entry.serving = true_time.ask(), serving
    entry.skew_s = round(true_time.clock.skew_s, 3)
    watch.beat(entry)
    return true_time.clock.skew_s
