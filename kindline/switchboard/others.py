"""The other switchboards, as this one sees them: their callers, their engines, what a dead one leaves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from kindline.journal import links as database_links
from kindline.switchboard import dispatcher, links, nodes
from kindline.switchboard.board import utc_now
from kindline.switchboard.nodes import LINK, Peer

if TYPE_CHECKING:
    from kindline.switchboard.house import House

log = logging.getLogger(__name__)
AGAIN_S = 1.0
LOOK_S = 60.0


class Others:
    """What a house needs to know of the switchboards beside it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._told: set[Peer] = set()
        self._known: tuple[Peer, ...] = ()

    @property
    def node(self) -> str:
        """Our own engine."""
        return self._house.board.desk.node

    async def look(self) -> None:
        """Who else leads calls: their callers count in the order, their engines are called for their phones.

        While their silence may be ours, they and their phones are where they were.
        """
        board, pulse, now = self._house.board, self._house.pulse, utc_now()
        there = await board.in_database(nodes.living, now)
        kept = () if pulse.may_judge() else self._known
        self._known = tuple(sorted({*kept, *nodes.peers(self.node, there)}, key=str))
        board.elsewhere = await board.in_database(nodes.waiting_elsewhere, board.desk.app, there)
        self._house.miss_phones(await pulse.judged(nodes.forget_phones, self.node, there))
        await self._tell_links()

    async def _tell_links(self) -> None:
        new = [one for one in self._known if one not in self._told]
        if not new or not self._house.ready:
            return
        address = str(settings.KINDLINE.get("sip_address") or "127.0.0.1")
        if await links.tell(self._house.board.ari, new, self.node, token=self._house.token, address=address):
            self._told |= set(new)

    def forget_links(self) -> None:
        """The engine may have been started anew: it is told again of the others."""
        self._told.clear()

    async def reach(self, employee: int) -> str:
        """How our engine calls an operator: at one of its own phones, else over the link to where his phone is."""
        own = self._house.presence.endpoint_of(employee)
        if own or not self._known:
            return own
        found: dict[int, str] = {}
        with contextlib.suppress(DatabaseError, InterfaceError):  # his phone does not ring then: the next is asked
            found = await self._house.board.in_database(nodes.reach, [employee], self.node)
        far = found.get(employee, "")
        return far if far.rpartition(LINK)[2] in {one.node for one in self._known} else ""

    async def listen(self) -> None:
        """Hear when an operator is free for a caller of ours whose turn it is; looked at once a second besides."""
        while True:
            with contextlib.suppress(psycopg.Error, OSError):
                await _hear(self._house.operators_changed)
            await asyncio.sleep(AGAIN_S)

    async def phones_back(self) -> None:
        """Operators whose phones fell silent in a talk: they are called again where they are now.

        A phone here that goes away and comes back is called by that news; one whose network was gone for some seconds
        may have kept its registration, and then there is no news.
        """
        for contact, employee in self._house.lost_operators():
            with contextlib.suppress(DatabaseError, InterfaceError):
                endpoint = await self.reach(employee)
                if endpoint:
                    self._house.phone_back(contact, employee, endpoint)


async def _hear(rung: Callable[[], None]) -> None:
    connection = await database_links.connect_async()
    async with connection:
        await connection.execute(f"LISTEN {dispatcher.BELL}")
        while True:
            async for _ in connection.notifies(timeout=LOOK_S, stop_after=1):
                rung()
