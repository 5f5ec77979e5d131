"""What our engine was told of operators' phones, kept as the database has it: places made, places lost, passwords."""

from __future__ import annotations

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
        self._told: dict[int, str] = {}

    async def tell_all(self) -> None:
        """Tell the engine of every operator's phones, what it has to forget, and ask it which are there."""
        aside, ari, presence = self._house.aside, self._house.board.ari, self._house.presence
        await self._keep_rows()
        self._told = dict.fromkeys(await aside(phones.barred), "")
        await self._forget(self._told.keys())
        found = await aside(phones.all_phones)
        await self._tell(found)
        await phones.look(ari, found, presence)
        await self._house.note_phones({phone.employee: presence.endpoint_of(phone.employee) for phone in found})

    async def look(self) -> None:
        """Tell the engine what has changed: who has a place now or another password, and who was disabled (X2)."""
        if not self._house.ready:
            return
        await self._keep_rows()
        now = await self._house.aside(phones.passwords)
        await self._forget(self._told.keys() - now.keys())
        if any(self._told.get(employee) != password for employee, password in now.items()):
            found = await self._house.aside(phones.all_phones)
            await self._tell([one for one in found if self._told.get(one.employee) != one.password])

    async def _keep_rows(self) -> None:
        await self._house.aside(agents.bar, utc_now())
        await self._house.aside(agents.enlist, utc_now())

    async def _tell(self, found: list[Phone]) -> None:
        profile = self._house.profile
        address = str(settings.KINDLINE.get("sip_address") or "127.0.0.1")
        language = profile.language if profile.language == "ru" else "en"
        untold = await phones.tell(self._house.board.ari, found, address=address, language=language)
        self._told |= {one.employee: one.password for one in found if one.employee not in untold}

    async def _forget(self, employees: Iterable[int]) -> None:
        gone = list(employees)
        kept = await phones.take_back(self._house.board.ari, gone) if gone else set()
        for employee in gone:
            for endpoint in Phone(employee, "").endpoints:
                self._house.reception.silent(employee, endpoint)
            if employee not in kept:
                self._told.pop(employee, None)
