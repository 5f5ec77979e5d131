"""The calls in hand: each event goes through the machine, is written down, and only then carried out.

What may be said twice without harm (who hears whom) goes to the engine at once, beside the writing (ADR 8).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import itertools
import logging
import uuid
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, connection, connections

from kindline.clients import phones
from kindline.switchboard import committing, sending, true_time
from kindline.switchboard.ari import Ari, Outcome
from kindline.switchboard.committing import Desk, Order, Result, Transition
from kindline.switchboard.in_hand import Live, ahead, ids_of, plan_for, turn
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine import step
from kindline.switchboard.machine.plan import Plan
from kindline.switchboard.machine.state import CallState, Phase

log = logging.getLogger(__name__)
KEPT_AFTER_END_S = 20
"""How long an ended call is remembered, for what still comes of it."""
RESULTS_EVERY_S = 0.2
TURN_S = 0.04
"""How long a turn of writing lasts at least while there is more to write: fewer, larger transactions."""
FRESH_S = 1.0
"""News older than this was kept from us: another switchboard may lead the call by now."""
PAUSES_S = (0.05, 0.1, 0.25, 0.5, 1.0)
T = TypeVar("T")
Reply = asyncio.Future[c.Refuse | None]


def utc_now() -> dt.datetime:
    """The time now; the only clock of the switchboard, set by that of the database."""
    return true_time.clock.now()


class Board:
    """All calls of one switchboard."""

    def __init__(self, *, ari: Ari, desk: Desk, plan: Plan, wire: sending.Wire) -> None:
        self.ari, self.desk, self.plan, self.wire = ari, desk, plan, wire
        self.earlier: dict[int, Plan] = {}
        """The plans of other versions of the menu, for calls that began with them."""
        self.calls: dict[str, Live] = {}
        self.where: dict[str, str] = {}
        self.healthy = True
        self.expected_wait: Callable[[str, int, bool], float | None] = lambda queue, position, patient: None  # noqa: ARG005
        self.kept_places: list[tuple[str, float]] = []
        """Queue and turn of clients who wait elsewhere to be called."""
        self.elsewhere: list[tuple[str, float]] = []
        """Queue and turn of callers whom other switchboards lead."""
        self.kept_numbers: set[str] = set()
        """The numbers of all who wait so, also of those who are not called yet."""
        self.on_written: Callable[[Transition], None] = lambda made: None  # noqa: ARG005
        self.queue_changed = asyncio.Event()
        self._unwritten: list[tuple[Transition | None, Reply | None]] = []
        self._results: list[Result] = []
        self._wake = asyncio.Event()
        self._writer = ThreadPoolExecutor(1, "writer")
        self._clerk = ThreadPoolExecutor(1, "clerk")
        self._tasks: set[asyncio.Task[Any]] = set()

    # --- events in ---
    def take(
        self, contact: str, state: CallState, *, revision: int = 0, written: bool = False, grace_s: float = 0.0,
        lost: bool = False,
    ) -> None:  # fmt: skip
        """Take a call in hand; timers that are long due wait for `grace_s`, until it is known what was missed.

        Of a call that was `lost` with its engine our own engine knows nothing.
        """
        live = self.calls[contact] = Live(state, revision, written, lost=lost)
        for known in ids_of(state):
            self._know(contact, live, known)
        self._arm(contact, live, grace_s)

    def _know(self, contact: str, live: Live, known: str) -> None:
        live.ids.add(known)
        self.where[known] = contact

    def feed(self, contact: str, event: e.Event) -> None:
        """Something happened to a call."""
        self._happened(contact, event, None)

    async def ask(self, contact: str, event: e.Event) -> c.Refuse | None:
        """An operator asks for something; returns the refusal, or None once it is written down."""
        reply: Reply = asyncio.get_running_loop().create_future()
        self._happened(contact, event, reply)
        return await reply

    def _happened(self, contact: str, event: e.Event, reply: Reply | None) -> None:
        made = self._step(contact, event)
        if made is not None:
            self._hasten(made, event)
        if made is not None or reply is not None:
            self._unwritten.append((made, reply))
            self._wake.set()

    # --- the loop ---
    def rounds(self) -> list[Coroutine[Any, Any, None]]:
        """Everything that goes on all the time."""
        return [self.run(), self.write_results()]

    async def run(self) -> None:
        """Write down what happened and carry it out, for ever: at once when it is quiet, else in batches."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._unwritten:
                begun = asyncio.get_running_loop().time()
                await self._turn()
                await asyncio.sleep(max(0.0, begun + TURN_S - asyncio.get_running_loop().time()))

    async def _turn(self) -> None:
        taken, self._unwritten = self._unwritten, []
        batch = [made for made, _ in taken if made is not None]
        ours = await self._write(batch)
        for made in batch:
            if made.contact in ours:
                self._carry_out(made)
                self.on_written(made)
            else:
                self.lose(made.contact, "belongs to another switchboard now")
        for result, reply in taken:
            if reply is not None and not reply.done():
                reply.set_result(refusal(result))

    def _step(self, contact: str, event: e.Event) -> Transition | None:
        live = self.calls.get(contact)
        if live is None:
            return None
        if isinstance(event, e.Fired) and event.timer in ("announce", "place", "callback"):
            event = self._announcement(contact, live, event)
        before = live.state.phase
        state, made = step(plan_for(live.state, self.plan, self.earlier), live.state, event)
        changed = state != live.state
        live.state = state
        self._arm(contact, live)
        if not made and not changed:
            return None
        if before is not state.phase and Phase.QUEUED in (before, state.phase):
            self.queue_changed.set()
        live.revision += 1
        live.touched = asyncio.get_running_loop().time()
        transition = Transition(contact, state, live.revision, event.at, self._placed(contact, made), not live.written)
        live.written = True
        for known in ids_of(state):
            self._know(contact, live, known)
        return transition

    def _announcement(self, contact: str, live: Live, event: e.Fired) -> e.Fired:
        position = self.position(contact)
        queue = live.state.waiting.queue if live.state.waiting else ""
        patient = event.timer == "callback"
        number = phones.normalised(live.state.caller, self.plan.country) if patient else ""
        wait_s, kept = self.expected_wait(queue, position, patient), number in self.kept_numbers
        return e.Fired(at=event.at, timer=event.timer, position=position, expected_wait_s=wait_s, kept=kept)

    def _placed(self, contact: str, made: list[c.Command]) -> list[c.Command]:
        """The commands, with the place in the queue put into the fact that a queue was entered."""
        return [
            c.Note(one.kind, one.at, {**one.data, "position": self.position(contact)}, one.actor)
            if isinstance(one, c.Note) and one.kind == "queue_entered"
            else one
            for one in made
        ]

    def position(self, contact: str) -> int:
        """The caller's place among those who wait in his queue, from 1; 0 when he does not wait."""
        own = self.calls[contact].state.waiting if contact in self.calls else None
        if own is None:
            return 0
        away = [*self.kept_places, *self.elsewhere]
        return 1 + sum(queue == own.queue and at < turn(own) for queue, at in away) + ahead(self.calls, contact, own)

    # --- writing ---
    async def _write(self, batch: list[Transition]) -> set[str]:
        results, self._results = self._results, []
        if not batch and not results:
            return set()
        failures = 0
        while True:
            try:
                ours = await self._written(committing.write, self.desk, batch, results, again=failures > 0)
            except (DatabaseError, InterfaceError) as error:
                self.healthy = False
                failures += 1
                log.warning("the database does not take %s changes (try %s): %s", len(batch), failures, error)
                if failures > 3 and not is_outage(error):
                    return await self._write_each(batch)
                await asyncio.sleep(PAUSES_S[min(failures, len(PAUSES_S) - 1)])
            except Exception:
                log.exception("%s changes cannot be written together", len(batch))
                return await self._write_each(batch)
            else:
                self.healthy = True
                return ours

    async def _write_each(self, batch: list[Transition]) -> set[str]:
        """One at a time, so that one that cannot be written does not hold up the others; the call itself goes on."""
        ours: set[str] = set()
        for one in batch:
            try:
                ours |= await self._written(committing.write, self.desk, [one], again=True)
            except Exception:
                log.exception("a change of call %s cannot be written", one.contact)
                ours.add(one.contact)
        return ours

    async def in_database(self, action: Callable[..., T], *args: Any, **named: Any) -> T:
        """Run something with the database, beside the event loop, in turn with others but not with calls."""
        return await self._on(self._clerk, action, *args, **named)

    async def _written(self, action: Callable[..., T], *args: Any, **named: Any) -> T:
        """Write what happened to calls, on a thread of its own: an answer does not wait for housekeeping."""
        return await self._on(self._writer, action, *args, **named)

    async def _on(self, thread: ThreadPoolExecutor, action: Callable[..., T], *args: Any, **named: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            thread, functools.partial(connected, action, *args, **named)
        )

    async def close(self) -> None:
        """Let the threads and their connections go."""
        for thread in (self._writer, self._clerk):
            await self._on(thread, connections.close_all)
            thread.shutdown()

    async def write_results(self) -> None:
        """Close intents by their outcomes, a few times a second, when no batch takes them along."""
        while True:
            await asyncio.sleep(RESULTS_EVERY_S)
            if self._results and not self._unwritten and self.healthy:
                results, self._results = self._results, []
                try:
                    await self._written(committing.write_results, results)
                except (DatabaseError, InterfaceError):
                    self._results = results + self._results

    # --- carrying out ---
    def _hasten(self, made: Transition, event: e.Event) -> None:
        """Send at once what leads the commands of a change and may be said twice; the rest waits to be written.

        Not for old news: whoever was frozen may no longer lead the call (T3).
        """
        live = self.calls[made.contact]
        orders = made.orders
        if not live.held and (utc_now() - event.at).total_seconds() < FRESH_S:
            made.sent = len(list(itertools.takewhile(_at_once, orders)))
            self._order(made.contact, live, orders[: made.sent])
        live.held += made.sent < len(orders)

    def _carry_out(self, made: Transition) -> None:
        live = self.calls.get(made.contact)
        if live is None:
            return
        rest = made.orders[made.sent :]
        live.held -= bool(rest)
        self._order(made.contact, live, rest)
        if made.state.over:
            asyncio.get_running_loop().call_later(KEPT_AFTER_END_S, self._forget, made.contact, live)

    def _order(self, contact: str, live: Live, orders: Iterable[Order]) -> None:
        """Let the engine be told, after what it is still to be told of this call."""
        if live.lost:
            told = [intent for order in orders for intent, _ in order.commands]
            self._results += [Result(intent, Outcome.GONE.value, "its engine is lost", utc_now()) for intent in told]
            return
        for order in orders:
            for _, command in order.commands:
                self._know(contact, live, sending.target(command))
            live.orders.append(order)
        if live.orders and (live.sender is None or live.sender.done()):
            live.sender = self.start(self._send(contact, live), f"send {contact}")

    def repair(self, contact: str, commands: list[c.Engine]) -> None:
        """Say again to the engine what was decided before and has not reached it."""
        live = self.calls.get(contact)
        if live is None or not commands:
            return
        self._order(contact, live, [Order([(str(uuid.uuid4()), command)]) for command in commands])

    def start(self, work: Any, name: str) -> asyncio.Task[Any]:
        """Run something beside; it is not lost."""
        task: asyncio.Task[Any] = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _send(self, contact: str, live: Live) -> None:
        """Send what waits, one order after the other; what may go together goes together."""
        while live.orders:
            order = live.orders.pop(0)
            if len(order.commands) == 1:
                await self._send_one(contact, *order.commands[0])
            else:
                await asyncio.gather(*(self._send_one(contact, *one) for one in order.commands))

    async def _send_one(self, contact: str, intent: str, command: c.Engine) -> None:
        why_not = self.wire.hindrance(command)
        if why_not:
            log.error("call %s: %s is not called: %s", contact, sending.outside(command), why_not)
            self._results.append(Result(intent, Outcome.REFUSED.value, why_not, utc_now()))
            self.feed(contact, e.Gone(at=utc_now(), channel=sending.target(command), cause=sending.BARRED))
            return
        asked = sending.request(self.wire, contact, command)
        answer = await self.ari.ask(asked.method, asked.path, asked.query, asked.body)
        now = utc_now()
        outcome = sending.settled(command, answer)
        self._results.append(Result(intent, outcome.value, answer.error, now))
        failed = sending.failure(command, answer, now)
        if failed is not None:
            log.info("call %s: %s %s: %s %s", contact, command, answer.status, outcome, answer.error)
            self.feed(contact, failed)

    # --- timers ---
    def _arm(self, contact: str, live: Live, least_s: float = 0.0) -> None:
        wanted = live.state.timers
        for name in [name for name, due in live.armed.items() if wanted.get(name) != due]:
            live.timers.pop(name).cancel()
            live.armed.pop(name)
        for name, due in wanted.items():
            if name not in live.armed:
                wait_s = max(least_s, (due - utc_now()).total_seconds())
                live.armed[name] = due
                live.timers[name] = asyncio.get_running_loop().call_later(wait_s, self._fire, contact, name, due)

    def _fire(self, contact: str, name: str, due: dt.datetime) -> None:
        live = self.calls.get(contact)
        if live is not None and live.armed.get(name) == due:
            live.armed.pop(name)
            live.timers.pop(name)
            self.feed(contact, e.Fired(at=utc_now(), timer=name))

    # --- letting go ---
    def _forget(self, contact: str, live: Live) -> None:
        if self.calls.get(contact) is live:
            del self.calls[contact]
        for known in live.ids:
            if self.where.get(known) == contact:
                del self.where[known]

    def lose(self, contact: str, why: str) -> None:
        """Another switchboard leads this call now, or has ended it: hands off; the log says `why`."""
        live = self.calls.get(contact)
        if live is None:
            return
        log.warning("call %s %s", contact, why)
        for handle in live.timers.values():
            handle.cancel()
        live.orders.clear()
        self._forget(contact, live)

    def settled(self, contact: str, seconds: float) -> bool:
        """Whether nothing has happened to the call for so long."""
        live = self.calls.get(contact)
        return live is not None and asyncio.get_running_loop().time() - live.touched > seconds

    def open_calls(self) -> Iterable[tuple[str, CallState]]:
        """The calls that have not ended."""
        return [(contact, live.state) for contact, live in self.calls.items() if not live.state.over]


def connected(action: Callable[..., T], *args: Any, **named: Any) -> T:
    """Run something on this thread's connection, which is kept; a broken one is thrown away, to be made anew."""
    try:
        return action(*args, **named)
    except (DatabaseError, InterfaceError):
        connection.close()
        raise


def _at_once(order: Order) -> bool:
    return all(sending.at_once(command) for _, command in order.commands)


def refusal(made: Transition | None) -> c.Refuse | None:
    """What was refused in a transition."""
    if made is None:
        return None
    return next((one for one in made.commands if isinstance(one, c.Refuse)), None)


def is_outage(error: Exception) -> bool:
    """Whether the database itself is away, and not the change wrong."""
    code = getattr(error.__cause__, "sqlstate", None) or ""
    return code == "" or code.startswith(("08", "53", "57", "58", "40"))
