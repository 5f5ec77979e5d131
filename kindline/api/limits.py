"""How often a token may ask: a bucket a token, refilled steadily, that all processes of the installation draw from.

The bucket is one moment in the database (when it will be full again), on the database's clock. A process draws a
handful of requests at once and gives them out by itself, so that most requests ask nothing; what it has not given out
it forgets soon. So never more is admitted than the token allows, and a little less while several processes hold some.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from kindline.journal import prepared

BURST_S = 10.0
"""How much of a token's rate may come at once, seconds."""
PARTS = 20
"""Into how many handfuls a full bucket is divided."""
KEPT = 10_000
DRAW = """
INSERT INTO api_allowance AS known (token_id, full_at)
VALUES (%(token)s::bigint, clock_timestamp() + %(takes_s)s::float8 * interval '1 second')
ON CONFLICT (token_id) DO UPDATE
SET full_at = greatest(known.full_at, clock_timestamp()) + %(takes_s)s::float8 * interval '1 second'
WHERE greatest(known.full_at, clock_timestamp()) + %(takes_s)s::float8 * interval '1 second'
    <= clock_timestamp() + %(burst_s)s::float8 * interval '1 second'
RETURNING true
"""
WAIT = """
SELECT extract(epoch FROM full_at - clock_timestamp())::float8 FROM api_allowance WHERE token_id = %(token)s::bigint
"""


@dataclass
class Handfuls:
    """What this process has drawn and not yet given out: how many a token, and when they were drawn."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    left: dict[int, tuple[int, float]] = field(default_factory=dict)

    def take(self, token: int, now_s: float) -> bool:
        """Give out one that is here."""
        with self.lock:
            many, drawn_s = self.left.pop(token, (0, 0.0))
            if many < 1 or now_s - drawn_s > BURST_S:
                return False
            if many > 1:
                self.left[token] = (many - 1, drawn_s)
            return True

    def add(self, token: int, many: int, now_s: float) -> None:
        """Keep what was drawn."""
        if many < 1:
            return
        with self.lock:
            self.left[token] = (many, now_s)
            if len(self.left) > KEPT:
                del self.left[next(iter(self.left))]


handfuls = Handfuls()


def take(token: int, a_minute: int, here: Handfuls = handfuls) -> float:
    """Take one request; returns 0, or the seconds after which there is one again."""
    now_s = time.monotonic()
    if here.take(token, now_s):
        return 0.0
    one_s = 60 / a_minute
    burst_s = max(one_s, BURST_S)
    many = max(1, int(burst_s / one_s / PARTS))
    for drawn in dict.fromkeys([many, 1]):
        if _draw(token, drawn * one_s, burst_s):
            here.add(token, drawn - 1, now_s)
            return 0.0
    found = prepared.one_row(WAIT, {"token": token})
    return max(0.001, (found[0] if found else 0.0) + one_s - burst_s)


def _draw(token: int, takes_s: float, burst_s: float) -> bool:
    return prepared.one_row(DRAW, {"token": token, "takes_s": takes_s, "burst_s": burst_s}) is not None
