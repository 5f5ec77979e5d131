"""The time of the house: that of the database, however wrong the clock of this machine or of its engine is (C2)."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from kindline.journal import actions as journal
from kindline.journal import sweeping

log = logging.getLogger(__name__)
NOTICED_S = 0.25
"""A difference below this may be the way to the database and back."""
ENGINE_NOTICED_S = 1.5
"""The engine tells its time in whole seconds."""
ALARM_S = 2.0


class Clock:
    """How far this machine's clock, and the engine's, are from the database's."""

    def __init__(self) -> None:
        self.offset = dt.timedelta()
        self.engine = dt.timedelta()
        self.knows_engine = False

    def now(self) -> dt.datetime:
        """The time of the house."""
        return dt.datetime.now(dt.UTC) + self.offset

    @property
    def skew_s(self) -> float:
        """How far this machine's clock is ahead, seconds."""
        return -self.offset.total_seconds()

    def learn(self, said: dt.datetime, asked: dt.datetime, heard: dt.datetime) -> None:
        """The database said its time between two moments of this machine."""
        found = said - (asked + (heard - asked) / 2)
        if abs((found - self.offset).total_seconds()) > max(NOTICED_S, (heard - asked).total_seconds()):
            self.offset = found

    def learn_engine(self, epoch_s: int) -> None:
        """The engine said its time, in whole seconds."""
        self.knows_engine = True
        found = self.now() - dt.datetime.fromtimestamp(epoch_s + 0.5, dt.UTC)
        if abs((found - self.engine).total_seconds()) > ENGINE_NOTICED_S:
            self.engine = found if abs(found.total_seconds()) > ENGINE_NOTICED_S else dt.timedelta()

    def of_engine(self, moment: dt.datetime) -> dt.datetime:
        """A moment that the engine named, in the time of the house."""
        return moment + self.engine


clock = Clock()


class Alarm:
    """Says once when the clock of this machine is wrong, and when it is right again."""

    def __init__(self, app: str, aside: Callable[..., Coroutine[Any, Any, Any]]) -> None:
        self._app, self._aside, self._wrong = app, aside, False

    async def look(self, skew_s: float) -> None:
        """How far the clock is ahead, seconds."""
        wrong = abs(skew_s) > ALARM_S
        if wrong is self._wrong:
            return
        if wrong:
            log.error("the clock of this machine is %.1f s off the database's: set it", skew_s)
        await self._aside(skewed, self._app, skew_s, clock.now())
        self._wrong = wrong


def skewed(app: str, skew_s: float, now: dt.datetime) -> None:
    """Keep that a switchboard's clock went wrong, or is right again."""
    data = {"process": app, "skew_s": round(skew_s, 3)}
    journal.record(kind="clock_skewed", subject_type="system", subject_id=app, data=data, at=now)


def ask(kept: Clock | None = None) -> dt.datetime:
    """The time of the database; how far this process's clock is from it is kept, where nothing else is said in ours."""
    asked = dt.datetime.now(dt.UTC)
    said = sweeping.of_database()
    (kept or clock).learn(said, asked, dt.datetime.now(dt.UTC))
    return said
