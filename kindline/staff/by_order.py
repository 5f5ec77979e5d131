"""Rows that stand by an order (a power to sign, a deputising): checked, ended by a day, struck out, never deleted."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from kindline.journal.checking import storable
from kindline.staff.models import Deputy, Employee, Signer

Row = TypeVar("Row", Signer, Deputy)


class UnfitPowerError(Exception):
    """The power cannot be kept; `field` says where."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"correct {field}")


def checked(order: str, valid_from: dt.date | None, valid_to: dt.date | None) -> tuple[str, dt.date]:
    """The order's words and the first day. Raises: UnfitPowerError."""
    order = storable(order.strip())
    if not order:
        raise UnfitPowerError("order")
    if valid_from is None:
        raise UnfitPowerError("valid_from")
    if valid_to is not None and valid_to < valid_from:
        raise UnfitPowerError("valid_to")
    return order, valid_from


def ended(row: Row, valid_to: dt.date | None) -> Row:
    """The row with its last day; none: it holds until it is ended. In a transaction. Raises: UnfitPowerError."""
    held = _held(row)
    if held.struck_at is not None or (valid_to is not None and valid_to < held.valid_from):
        raise UnfitPowerError("valid_to")
    held.valid_to = valid_to
    held.save(update_fields=["valid_to"])
    return held


def struck(row: Row, why: str, employee: Employee, now: dt.datetime) -> tuple[Row, str]:
    """The row struck out and why; no reason: it was struck before. In a transaction. Raises: UnfitPowerError."""
    held, why = _held(row), storable(why.strip())
    if not why:
        raise UnfitPowerError("why")
    if held.struck_at is not None:
        return held, ""
    held.struck_at, held.struck_by, held.struck_why = now, employee, why
    held.save(update_fields=["struck_at", "struck_by", "struck_why"])
    return held, why


def said(day: dt.date | None) -> str:
    """The last day as facts carry it; empty: none is set."""
    return day.isoformat() if day else ""


def _held(row: Row) -> Row:
    return type(row)._default_manager.select_for_update().get(pk=row.pk)
