"""The days themselves: callers come, wait, give up or are served; every choice is made by `switchboard.choosing`."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

import simpy

from kindline.runtime.simulation.figures import Counts, report
from kindline.runtime.simulation.plans import Plan, arrivals, placed, queue_name
from kindline.switchboard.choosing import Caller, Floor, Idle, Match, Need
from kindline.switchboard.waits import Waits

Progress = Callable[[float, Counts], None]


class Day:
    """A simulated day, or several; `run` returns their figures."""

    def __init__(self, plan: Plan, progress: Progress | None = None) -> None:
        self.plan, self.counts = plan, Counts()
        self.clock = simpy.Environment()
        names = [queue_name(n) for n in range(plan.queues)]
        self.floor = Floor({name: Need({name: 1}) for name in names}, plan.policy)
        self.counts.by_queue = {name: [0.0, 0] for name in names}
        self._levels = [
            {queue_name(n): 3 for n in placed(one, plan.queues, plan.skills_of(one))} for one in range(plan.operators)
        ]
        self._busy = [0.0] * plan.operators
        self._came = 0
        self._callers: dict[str, Caller] = {}
        self._promised: set[str] = set()
        self._waits = Waits()
        self._waits.operators = max(1, plan.operators // plan.queues)
        self._forecasts: dict[str, float] = {}
        self._lengths = dict.fromkeys(names, 0)
        self._progress = progress
        # one stream of chance for each kind of thing, so that two policies meet the same callers
        self._when, self._which, self._long, self._patient, self._willing, self._urgent, self._again = (
            random.Random(f"{plan.seed} {what}")  # noqa: S311  (nothing secret)
            for what in ("when", "which", "long", "patient", "willing", "urgent", "again")
        )
        self._order = list(range(plan.operators))
        random.Random(f"{plan.seed} order").shuffle(self._order)  # noqa: S311

    def run(self) -> dict[str, Any]:
        """Let the day pass; who waits at its end is counted, as is who was promised a call."""
        for one in self._order:
            self._ready(one)
        self.clock.process(self._stream())
        if self._progress:
            self.clock.process(self._tell())
        self.clock.run(until=self.plan.ends_s)
        for caller in self._callers.values():
            self.counts.waited(caller.queue, self.plan.ends_s - caller.since)
        measured_s, waiting = self.plan.ends_s - self.plan.warm_up_s, self.floor.waiting
        figures = report(self.counts, self._busy, measured_s, waiting)
        return figures | {"work_beyond_staff": self.plan.beyond_staff, "days_behind": self.plan.days_of(waiting)}

    # --- coming ---
    def _stream(self) -> Generator[simpy.Event, None, None]:
        for at in arrivals(self.plan, self._when):
            yield self.clock.timeout(at - self.clock.now)
            self._call()

    def _call(self, queue: str = "") -> None:
        """Somebody calls; one who calls again, the queue where he gave up."""
        now, plan = self.clock.now, self.plan
        queue = queue or queue_name(self._which.randrange(self.plan.queues))
        self._came += 1
        caller = Caller(str(self._came), queue, since=now, priority=int(self._urgent.random() < plan.urgent))
        patience = self._patient.expovariate(1 / plan.patience_s) if plan.patience_s else 0.0
        willing = self._willing.random() < plan.takes_offer
        if self._counted(caller):
            self.counts.offered += 1
        self._callers[caller.contact] = caller
        full = plan.cap is not None and self._lengths[queue] >= plan.cap and self._can_promise(queue)
        self._lengths[queue] += 1
        if full:
            self.counts.offers += self._counted(caller)
            if willing:
                self._promised.add(caller.contact)
                self.counts.callbacks += self._counted(caller)
        if self._decided(lambda: self.floor.call(caller, now)):
            return
        self._forecast(caller)
        if plan.patience_s and caller.contact not in self._promised:
            self._later(patience, lambda: self._gives_up(caller.contact))
        if plan.overflow_after_s is not None:
            self._later(plan.overflow_after_s, lambda: self._overflows(caller.contact))

    def _can_promise(self, queue: str) -> bool:
        told = self._waits.expected_s(queue, self._lengths[queue] + 1, self.clock.now, patient=True)
        return self.plan.offer_within_s is None or (told or 0.0) <= self.plan.offer_within_s

    def _forecast(self, caller: Caller) -> None:
        """What the caller would be told, by the same rule as over the telephone."""
        told = self._waits.expected_s(caller.queue, self._lengths[caller.queue], self.clock.now)
        if self._counted(caller):
            self.counts.queued += 1
            self.counts.told += told is not None
        if told is not None and caller.contact not in self._promised:
            self._forecasts[caller.contact] = told

    # --- choosing ---
    def _decided(self, choose: Callable[[], Match | None]) -> bool:
        began = time.perf_counter_ns()
        made = choose()
        self.counts.deciding_ns += time.perf_counter_ns() - began
        self.counts.decisions += 1
        if made is not None:
            self._serve(made)
        return made is not None

    def _serve(self, made: Match) -> None:
        caller, now = self._callers.pop(made.contact), self.clock.now
        self._lengths[caller.queue] -= 1
        handling_s = self._long.expovariate(1 / self.plan.handling_s)
        self._waits.learn(caller.queue, handling_s)
        self._waits.served(caller.queue, now, now - caller.since)
        if self._counted(caller):
            self.counts.waited(caller.queue, now - caller.since)
            self._count_served(caller, now - caller.since)
        inside = max(0.0, min(now + handling_s, self.plan.ends_s) - max(now, self.plan.warm_up_s))
        self._busy[made.employee] += inside
        self._later(handling_s, lambda: self._ready(made.employee))

    def _count_served(self, caller: Caller, wait_s: float) -> None:
        counts = self.counts
        counts.by_queue[caller.queue][1] += 1
        if caller.contact in self._promised:
            counts.called_back += 1
            counts.callback_waits.append(wait_s)
            return
        counts.served += 1
        counts.in_time += wait_s <= self.plan.within_s
        counts.waits.append(wait_s)
        counts.served_waits.append(wait_s)
        counts.by_queue[caller.queue][0] += wait_s
        said = self._forecasts.pop(caller.contact, None)
        if said is not None:
            counts.forecast_errors.append(said - wait_s)

    def _ready(self, employee: int) -> None:
        now = self.clock.now
        one = Idle(employee, self._levels[employee], now, self._busy[employee])
        self._decided(lambda: self.floor.ready(one, now))

    # --- not waiting any longer ---
    def _gives_up(self, contact: str) -> None:
        caller = self._callers.pop(contact, None)
        if caller is None:
            return
        self.floor.leave(contact)
        self._lengths[caller.queue] -= 1
        self._forecasts.pop(contact, None)
        wait_s = self.clock.now - caller.since
        self._waits.gave_up(caller.queue, wait_s)
        if self._counted(caller):
            self.counts.abandoned += 1
            self.counts.abandoned_soon += wait_s <= self.plan.within_s
            self.counts.waits.append(wait_s)
            self.counts.waited(caller.queue, wait_s)
        self._calls_again(caller)

    def _calls_again(self, caller: Caller) -> None:
        """Perhaps he does, after a while; who would after the end of the day is lost to it."""
        after_s = self._again.expovariate(1 / self.plan.redial_s)
        if self._again.random() < self.plan.redials and self.clock.now + after_s < self.plan.ends_s:
            self.counts.redialled += self._counted(caller)
            self._later(after_s, lambda: self._call(caller.queue))

    def _overflows(self, contact: str) -> None:
        """After so long he stands in the next queue instead, as long as he has waited by then (overflow)."""
        caller = self._callers.get(contact)
        if caller is None:
            return
        moved = replace(caller, queue=queue_name((int(caller.queue[1:]) + 1) % self.plan.queues))
        self.floor.leave(contact)
        self._lengths[caller.queue] -= 1
        self._lengths[moved.queue] += 1
        self._callers[contact] = moved
        self._decided(lambda: self.floor.call(moved, self.clock.now))

    # --- the clock ---
    def _counted(self, caller: Caller) -> bool:
        return caller.since >= self.plan.warm_up_s

    def _later(self, seconds: float, what: Callable[[], None]) -> None:
        event = self.clock.timeout(seconds)
        event.callbacks.append(lambda _: what())

    def _tell(self) -> Generator[simpy.Event, None, None]:
        while self._progress:
            yield self.clock.timeout(self.plan.ends_s / 24)
            self._progress(self.clock.now / self.plan.ends_s, self.counts)
