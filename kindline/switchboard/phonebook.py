"""What our engine was told of operators' phones, kept as the database has it: places made, places lost, passwords."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings

from kindline.switchboard import agents, phones
from kindline.switchboard.board import utc_now
from kindline.switchboard.phones import Phone

if TYPE_CHECKING:
    from kindline.switchboard.house import House


class Phonebook:
    """The phones of one engine; each switchboard keeps its own, whoever changed the employee."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._told: dict[str, str] = {}
        """By name, the password that was told last; nothing: the engine has it from an earlier switchboard."""
        self._has_met = self._has_seen = False
        self._turn = asyncio.Lock()

    async def tell_all(self) -> None:
        """Tell the engine of every phone, what it has to forget, and ask it which are there."""
        async with self._turn:
            self._told.clear()
            await self._keep_rows()
            await self._meet()
            found = await self._house.aside(phones.all_phones, utc_now())
            await self._forget(self._told.keys() - {one.name for one in found})
            await self._tell(found)
            await self._see(found)

    async def look(self) -> None:
        """Tell the engine what has changed: new places, other passwords, sessions that ended, who was disabled (X2)."""
        if not self._house.ready:
            return
        async with self._turn:
            await self._keep_rows()
            if not self._has_met:
                await self._meet()
            now = await self._house.aside(phones.passwords, utc_now())
            await self._forget(self._told.keys() - now.keys())
            if not self._has_seen:
                await self._see(await self._house.aside(phones.all_phones, utc_now()))
            if any(self._told.get(name) != password for name, password in now.items()):
                await self._tell_new(await self._house.aside(phones.all_phones, utc_now()))

    async def learn(self, employee: int) -> bool:
        """Tell the engine of an employee's phones before they register; whether it knows them as they are now."""
        if not self._house.ready:
            return False
        async with self._turn:
            found = await self._house.aside(phones.all_phones, utc_now(), [employee])
            await self._tell_new(found)
            return all(self._told.get(one.name) == one.password for one in found)

    async def _keep_rows(self) -> None:
        await self._house.aside(agents.bar, utc_now())
        await self._house.aside(agents.enlist, utc_now())

    async def _meet(self) -> None:
        """What the engine knows already, part of it may be void by now."""
        known = await phones.known(self._house.board.ari)
        self._has_met = known is not None
        self._told = dict.fromkeys(known or {}, "") | self._told

    async def _see(self, found: Iterable[Phone]) -> None:
        """Which phones are there now; one that the engine does not know any more is not."""
        presence, online = self._house.presence, await phones.known(self._house.board.ari)
        self._has_seen = online is not None
        if online is None:
            return  # an engine that does not say has not lost them all; it is asked again
        for name in {*presence.online, *(one.name for one in found)}:
            presence.seen(name, "online" if online.get(name) else "offline")
        await self._house.note_phones(presence.everybody())

    async def _tell_new(self, found: Iterable[Phone]) -> None:
        await self._tell([one for one in found if self._told.get(one.name) != one.password])

    async def _tell(self, found: list[Phone]) -> None:
        profile = self._house.profile
        address = str(settings.KINDLINE.get("sip_address") or "127.0.0.1")
        language = profile.language if profile.language == "ru" else "en"
        untold = await phones.tell(self._house.board.ari, found, address=address, language=language)
        self._told |= {one.name: one.password for one in found if one.name not in untold}

    async def _forget(self, names: Iterable[str]) -> None:
        gone = list(names)
        kept = await phones.take_back(self._house.board.ari, gone) if gone else set()
        for name in gone:
            self._house.reception.silent(phones.employee_of(name) or 0, name)
            if name not in kept:
                self._told.pop(name, None)
