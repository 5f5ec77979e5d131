"""Which gateway sends: the first that works; one that rests is tried again with a single message (ADR 47)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from kindline.notifications import actions, gateways, sending
from kindline.notifications.circuits import Circuit
from kindline.notifications.wires import Gateway

ABSENT = dt.timedelta(seconds=10)
"""So long a gateway may be gone before the other takes over: a session that begins anew takes a second or two."""
LOOKED_AFTER = dt.timedelta(minutes=1)
"""How often it is asked whether what was taken is delivered in time."""


@dataclass
class Switch:
    """The gateways of the settings, the first one first, and the sending through them."""

    gateways: Sequence[Gateway]
    pool: Executor
    clock: Callable[[], dt.datetime]
    _absent: dict[str, dt.datetime] = field(default_factory=dict)
    _looked: dt.datetime | None = None
    _is_named: bool = False

    def send(self) -> int:
        """Hand over a batch of what is due; how many parts were claimed."""
        now = self.clock()
        if not self._is_named:
            gateways.name_all(names=[one.name for one in self.gateways], now=now)
            self._is_named = True
        actions.give_up_late(now=now)
        known = {row.name: row.circuit for row in gateways.known()}
        if len(self.gateways) < 2:
            return sum(self._sent(one) for one in self.gateways if one.is_ready())
        self._look(known, now)
        return self._tried(known, now) or self._shared(known, now)

    def _tried(self, known: dict[str, Circuit], now: dt.datetime) -> int:
        """One message to a gateway that has rested long enough."""
        for one in self.gateways:
            if known[one.name].may_be_tried(now):
                if not one.is_ready():
                    gateways.rest(name=one.name, reason="it is not there", now=now)
                elif count := self._sent(one, limit=1):
                    return count
        return 0

    def _shared(self, known: dict[str, Circuit], now: dt.datetime) -> int:
        """What is due to the first that works; another one gets what it has begun."""
        is_begun = False
        for one in self.gateways:
            if not known[one.name].works:
                continue
            is_there = self._is_there(one, now)
            if is_there and (count := self._sent(one, is_begun=is_begun)):
                return count
            is_begun = True
        return 0

    def _is_there(self, one: Gateway, now: dt.datetime) -> bool:
        """Whether it can be asked; one that is gone for long rests."""
        if one.is_ready():
            self._absent.pop(one.name, None)
            return True
        if now - self._absent.setdefault(one.name, now) >= ABSENT:
            self._absent.pop(one.name)
            gateways.rest(name=one.name, reason="it is not there", now=now)
        return False

    def _look(self, known: dict[str, Circuit], now: dt.datetime) -> None:
        """A gateway that delivers too late rests."""
        if self._looked is not None and now - self._looked < LOOKED_AFTER:
            return
        self._looked = now
        for name, circuit in known.items():
            if circuit.works and gateways.is_late(name=name, since=circuit.since, now=now):
                gateways.rest(name=name, reason="it delivers late", now=now)

    def _sent(self, one: Gateway, *, limit: int = sending.BATCH, is_begun: bool = False) -> int:
        others = [other.name for other in self.gateways if other is not one]
        batch = sending.Batch(one, has_other=bool(others))
        count = sending.send_due(
            gateway=one, pool=self.pool, clock=self.clock, limit=limit, others=others, begun=is_begun, batch=batch
        )
        if batch.faults:
            gateways.report(name=one.name, faults=batch.faults, now=self.clock())
        return count
