"""The switchboard at work: its parts put together, and the rounds that it makes."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import logging
import uuid
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, connections

from kindline.standard.profile import Profile
from kindline.switchboard import (
    agents,
    calling_hours,
    choosing,
    dispatcher,
    inquiries,
    nodes,
    permits,
    phones,
    places,
    reassigning,
    reconcile,
    recording,
    spool,
    thresholds,
    true_time,
    wallboard,
    watch,
)
from kindline.switchboard.board import Board, connected, utc_now
from kindline.switchboard.committing import Transition
from kindline.switchboard.dialled import Dialling
from kindline.switchboard.following import Following
from kindline.switchboard.leftovers import Leftovers
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.state import CallState, Phase
from kindline.switchboard.machine.turn import NEWS
from kindline.switchboard.media_quality import MediaQuality
from kindline.switchboard.messages import Messages
from kindline.switchboard.others import Others
from kindline.switchboard.paces import Paces
from kindline.switchboard.patience import patiently
from kindline.switchboard.phonebook import Phonebook
from kindline.switchboard.pulse import BEAT_S, Pulse
from kindline.switchboard.reception import WANTED, Reception
from kindline.switchboard.returning import Returning, windows
from kindline.switchboard.self_service import guesses, struck
from kindline.switchboard.silences import Silences
from kindline.switchboard.stock import SETTLED_S, Stock
from kindline.switchboard.undrawn import Undrawn
from kindline.switchboard.waits import Waits

log = logging.getLogger(__name__)
T = TypeVar("T")
DISPATCH_S = 1.0
GATHER_S, PAIR_S = 0.01, 0.09
"""How long news is gathered before callers and operators are paired, and the pause after it."""
PHONES_S = 0.05
"""How long news of phones is gathered before it is written."""
FOLLOW_S = 0.15
"""How long is gathered what happened to calls, before its consequences are drawn for all of them at once."""
ROUND_S, LEFT_S = 30.0, 600.0
COLLECT_S, COMPARE_S = 2.0, 5.0
SOON_S = 0.5
SWEEP_S = 10.0
LISTEN_S = 10.0
"""How often it is asked how well sound comes through."""
AWAY_S = 15.0
"""How long the phone of somebody who is ready may be away."""


class House:
    """Everything around the board."""

    def __init__(self, board: Board, profile: Profile, *, instance: str, token: str) -> None:
        self.board, self.profile, self.instance, self.token = board, profile, instance, token
        self._pool = ThreadPoolExecutor(3, "aside")
        self.reception = Reception(board, profile, instance=instance, token=token)
        self.following = Following(profile, self.aside)
        self.undrawn, self.leftovers = Undrawn(self), Leftovers(self)
        self.messages = Messages(board, profile, self.aside)
        self.stock, self.phonebook = Stock(board, self.reception, self.aside), Phonebook(self)
        self.others, self.dialling, self.pulse = Others(self), Dialling(self), Pulse(self)
        self.waits, self.silences = Waits(), Silences(board, profile)
        self.paces = Paces(self.waits)
        self.media_quality = MediaQuality(board, self.aside)
        self._day, self._places_at, self._incidents = wallboard.Day(), 0.0, False  # incidents are told before the menu
        self._away: dict[int, dt.datetime] = {}
        self._phone_news: dict[int, str] = {}
        self._to_collect = asyncio.Event()
        self._to_collect.set()
        self._needs = {
            name: choosing.need(queue.skills) for name, queue in (profile.menu.queues if profile.menu else {}).items()
        }
        self._hours, self._returning = calling_hours.of(profile), Returning(windows(profile.menu))
        self._skills = dispatcher.Skills()
        board.expected_wait = self._expected_wait
        self.stock.judged = self.pulse.judged
        board.on_written = self._written
        self.reception.on_phones, self.reception.on_dialled = self._phones_changed, self.dialling.heard
        self.reception.on_talk, self.media_quality.on_packets = self.silences.heard, self.silences.came

    @property
    def presence(self) -> phones.Presence:
        """Which phones are there."""
        return self.reception.presence

    @property
    def ready(self) -> bool:
        """Whether calls are taken."""
        return self.reception.open

    async def aside(self, action: Callable[..., T], *args: Any, **named: Any) -> T:
        """Run something slow beside the event loop, with the database but not in turn with the writes of calls."""

        return await asyncio.get_running_loop().run_in_executor(
            self._pool, functools.partial(connected, action, *args, **named)
        )

    async def close(self) -> None:
        """Let the threads and their connections go."""
        await self.board.close()
        await self.aside(connections.close_all)
        self._pool.shutdown()

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

    def _phones_changed(self, online: dict[int, str]) -> None:
        """News of phones comes one by one, at a start of hundreds: what comes within a moment is kept together."""
        if not self._phone_news:
            self.board.start(self._keep_phone_news(), "phones")
        self._phone_news |= online

    async def _keep_phone_news(self) -> None:
        await asyncio.sleep(PHONES_S)
        news, self._phone_news = self._phone_news, {}
        await self.note_phones(news)

    async def note_phones(self, online: dict[int, str]) -> None:
        """Keep which phones are here now (nothing: none of his)."""
        for employee, endpoint in online.items():
            if endpoint:
                self._away.pop(employee, None)
        self.miss_phones(employee for employee, endpoint in online.items() if not endpoint)
        await self.board.in_database(agents.note_phones, online, self.board.desk.node)
        self.operators_changed()

    def miss_phones(self, employees: Iterable[int]) -> None:
        """These have no phone here now."""
        for employee in employees:
            self._away.setdefault(employee, utc_now())

    def lost_operators(self) -> list[tuple[str, int]]:
        """The calls whose operator's phone has fallen silent and is not being called again."""
        calls = self.board.open_calls()
        lost = [(contact, state.operator) for contact, state in calls if state.phase is Phase.LOST and state.operator]
        return [(contact, leg.employee) for contact, leg in lost if not leg.channel]

    def phone_back(self, contact: str, employee: int, endpoint: str) -> None:
        """The operator of a call is there again."""
        self.board.feed(contact, e.PhoneBack(at=utc_now(), employee=employee, endpoint=endpoint))

    def operators_changed(self) -> None:
        """Somebody may be free now."""
        self.board.queue_changed.set()

    # --- what follows from what is written ---
    def _written(self, made: Transition) -> None:
        """A change of a call is written down: what follows beside."""
        for command in made.commands:
            if isinstance(command, c.OperatorIs) and command.state in agents.FREE:
                self.operators_changed()
            elif isinstance(command, c.Keep):
                self._to_collect.set()
            elif isinstance(command, c.LookUp):
                self.board.start(self._look_up(made.contact, command), "look up")
            elif isinstance(command, c.FindColleague):
                self.board.start(self.dialling.seek(made.contact, command), "seek")
            elif isinstance(command, c.KeepPlace):
                self._places_at = 0.0
        self.media_quality.noted(made.contact, made.notes)
        self.silences.changed(made.contact, made.state, made.at)
        for note in made.notes:
            self.following.note(made.state, note)

    async def _look_up(self, contact: str, asked: c.LookUp) -> None:
        """Find what a client asks of the menu and let the voice say it; silence is ended by the call's own timer."""
        live = self.board.calls.get(contact)
        if live is None or (asked.service == NEWS and not self._incidents):
            return
        try:
            found = await self.aside(
                inquiries.answer, self.profile, asked, contact=contact,
                caller=live.state.caller, line=live.state.line, now=utc_now(),
            )  # fmt: skip
        except Exception:
            log.exception("the menu's service %s failed", asked.service)
            return
        self.board.feed(contact, inquiries.event(asked, found, utc_now()))

    def _expected_wait(self, queue: str, position: int, patient: bool) -> float | None:
        return self.waits.expected_s(queue, position, utc_now().timestamp(), patient=patient)

    # --- rounds ---
    async def dispatch(self) -> None:
        """Pair callers with operators whenever something changed, and once a second."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.board.queue_changed.wait(), DISPATCH_S)
            await asyncio.sleep(GATHER_S)
            self.board.queue_changed.clear()
            await self._look_at_places()
            if (
                self.board.kept_places
                or self.board.elsewhere
                or any(state.phase is Phase.QUEUED for _, state in self.board.open_calls())
            ):
                await self._pair()
                await asyncio.sleep(PAIR_S)

    async def _pair(self) -> None:
        try:
            found = await self.board.in_database(
                dispatcher.match_now, app=self.board.desk.app, needs=self._needs, returning=self._returning,
                skills=self._skills, hours=self._hours,
            )  # fmt: skip
        except (DatabaseError, InterfaceError) as error:
            log.warning("calls cannot be given out now: %s", error)
            await asyncio.sleep(0.2)
            return
        for one in found:
            endpoint = await self.others.reach(one.employee) or f"op{one.employee}s"
            if isinstance(one, places.Given):
                self._call(one, endpoint)
            else:
                self.board.feed(one.contact, e.Offer(at=utc_now(), employee=one.employee, endpoint=endpoint))

    async def _look_at_places(self) -> None:
        """Which places are kept in the queues: once a second, for they come up by themselves."""
        now = asyncio.get_running_loop().time()
        if now - self._places_at < DISPATCH_S:
            return
        with contextlib.suppress(DatabaseError, InterfaceError):
            self.board.kept_places = await self.board.in_database(places.promised, utc_now(), self._hours)
            self.board.kept_numbers = await self.board.in_database(places.numbers)
            self._places_at = now

    def _call(self, one: places.Given, endpoint: str) -> None:
        """It is a client's turn who went away and keeps his place: his operator calls him."""
        now = utc_now()
        self.board.take(one.contact, CallState(one.contact, str(uuid.uuid4()), now))
        line = next(iter(self.board.plan.lines), "")
        event = e.DialOut(
            at=now, employee=one.employee, endpoint=endpoint, number=one.number, callback=one.callback, line=line,
            queue=one.queue, since=one.since,
        )  # fmt: skip
        self.board.feed(one.contact, event)

    def rounds(self) -> list[Coroutine[Any, Any, None]]:
        """Everything that is done again and again."""
        return [
            self.dispatch(),
            self.every(BEAT_S, self.pulse.beat),
            self.every(BEAT_S, self.pulse.beat_at_engine),
            self.every(BEAT_S, self.pulse.count_refused),
            self.every(BEAT_S, self.housekeeping),
            self.every(BEAT_S, self.adopt),
            self.every(BEAT_S, self.others.look),
            self.every(BEAT_S, self.others.phones_back),
            self.others.listen(),
            self.every(SWEEP_S, self.sweep),
            self.every(ROUND_S, self.round),
            self.every(FOLLOW_S, self.following.follow),
            self.every(ROUND_S, self.undrawn.look),
            self.every(LEFT_S, self.leftovers.look),
            self.every(SOON_S, self.collect),
            self.every(COLLECT_S, self.ingest),
            self.every(LISTEN_S, self.media_quality.look),
            self.every(BEAT_S, self.silences.look),
            *(self.every(COLLECT_S, one) for one in self.messages.watches),
            self.every(COLLECT_S, self.phonebook.look),
            self.every(COLLECT_S, self.learn_paces),
            self.every(COMPARE_S, self.watch_thresholds),
        ]

    async def housekeeping(self) -> None:
        """Free the forgotten, end wrap-ups, take those off who have no phone."""
        now = utc_now()
        freed = await self.board.in_database(watch.free_by_the_database)
        ended = await self.board.in_database(watch.end_wrap_ups, now=now)
        away = [one for one, since in self._away.items() if (now - since).total_seconds() > AWAY_S]
        if away:
            await self.board.in_database(agents.leave_without_phone, away, now)
        if freed or ended:
            self.operators_changed()

    async def sweep(self) -> None:
        """Close commands that nobody answered; count who is at work."""
        await self.board.in_database(watch.sweep_intents, now=utc_now())
        await self.board.in_database(places.let_go, utc_now())
        await self.aside(reassigning.end_due, now=utc_now())
        self._incidents = self.board.plan.tells_news and await self.aside(struck.any_open, self.profile, utc_now())
        await self.aside(guesses.forget, utc_now())
        await self.aside(permits.forget, utc_now())
        self.waits.operators = await self.aside(agents.at_work)

    async def learn_paces(self) -> None:
        """Read how the queues move at all switchboards: in the order of a queue the callers of all of them stand."""
        await self.aside(self.paces.look, utc_now())

    async def adopt(self) -> None:
        """Take over the calls of switchboards that are dead."""
        desk = self.board.desk
        judges = self.pulse.may_judge()  # spares the look; it is asked again where they are taken
        left = judges and await self.aside(watch.left_behind, desk.app, utc_now(), desk.node)
        if left and self.board.ari.connected.is_set():
            await self.stock.take()
        if self.board.ari.refused_s() > nodes.LOST_AFTER_S:
            self.stock.engine_lost()

    async def round(self) -> None:
        """Compare with the engine from time to time, even when nothing seems to have happened."""
        if self.board.ari.connected.is_set():
            await self.stock.take()

    async def collect(self) -> None:
        """Bring finished recordings into their place, soon after talks have ended and from time to time."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._to_collect.wait(), ROUND_S)
        self._to_collect.clear()
        again = asyncio.get_running_loop().call_later(COLLECT_S, self._to_collect.set)  # where it fails
        names, said = [one.name for one in await self.aside(lambda: list(recording.pending()))], self.reception.finished
        unsaid = [name for name in names if name not in said]
        busy = await reconcile.still_recording(self.board.ari, unsaid)
        came = await self.aside(recording.collect, profile=self.profile, busy=busy, now=utc_now())
        said.difference_update(names)
        if came == len(names):
            again.cancel()

    async def ingest(self) -> None:
        """Bring what the dialplan took alone into contacts."""
        if not true_time.clock.knows_engine or not await self.aside(spool.entries, spool.folder()):
            return
        answer = await self.board.ari.ask("GET", "channels")
        if answer.ok:
            busy = {one["id"] for one in answer.body}
            await self.aside(spool.ingest, profile=self.profile, instance=self.instance, busy=busy, now=utc_now())

    async def come_back(self) -> None:
        """The others did not hear us, and may have given us up: our phones are here, calls they counted are let go."""
        log.warning("we are heard again after a while")
        await self.note_phones(self.presence.everybody())
        await self.stock.take()

    # --- the engine is there ---
    async def connected(self) -> None:
        """The engine's events flow again: tell it of the phones, and find out what was missed."""
        self.others.forget_links()
        await asyncio.gather(
            self.board.ari.listen_to(WANTED), patiently(self.phonebook.tell_all), patiently(self.stock.take)
        )
        self.reception.open = True
        await asyncio.sleep(SETTLED_S + 1)
        await self.stock.take()

    async def watch_thresholds(self) -> None:
        """Tell those in charge, once, of a figure that has gone beyond its threshold."""
        await self.aside(self._compare)

    def _compare(self) -> None:
        now = utc_now()
        shown = wallboard.board(self.profile, self._day, now)
        rows, served = {row.queue: row for row in shown.rows}, wallboard.is_served(self.profile, now)

        def value(queue: str, measure: str) -> float | None:
            return rows[queue].value(measure, now) if served or measure != "ready" else None

        thresholds.note(profile=self.profile, queues=rows, value=value, now=now)
