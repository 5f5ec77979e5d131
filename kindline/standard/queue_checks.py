"""What must hold between the queues of a menu: numbers, keys that can be told, and where callers are sent on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.menus import CALLBACK_KEYS
from kindline.standard.shapes import near

ENDS = ("voicemail", "callback")
"""Where an overflow leads that no queue takes up."""
Raw = Mapping[str, Any]


def queues(known: Raw, place: Place) -> Iterator[Fault]:
    """Rings that are numbers, a key for a callback that can be told, an overflow that leads somewhere and comes to an
    end.
    """
    for key, queue in known.items():
        at = place.child(key)
        for name in ("ring_timeout_rings", "ring_timeout_s"):
            value = queue.get(name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
                yield at.child(name).fault(f"a number is expected, not {value!r}", "refer to a number")
        yield from _callback_key(queue.get("callback"), at.child("callback"))
        yield from _overflow(key, known, at.child("overflow"))


def _callback_key(callback: Raw | None, place: Place) -> Iterator[Fault]:
    said = str((callback or {}).get("key", "1"))
    if said not in CALLBACK_KEYS:
        yield place.child("key").fault(f"the key {said!r} cannot be told", f"write one of {', '.join(CALLBACK_KEYS)}")


def _overflow(key: str, known: Raw, place: Place) -> Iterator[Fault]:
    to = _next(known, key)
    if to is None:
        return
    if to not in (*ENDS, *known):
        yield place.fault(f"cannot overflow to {to!r}", near(to, [*ENDS, *known]))
    elif key in (circle := _followed(key, known)):
        way = " -> ".join([key, *circle])
        message = f"callers are sent round in a circle: {way}"
        yield place.fault(message, "send on to voicemail, callback or another queue")


def _followed(key: str, known: Raw) -> list[str]:
    """The queues to which a caller of a queue is sent on, one after the other, until the way ends or repeats itself."""
    found: list[str] = []
    to = _next(known, key)
    while to is not None and to in known and to not in found:
        found.append(to)
        to = _next(known, to)
    return found


def _next(known: Raw, key: str) -> str | None:
    overflow = known[key].get("overflow")
    return str(overflow["to"]) if overflow else None
