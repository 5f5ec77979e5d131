"""How often a token may ask: a bucket a token in each process, refilled steadily."""

from __future__ import annotations

import threading
import time

BURST_S = 10.0
"""How much of a token's rate may come at once, seconds."""
KEPT = 10_000


class Buckets:
    """What each token has left."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[int, tuple[float, float]] = {}

    def take(self, token: int, a_minute: int, now_s: float | None = None) -> float:
        """Take one request; returns 0, or the seconds after which there is one again."""
        now = time.monotonic() if now_s is None else now_s
        rate = a_minute / 60
        most = max(1.0, rate * BURST_S)
        with self._lock:
            left, then = self._left.pop(token, (most, now))
            left = min(most, left + (now - then) * rate)
            self._left[token] = (left - 1 if left >= 1 else left, now)
            if len(self._left) > KEPT:
                del self._left[next(iter(self._left))]
        return 0.0 if left >= 1 else (1 - left) / rate


buckets = Buckets()
