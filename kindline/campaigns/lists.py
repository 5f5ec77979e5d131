"""Pasted and uploaded lists: each row is one person, with a telephone number, an e-mail address, or both."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from kindline.clients import phones

ROWS_MAX = 50_000
DIGITS_LEAST = 3


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

    Raises: ValidationError for what is no list: quotation marks that are never closed.
    """
    cells: Iterable[list[str]] = csv.reader(io.StringIO(text.replace(";", ",").replace("\t", ",")))
    try:
        kept = [";".join(cell.strip() for cell in row if _may_be(cell)) for row in cells]
    except csv.Error as error:
        raise ValidationError({"numbers": "one person a row: quotation marks are not closed"}) from error
    return [line for line in kept if line]


def _may_be(cell: str) -> bool:
    return "@" in cell or sum(map(str.isdigit, cell)) >= DIGITS_LEAST


def _row(line: str, country: str) -> Row:
    cells = line.split(";")
    return Row(line, _phone([cell for cell in cells if "@" not in cell], country), _email(cells))


def _phone(cells: list[str], country: str) -> str:
    """Of several numbers (an account, a house) that which somebody can have."""
    found = [number for cell in cells if (number := phones.normalised(cell, country)).startswith("+")]
    return next(filter(phones.is_given_out, found), next(iter(found), ""))


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
