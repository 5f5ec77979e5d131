"""How the voice menu is used: what callers choose, where they hang up, what they come for most often (krc-5.6.6-17)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from kindline.standard import menus
from kindline.standard.menus import Menu
from kindline.standard.profile import Profile

Place = tuple[str, str]
"""A level and a key."""
FEW = 3
"""So many callers at least make a topic frequent; fewer are chance."""
CHOSEN = """
    SELECT data->>'node', data->>'digit', data->>'action', coalesce(data->>'target', ''), count(*)
    FROM journal_fact WHERE kind = 'menu_choice' AND at >= %(since)s AND at < %(until)s GROUP BY 1, 2, 3, 4
"""
LEFT_AFTER = """
    WITH chosen AS (
        SELECT DISTINCT ON (subject_id) subject_id, data->>'node' AS node, data->>'digit' AS digit
        FROM journal_fact WHERE kind = 'menu_choice' AND at >= %(since)s AND at < %(until)s
        ORDER BY subject_id, at DESC, id DESC
    )
    SELECT chosen.node, chosen.digit, count(*) FROM chosen
    JOIN journal_fact ended ON ended.subject_type = 'contact' AND ended.subject_id = chosen.subject_id
        AND ended.kind = 'call_ended' AND ended.at >= %(since)s
    WHERE ended.data->>'outcome' IN ('menu', 'abandoned') GROUP BY 1, 2
"""
LEVELS = """
    SELECT data->>'node', kind, count(*) FROM journal_fact
    WHERE at >= %(since)s AND at < %(until)s AND (kind IN ('menu_entered', 'menu_no_input')
        OR kind = 'menu_digit' AND data->>'valid' = 'false') GROUP BY 1, 2
"""
LEFT_IN = """
    WITH entered AS (
        SELECT DISTINCT ON (subject_id) subject_id, data->>'node' AS node
        FROM journal_fact WHERE kind = 'menu_entered' AND at >= %(since)s AND at < %(until)s
        ORDER BY subject_id, at DESC, id DESC
    )
    SELECT entered.node, count(*) FROM entered
    JOIN journal_fact ended ON ended.subject_type = 'contact' AND ended.subject_id = entered.subject_id
        AND ended.kind = 'call_ended' AND ended.at >= %(since)s
    WHERE ended.data->>'outcome' = 'menu' GROUP BY 1
"""
TOPICS = """
    WITH chosen AS (
        SELECT DISTINCT ON (subject_id) subject_id, data->>'node' AS node, data->>'digit' AS digit
        FROM journal_fact WHERE kind = 'menu_choice' AND at >= %(since)s AND at < %(until)s
        ORDER BY subject_id, at DESC, id DESC
    )
    SELECT topic.title, chosen.node, chosen.digit, count(*)
    FROM conversations_contact contact
    JOIN conversations_topic topic ON topic.id = contact.topic_id
    LEFT JOIN chosen ON chosen.subject_id = contact.id::text
    WHERE contact.channel = 'phone' AND contact.direction = 'in' AND contact.profile = %(profile)s
        AND contact.started_at >= %(since)s AND contact.started_at < %(until)s
    GROUP BY 1, 2, 3
"""


@dataclass(slots=True)
class OptionUse:
    """How often a key was chosen, and how many hung up after it, in the menu or while waiting."""

    chosen: int = 0
    left: int = 0

    @property
    def left_share(self) -> float | None:
        """The share of those who chose it and hung up; None where nobody chose it."""
        return self.left / self.chosen if self.chosen else None


@dataclass(slots=True)
class LevelUse:
    """How often a level was heard, how many hung up in it, pressed nothing, or a key without a meaning."""

    entered: int = 0
    left: int = 0
    silent: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class TopicUse:
    """What callers came for, and the key by which most of them came."""

    title: str
    count: int
    share: float
    place: Place | None
    level: int | None
    reason: str = ""
    """Why it is proposed for the first level: deep, or no_key (most came by the operator's key or by none)."""


@dataclass(slots=True)
class MenuUse:
    """The use of a menu over a period."""

    callers: int = 0
    options: dict[Place, OptionUse] = field(default_factory=dict)
    levels: dict[str, LevelUse] = field(default_factory=dict)
    gone: list[tuple[str, str, str, int]] = field(default_factory=list)
    """Keys that meant something else than now: level, key, where it led, how often."""
    topics: list[TopicUse] = field(default_factory=list)


def use_of(profile: Profile, menu: Menu, since: dt.datetime, until: dt.datetime) -> MenuUse:
    """How the menu was used from `since` (inclusive) to `until` (exclusive), by the keys that it has now."""
    asked = {"since": since, "until": until, "profile": profile.id}
    found = MenuUse()
    for level in menu.nodes.values():
        found.options |= {(level.id, digit): OptionUse() for digit in level.options}
    for node, digit, action, target, count in _rows(CHOSEN, asked):
        known = menu.nodes[node].options.get(digit) if node in menu.nodes else None
        if known is not None and (known.action, known.target or "") == (action, target):
            found.options[node, digit].chosen += count
        else:
            found.gone.append((node, digit, target or action, count))
    for node, digit, count in _rows(LEFT_AFTER, asked):
        if (node, digit) in found.options:
            found.options[node, digit].left = min(count, found.options[node, digit].chosen)
    found.levels = _levels(menu, asked)
    found.callers = found.levels[menu.root].entered if menu.root in found.levels else 0
    found.topics = _topics(menu, _rows(TOPICS, asked))
    return found


def _levels(menu: Menu, asked: dict[str, Any]) -> dict[str, LevelUse]:
    found = {node: LevelUse() for node in menu.nodes}
    names = {"menu_entered": "entered", "menu_no_input": "silent", "menu_digit": "wrong"}
    for node, kind, count in _rows(LEVELS, asked):
        if node in found:
            setattr(found[node], names[kind], count)
    for node, count in _rows(LEFT_IN, asked):
        if node in found:
            found[node].left = count
    return found


def _topics(menu: Menu, rows: Sequence[tuple[Any, ...]]) -> list[TopicUse]:
    ways: dict[str, Counter[Place | None]] = {}
    for title, node, digit, count in rows:
        ways.setdefault(title, Counter())[(node, digit) if node else None] += count
    total = sum(sum(one.values()) for one in ways.values())
    depths = menus.levels(menu)
    found = [_topic(menu, depths, title, one, total) for title, one in ways.items()]
    return sorted(found, key=lambda one: (-one.count, one.title))


def _topic(menu: Menu, depths: dict[str, int], title: str, ways: Counter[Place | None], total: int) -> TopicUse:
    count = sum(ways.values())
    place = max(ways, key=lambda one: (ways[one], one or ("", "")))
    known = menu.nodes[place[0]].options.get(place[1]) if place and place[0] in menu.nodes else None
    level = depths.get(place[0]) if place and known else None
    reason = "no_key" if known is None or known.action == "operator" else "deep" if (level or 1) > 1 else ""
    return TopicUse(title, count, count / total, place if known else None, level, reason if count >= FEW else "")


def proposed(use: MenuUse, menu: Menu) -> list[TopicUse]:
    """The topics that belong on the first level by their number and are not there; as many as a level may hold."""
    bound = menu.limits.get("branches_max")
    places = int(float(bound.value)) if bound is not None else 5
    return [one for one in use.topics[:places] if one.reason]


def _rows(query: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        return list(cursor.fetchall())
