"""Keeping a registration: contact, number, row and facts in one statement, so that the number is held for a moment."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from django.db import models, transaction

from kindline.appeals import lookup, numbers
from kindline.appeals.models import Appeal
from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.journal import doorbell, prepared
from kindline.standard import loader

REGISTER: LiteralString = """
SELECT new_id, new_number
FROM appeals_register(%s::jsonb, %s::jsonb, %s::int, %s::jsonb, %s::text[], %s::jsonb)
"""
ID_PLACE, NUMBER_PLACE = 9_007_199_254_740_991, "{number}"
"""What stands for key and number in a text that is written before they are known; see `filled`."""
BY_DATABASE = {"id", "number", "lookup"}


@dataclass(frozen=True, slots=True)
class Beside:
    """What else is kept in the same breath: an INSERT that reads `made (new_id, new_number)`, unless `known` has one.

    A statement after it would come while others wait for the next number: all of them lose what it takes. One before it
    would ask each time what is hardly ever so.
    """

    sql: LiteralString
    values: Sequence[Any]
    known: LiteralString = ""
    key: Sequence[Any] = ()


Besides = Callable[[Appeal], Beside]
"""What is kept beside an appeal that is prepared and has no number yet."""


class KeptBeforeError(Exception):
    """What was to be kept beside the appeal is there already: nothing was registered, no number was given."""


def insert(
    appeal: Appeal, facts: Sequence[journal.NewFact], *, contact: Contact | None, now: dt.datetime,
    beside: Beside | None = None,
) -> None:  # fmt: skip
    """Keep a prepared appeal, with its contact where that is not kept yet; the appeal learns its key and number.

    Facts about the appeal name no subject yet; `number` and `appeal` in their data are filled in. Outside a transaction
    it is one of its own, and nobody waits for its end longer than the database needs. Raises: UnfitFactError.
    """
    profile = loader.load(appeal.profile)
    year = now.astimezone(profile.zone).year
    told = json.dumps(journal.as_rows(facts), ensure_ascii=False)
    begun = _row(contact) if contact is not None else None
    series, shape = numbers.series_of(profile, year), numbers.shape_for(appeal, profile, year)
    values = [begun, _row(appeal, BY_DATABASE), series, shape, _array(lookup.words_of(appeal)), told]
    values += [*beside.key, *beside.values] if beside else []
    if (made := prepared.one_row(_statement(beside), values)) is None:
        raise KeptBeforeError
    appeal.pk, appeal.number = made
    for kept in (appeal, contact):
        if kept is not None:
            kept._state.adding, kept._state.db = False, "default"
    transaction.on_commit(numbers.wait_for_disk)
    transaction.on_commit(doorbell.ring)


def filled(text: str, appeal: Appeal) -> str:
    """A text with key and number in their places."""
    return text.replace(str(ID_PLACE), str(appeal.pk)).replace(NUMBER_PLACE, appeal.number)


def _statement(beside: Beside | None) -> LiteralString:
    if beside is None:
        return REGISTER
    made = REGISTER + ("WHERE NOT EXISTS (" + beside.known + ")" if beside.known else "")
    return "WITH made AS MATERIALIZED (" + made + "), kept AS (" + beside.sql + ") SELECT * FROM made"  # noqa: S608


def _array(words: Iterable[str]) -> str:
    """Words as PostgreSQL writes an array: quotes and backslashes are escaped as JSON escapes them."""
    return f"{{{json.dumps(sorted(words), ensure_ascii=False)[1:-1]}}}"


def _row(instance: models.Model, without: Collection[str] = ()) -> str:
    """Every column of a row as JSON, as `jsonb_populate_record` takes it."""
    fields = [field for field in instance._meta.concrete_fields if field.name not in without]
    row: dict[str, Any] = {str(field.column): getattr(instance, field.attname) for field in fields}
    return json.dumps(row, ensure_ascii=False, default=str)
