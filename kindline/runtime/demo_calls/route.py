"""The way through a voice menu: which keys lead where, and what is heard before each."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from kindline.runtime.demo_calls.errors import DemoError
from kindline.standard.menus import Menu, Option
from kindline.standard.profile import Profile

PERSON = ("operator", "queue")
MESSAGE = ("voicemail",)
SERVICE = ("self",)


@dataclass(frozen=True)
class Press:
    """A key to press once the level is reached."""

    node: str
    digit: str


@dataclass(frozen=True)
class Route:
    """The number to dial, the keys to press, and where they lead."""

    line: str
    presses: tuple[Press, ...]
    queue: str


def to_person(profile: Profile) -> Route:
    """The shortest way to an operator. Raises: DemoError when the profile has no telephone line."""
    menu = _menu(profile)
    line = _line(menu)
    if not menu.lines[line].menu or menu.root is None:
        return Route(line, (), menu.lines[line].queue or "")
    presses, target = _shortest(menu, menu.root, PERSON)
    return Route(line, presses, target)


def to_message(profile: Profile) -> Route:
    """The shortest way to a voice message while nobody serves. Raises: DemoError when there is none."""
    menu = _menu(profile)
    if menu.off_hours is None or menu.off_hours.node is None:
        raise DemoError(f"the menu of {profile.id} takes no messages while it is closed")
    presses, target = _shortest(menu, menu.off_hours.node, MESSAGE)
    return Route(_line(menu), presses, target)


def to_service(profile: Profile, service: str) -> Route:
    """The shortest way to a service of the menu itself. Raises: DemoError when it has none such."""
    menu = _menu(profile)
    if menu.root is None:
        raise DemoError(f"the profile {profile.id} has no menu")
    presses, _ = _shortest(menu, menu.root, SERVICE, service)
    return Route(_line(menu), presses, "")


def serves(profile: Profile, service: str) -> bool:
    """Whether the menu has a key for a service of its own."""
    try:
        return bool(to_service(profile, service).presses)
    except DemoError:
        return False


def offers_callback(profile: Profile) -> bool:
    """Whether who waits for an operator long enough is offered a call."""
    queue = _menu(profile).queues.get(to_person(profile).queue)
    return bool(queue and queue.callback)


def _menu(profile: Profile) -> Menu:
    if profile.menu is None or not profile.menu.lines:
        raise DemoError(f"the profile {profile.id} has no telephone line: add menu.yaml")
    return profile.menu


def _line(menu: Menu) -> str:
    """The first line with a menu, else the first line."""
    return next((line.id for line in menu.lines.values() if line.menu), next(iter(menu.lines)))


def _shortest(menu: Menu, start: str, wanted: tuple[str, ...], target: str = "") -> tuple[tuple[Press, ...], str]:
    edge: deque[tuple[str, tuple[Press, ...]]] = deque([(start, ())])
    seen = {start}
    while edge:
        node, way = edge.popleft()
        options = [option for option in menu.nodes[node].options.values() if option.enabled]
        for option in sorted(options, key=lambda one: one.action not in wanted[:1]):
            further = (*way, Press(node, option.digit))
            if option.action in wanted and target in ("", option.target):
                return further, option.target or ""
            if _goes_on(menu, option) and option.target not in seen:
                seen.add(str(option.target))
                edge.append((str(option.target), further))
    raise DemoError(f"no key from {start} on leads to {target or ' or '.join(wanted)}")


def _goes_on(menu: Menu, option: Option) -> bool:
    return option.action == "goto" and option.target in menu.nodes
