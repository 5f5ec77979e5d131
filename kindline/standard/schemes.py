"""Schemes of the way to an office: streets, stops and the walk as points of a small drawing, and the way in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.shapes import ListOf, Number, Record, Text

WIDE, HIGH = 320, 200
"""The drawing, in points; letters of it stay readable on a small telephone."""
POINT = ListOf(Number(most=WIDE), least=2)
SPOT = Record({"name": Text(), "at": POINT})
SCHEME = Record(
    {
        "title": Text(),
        "address": Text(),
        "streets": ListOf(Record({"name": Text(), "from": POINT, "to": POINT}), least=1),
        "office": POINT,
        "words": Text(),
    },
    {"stops": ListOf(SPOT), "walk": ListOf(POINT, least=2)},
)
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Street:
    """A street from one end to the other."""

    name: str
    start: Point
    end: Point

    @property
    def middle(self) -> Point:
        """Where its name stands."""
        return (self.start[0] + self.end[0]) / 2, (self.start[1] + self.end[1]) / 2

    @property
    def is_upright(self) -> bool:
        """Whether it runs up and down, so that its name does, too."""
        return abs(self.end[1] - self.start[1]) > abs(self.end[0] - self.start[0])


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with a name, such as a stop."""

    name: str
    at: Point


@dataclass(frozen=True, slots=True)
class Scheme:
    """The way to one office."""

    title: str
    address: str
    streets: tuple[Street, ...]
    stops: tuple[Spot, ...]
    office: Point
    walk: tuple[Point, ...]
    words: str

    @property
    def path(self) -> str:
        """The walk as the points of a line."""
        return " ".join(f"{x:g},{y:g}" for x, y in self.walk)


def build(raw: Mapping[str, Any]) -> Scheme:
    """A scheme of checked data."""
    streets = [Street(one["name"], _point(one["from"]), _point(one["to"])) for one in raw["streets"]]
    stops = [Spot(one["name"], _point(one["at"])) for one in raw.get("stops") or ()]
    walk = tuple(_point(one) for one in raw.get("walk") or ())
    return Scheme(raw["title"], raw["address"], tuple(streets), tuple(stops), _point(raw["office"]), walk, raw["words"])


def _point(raw: list[float]) -> Point:
    return float(raw[0]), float(raw[1])


def check(raw: Mapping[str, Any], place: Place, slots: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    """Schemes belong to slots that are schemes, and lie within the drawing."""
    for key, several in raw.items():
        if not slots.get(key, {}).get("scheme"):
            yield place.child(key).fault(f"{key!r} is no slot with a scheme", "name a slot that has scheme: true")
        for index, one in enumerate(several):
            spots = [one["office"], *(one.get("walk") or ()), *(stop["at"] for stop in one.get("stops") or ())]
            spots += [street[end] for street in one["streets"] for end in ("from", "to")]
            if any(len(spot) != 2 or spot[1] > HIGH for spot in spots):
                yield (
                    place.child(key)
                    .child(index)
                    .fault("a point lies outside the drawing", f"write [across, down], up to [{WIDE}, {HIGH}]")
                )
