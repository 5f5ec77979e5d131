"""Taking stock: after each connection, and from time to time, every call is compared with the engine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from kindline.switchboard import reconcile, watch
from kindline.switchboard.board import Board, utc_now
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.state import CallState, contact_of, from_json
from kindline.switchboard.reception import Reception
from kindline.switchboard.reconcile import Orphan, Seen
from kindline.switchboard.watch import Adopted

log = logging.getLogger(__name__)
SETTLED_S = 3.0
"""A call that has changed since is left to its own events: what it has asked for may be under way."""
GRACE_S = 2.0
"""How long the timers of a call that is taken over wait, so that what really happened is heard first."""
Aside = Callable[..., Coroutine[Any, Any, Any]]


class Stock:
    """Finds what was missed, takes over the calls of the dead, and what nobody leads."""

    def __init__(self, board: Board, reception: Reception, aside: Aside) -> None:
        self.board, self.reception = board, reception
        self._aside = aside
        self.judged: Aside = board.in_database
        """Does what follows from a silence of others, or nothing while it may be ours."""
        self._turn = asyncio.Lock()

    @property
    def _node(self) -> str:
        return self.board.desk.node

    async def take(self) -> None:
        """Compare every call with the engine."""
        async with self._turn:
            app = self.board.desk.app
            adopted = await self._adopted(app)
            own: list[Adopted] = await self.board.in_database(watch.own, app)
            await self._let_go()
            fresh = {one.contact: one for one in [*adopted, *own] if one.contact not in self.board.calls}
            for contact in [key for key, one in fresh.items() if one.node != self._node]:
                self._lost(fresh.pop(contact))
            states = {contact: from_json(one.data) for contact, one in fresh.items()}
            known = dict(self.board.open_calls()) | states
            seen = await reconcile.look(self.board.ari, known.values())
            if seen is None:
                log.warning("the engine does not say what lives")
                return
            for contact, state in states.items():
                await self._take_over(contact, state, int(fresh[contact].data.get("revision") or 0), seen)
            for contact, state in known.items():
                if contact in states or self.board.settled(contact, SETTLED_S):
                    self._catch_up(contact, state, seen)
            await self._orphans(seen, {one.former for one in adopted} | {app}, known)

    async def _adopted(self, app: str) -> list[Adopted]:
        found: list[Adopted] = await self.judged(watch.adopt, app=app, now=utc_now(), node=self._node)
        return found

    async def _let_go(self) -> None:
        """Those whom the others gave up with us are called back, and wait here for nothing; who talks goes on."""
        held = [contact for contact, state in self.board.open_calls() if not (state.operator and state.operator.up)]
        for contact in await self.board.in_database(watch.have_ended, held) if held else ():
            self.board.lose(contact, "was ended by another switchboard while nobody heard us")

    async def _take_over(self, contact: str, state: CallState, revision: int, seen: Seen) -> None:
        """Move a dead switchboard's call to us, with all that belongs to it (T1)."""
        log.info("call %s (%s) is taken over", contact, state.phase)
        ringing = reconcile.half_dialled(state, seen)
        for channel in ringing:
            await self.board.ari.ask("DELETE", f"channels/{channel}")
        query = {"app": self.board.desk.app, "appArgs": f"adopted,{contact}"}
        moves = [one for one in reconcile.channels_of(state) if one in seen.channels and one not in ringing]
        self.board.take(contact, state, revision=revision, written=True, grace_s=GRACE_S)
        self.board.feed(contact, e.TakenOver(at=utc_now()))
        for channel in ringing:  # before the timers, which may long be due, can say anything
            self.board.feed(contact, e.Gone(at=utc_now(), estimated=True, channel=channel))
        await asyncio.gather(*(self.board.ari.ask("POST", f"channels/{one}/move", query) for one in moves))

    def _lost(self, one: Adopted) -> None:
        """A call is lost with the engine that carried it: it is counted, and its client is called back (T6)."""
        log.warning("call %s is lost with node %s", one.contact, one.node)
        revision = int(one.data.get("revision") or 0)
        self.board.take(one.contact, from_json(one.data), revision=revision, written=True, grace_s=GRACE_S, lost=True)
        self.board.feed(one.contact, e.NodeLost(at=utc_now(), estimated=True, node=one.node))

    def engine_lost(self) -> None:
        """Our own engine is gone and does not come back: its calls are over."""
        for contact, _ in self.board.open_calls():
            self.board.calls[contact].lost = True
            self.board.feed(contact, e.NodeLost(at=utc_now(), estimated=True, node=self._node))

    def _catch_up(self, contact: str, state: CallState, seen: Seen) -> None:
        live = self.board.calls.get(contact)
        if live is None or live.state is not state:
            return  # it has moved on meanwhile
        for event in reconcile.missed(state, seen, utc_now()):
            log.info("call %s missed %s", contact, event)
            self.board.feed(contact, event)
        self.board.repair(contact, reconcile.repairs(state, seen) + reconcile.repairs_of_supervision(state, seen))

    async def _orphans(self, seen: Seen, apps: set[str], known: Mapping[str, CallState]) -> None:
        dead = await self._aside(watch.gone_names, seen.applications, self.board.desk.app)
        belong = set(self.board.where) | {state.channel for state in known.values()}
        found = reconcile.orphans(seen, apps | dead, belong)
        contacts = {one.channel: contact_of(self.reception.instance, one.channel) for one in found}
        over = await self._aside(watch.have_ended, contacts.values()) if found else set()
        lost = await self._aside(watch.were_lost, over) if over else set()
        talking = reconcile.talking(seen, {channel for channel, contact in contacts.items() if contact in lost})
        for one in found:
            if one.channel in talking:  # others counted them as lost; they are not cut off for that
                continue
            if contacts[one.channel] in over:  # it was given up while nobody led it
                await self.board.ari.ask("DELETE", f"channels/{one.channel}")
            else:
                await self._adopt_orphan(one)

    async def _adopt_orphan(self, one: Orphan) -> None:
        """A client whom nobody leads is a new call; any other channel that nobody leads is ended."""
        if one.is_client:
            log.info("channel %s is led by nobody: taken as a new call", one.channel)
            query = {"app": self.board.desk.app, "appArgs": "adopted,client"}
            await self.board.ari.ask("POST", f"channels/{one.channel}/move", query)
            self.reception.arrive(one.channel, line=one.line, caller=one.caller, at=one.created_at)
        elif (utc_now() - one.created_at).total_seconds() > watch.STRAY_AFTER_S:
            await self.board.ari.ask("DELETE", f"channels/{one.channel}")
