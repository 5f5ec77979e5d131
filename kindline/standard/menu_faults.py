"""What is wrong with a menu while it is edited: its parts and its clauses, by the checks of `kindline menu check`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kindline.standard import menu_drafts, menus, part_checks, placeholders, schema
from kindline.standard.documents import Document
from kindline.standard.faults import Fault
from kindline.standard.menu_drafts import KEYS, TARGETED
from kindline.standard.menus import Menu
from kindline.standard.profile import Profile

LETTERS_A_SECOND = 15.0
"""How fast messages are spoken, where nobody has measured them."""
FILE = "menu"
HOURS = "hours"
"""The only placeholder that is put in when a message is made."""
Raw = Mapping[str, Any]


def faults(content: Raw, profile: Profile, durations: Mapping[str, float]) -> list[Fault]:
    """Everything wrong with an edited menu; durations in seconds by the message's key, as far as they are measured.

    Clause: krc-5.6.6-05..20 (which of them hold is said by the profile).
    """
    if profile.menu is None:
        return []
    menu = menu_drafts.menu_of(content, profile.menu)
    own = [*_own(content), *_pieces(content)]
    return sorted([*own, *([] if own else _of_file(content, profile)), *menus.check(menu, lengths(menu, durations))])


def lengths(menu: Menu, durations: Mapping[str, float]) -> dict[str, float]:
    """How long each message lasts: as measured, else as its letters take to be spoken."""
    return {prompt.key: durations.get(prompt.key, len(prompt.text) / LETTERS_A_SECOND) for prompt in menu.prompts()}


def _own(content: Raw) -> Iterator[Fault]:
    """What a file cannot have, but a page can: equal keys, keys without a use, messages without words."""
    names = {node["id"] for node in content["nodes"]}
    if content["root"] not in names:
        yield _fault("root", "there is no first level", "say which level comes first")
    for key, prompt in menu_drafts.prompts_of(content):
        yield from _words(key, prompt)
    for node in content["nodes"]:
        seen: set[str] = set()
        for option in node["options"]:
            yield from _option(f"nodes.{node['id']}.options.{option['digit']}", option, seen)
            seen.add(option["digit"])


def _words(key: str, prompt: Raw) -> Iterator[Fault]:
    if not prompt["text"]:
        yield _fault(key, "the message has no words", "write what is said, also for a recording")
    for name in placeholders.names(prompt["text"]):
        if name != HOURS:
            yield _fault(key, f"{{{name}}} is not put in", "write the words themselves; only {hours} is put in")


def _option(key: str, option: Raw, seen: set[str]) -> Iterator[Fault]:
    digit = option["digit"]
    if digit not in KEYS:
        yield _fault(key, "it is not said which key", "choose a key")
    elif digit in seen:
        yield _fault(key, f"the key {digit} is taken twice", "choose another key for one of them")
    if option["action"] in TARGETED and not option["target"]:
        yield _fault(key, "it is not said where the key leads", "choose where")


def _pieces(content: Raw) -> Iterator[Fault]:
    """Levels that no key leads to and levels without keys: a caller would be left there, or never come."""
    for node in content["nodes"]:
        if not node["options"]:
            yield _fault(f"nodes.{node['id']}", "the level has no keys", "add an option, or remove the level")


def _of_file(content: Raw, profile: Profile) -> Iterator[Fault]:
    if profile.menu is None:
        return
    raw = menu_drafts.raw_of(content, profile.menu)
    place = Document(FILE, raw).place()
    wrong = list(schema.MENU.check(raw, place))
    yield from wrong or part_checks.menu(raw, place, profile)


def _fault(key: str, message: str, cure: str) -> Fault:
    return Fault(FILE, 1, key, message, cure)
