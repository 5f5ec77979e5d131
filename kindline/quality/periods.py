"""Days and months over which averages and shares are judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from kindline.standard import vocabulary
from kindline.standard.profile import Profile

SUBJECT = "period"
MARGIN = dt.timedelta(days=1)
"""Facts of a subject that began within a period may lie a little outside it."""
ALWAYS = frozenset({"contact_opened", "contact_closed", "call_arrived", "call_answered", "call_ended"})


def month_of(moment: dt.datetime, zone: ZoneInfo) -> str:
    """The month of a moment in the organisation's zone, such as 2026-03."""
    return moment.astimezone(zone).strftime("%Y-%m")


def bounds(month: str, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """The first moment of a month and that of the next one."""
    first = dt.datetime.strptime(month, "%Y-%m").replace(tzinfo=zone)
    following = (first.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    return first, dt.datetime(following.year, following.month, 1, tzinfo=zone)


def kinds_of(profile: Profile, clauses: Collection[str]) -> set[str]:
    """The kinds of facts that the rules of these clauses speak of."""
    found = set(ALWAYS)
    for id_ in clauses:
        rule = profile.clauses[id_].rule
        found |= {word for word in _words(rule.params if rule else {}) if word in vocabulary.kinds()}
    return found


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _words(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _words(item)
