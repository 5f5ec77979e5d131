"""Periodic jobs that are sweeps over state, at the time of the database: their machine's clock may be wrong (C2).

What was removed, erased or forgotten a day too early cannot be had back; so no job decides by its machine's clock.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from time import monotonic

from django.db import close_old_connections
from django.utils import timezone

from kindline.journal import prepared


def of_database() -> dt.datetime:
    """The time of the database."""
    [[said]] = prepared.rows("SELECT clock_timestamp()")
    return said  # type: ignore[no-any-return]


def going_on(now: dt.datetime) -> Callable[[], dt.datetime]:
    """A clock that stands at `now` and goes on from there: for work so long that its end is not its beginning."""
    began = monotonic()
    return lambda: now + dt.timedelta(seconds=monotonic() - began)


def job(work: Callable[[dt.datetime], object]) -> Callable[[int], None]:
    """A periodic job out of a sweep: a fresh connection, the moment of now by the database, nothing returned."""

    @functools.wraps(work)
    def swept(timestamp: int = 0) -> None:  # noqa: ARG001 - the moment for which it was planned: a sweep goes by now
        close_old_connections()
        try:
            work(of_database())
        finally:
            close_old_connections()

    return swept


def of_machine() -> dt.datetime:
    """The time of this machine, by which the files that it writes are dated; nothing else is judged by it."""
    return timezone.now()


def by_files(now: dt.datetime) -> dt.datetime:
    """The earlier of the database's time and this machine's, by which a file may be called old.

    A machine whose clock is behind marks a file that it has just written as one of long ago.
    """
    return min(now, of_machine())
