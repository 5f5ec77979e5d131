"""Draws the consequences of what happened to calls, for all calls of some moments at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from django.db import DatabaseError, InterfaceError

from kindline.standard.profile import Profile
from kindline.switchboard import afterwards
from kindline.switchboard.board import is_outage
from kindline.switchboard.machine.commands import Note
from kindline.switchboard.machine.state import CallState

log = logging.getLogger(__name__)
AGAIN_S = 1.0
"""When it is tried again after the database was away."""


class Following:
    """What happened and has not been followed yet, by the kind of fact."""

    def __init__(self, profile: Profile, aside: Callable[..., Coroutine[Any, Any, Any]]) -> None:
        self._profile, self._aside = profile, aside
        self._happened: dict[str, list[tuple[CallState, Note]]] = {}
        self._drawing = 0
        self._wake = asyncio.Event()

    def note(self, state: CallState, note: Note) -> None:
        """Something was noted of a call; most of it has no consequences."""
        if afterwards.matters(note):
            self._happened.setdefault(note.kind, []).append((state, note))
            self._wake.set()

    @property
    def waits(self) -> bool:
        """Whether something is still to be drawn, or is being drawn now."""
        return bool(self._happened) or self._drawing > 0

    async def follow(self) -> None:
        """Wait until something has happened, and draw the consequences."""
        await self._wake.wait()
        self._wake.clear()
        await self.draw()

    async def draw(self) -> None:
        """Draw what is not drawn yet; a switchboard that stops does so before it goes. What a kill costs: undrawn."""
        self._drawing += 1
        try:
            for kind in list(self._happened):
                if calls := self._happened.pop(kind, None):  # a second drawing may have it
                    await self._follow(kind, calls)
        finally:
            self._drawing -= 1

    async def _follow(self, kind: str, calls: afterwards.Happened) -> None:
        try:
            await self._aside(afterwards.AFTER[kind], self._profile, calls)
        except Exception as error:
            if isinstance(error, (DatabaseError, InterfaceError)) and is_outage(error):
                log.warning("what follows %s waits for the database: %s", kind, error)
                self._happened[kind] = [*calls, *self._happened.get(kind, [])]
                asyncio.get_running_loop().call_later(AGAIN_S, self._wake.set)
            elif len(calls) > 1:  # one of them is at fault: the others are not to suffer
                for one in calls:
                    await self._follow(kind, [one])
            else:
                log.exception("what follows %s of %s failed", kind, calls[0][0].contact)
