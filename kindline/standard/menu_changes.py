"""What differs between two menus as people edit them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Raw = Mapping[str, Any]
PARTS = ("action", "target", "title", "enabled", "on_end")
LEVEL_PARTS = ("title", "timeout_s", "tries")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where, of which kind, and what stood and stands there."""

    key: str
    what: str
    """level_added, level_removed, option_added, option_removed, order, text, sound, or the name of the part."""
    before: Any = None
    after: Any = None


def differences(before: Raw, after: Raw) -> list[Change]:
    """Every difference between two contents, in the order of the second."""
    return [*_frame(before, after), *_levels(before, after)]


def _frame(before: Raw, after: Raw) -> Iterator[Change]:
    if before["root"] != after["root"]:
        yield Change("root", "target", before["root"], after["root"])
    for key in ("recording_notice", "greeting"):
        yield from _prompt(key, before[key], after[key])
    was, now = before["off_hours"] or {}, after["off_hours"] or {}
    yield from _prompt("off_hours.greeting", was.get("greeting"), now.get("greeting"))
    if was.get("node") != now.get("node"):
        yield Change("off_hours.node", "target", was.get("node"), now.get("node"))


def _levels(before: Raw, after: Raw) -> Iterator[Change]:
    was, now = ({one["id"]: one for one in content["nodes"]} for content in (before, after))
    for name, node in now.items():
        if name not in was:
            yield Change(f"nodes.{name}", "level_added", None, node["title"])
        else:
            yield from _level(f"nodes.{name}", was[name], node)
    for name, node in was.items():
        if name not in now:
            yield Change(f"nodes.{name}", "level_removed", node["title"], None)


def _level(key: str, was: Raw, now: Raw) -> Iterator[Change]:
    yield from _prompt(key, was["prompt"], now["prompt"])
    yield from (Change(key, part, was[part], now[part]) for part in LEVEL_PARTS if was[part] != now[part])
    old, new = ({one["digit"]: one for one in node["options"]} for node in (was, now))
    for digit, option in new.items():
        if digit not in old:
            yield Change(f"{key}.options.{digit}", "option_added", None, option["title"])
        else:
            yield from _option(f"{key}.options.{digit}", old[digit], option)
    for digit, option in old.items():
        if digit not in new:
            yield Change(f"{key}.options.{digit}", "option_removed", option["title"], None)
    if set(old) == set(new) and list(old) != list(new):
        yield Change(key, "order", " ".join(old), " ".join(new))


def _option(key: str, was: Raw, now: Raw) -> Iterator[Change]:
    yield from (Change(key, part, was[part], now[part]) for part in PARTS if was[part] != now[part])
    if now["action"] == "info":
        yield from _prompt(key, was["prompt"], now["prompt"])


def _prompt(key: str, was: Raw | None, now: Raw | None) -> Iterator[Change]:
    old, new = was or {}, now or {}
    if old.get("text", "") != new.get("text", ""):
        yield Change(key, "text", old.get("text", ""), new.get("text", ""))
    if old.get("sound", "") != new.get("sound", ""):
        yield Change(key, "sound", bool(old.get("sound")), bool(new.get("sound")))
