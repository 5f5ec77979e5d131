"""Beside the slots of `publication.yaml`: who is told of what is not fresh, the open data, the quarterly monitoring."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kindline.standard.acts import STAFF_ROLES
from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.shapes import Choice, ListOf, Number, Record, Text, Title, near

if TYPE_CHECKING:
    from kindline.standard.part_checks import Known

DATASETS = ("tariffs", "offices", "services", "outages", "appeals", "satisfaction", "monitoring")
OF_SLOTS = ("tariffs", "offices")
"""Data sets whose rows are the tables of slots, as they stand on the site."""
ROLES = ListOf(Choice(STAFF_ROLES), least=1)
CLAUSES = ListOf(Text(), least=1)
DAYS = Number(whole=True, least=1)
TELLING = Record({"ahead_days": DAYS, "head_after_days": DAYS, "repeat_days": DAYS, "heads": ROLES, "clauses": CLAUSES})
DATASET = Record({"id": Choice(DATASETS)}, {"slots": ListOf(Text(), least=1)})
OPEN_DATA = Record(
    {
        "least_people": Number(whole=True, least=2),
        "licence": Record({"name": Text(), "address": Text(pattern=r"https://\S+", cure="write its https address")}),
        "datasets": ListOf(DATASET, least=1),
    },
    {"clauses": CLAUSES},
)
MONITORING = Record(
    {
        "sample": Number(whole=True, least=1),
        "channels": ListOf(Choice(("phone", "office")), least=1),
        "reviewers": ROLES,
        "approvers": ROLES,
        "publish_within_days": DAYS,
        "clauses": CLAUSES,
    }
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOCK = Text(pattern=r"([01]\d|2[0-3]):[0-5]\d", cure='write hours and minutes in quotes, such as "15:00"')
RECEPTION = Record(
    {
        "host": Title(),
        "place": Text(),
        "days": ListOf(Choice(WEEKDAYS), least=1),
        "from": CLOCK,
        "until": CLOCK,
        "every_minutes": DAYS,
        "ahead_days": DAYS,
        "before_hours": DAYS,
        "kept_days": DAYS,
        "secretaries": ROLES,
        "clauses": CLAUSES,
    }
)


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told of a slot: its owner so many days ahead, the heads so many days after, and again after a pause."""

    ahead_days: int
    head_after_days: int
    repeat_days: int
    heads: tuple[str, ...]
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A set of open data; `slots` are those whose tables it repeats."""

    id: str
    slots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenTables:
    """What is given to everybody as data; groups of fewer people than `least_people` are not told apart."""

    least_people: int
    licence: str
    licence_address: str
    datasets: Mapping[str, Dataset]
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Monitoring:
    """The review of each quarter: so many contacts, of which channels, by whom; approved and published by when."""

    sample: int
    channels: tuple[str, ...]
    reviewers: tuple[str, ...]
    approvers: tuple[str, ...]
    publish_within_days: int
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reception:
    """The hours of the head: whom one meets, where, when, how long one meeting lasts, who keeps the list."""

    host: Mapping[str, str]
    place: str
    days: tuple[str, ...]
    start: dt.time
    end: dt.time
    every_minutes: int
    ahead_days: int  # so many days ahead a meeting can be booked
    before_hours: int  # and not later than so many hours before it
    kept_days: int  # so long after it the booking is kept
    secretaries: tuple[str, ...]
    clauses: tuple[str, ...]

    def starts(self, day: dt.date) -> Iterator[dt.time]:
        """When meetings begin on a day of the week that has hours."""
        if WEEKDAYS[day.weekday()] not in self.days:
            return
        length, at = dt.timedelta(minutes=self.every_minutes), dt.datetime.combine(day, self.start)
        while at + length <= dt.datetime.combine(day, self.end):
            yield at.time()
            at += length


def reception(raw: Mapping[str, Any] | None) -> Reception | None:
    """The hours of the head; None where the standard has none."""
    if raw is None:
        return None
    plain = _plain(raw)
    start, end = (dt.time.fromisoformat(plain.pop(name)) for name in ("from", "until"))
    return Reception(start=start, end=end, **plain)


def telling(raw: Mapping[str, Any] | None) -> Telling | None:
    """Who is told; None where the standard does not say."""
    return None if raw is None else Telling(**_plain(raw))


def open_data(raw: Mapping[str, Any] | None) -> OpenTables | None:
    """The open data; None where there are none."""
    if raw is None:
        return None
    sets = [Dataset(one["id"], tuple(one.get("slots") or ())) for one in raw["datasets"]]
    licence = raw["licence"]
    return OpenTables(
        raw["least_people"], licence["name"], licence["address"], {one.id: one for one in sets},
        tuple(raw.get("clauses") or ()),
    )  # fmt: skip


def monitoring(raw: Mapping[str, Any] | None) -> Monitoring | None:
    """The quarterly review; None where the standard has none."""
    return None if raw is None else Monitoring(**_plain(raw))


def _plain(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}


def check(raw: Mapping[str, Any], place: Place, known: Known) -> Iterator[Fault]:
    """Clauses and slots that there are; only data sets of slots name some, and each set stands there once."""
    for part in ("telling", "open_data", "monitoring", "reception"):
        for index, clause in enumerate((raw.get(part) or {}).get("clauses") or ()):
            if clause not in known.clauses:
                at = place.child(part).child("clauses").child(index)
                yield at.fault(f"no clause {clause!r}", near(clause, known.clauses))
    sets = (raw.get("open_data") or {}).get("datasets") or ()
    at, slots = place.child("open_data").child("datasets"), [one["key"] for one in raw["slots"]]
    for index, one in enumerate(sets):
        yield from _dataset(one, at.child(index), slots, [other["id"] for other in sets[:index]])


def _dataset(one: Mapping[str, Any], at: Place, slots: list[str], before: list[str]) -> Iterator[Fault]:
    if one["id"] in before:
        yield at.child("id").fault(f"{one['id']!r} is there twice", "name each once")
    if (one["id"] in OF_SLOTS) != bool(one.get("slots")):
        yield at.child("slots").fault(
            f"slots and {one['id']!r} do not go together", f"name slots for {' and '.join(OF_SLOTS)}, and for no other"
        )
    for number, slot in enumerate(one.get("slots") or ()):
        if slot not in slots:
            yield at.child("slots").child(number).fault(f"no slot {slot!r}", near(slot, slots))
