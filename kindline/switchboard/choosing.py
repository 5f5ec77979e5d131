"""Who takes which call: pure, without rows or a clock; the dispatcher and the simulator decide by this alone.

Moments are seconds on any one scale. Callers stand in heaps by queue and operators in heaps by queue, so that a
decision costs the logarithm of those who wait, however many there are.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

POINT_S = 60.0
"""What a point of priority is worth in waiting: a head start, so that nobody is passed by newcomers for ever."""
REFUSED_FOR_S = 20.0
"""An operator who did not take a call is not asked again for so long, if there is anybody else."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a queue asks of an operator: skills with their least levels."""

    skills: Mapping[str, int] = field(default_factory=dict)

    def met_by(self, levels: Mapping[str, int]) -> bool:
        """Whether somebody with these levels can serve the queue."""
        return all(levels.get(skill, 0) >= least for skill, least in self.skills.items())


@dataclass(frozen=True, slots=True)
class Caller:
    """One who waits since a moment; `refused` says which operators did not take him, and when.

    He who talked to an operator lately is kept for that one until `returns_until`, then anybody takes him.
    """

    contact: str
    queue: str
    refused: Mapping[int, float] = field(default_factory=dict)
    priority: int = 0
    since: float = 0.0
    returns_to: int = 0
    returns_until: float = -math.inf

    @property
    def turn(self) -> float:
        """The place in the order of service: the smaller, the sooner."""
        return self.since - self.priority * POINT_S


@dataclass(frozen=True, slots=True)
class Idle:
    """One who is ready since a moment, with his skills and how long he has worked on calls today."""

    employee: int
    levels: Mapping[str, int] = field(default_factory=dict)
    since: float = 0.0
    busy_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Match:
    """A call and the operator kept for it."""

    contact: str
    employee: int


Policy = Callable[[Idle, int], tuple[float, ...]]
"""The order in which operators are asked, from the operator and the number of queues that he serves."""
POLICIES: Mapping[str, Policy] = {
    "longest-idle": lambda one, _: (one.since,),
    "least-occupied": lambda one, _: (one.busy_s, one.since),
    "skill-reserve": lambda one, breadth: (float(breadth), one.since),
}
Entry = tuple[tuple[float, ...], int, int]
"""A place in a heap of operators: key, number of the entry, employee."""


def need(skills: Iterable[str]) -> Need:
    """What a queue asks for, from `billing` or `billing:3` (3 = the least level)."""
    pairs = [skill.partition(":") for skill in skills]
    return Need({name: int(level) if level.isdigit() else 1 for name, _, level in pairs})


