"""Numbers dialled on employees' own telephones: who dials, whether he may, and whom it concerns."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, InterfaceError

from kindline.clients import phones as numbers
from kindline.conversations import actions as conversations
from kindline.switchboard import extensions, hearing, permits, phones, promises
from kindline.switchboard.board import utc_now
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.destinations import ABROAD, NO_NUMBER, PREMIUM, Destinations
from kindline.switchboard.machine.state import CallState, contact_of, identifier
from kindline.switchboard.wanted import AskedError

if TYPE_CHECKING:
    from kindline.switchboard.house import House

log = logging.getLogger(__name__)
UNALLOCATED, BUSY, REJECTED, CONGESTION = 1, 17, 21, 34
CAUSES = {NO_NUMBER: UNALLOCATED, extensions.BUSY: BUSY, promises.CALLED: BUSY, "failed": CONGESTION}
SAID = {PREMIUM: "barred", ABROAD: "barred"}
"""Which message tells a refusal; the others are called as their reason."""
AFTER_S = 0.4


class Dialling:
    """What the switchboard does when somebody of the house dials."""

    def __init__(self, house: House) -> None:
        self._house = house

    @property
    def destinations(self) -> Destinations:
        """Which numbers may be called."""
        return self._house.board.plan.destinations or Destinations(self._house.profile.calendar.country)

    def heard(self, message: Mapping[str, Any]) -> None:
        """The engine says that a telephone has dialled; whose it is says its log-in."""
        channel, said = message["channel"], [*message["args"], ""]
        endpoint = str(channel["name"]).removeprefix("PJSIP/").rpartition("-")[0]
        employee, contact = phones.employee_of(endpoint), contact_of(self._house.instance, channel["id"])
        if contact in self._house.board.calls:
            return
        if employee is None:
            self._house.board.start(self._refuse(channel["id"], NO_NUMBER), "refuse")
            return
        work = self._begin(channel["id"], contact, employee, endpoint, said[1], hearing.moment(message))
        self._house.board.start(work, "dialled")

    async def _begin(
        self, channel: str, contact: str, employee: int, endpoint: str, number: str, at: dt.datetime
    ) -> None:
        try:
            inside = number not in self.destinations.emergency and await self._ask(extensions.exists, number)
            begin = self._inside if inside else self._outside
            why_not = await begin(channel, contact, employee, endpoint, number, at)
        except (DatabaseError, InterfaceError) as error:
            log.warning("a number dialled by %s cannot be looked at: %s", endpoint, error)
            why_not = "failed"
        if why_not:
            await self._refuse(channel, why_not)

    def written(self, dialled: str) -> str:
        """A number as it is called: with its country, an emergency number as it is; empty for what is no number."""
        emergency = dialled in self.destinations.emergency
        return dialled if emergency else numbers.normalised(dialled, self._house.profile.calendar.country)

    async def _ask(self, action: Any, *args: Any, **named: Any) -> Any:
        return await self._house.board.in_database(action, *args, **named)

    async def _inside(
        self, channel: str, contact: str, employee: int, _endpoint: str, number: str, at: dt.datetime
    ) -> str:
        """A colleague's or a department's extension."""
        kept = await self._ask(extensions.keep_dialler, employee=employee, contact=contact, inside=True, now=utc_now())
        if not kept.why_not:
            shown = await self._ask(extensions.shown, employee)
            self._house.board.take(contact, CallState(contact, channel, at))
            self._house.board.feed(contact, e.DialledInside(at=at, employee=employee, number=number, shown=shown))
        return str(kept.why_not)

    async def _outside(
        self, channel: str, contact: str, employee: int, endpoint: str, dialled: str, at: dt.datetime
    ) -> str:
        """A number outside: the same rules as for a call begun on the screen. Emergency calls are always carried."""
        emergency, number = dialled in self.destinations.emergency, self.written(dialled)
        why_not = await self._ask(
            permits.ask, profile=self._house.profile, destinations=self.destinations, employee=employee, number=number,
            now=utc_now(), by_hand=True,
        )  # fmt: skip
        if why_not:
            return str(why_not)
        try:
            callback = None if emergency else await self._ask(promises.claim_of, number, contact, utc_now())
        except AskedError as error:
            return str(error.said["error"])
        kept = await self._ask(extensions.keep_dialler, employee=employee, contact=contact, inside=False, now=utc_now())
        if kept.why_not and not emergency:
            call = uuid.UUID(contact)
            await self._ask(conversations.give_back, callback=callback or 0, call=call, now=utc_now())
            return str(kept.why_not)
        line = next(iter(self._house.board.plan.lines), "")
        self._house.board.take(contact, CallState(contact, identifier(contact, "client"), at))
        event = e.Dialled(
            at=at, employee=employee, endpoint=endpoint, channel=channel, number=number, line=line, callback=callback,
            wraps_up=kept.wraps_up and not kept.why_not,
        )  # fmt: skip
        self._house.board.feed(contact, event)
        return ""

    async def _refuse(self, channel: str, why_not: str) -> None:
        """Say why the call is not made, where there are words for it, and end it as the network would."""
        ari = self._house.board.ari
        sound = self._house.board.plan.sounds.get(f"dial.{SAID.get(why_not, why_not)}")
        if sound is not None:
            await ari.ask("POST", f"channels/{channel}/progress")
            told = await ari.ask("POST", f"channels/{channel}/play", {"media": sound.media})
            if told.ok:
                await asyncio.sleep(sound.duration_s + AFTER_S)
        await ari.ask("DELETE", f"channels/{channel}", {"reason_code": CAUSES.get(why_not, REJECTED)})

    async def seek(self, contact: str, asked: c.FindColleague) -> None:
        """Keep somebody who answers the extension; how long that may take is the call's own timer's affair."""
        try:
            kept = await self._ask(
                extensions.find, number=asked.number, dialler=asked.dialler, tried=asked.tried, contact=contact,
                now=utc_now(),
            )  # fmt: skip
            reached = kept.mobile or (await self._house.others.reach(kept.employee) if kept.employee else "")
        except (DatabaseError, InterfaceError) as error:
            log.warning("nobody can be sought for %s: %s", asked.number, error)
            return
        endpoint = reached or f"op{kept.employee}s"
        event = e.ColleagueFound(at=utc_now(), employee=kept.employee, endpoint=endpoint, why_not=kept.why_not)
        self._house.board.feed(contact, event)
