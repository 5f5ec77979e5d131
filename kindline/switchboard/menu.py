"""What the machine knows of the profile and of the menu that runs, and what the menu is like once it is measured."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from typing import Any

from kindline.journal import actions as journal
from kindline.standard import holds, menus, transfers
from kindline.standard.faults import Fault
from kindline.standard.menus import Menu, Node
from kindline.standard.profile import Profile
from kindline.standard.scripts import Branch
from kindline.switchboard import prompts
from kindline.switchboard.machine import destinations
from kindline.switchboard.machine.plan import Emergency, Key, Level, LineRule, Plan, QueueRule, RatingRule, Sound
from kindline.switchboard.self_service import dialogues

BAD_LINE = "bad_line"
OUTAGES = "outages"
"""The service of the menu that tells of incidents; where there is one, a known caller hears of them before the menu."""


def activated(
    profile: Profile, menu: Menu, durations: Mapping[str, float], now: dt.datetime, *, number: int = 1
) -> list[Fault]:
    """Write down what the menu that runs is like, with its messages measured; returns where it breaks the standard.

    Clause: krc-5.6.6-05..20.
    """
    own = {prompt.key for prompt in menu.prompts()}
    measured = {key: length for key, length in prompts.longest(durations).items() if key in own}
    data = {"profile": profile.id, "version": number, **menus.shape(menu, measured)}
    journal.record(kind="menu_activated", subject_type="menu", subject_id=profile.id, data=data, at=now)
    return menus.check(menu, measured)


def plan(
    profile: Profile, menu: Menu | None, made: Mapping[str, Sound], *, switchboard: str, number: int = 1,
    emergencies: tuple[Emergency, ...] = (),
) -> Plan:  # fmt: skip
    """What the machine must know: every number of it comes from the profile."""
    variables = profile.variables
    grounds = {ground.id for branch in _ending_branches(profile) for ground in branch.grounds}
    held, passing = holds.of(profile), transfers.of(profile)
    rest: dict[str, Any] = _of_menu(profile, menu) if menu else {}
    return Plan(
        profile=profile.id,
        version=profile.version,
        language=profile.language,
        sounds=made,
        ring_period_s=variables.get("ring_period_s"),
        grounds=frozenset(grounds),
        bad_line_may_end=BAD_LINE in grounds,
        bad_line_retry_s=_retry_s(profile),
        transfer_needs=passing.needs,
        blind_transfer=passing.blind,
        hold_needs_consent=_says(profile, holds.CONSENT),
        hold_remind_s=held.every_s,
        hold_max_s=held.max_s,
        outgoing_rings_max=_value(profile, "outbound_rings_max"),
        switchboard=switchboard,
        tree=number,
        emergencies=emergencies,
        country=profile.calendar.country,
        services=dialogues.services(),
        destinations=destinations.of(profile, os.environ.get(destinations.PREFIXES, "")),
        **rest,
    )


def _of_menu(profile: Profile, menu: Menu) -> dict[str, Any]:
    depths = menus.levels(menu)
    off = menu.off_hours
    return {
        "lines": {
            line.id: LineRule(line.queue or next(iter(menu.queues), ""), line.menu) for line in menu.lines.values()
        },
        "levels": {node.id: _level(node, depths.get(node.id, 1)) for node in menu.nodes.values()},
        "queues": {queue.id: _queue(profile, queue) for queue in menu.queues.values()},
        "root": menu.root or "",
        "closed_level": (off.node if off else None) or "",
        "notice": menu.recording_notice.key if menu.recording_notice else "",
        "greeting": menu.greeting.key if menu.greeting else "",
        "closed_greeting": off.greeting.key if off else "",
        "names_company": bool(menu.greeting and menu.greeting.names_company),
        "rating": _rating(menu.rating),
        "tells_news": OUTAGES in offered(menu),
    }


def _rating(asked: menus.RatingRequest | None) -> RatingRule | None:
    if asked is None:
        return None
    named = frozenset(asked.lines), frozenset(asked.queues), frozenset(asked.directions)
    return RatingRule(*named, float(asked.talk_s_min))


def offered(menu: Menu) -> set[str]:
    """The services that the keys of the menu lead to."""
    options = (option for node in menu.nodes.values() for option in node.options.values())
    return {option.target or "" for option in options if option.action == "self" and option.enabled}


def _level(node: Node, depth: int) -> Level:
    keys = {
        option.digit: Key(option.action, option.target or "", option.prompt.key if option.prompt else "", option.on_end)
        for option in node.options.values()
        if option.enabled
    }
    return Level(node.prompt.key, keys, depth, node.timeout_s, node.tries)


def _queue(profile: Profile, queue: menus.Queue) -> QueueRule:
    overflow = queue.overflow or {}
    callback = queue.callback or {}
    period_s = profile.variables.get("ring_period_s")
    ring_s = queue.ring_timeout_s
    if queue.ring_timeout_rings and period_s:
        ring_s = queue.ring_timeout_rings * period_s
    return QueueRule(
        queue.priority,
        ring_s,
        queue.announce_every_s,
        overflow.get("after_s"),
        str(overflow.get("to") or ""),
        str(overflow.get("box") or queue.id),
        overflow.get("length"),
        overflow.get("expected_wait_s"),
        _seconds(callback.get("after_s")),
        str(callback.get("key", "1")),
        _seconds(callback.get("within_s")),
    )


def _seconds(value: Any) -> float | None:
    return None if value is None else float(value)


def _ending_branches(profile: Profile) -> Iterator[Branch]:
    for script in profile.scripts.values():
        if script.channel == "phone":
            yield from (branch for branch in script.branches if branch.ends_call)


def _retry_s(profile: Profile) -> float | None:
    """How long contact must be sought before a call may end for a bad line: the clock that unlocks it."""
    for script in profile.scripts.values():
        for branch in script.branches:
            if any(ground.id == BAD_LINE for ground in branch.grounds):
                named = {step.timer for step in branch.steps}
                limits = [timer.max_s for timer in script.timers if timer.id in named and timer.at_max == "unlock"]
                return next((float(limit) for limit in limits if limit is not None), None)
    return None


def _says(profile: Profile, key: str) -> bool:
    return any(not clause.later and clause.value.get(key) is True for clause in profile.clauses.values())


def _value(profile: Profile, key: str) -> float | None:
    found = (clause.value[key] for clause in profile.clauses.values() if not clause.later and key in clause.value)
    return next((float(value) for value in found), None)
