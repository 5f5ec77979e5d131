"""Pasted and uploaded lists: each row is one person, with a telephone number, an e-mail address, or both."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from kindline.clients import phones

ROWS_MAX = 50_000
DIGITS_LEAST = 3
ACCOUNTS = re.compile(r"сч[её]т|рахун|account|л\s*/\s*с|о\s*/\s*р", re.IGNORECASE)
"""How the heading of a column of accounts is written."""
ACCOUNT = "№"
"""Before an account in a row: it is no telephone, however many figures it has."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list: how it was written, the number as E.164 and the address; either may be empty."""

    written: str
    phone: str
    email: str


def rows(text: str, country: str) -> list[Row]:
    """The rows of a list. Raises: ValidationError where it has more than `ROWS_MAX`."""
    lines = listed(text)
    if len(lines) > ROWS_MAX:
        raise ValidationError({"numbers": f"at most {ROWS_MAX} rows: split the list"})
    return [_row(line, country) for line in lines]


def listed(text: str) -> list[str]:
    """The rows of a pasted list or a CSV that may name somebody, each with the cells that may be a number or address.

    What stands in a column that is headed as one of accounts is marked so.
    Raises: ValidationError for what is no list: quotation marks that are never closed.
    """
    cells: Iterable[list[str]] = csv.reader(io.StringIO(text.replace(";", ",").replace("\t", ",")))
    try:
        table = [row for row in cells if row]
    except csv.Error as error:
        raise ValidationError({"numbers": "one person a row: quotation marks are not closed"}) from error
    accounts = _account_columns(table[0]) if table else set()
    kept = [";".join(_marked(cell, n in accounts) for n, cell in enumerate(row) if _may_be(cell)) for row in table]
    return [line for line in kept if line]


def _account_columns(heading: list[str]) -> set[int]:
    return set() if any(map(_may_be, heading)) else {n for n, cell in enumerate(heading) if ACCOUNTS.search(cell)}


def _marked(cell: str, is_account: bool) -> str:
    return f"{ACCOUNT}{cell.strip()}" if is_account else cell.strip()


def _may_be(cell: str) -> bool:
    return "@" in cell or sum(map(str.isdigit, cell)) >= DIGITS_LEAST


def _row(line: str, country: str) -> Row:
    cells = line.split(";")
    email, others = _email(cells), [cell for cell in cells if "@" not in cell and not cell.startswith(ACCOUNT)]
    return Row(line, _phone(others, country, is_alone=not email), email)


def _phone(cells: list[str], country: str, *, is_alone: bool) -> str:
    """Of several numbers (an account, a house) that which somebody can have.

    One that by the plan nobody can have is tried all the same where the row has no address (`is_alone`).
    """
    found = [number for cell in cells if (number := phones.normalised(cell, country)).startswith("+")]
    return next(filter(phones.is_given_out, found), next(iter(found), "") if is_alone else "")


def _email(cells: list[str]) -> str:
    """The first address, in small letters."""
    for cell in cells:
        try:
            validate_email(cell.casefold())
        except ValidationError:
            continue
        return cell.casefold()
    return ""


def text_of(content: bytes) -> str:
    """An uploaded list as text, from the encodings that office programs write."""
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            return content.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1").replace("\x00", "")
