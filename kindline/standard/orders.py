"""By whose order a standard comes into force, is amended and is repealed, where one of its clauses says so.

A clause says it as data: `value: {order_of: approval, signed_by: генеральный директор}`; `order_of` is approval,
amendment or repeal. Such an order has a number, a day and the one who signs, or nothing comes of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.shapes import Day, Record, Text, near

Raw = Mapping[str, Any]
ORDER = Record({"order": Text()}, {"date": Day(), "by": Text(), "note": Text()})
KINDS = ("approval", "amendment", "repeal")


@dataclass(frozen=True, slots=True)
class Approval:
    """An order: its number, its day, and who signed it."""

    order: str
    date: dt.date | None = None
    by: str = ""


def build(raw: Raw | None) -> Approval | None:
    """An order of a checked file."""
    return Approval(raw["order"], raw.get("date"), raw.get("by", "")) if raw else None


def check(versions: Sequence[tuple[Raw, Place]], clauses: Mapping[str, tuple[Raw, Place]]) -> Iterator[Fault]:
    """The orders of the first version and of each amendment, against what the clauses demand of them.

    Clause: krc-8-01, krc-8-02, krc-8-03.
    """
    demands = dict(_demands(clauses))
    for kind, (name, _) in demands.items():
        if kind not in KINDS:
            at = clauses[name][1].child("value").child("order_of")
            yield at.fault(f"unknown kind of order {kind!r}", near(kind, KINDS))
    for index, (raw, place) in enumerate(versions):
        kind = "amendment" if index else "approval"
        if kind in demands:
            yield from _order(raw.get("approved"), place.child("approved"), demands[kind], raw.get("valid_from"))
        if "amendment" in demands and index:
            yield from _own_number(raw, place, [one for one, _ in versions[:index]], demands["amendment"][0])
        if "repeal" in demands and raw.get("valid_to") is not None:
            yield from _repeal(raw, place, demands["repeal"])


def _demands(clauses: Mapping[str, tuple[Raw, Place]]) -> Iterator[tuple[str, tuple[str, str]]]:
    """What kind of order is demanded, by which clause, signed by whom."""
    for name, (clause, _) in clauses.items():
        value = clause.get("value")
        if isinstance(value, dict) and isinstance(value.get("order_of"), str):
            yield value["order_of"], (name, str(value.get("signed_by", "")))


def _order(raw: Any, place: Place, demand: tuple[str, str], since: Any) -> Iterator[Fault]:
    """A number with a digit, a day not after the one from which it holds, and the right signature."""
    clause, signer = demand
    given = raw if isinstance(raw, dict) else {}
    if not any(sign.isdigit() for sign in str(given.get("order", ""))):
        yield place.child("order").fault("the order has no number", 'write order: "№ 12-к"', clause=clause)
    day = given.get("date")
    if not isinstance(day, dt.date):
        yield place.child("date").fault("the order has no day", "write date: 2026-01-31", clause=clause)
    elif isinstance(since, dt.date) and since < day:
        yield place.child("date").fault("it would hold before its order was signed", "correct the dates", clause=clause)
    if signer and signer.casefold() not in str(given.get("by", "")).casefold():
        yield place.child("by").fault(f"not signed by: {signer}", f"write by: {signer}", clause=clause)


def _own_number(raw: Raw, place: Place, earlier: Sequence[Raw], clause: str) -> Iterator[Fault]:
    """An amendment has an order and a version of its own."""
    mine = raw.get("approved") if isinstance(raw.get("approved"), dict) else {}
    for other in earlier:
        order = other.get("approved") if isinstance(other.get("approved"), dict) else {}
        if (order.get("order"), order.get("date")) == (mine.get("order"), mine.get("date")):  # type: ignore[union-attr]
            yield place.child("approved").fault(
                "another version has this order already", "an amendment needs its own order", clause=clause
            )
        if other.get("version") == raw.get("version"):
            yield place.child("version").fault("there is such a version already", "give it its own", clause=clause)


def _repeal(raw: Raw, place: Place, demand: tuple[str, str]) -> Iterator[Fault]:
    """A last day needs the order that repeals the standard, signed by then."""
    if not isinstance(raw.get("repealed_by"), dict):
        cure = 'write repealed_by: {order: "№ …", date: …, by: …}'
        yield place.child("valid_to").fault("it ends without an order of repeal", cure, clause=demand[0])
        return
    yield from _order(raw["repealed_by"], place.child("repealed_by"), demand, raw.get("valid_to"))
