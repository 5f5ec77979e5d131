"""How far a short message has come: pure. What is known of it only grows, in whatever order the news comes."""

from __future__ import annotations

from collections.abc import Iterable

QUEUED, SENDING, UNKNOWN, SUBMITTED = "queued", "sending", "unknown", "submitted"
EXPIRED, FAILED, DELIVERED = "expired", "failed", "delivered"
ORDER = (QUEUED, SENDING, UNKNOWN, SUBMITTED, EXPIRED, FAILED, DELIVERED)
"""From nothing known to the strongest news: what was delivered stays delivered, whatever is told afterwards."""
BAD = frozenset({EXPIRED, FAILED})
FINAL = frozenset({EXPIRED, FAILED, DELIVERED})
RANK = {state: place for place, state in enumerate(ORDER)}


def after(state: str, news: str) -> str:
    """The state once this news is known; the order of news, and news told twice, change nothing."""
    return max(state, news, key=RANK.__getitem__)


def whole(parts: Iterable[str]) -> str:
    """The state of a message by its parts: a part that failed spoils it, all must be delivered."""
    found = list(parts)
    for bad in (FAILED, EXPIRED):
        if bad in found:
            return bad
    if all(state == QUEUED for state in found):
        return QUEUED
    under_way = {SENDING if state == QUEUED else state for state in found}
    return min(under_way, key=RANK.__getitem__)


def best(parts: Iterable[str]) -> str:
    """The state of a notice that goes to several browsers: it is as far as the one that came furthest."""
    found = list(parts)
    alive = [state for state in found if state not in BAD]
    return max(alive, key=RANK.__getitem__) if alive else EXPIRED if EXPIRED in found else FAILED
