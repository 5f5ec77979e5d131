"""Erlang C and Erlang A: what queues of one kind of caller and operator come to, exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass

TAIL = 1e-13


class UnstableError(ValueError):
    """More work comes than the operators can do: without impatience the queue grows for ever."""


@dataclass(frozen=True, slots=True)
class Steady:
    """What holds in the long run: shares of callers, and the mean wait of all of them (s)."""

    waits: float
    mean_wait_s: float
    abandons: float = 0.0


def erlang_b(operators: int, load: float) -> float:
    """The share of callers who find all operators busy where nobody waits; `load` in erlangs."""
    blocked = 1.0
    for n in range(1, operators + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(operators: int, calls_s: float, handling_s: float) -> Steady:
    """Patient callers, calls a second and the mean time of one. Raises: UnstableError."""
    load = calls_s * handling_s
    if load >= operators:
        raise UnstableError(f"{load:.1f} erlangs for {operators} operators: take more operators or fewer calls")
    blocked = erlang_b(operators, load)
    waits = blocked / (1 - load / operators * (1 - blocked))
    return Steady(waits, waits * handling_s / (operators - load))


def erlang_a(operators: int, calls_s: float, handling_s: float, patience_s: float) -> Steady:
    """Callers whose patience is exponential with the given mean (s)."""
    blocked = erlang_b(operators, calls_s * handling_s)
    busy = [1.0]  # the states with all operators busy and 0, 1, 2 … waiting, against the first of them
    while busy[-1] > TAIL * max(busy):
        n = len(busy)
        busy.append(busy[-1] * calls_s / (operators / handling_s + n / patience_s))
    total = 1 / blocked + math.fsum(busy) - 1
    queue = math.fsum(n * weight for n, weight in enumerate(busy)) / total
    mean_wait_s = queue / calls_s
    return Steady(math.fsum(busy) / total, mean_wait_s, mean_wait_s / patience_s)
