"""Voice menus: their parts, their shape, and whether they break the standard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kindline.standard.faults import Fault

Title = dict[str, str]
ACTIONS = ("goto", "queue", "operator", "voicemail", "info", "self", "back", "repeat", "hangup")
SERVICE = ("operator", "back", "repeat", "hangup")
SERVICES = ("appeal_status", "hours", "readings", "balance", "outages", "outages_by_address")
"""What a client can learn from the menu itself, and what he can give it."""
RATING_BEST = 5
"""A rating is a figure from 1 to 5, the best: as the index of satisfaction counts it."""
CALLBACK_KEYS = tuple("123456789")
"""The keys by which a client may ask to be called."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A message that is played; `key` names its sound file and measured duration."""

    key: str
    text: str
    clauses: tuple[str, ...] = ()
    names_company: bool = False
    sound: str = ""
    """The recording that somebody made for it, by its hash; empty: the voice says the words."""


@dataclass(frozen=True, slots=True)
class Option:
    """What a key does: one action and its target."""

    digit: str
    action: str
    target: str | None = None
    title: Title | None = None
    enabled: bool = True
    prompt: Prompt | None = None
    on_end: str = "back"


@dataclass(frozen=True, slots=True)
class Node:
    """A level of the menu: a prompt and its keys."""

    id: str
    prompt: Prompt
    options: Mapping[str, Option]
    title: Title | None = None
    timeout_s: float = 5
    tries: int = 3

    def branches(self) -> list[Option]:
        """The enabled options that count as branches: service keys (operator, back, repeat) do not."""
        return [option for option in self.options.values() if option.enabled and option.action not in SERVICE]


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of waiting callers."""

    id: str
    title: Title
    skills: tuple[str, ...] = ()
    priority: int = 0
    ring_timeout_rings: float | None = None
    music: str = "default"
    announce_every_s: float | None = None
    overflow: Mapping[str, Any] | None = None
    ring_timeout_s: float | None = None
    returns: Mapping[str, Any] | None = None
    """Who talked within `within_s` is kept for the same operator for `wait_s`."""
    callback: Mapping[str, Any] | None = None
    """Who has waited `after_s` may ask by `key` to be called; not reached, again after `pause_s`, `tries` times.

    With `within_s` only while his turn is expected to come by then: what cannot be kept is not promised.
    """


@dataclass(frozen=True, slots=True)
class Line:
    """A number that clients call."""

    id: str
    title: Title
    menu: bool = True
    hours: str | None = None
    queue: str | None = None
    when_closed: str | None = None
    """The line that takes its calls outside its hours; None: the off-hours greeting is heard."""


@dataclass(frozen=True, slots=True)
class OffHours:
    """What a caller hears outside working hours."""

    greeting: Prompt
    node: str | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound that the standard sets on menus, by the clause that sets it."""

    clause: str
    value: float | bool | str


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """Who approves a changed menu: employees with one of the roles, and whether somebody else than who wrote it."""

    roles: tuple[str, ...] = ()
    another: bool = False


@dataclass(frozen=True, slots=True)
class RatingRequest:
    """After which talks the client is asked for a rating by key; nothing named means all."""

    lines: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    directions: tuple[str, ...] = ("in",)
    talk_s_min: float = 0
    """A shorter talk is not asked about, seconds."""
    pause_days: float = 0
    """Who was asked is left in peace for so long."""


@dataclass(frozen=True, slots=True)
class SiteCallback:
    """A call may be asked for on the site: it is one of this queue, at once or in a span of the days that follow."""

    queue: str
    span_s: float = 7200
    days: int = 3
    """How many days ahead spans are offered."""


@dataclass(frozen=True, slots=True)
class Menu:
    """The whole voice menu of a profile."""

    language: str
    root: str | None
    nodes: Mapping[str, Node]
    queues: Mapping[str, Queue]
    lines: Mapping[str, Line]
    recording_notice: Prompt | None = None
    greeting: Prompt | None = None
    off_hours: OffHours | None = None
    abandoned_after_s: float | None = None
    """Who hung up after so long a wait becomes a callback; None: nobody does."""
    site_callback: SiteCallback | None = None
    rating: RatingRequest | None = None
    limits: Mapping[str, Bound] = field(default_factory=dict)
    approval: ApprovalRule = ApprovalRule()
    file: str = "menu.yaml"
    marks: Mapping[str, int] = field(default_factory=dict)

    def prompts(self) -> Iterator[Prompt]:
        """Every message of the menu."""
        for prompt in (self.recording_notice, self.greeting, self.off_hours.greeting if self.off_hours else None):
            if prompt is not None:
                yield prompt
        for node in self.nodes.values():
            yield node.prompt
            yield from (option.prompt for option in node.options.values() if option.prompt is not None)


def levels(menu: Menu) -> dict[str, int]:
    """How deep each node is that can be reached from the root; the root is level 1."""
    found: dict[str, int] = {}
    edge = [menu.root] if menu.root in menu.nodes else []
    depth = 1
    while edge:
        fresh = [node for node in dict.fromkeys(edge) if node is not None and node not in found]
        found.update(dict.fromkeys(fresh, depth))
        edge = [option.target for node in fresh for option in menu.nodes[node].options.values() if _goes(menu, option)]
        depth += 1
    return found


def _goes(menu: Menu, option: Option) -> bool:
    return option.enabled and option.action == "goto" and option.target in menu.nodes


