"""Whether a gateway is asked: pure. After several failures it rests; then one message tries it (a circuit breaker)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

WORKS, RESTS = "works", "rests"
FAILURES_MAX = 3
"""So many failures one after the other, and the gateway rests."""
FIRST_REST = dt.timedelta(seconds=30)
LONGEST_REST = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is known of one gateway."""

    since: dt.datetime
    """From when its state is the present one."""
    state: str = WORKS
    failures: int = 0
    rests: int = 0
    """How often it has rested without a success between."""
    retry_at: dt.datetime | None = None
    """From when one message may try it."""
    reason: str = ""

    @property
    def works(self) -> bool:
        """Whether messages are given to it as ever."""
        return self.state == WORKS

    def may_be_tried(self, now: dt.datetime) -> bool:
        """Whether one message may see if it works again (half open)."""
        return self.state == RESTS and self.retry_at is not None and self.retry_at <= now


def after_good(circuit: Circuit, now: dt.datetime) -> Circuit:
    """It took a message: it works, whatever was before."""
    if circuit.state == WORKS:
        return replace(circuit, failures=0)
    return Circuit(since=now)


def after_bad(circuit: Circuit, reason: str, now: dt.datetime) -> Circuit:
    """It failed: with the last of several it rests; one that was tried in vain rests longer."""
    failures = circuit.failures + 1
    if circuit.state == WORKS and failures < FAILURES_MAX:
        return replace(circuit, failures=failures, reason=reason)
    return rested(replace(circuit, failures=failures), reason, now)


def rested(circuit: Circuit, reason: str, now: dt.datetime) -> Circuit:
    """It is given a rest, each time a longer one; news about a rest that has not run out changes nothing."""
    if circuit.state == RESTS and not circuit.may_be_tried(now):
        return circuit
    rest = min(FIRST_REST * 2 ** min(circuit.rests, 10), LONGEST_REST)
    since = circuit.since if circuit.state == RESTS else now
    return Circuit(since, RESTS, circuit.failures, circuit.rests + 1, now + rest, reason)
