"""The subscription to notices in `publication.yaml`: of what everybody may be told, by which ways, when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.published_data import CLAUSES, CLOCK, DAYS
from kindline.standard.shapes import Choice, Flag, ListOf, Record, Text, Title, near

if TYPE_CHECKING:
    from kindline.standard.part_checks import Known

PART = "subscription"
PUSH = "push"
WAYS = ("email", "sms", PUSH)
TOPIC = Record({"id": Text(), "title": Title()}, {"slots": ListOf(Text(), least=1), "outages": Flag()})
SUBSCRIPTION = Record(
    {
        "ways": ListOf(Choice(WAYS), least=1),
        "confirm_hours": DAYS,
        "from": CLOCK,
        "until": CLOCK,
        "topics": ListOf(TOPIC, least=1),
    },
    {"clauses": CLAUSES},
)


@dataclass(frozen=True, slots=True)
class NoticeTopic:
    """About what one is told: what is published in these slots, or outages with a notice."""

    id: str
    title: Mapping[str, str]
    slots: tuple[str, ...] = ()
    outages: bool = False


@dataclass(frozen=True, slots=True)
class NoticePlan:
    """What is offered: an unconfirmed wish is kept `confirm_hours`; notices go between two hours of the day."""

    ways: tuple[str, ...]
    confirm_hours: int
    start: dt.time
    end: dt.time
    topics: Mapping[str, NoticeTopic]
    clauses: tuple[str, ...] = ()

    @property
    def outage_topics(self) -> list[str]:
        """The topics that are about outages."""
        return [one.id for one in self.topics.values() if one.outages]


def plan(raw: Mapping[str, Any] | None) -> NoticePlan | None:
    """The subscription; None where none is offered."""
    if raw is None:
        return None
    topics = [
        NoticeTopic(one["id"], one["title"], tuple(one.get("slots") or ()), bool(one.get("outages")))
        for one in raw["topics"]
    ]
    return NoticePlan(
        tuple(raw["ways"]), raw["confirm_hours"], dt.time.fromisoformat(raw["from"]),
        dt.time.fromisoformat(raw["until"]), {one.id: one for one in topics}, tuple(raw.get("clauses") or ()),
    )  # fmt: skip


def check(raw: Mapping[str, Any], place: Place, known: Known) -> Iterator[Fault]:
    """Clauses and slots that there are, topics by their own names that are about something, hours in order."""
    told, at = raw.get(PART), place.child(PART)
    if told is None:
        return
    for index, clause in enumerate(told.get("clauses") or ()):
        if clause not in known.clauses:
            yield at.child("clauses").child(index).fault(f"no clause {clause!r}", near(clause, known.clauses))
    if told["from"] >= told["until"]:
        yield at.child("until").fault("the hours end before they begin", "write a later hour")
    slots = [one["key"] for one in raw["slots"]]
    for index, one in enumerate(told["topics"]):
        yield from _topic(one, at.child("topics").child(index), slots, [two["id"] for two in told["topics"][:index]])


def _topic(one: Mapping[str, Any], at: Place, slots: list[str], before: list[str]) -> Iterator[Fault]:
    if one["id"] in before:
        yield at.child("id").fault(f"{one['id']!r} is there twice", "name each once")
    if not one.get("slots") and not one.get("outages"):
        yield at.fault("the topic is about nothing", "name slots, or write 'outages: true'")
    for number, slot in enumerate(one.get("slots") or ()):
        if slot not in slots:
            yield at.child("slots").child(number).fault(f"no slot {slot!r}", near(slot, slots))