def shape(menu: Menu, durations: Mapping[str, float]) -> dict[str, Any]:
    """What a menu is like, as the data of the fact `menu_activated`; durations by prompt key, seconds."""
    depth = levels(menu)
    deepest = max(depth.values(), default=0)
    nodes = [menu.nodes[node] for node in depth]
    off = menu.off_hours
    closed = _reached(menu, off.node) if off else []
    return {
        "branches_max": max((len(node.branches()) for node in nodes), default=0),
        "levels_max": deepest,
        "longest_prompt_s": round(max(durations.values(), default=0.0), 2),
        "greeting": menu.greeting is not None,
        "off_hours_greeting": off is not None,
        "off_hours_hours_told": off is not None and "{hours}" in off.greeting.text,
        "off_hours_intake": any(_has(node, "voicemail", "queue") for node in closed),
        "voicemail": any(_has(node, "voicemail") for node in [*nodes, *closed]),
        "return_to_menu": all(_has(node, "back") for node in nodes if depth[node.id] > 1),
        "deepest_to_operator": all(_leads_to_people(menu, node, depth) for node in nodes),
        "switchable": True,
        "names_company": bool(menu.greeting and menu.greeting.names_company),
    }


def _has(node: Node, *actions: str) -> bool:
    return any(option.enabled and option.action in actions for option in node.options.values())


def _leads_to_people(menu: Menu, node: Node, depth: Mapping[str, int]) -> bool:
    """A level below which nothing deeper lies must give an operator, a queue or, for messages, an operator key."""
    if any(depth.get(o.target or "", 0) > depth[node.id] for o in node.options.values() if _goes(menu, o)):
        return True
    return _has(node, "operator", "queue")


def _reached(menu: Menu, start: str | None) -> list[Node]:
    found: list[str] = []
    edge = [start]
    while edge:
        node = edge.pop()
        if node is not None and node in menu.nodes and node not in found:
            found.append(node)
            edge += [option.target for option in menu.nodes[node].options.values() if _goes(menu, option)]
    return [menu.nodes[node] for node in found]


def check(menu: Menu, durations: Mapping[str, float]) -> list[Fault]:
    """What in the menu breaks the profile's own limits, each with its clause; durations in seconds.

    Clause: krc-5.6.6-05..20 (which of them hold is said by `limits` in menu.yaml).
    """
    found = [*_message_faults(menu, durations), *_size_faults(menu), *_presence_faults(menu, durations)]
    return sorted(found)


def _fault(menu: Menu, key: str, message: str, cure: str, bound: Bound, *, warn: bool = False) -> Fault:
    line = menu.marks.get(key, menu.marks.get(key.rsplit(".options", 1)[0], 1))
    return Fault(menu.file, line, key, message, cure, "warning" if warn else "error", bound.clause)


def _message_faults(menu: Menu, durations: Mapping[str, float]) -> Iterator[Fault]:
    for prompt in menu.prompts():
        length = durations.get(prompt.key)
        if length is None:
            continue
        for limit, warn in (("message_s_max", False), ("message_s_target", True)):
            bound = menu.limits.get(limit)
            if bound is not None and length > float(bound.value):
                said = f"the message lasts {length:.1f} s, {'the aim is' if warn else 'allowed are'} {bound.value} s"
                yield _fault(menu, prompt.key, said, "shorten or split it", bound, warn=warn)
                break


def _size_faults(menu: Menu) -> Iterator[Fault]:
    depth = levels(menu)
    for node_id, level in depth.items():
        key = f"nodes.{node_id}"
        count = len(menu.nodes[node_id].branches())
        yield from _above(menu, key, "branches", count, "merge or remove branches")
        yield from _above(menu, key, "levels", level, "move the node nearer to the root")


def _above(menu: Menu, key: str, what: str, count: int, cure: str) -> Iterator[Fault]:
    for limit, warn in ((f"{what}_max", False), (f"{what}_target", True)):
        bound = menu.limits.get(limit)
        if bound is not None and count > float(bound.value):
            said = f"{count} branches" if what == "branches" else f"level {count}"
            yield _fault(menu, key, f"{said}, at most {bound.value}", cure, bound, warn=warn)
            break


PRESENCE = {
    "greeting": ("greeting", "the menu has no greeting", "write greeting: {text: …}"),
    "off_hours_greeting": ("off_hours", "no greeting outside working hours", "write off_hours: {greeting: {text: …}}"),
    "off_hours_hours_told": ("off_hours.greeting", "the off-hours greeting does not tell the hours", "put {hours} in"),
    "off_hours_intake": (
        "off_hours.node",
        "nothing can be left outside working hours",
        "add an option {voicemail: BOX}",
    ),
    "voicemail": ("nodes", "no voice message can be left anywhere", "add an option {voicemail: BOX}"),
}


def _presence_faults(menu: Menu, durations: Mapping[str, float]) -> Iterator[Fault]:
    now = shape(menu, durations)
    for name, (key, message, cure) in PRESENCE.items():
        bound = menu.limits.get(name)
        if bound is not None and bound.value is True and not now[name]:
            yield _fault(menu, key, message, cure, bound)
    yield from _node_faults(menu, "return_to_menu", "no key returns to the menu", "add an option {back: true}")
    yield from _node_faults(
        menu, "deepest_to_operator", "the deepest level does not lead to an operator", "add {operator: QUEUE}"
    )


def _node_faults(menu: Menu, name: str, message: str, cure: str) -> Iterator[Fault]:
    bound = menu.limits.get(name)
    if bound is None or bound.value is not True:
        return
    depth = levels(menu)
    for node_id, level in depth.items():
        node = menu.nodes[node_id]
        good = (level == 1 or _has(node, "back")) if name == "return_to_menu" else _leads_to_people(menu, node, depth)
        if not good:
            yield _fault(menu, f"nodes.{node_id}", message, cure, bound)
