"""The switchboard at work: what it hears from the engine, and the rounds that it makes."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections

from kindline.standard import hours
from kindline.standard.profile import Profile
from kindline.switchboard import (
    afterwards,
    agents,
    dispatcher,
    hearing,
    menu,
    phones,
    prompts,
    reconcile,
    recording,
    spool,
    watch,
    work,
)
from kindline.switchboard import clock as clocks
from kindline.switchboard.board import Board, utc_now
from kindline.switchboard.committing import Transition
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.plan import Sound
from kindline.switchboard.machine.state import CallState, Phase, contact_of, from_json
from kindline.switchboard.reconcile import Seen
from kindline.switchboard.waits import Waits

log = logging.getLogger(__name__)
T = TypeVar("T")
BEAT_S = 1.0
DISPATCH_S = 1.0
ROUND_S = 30.0
COLLECT_S = 2.0
AWAY_S = 15.0
"""How long the phone of somebody who is ready may be away."""
OWN_ARGUMENTS = ("leg", "ear", "adopted")


class House:
    """Everything around the board."""

    def __init__(self, board: Board, profile: Profile, *, instance: str, token: str) -> None:
        self.board, self.profile, self.instance, self.token = board, profile, instance, token
        self.presence = phones.Presence()
        self.waits = Waits()
        self.prompts_state = "none"
        self.ready = False
        self._sounds: Mapping[str, Sound] = {}
        self._menu = profile.menu
        self._away: dict[int, dt.datetime] = {}
        self._pool = ThreadPoolExecutor(3, "aside")
        self._reconciling = asyncio.Lock()
        self._needs = {
            name: dispatcher.need(queue.skills) for name, queue in (profile.menu.queues if profile.menu else {}).items()
        }
        board.expected_wait = self._expected_wait
        board.on_written = self._written

    async def aside(self, action: Callable[..., T], *args: Any, **named: Any) -> T:
        """Run something slow beside the event loop, with the database but not in turn with the writes of calls."""

        def run() -> T:
            close_old_connections()
            return action(*args, **named)

        return await asyncio.get_running_loop().run_in_executor(self._pool, run)

    async def every(self, seconds: float, work_: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something again and again; a failure is said and the next round comes all the same."""
        while True:
            try:
                await work_()
            except (DatabaseError, InterfaceError, OSError) as error:
                log.warning("%s: %s", work_.__name__, error)
            except Exception:
                log.exception("%s failed", work_.__name__)
            await asyncio.sleep(seconds)

    # --- hearing ---
    def hear(self, message: dict[str, Any]) -> None:
        """A message of the engine."""
        kind = message.get("type")
        if kind == "CallBroadcast":
            self._claim(message["channel"]["id"])
        elif kind == "StasisStart" and _is_new(message):
            self._arrive(message)
        elif kind in PHONE_NEWS:
            self._phone_news(message)
        elif kind == "ApplicationReplaced":
            log.error("another program has taken the name %s: this switchboard stops", self.board.desk.app)
            raise SystemExit(4)
        else:
            self._call_news(message)

    def _claim(self, channel: str) -> None:
        if self.ready and self.board.healthy:
            query = {"channelId": channel, "application": self.board.desk.app}
            self.board.start(self.board.ari.ask("POST", "events/claim", query, tries=1), "claim")

    def _arrive(self, message: Mapping[str, Any]) -> None:
        channel, said = message["channel"], [*message.get("args", []), "", ""]
        self.arrive(
            channel["id"], line=said[0] or channel["dialplan"]["exten"], caller=channel["caller"]["number"],
            at=hearing.moment(message), clock=said[1],
        )  # fmt: skip

    def arrive(self, channel: str, *, line: str, caller: str, at: dt.datetime, clock: str = "") -> None:
        """A client's call is ours."""
        contact = contact_of(self.instance, channel)
        if contact in self.board.calls:
            return
        called = line
        line = self._line(line)
        closed = "" if self._open(line, clocks.told(clock, self.token, at) or at) else "off_hours"
        self.board.take(contact, CallState(contact, channel, at))
        self.board.feed(contact, e.Arrived(at=at, line=line, caller=caller, called=called, closed=closed))

    def _line(self, called: str) -> str:
        """The line of the menu behind a called number; the first one for numbers that nobody named."""
        lines = self.board.plan.lines
        named = self.profile.variables.get("numbers") or {}
        return called if called in lines else str(named.get(called) or next(iter(lines), called))

    def _open(self, line: str, now: dt.datetime) -> bool:
        try:
            return hours.is_open(self.profile, line, now)
        except hours.NoHours:
            return True

    def _call_news(self, message: Mapping[str, Any]) -> None:
        heard = hearing.heard(message)
        if heard is None:
            return
        contact = self.board.where.get(heard.by)
        if contact is not None:
            self.board.feed(contact, heard.event)
        elif isinstance(heard.event, e.Up):
            self.board.start(self.board.ari.ask("DELETE", f"channels/{heard.by}"), "stray")

    def _phone_news(self, message: Mapping[str, Any]) -> None:
        endpoint = message["endpoint"]["resource"]
        employee = phones.employee_of(endpoint)
        if employee is None:
            return
        info = message.get("contact_info") or {}
        status, uri = str(info.get("contact_status", "")), str(info.get("uri", ""))
        if status in ("Created", "Updated", "Reachable", "NonQualified") and self.presence.moved(endpoint, uri):
            self._phone_lost(employee, endpoint)
            self._phone_there(employee, endpoint)
        state = "offline" if status == "Removed" else message["endpoint"].get("state", "unknown")
        if status in ("Created", "NonQualified", "Reachable"):
            state = "online"
        if self.presence.seen(endpoint, state):
            (self._phone_there if state == "online" else self._phone_lost)(employee, endpoint)
            self.board.start(self._note_phones({employee: self.presence.is_there(employee)}), "phones")

    def _phone_lost(self, employee: int, endpoint: str) -> None:
        for contact, state in list(self.board.open_calls()):
            for leg in (state.operator, state.third):
                if leg is not None and leg.employee == employee and leg.endpoint == endpoint and leg.channel:
                    self.board.feed(contact, e.MediaLost(at=utc_now(), employee=employee))

    def _phone_there(self, employee: int, endpoint: str) -> None:
        for contact, state in list(self.board.open_calls()):
            if state.operator is not None and state.operator.employee == employee:
                self.board.feed(contact, e.PhoneBack(at=utc_now(), employee=employee, endpoint=endpoint))
        self.operators_changed()

    async def _note_phones(self, online: dict[int, bool]) -> None:
        for employee, there in online.items():
            if there:
                self._away.pop(employee, None)
            else:
                self._away.setdefault(employee, utc_now())
        await self.board.in_database(agents.note_phones, online)
        self.operators_changed()

    def operators_changed(self) -> None:
        """Somebody may be free now."""
        self.board.queue_changed.set()

    # --- what follows from what is written ---
    def _written(self, made: Transition) -> None:
        """A change of a call is written down: what follows beside."""
        for command in made.commands:
            if isinstance(command, c.OperatorIs) and command.state in agents.FREE:
                self.operators_changed()
            elif isinstance(command, c.Keep | c.KeepMessage):
                self.board.start(self.collect(), "collect")
        for note in made.notes:
            if note.kind in afterwards.AFTER:
                self.board.start(self._afterwards(made, note), f"after {note.kind}")
            if note.kind == "call_ended":
                self.waits.learn(made.state.line, float(note.data["talk_s"]))

    async def _afterwards(self, made: Transition, note: c.Note) -> None:
        try:
            await self.aside(afterwards.AFTER[note.kind], self.profile, made.state, note)
        except Exception:
            log.exception("what follows %s of %s failed", note.kind, made.contact)

    def _expected_wait(self, queue: str, position: int) -> float | None:
        del queue
        return dispatcher.expected_wait_s(position, self.waits.handling_s, self.waits.operators)

    # --- rounds ---
    async def dispatch(self) -> None:
        """Pair callers with operators whenever something changed, and once a second."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.board.queue_changed.wait(), DISPATCH_S)
            self.board.queue_changed.clear()
            if any(state.phase is Phase.QUEUED for _, state in self.board.open_calls()):
                await self._pair()

    async def _pair(self) -> None:
        try:
            found = await self.board.in_database(
                dispatcher.match, app=self.board.desk.app, needs=self._needs, now=utc_now()
            )
        except (DatabaseError, InterfaceError) as error:
            log.warning("calls cannot be given out now: %s", error)
            await asyncio.sleep(0.2)
            return
        for one in found:
            endpoint = self.presence.endpoint_of(one.employee) or f"op{one.employee}s"
            self.board.feed(one.contact, e.Offer(at=utc_now(), employee=one.employee, endpoint=endpoint))

    def rounds(self) -> list[Coroutine[Any, Any, None]]:
        """Everything that is done again and again."""
        return [
            self.dispatch(),
            self.every(BEAT_S, self.beat),
            self.every(BEAT_S, self.housekeeping),
            self.every(BEAT_S, self.adopt),
            self.every(ROUND_S, self.round),
            self.every(COLLECT_S, self.collect),
            self.every(COLLECT_S, self.ingest),
            self.every(COLLECT_S, self.watch_menu),
            self.every(COLLECT_S, self.watch_phones),
        ]

    async def beat(self) -> None:
        """Say that we live: to the other switchboards, and to dialplans that cannot ask."""
        await self.board.in_database(watch.beat, self.board.desk.app, utc_now())
        if self.ready and self.board.ari.connected.is_set():
            now = int(utc_now().timestamp())
            for name, value in (("KINDLINE_HEARTBEAT", now), ("KINDLINE_APP", self.board.desk.app)):
                await self.board.ari.ask("POST", "asterisk/variable", {"variable": name, "value": value}, tries=1)

    async def housekeeping(self) -> None:
        """Free the forgotten, end wrap-ups, close commands that nobody answered."""
        now = utc_now()
        freed = await self.board.in_database(watch.free_forgotten, now=now)
        ended = await self.board.in_database(watch.end_wrap_ups, now=now)
        await self.board.in_database(watch.sweep_intents, now=now)
        self.waits.operators = await self.aside(agents.at_work)
        away = [one for one, since in self._away.items() if (now - since).total_seconds() > AWAY_S]
        if away:
            await self.board.in_database(agents.leave_without_phone, away, now)
        if freed or ended:
            self.operators_changed()

    async def adopt(self) -> None:
        """Take over the calls of switchboards that are dead."""
        if await self.aside(watch.dead, self.board.desk.app, utc_now()) and self.board.ari.connected.is_set():
            await self.reconcile()

    async def round(self) -> None:
        """Compare with the engine from time to time, even when nothing seems to have happened."""
        if self.board.ari.connected.is_set():
            await self.reconcile()

    async def collect(self) -> None:
        """Bring finished recordings into their place."""
        names = [one.name for one in await self.aside(lambda: list(recording.pending()))]
        if not names:
            return
        busy = await reconcile.still_recording(self.board.ari, names)
        await self.aside(recording.collect, profile=self.profile, busy=busy, now=utc_now())

    async def ingest(self) -> None:
        """Bring what the dialplan took alone into contacts."""
        if not await self.aside(spool.entries, spool.folder()):
            return
        answer = await self.board.ari.ask("GET", "channels")
        if answer.ok:
            busy = {one["id"] for one in answer.body}
            await self.aside(spool.ingest, profile=self.profile, instance=self.instance, busy=busy, now=utc_now())

    async def watch_menu(self) -> None:
        """Let keys that were switched by hand take effect."""
        found = await self.aside(work.menu_in_service, self.profile)
        if found != self._menu:
            self._menu = found
            await self._activate()

    # --- sounds ---
    async def prepare_sounds(self) -> None:
        """Make the messages quickly, so that calls can be taken; then let the best voice say them."""
        folder = Path(settings.KINDLINE["paths"]["prompts"])
        first = [*prompts.menu_messages(self.profile), *prompts.system_messages(self.profile)]
        language = self.profile.language
        self._sounds = await self.aside(prompts.make, first, language, folder, self._progress("messages"), quick=True)
        await self.aside(prompts.lay_out_fallback, self._sounds, folder)
        self._replan()
        self.prompts_state = "quick"
        self.board.start(self._best_sounds(first, language, folder), "voices")

    async def _best_sounds(self, messages: list[prompts.Spoken], language: str, folder: Path) -> None:
        try:
            self._sounds = await self.aside(prompts.make, messages, language, folder, self._progress("best voice"))
            await self.aside(prompts.lay_out_fallback, self._sounds, folder)
            self.prompts_state = "best"
            await self._activate()
        except Exception:
            log.exception("the best voice cannot say the messages")

    def _progress(self, what: str) -> prompts.Progress:
        def say(count: int, total: int, key: str) -> None:
            self.prompts_state = f"{what} {count}/{total}"
            if count == total or count % 10 == 0:
                log.info("%s: %s of %s made (%s)", what, count, total, key)

        return say

    async def _activate(self) -> None:
        self._replan()
        if self._menu is None:
            return
        durations = {key: sound.duration_s for key, sound in self._sounds.items()}
        faults = await self.board.in_database(menu.activated, self.profile, self._menu, durations, utc_now())
        for fault in faults:
            log.warning("the menu breaks %s at %s: %s", fault.clause, fault.key, fault.message)

    def _replan(self) -> None:
        self.board.plan = menu.plan(self.profile, self._menu, self._sounds, switchboard=self.board.desk.app)

    # --- reconciling ---
    async def connected(self) -> None:
        """The engine's events flow again: tell it of the phones, and find out what was missed."""
        await asyncio.gather(self._tell_phones(), self.reconcile())
        self.ready = True

    async def watch_phones(self) -> None:
        """Give new employees a place at the telephone."""
        new = await self.aside(agents.enlist, utc_now()) if self.ready else 0
        if new:
            await self._tell_phones()

    async def _tell_phones(self) -> None:
        await self.aside(agents.enlist, utc_now())
        found = await self.aside(phones.all_phones)
        address = str(settings.KINDLINE.get("sip_address") or "127.0.0.1")
        language = self.profile.language if self.profile.language == "ru" else "en"
        await phones.tell(self.board.ari, found, address=address, language=language)
        await phones.look(self.board.ari, found, self.presence)
        await self._note_phones({phone.employee: self.presence.is_there(phone.employee) for phone in found})

    async def reconcile(self) -> None:
        """Compare every call with the engine; take over those of the dead; give back what nobody leads."""
        async with self._reconciling:
            app, now = self.board.desk.app, utc_now()
            adopted = await self.board.in_database(watch.adopt, app=app, now=now)
            own = await self.board.in_database(watch.own, app)
            fresh = {one.contact: one for one in [*adopted, *own] if one.contact not in self.board.calls}
            states = {contact: from_json(one.data) for contact, one in fresh.items()}
            known = dict(self.board.open_calls()) | states
            seen = await reconcile.look(self.board.ari, known.values())
            if seen is None:
                return
            for contact, state in states.items():
                await self._take_over(contact, state, int(fresh[contact].data.get("revision") or 0), seen)
            for contact, state in known.items():
                self._catch_up(contact, state, seen)
            await self._orphans(seen, {one.former for one in adopted} | {app}, known)

    async def _take_over(self, contact: str, state: CallState, revision: int, seen: Seen) -> None:
        """Move a dead switchboard's call to us, with all that belongs to it."""
        log.info("call %s (%s) is taken over", contact, state.phase)
        app = {"app": self.board.desk.app, "appArgs": f"adopted,{contact}"}
        ringing = reconcile.half_dialled(state, seen)
        for channel in ringing:
            await self.board.ari.ask("DELETE", f"channels/{channel}")
        legs = [leg.channel for leg in (state.operator, state.third) if leg and leg.channel]
        ours = [state.channel, *legs, *(track.ear for track in state.tracks if track.ear)]
        moves = [one for one in ours if one in seen.channels and one not in ringing]
        await asyncio.gather(*(self.board.ari.ask("POST", f"channels/{one}/move", app) for one in moves))
        self.board.take(contact, state, revision=revision, written=True)
        for channel in ringing:
            self.board.feed(contact, e.Gone(at=utc_now(), estimated=True, channel=channel))

    def _catch_up(self, contact: str, state: CallState, seen: Seen) -> None:
        live = self.board.calls.get(contact)
        if live is None or live.state is not state:
            return  # it has moved on meanwhile
        for event in reconcile.missed(state, seen, utc_now()):
            log.info("call %s missed %s", contact, event)
            self.board.feed(contact, event)
        self.board.repair(contact, reconcile.repairs(state, seen))

    async def _orphans(self, seen: Seen, apps: set[str], known: Mapping[str, CallState]) -> None:
        dead = await self.aside(watch.gone_names, seen.applications, self.board.desk.app)
        belong = set(self.board.where) | {state.channel for state in known.values()}
        for one in reconcile.orphans(seen, apps | dead, belong):
            if one.is_client:
                query = {"app": self.board.desk.app, "appArgs": "adopted,client"}
                await self.board.ari.ask("POST", f"channels/{one.channel}/move", query)
                log.info("channel %s is led by nobody: taken as a new call", one.channel)
                self.arrive(one.channel, line=one.line, caller=one.caller, at=one.created_at)
            elif (utc_now() - one.created_at).total_seconds() > watch.DEAD_AFTER_S:
                await self.board.ari.ask("DELETE", f"channels/{one.channel}")

    def with_sounds(self, found: Mapping[str, Sound]) -> None:
        """Use these sounds (for tests that need no voice)."""
        self._sounds = found
        self.board.plan = replace(self.board.plan, sounds=found)


PHONE_NEWS = frozenset({"ContactStatusChange", "EndpointStateChange", "PeerStatusChange"})


def _is_new(message: Mapping[str, Any]) -> bool:
    said = message.get("args") or [""]
    return said[0] not in OWN_ARGUMENTS