class Floor:
    """Those who wait and those who are ready; each that comes is matched at once, if anybody is there for him."""

    def __init__(self, needs: Mapping[str, Need], policy: str = "longest-idle") -> None:
        self._needs = dict(needs)
        self._policy = POLICIES[policy]
        self._served: dict[tuple[tuple[str, int], ...], tuple[str, ...]] = {}
        self._count = itertools.count()
        self._idle: dict[int, tuple[int, Idle]] = {}
        self._operators: dict[str, list[Entry]] = {name: [] for name in needs}
        self._callers: dict[str, tuple[int, Caller]] = {}
        self._queues: dict[str, list[tuple[float, int, str]]] = {name: [] for name in needs}
        self._kept: dict[int, list[tuple[float, int, str]]] = {}
        self._until: list[tuple[float, int, str]] = []

    # --- coming ---
    def call(self, caller: Caller, now: float) -> Match | None:
        """Somebody calls: the operator for him, or he waits."""
        self._know(caller.queue)
        stamp = next(self._count)
        former = self._idle.get(caller.returns_to)
        keeps = caller.returns_until > now
        if keeps and former and not _refused(caller, caller.returns_to, now) and self._serves(former[1], caller.queue):
            return self._leave(caller.contact, caller.returns_to)
        if not keeps:
            chosen = self._operator_for(caller, now)
            if chosen is not None:
                return self._leave(caller.contact, chosen)
        self._callers[caller.contact] = (stamp, caller)
        place = (caller.turn, stamp, caller.contact)
        if keeps:
            heapq.heappush(self._kept.setdefault(caller.returns_to, []), place)
            heapq.heappush(self._until, (caller.returns_until, stamp, caller.contact))
        else:
            heapq.heappush(self._queues[caller.queue], place)
        return None

    def ready(self, operator: Idle, now: float) -> Match | None:
        """An operator is free: the caller for him, or he waits for one."""
        queues = self.queues_of(operator.levels)
        chosen = self._caller_for(operator, queues, now)
        if chosen is not None:
            return self._leave(chosen, operator.employee)
        stamp = next(self._count)
        self._idle[operator.employee] = (stamp, operator)
        entry = (self._policy(operator, len(queues)), stamp, operator.employee)
        for queue in queues:
            heapq.heappush(self._operators[queue], entry)
        return None

    def also(self, contact: str, queue: str, now: float) -> Match | None:
        """He who waits may be served by another queue's operators too, and keeps his turn (overflow)."""
        known = self._callers.get(contact)
        if known is None:
            return None
        self._know(queue)
        stamp, caller = known
        chosen = self._operator_for(caller, now, queue)
        if chosen is not None:
            return self._leave(contact, chosen)
        heapq.heappush(self._queues[queue], (caller.turn, stamp, contact))
        return None

    def due(self, now: float) -> list[Match]:
        """Callers kept for one operator too long are for everybody now."""
        found = []
        while self._until and self._until[0][0] <= now:
            _, stamp, contact = heapq.heappop(self._until)
            known = self._callers.get(contact)
            if known is not None and known[0] == stamp:
                del self._callers[contact]
                made = self.call(known[1], now)
                found += [made] if made else []
        return found

    # --- going ---
    def leave(self, contact: str) -> None:
        """A caller waits no more."""
        self._callers.pop(contact, None)

    def away(self, employee: int) -> None:
        """An operator is not ready any more."""
        self._idle.pop(employee, None)

    # --- what is there ---
    @property
    def waiting(self) -> int:
        """How many callers wait."""
        return len(self._callers)

    @property
    def idle(self) -> int:
        """How many operators are ready."""
        return len(self._idle)

    def queues_of(self, levels: Mapping[str, int]) -> tuple[str, ...]:
        """The queues that somebody with these levels can serve."""
        signature = tuple(sorted(levels.items()))
        if signature not in self._served:
            self._served[signature] = tuple(name for name, wanted in self._needs.items() if wanted.met_by(levels))
        return self._served[signature]

    # --- choosing ---
    def _know(self, queue: str) -> None:
        """A queue without settings asks for no skill."""
        if queue not in self._needs:
            self._needs[queue] = Need()
            self._queues[queue] = []
            self._served.clear()
            self._operators[queue] = sorted(self._entries())

    def _entries(self) -> Iterator[Entry]:
        for stamp, one in self._idle.values():
            yield self._policy(one, len(self.queues_of(one.levels))), stamp, one.employee

    def _serves(self, one: Idle, queue: str) -> bool:
        return self._needs[queue].met_by(one.levels)

    def _operator_for(self, caller: Caller, now: float, queue: str = "") -> int | None:
        """The first in the order of the policy whom the caller was not refused by; the heap keeps the rest."""
        heap, aside, chosen = self._operators[queue or caller.queue], [], None
        while heap:
            entry = heap[0]
            known = self._idle.get(entry[2])
            if known is None or known[0] != entry[1]:
                heapq.heappop(heap)
            elif caller.refused and _refused(caller, entry[2], now):
                aside.append(heapq.heappop(heap))
            else:
                chosen = entry[2]
                break
        for entry in aside:
            heapq.heappush(heap, entry)
        return chosen

    def _caller_for(self, operator: Idle, queues: Sequence[str], now: float) -> str | None:
        """Of the first of each queue, and of those kept for this operator, the one whose turn it is."""
        best: tuple[float, int, str] | None = None
        for heap in self._heaps(operator, queues):
            first = self._first(heap, operator.employee, now)
            if first is not None and (best is None or first < best):
                best = first
        return best[2] if best else None

    def _heaps(self, operator: Idle, queues: Sequence[str]) -> Iterator[list[tuple[float, int, str]]]:
        if operator.employee in self._kept:
            mine = self._kept[operator.employee]
            mine[:] = [place for place in mine if self._may(place, operator)]
            heapq.heapify(mine)
            yield mine
        for queue in queues:
            yield self._queues[queue]

    def _may(self, place: tuple[float, int, str], operator: Idle) -> bool:
        known = self._callers.get(place[2])
        return known is not None and known[0] == place[1] and self._serves(operator, known[1].queue)

    def _first(self, heap: list[tuple[float, int, str]], employee: int, now: float) -> tuple[float, int, str] | None:
        aside, chosen = [], None
        while heap:
            place = heap[0]
            known = self._callers.get(place[2])
            if known is None or known[0] != place[1]:
                heapq.heappop(heap)
            elif known[1].refused and _refused(known[1], employee, now):
                aside.append(heapq.heappop(heap))
            else:
                chosen = place
                break
        for place in aside:
            heapq.heappush(heap, place)
        return chosen

    def _leave(self, contact: str, employee: int) -> Match:
        self._callers.pop(contact, None)
        self._idle.pop(employee, None)
        return Match(contact, employee)


def pair(callers: Iterable[Caller], idle: Iterable[Idle], needs: Mapping[str, Need], now: float) -> list[Match]:
    """Give each caller in his turn the operator who is idle longest among those who can serve him."""
    floor = Floor(needs)
    for one in idle:
        floor.ready(one, now)
    found = (floor.call(caller, now) for caller in sorted(callers, key=lambda one: one.turn))
    return [one for one in found if one is not None]


def _refused(caller: Caller, employee: int, now: float) -> bool:
    said = caller.refused.get(employee)
    return said is not None and now - said < REFUSED_FOR_S
