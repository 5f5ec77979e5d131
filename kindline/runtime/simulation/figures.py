"""What is counted in a simulated day, and the figures that come of it.

Service level: answered in time / (offered - abandoned in time). Abandonment: abandoned / offered; who asked to be
called back did not abandon. Lost: who gave up and did not call again / callers, each call again being the same one.
ASA: waits of the answered / answered. Occupancy: time on calls / time at work.
"""

from __future__ import annotations

import math
import statistics
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

BATCHES = 20
QUEUES_SHOWN = 20


@dataclass(slots=True)
class Counts:
    """Callers who came after the warm-up, by what became of them; waits in seconds."""

    offered: int = 0
    served: int = 0
    abandoned: int = 0
    abandoned_soon: int = 0
    redialled: int = 0
    """Of those who gave up: they called again, or will."""
    told: int = 0
    """Who waited and heard how long it would take."""
    queued: int = 0
    """Who waited at all."""
    offers: int = 0
    callbacks: int = 0
    called_back: int = 0
    in_time: int = 0
    decisions: int = 0
    deciding_ns: int = 0
    waits: array[float] = field(default_factory=lambda: array("d"))
    """Of everybody who was served or gave up, in the order in which this happened."""
    served_waits: array[float] = field(default_factory=lambda: array("d"))
    callback_waits: array[float] = field(default_factory=lambda: array("d"))
    forecast_errors: array[float] = field(default_factory=lambda: array("d"))
    by_queue: dict[str, list[float]] = field(default_factory=dict)
    longest: dict[str, float] = field(default_factory=dict)
    """The longest that anybody waited, by queue; who still waits at the end counts too."""

    def waited(self, queue: str, wait_s: float) -> None:
        """Somebody's waiting in a queue is over, or the day is."""
        self.longest[queue] = max(self.longest.get(queue, 0.0), wait_s)


def report(counts: Counts, busy: Sequence[float], logged_s: float, waiting: int) -> dict[str, Any]:
    """The figures of a day; None where nothing was counted."""
    tried = counts.served + counts.abandoned
    means = [total / number for total, number in counts.by_queue.values() if number]
    occupancy = [100 * one / logged_s for one in busy] if logged_s else []
    return {
        "offered": counts.offered,
        "served": counts.served,
        "abandoned": counts.abandoned,
        "callback_offers": counts.offers,
        "callbacks": counts.callbacks,
        "called_back": counts.called_back,
        "still_waiting": waiting,
        "redialled": counts.redialled,
        "lost": _share(counts.abandoned - counts.redialled, counts.offered - counts.redialled),
        "wait_told": _share(counts.told, counts.queued),
        "abandonment": _share(counts.abandoned, counts.offered),
        "service_level": _share(counts.in_time, counts.offered - counts.abandoned_soon),
        "mean_wait_s": _mean(counts.waits),
        "asa_s": _mean(counts.served_waits),
        "wait_p50_s": _quantile(counts.served_waits, 0.5),
        "wait_p90_s": _quantile(counts.served_waits, 0.9),
        "longest_wait_s": round(max(counts.longest.values(), default=0.0), 3),
        "longest_wait_by_queue_s": {name: round(one, 1) for name, one in sorted(counts.longest.items())[:QUEUES_SHOWN]},
        "callback_mean_wait_s": _mean(counts.callback_waits),
        "waited_share": _share(sum(1 for one in counts.waits if one > 0), tried),
        "asa_spread_of_queues": _spread(means),
        "queues_never_served": sum(1 for _, number in counts.by_queue.values() if not number),
        "occupancy_mean_pct": _mean(occupancy),
        "occupancy_sd_pct": statistics.pstdev(occupancy) if occupancy else None,
        "occupancy_min_pct": min(occupancy, default=None),
        "occupancy_max_pct": max(occupancy, default=None),
        "forecast_error_s": _mean([abs(one) for one in counts.forecast_errors]),
        "forecast_bias_s": _mean(counts.forecast_errors),
        "decisions": counts.decisions,
        "decisions_per_s": round(counts.decisions * 1e9 / counts.deciding_ns) if counts.deciding_ns else None,
    }


def half_width(values: Sequence[float]) -> float:
    """Half the 95 % interval of a mean of values that hang together: from the means of twenty long stretches."""
    size = len(values) // BATCHES
    if not size:
        return math.inf
    means = [math.fsum(values[n * size : (n + 1) * size]) / size for n in range(BATCHES)]
    return 2.093 * statistics.stdev(means) / math.sqrt(BATCHES)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 5) if whole > 0 else None


def _mean(values: Sequence[float]) -> float | None:
    return round(math.fsum(values) / len(values), 4) if values else None


def _quantile(values: Sequence[float], share: float) -> float | None:
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 3) if values else None


def _spread(means: Sequence[float]) -> float | None:
    """How far the queues' mean waits lie apart: their standard deviation against their mean."""
    middle = statistics.fmean(means) if means else 0.0
    return round(statistics.pstdev(means) / middle, 4) if middle else None
