"""Files of house managers: CSV or XLSX, with or without a heading, in the words of three languages."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import IO
from xml.etree import ElementTree as ET

from kindline.readings.bulk import Cells
from kindline.readings.errors import ReadingsError

NAMES = {
    "account": ("account", "account number", "лицевой счёт", "лицевой счет", "л/с", "особовий рахунок", "о/р"),
    "meter": ("meter", "meter number", "счётчик", "счетчик", "номер счётчика", "номер счетчика", "лічильник",
              "номер лічильника"),
    "zone": ("zone", "зона"),
    "value": ("value", "reading", "показание", "показания", "показник", "показ", "показання"),
    "taken_on": ("date", "taken on", "taken_on", "дата", "день"),
}  # fmt: skip
ZONES = {
    "day": "day", "день": "day", "night": "night", "ночь": "night", "ніч": "night", "peak": "peak", "пик": "peak",
    "пік": "peak", "half-peak": "half_peak", "half_peak": "half_peak", "полупик": "half_peak", "напівпік": "half_peak",
}  # fmt: skip
ORDER = tuple(NAMES)
SHEET_MAX = 200 * 2**20
"""Bytes of a sheet once it is unpacked."""
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
EPOCH = dt.date(1899, 12, 30)
"""The day from which spreadsheets count."""


DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, ET.ParseError, LookupError, ValueError, ArithmeticError, OSError,
    RuntimeError,
)  # fmt: skip
"""What a book raises that is torn, altered, or packed as nobody here reads it; RuntimeError: with a password."""


class UnreadableFileError(ReadingsError):
    """The file is neither CSV in UTF-8 or Windows-1251 nor XLSX, or has no column for the account, meter or value."""

    code = "unreadable_file"


class Counted(str):
    """A number of a spreadsheet. Its days are numbers too, told from others by their column alone."""

    __slots__ = ()


def lines_of(content: bytes, *, unpacked_max: int = SHEET_MAX) -> tuple[int, Iterator[Cells]]:
    """The number of the first line with a reading, and the lines from there; `unpacked_max`: bytes of a sheet.

    Raises: UnreadableFileError, also while the lines are gone through.
    """
    rows = iter(_sheet(content, unpacked_max) if content[:4] == b"PK\x03\x04" else _csv(content))
    head = next(rows, [])
    if any(sign.isdigit() for sign in "".join(head)):
        return 1, _cells(chain([head], rows), range(len(ORDER)))
    places = _places(head)
    return 2, _cells(rows, places)


def _places(head: Sequence[str]) -> list[int]:
    said = [cell.strip(" \ufeff").casefold() for cell in head]
    found = [next((n for n, cell in enumerate(said) if cell in names), -1) for names in NAMES.values()]
    if -1 in (found[0], found[1], found[3], found[4]):
        raise UnreadableFileError
    return found


def _cells(rows: Iterable[Sequence[str]], places: Sequence[int]) -> Iterator[Cells]:
    for row in rows:
        if not any(row):
            yield ("", "", "", "", "")
            continue
        account, meter, zone, value, day = [row[n] if 0 <= n < len(row) else "" for n in places]
        zone = zone.strip()
        day = _day(day) if type(day) is Counted else day.strip()
        yield (account.strip(), meter.strip(), ZONES.get(zone.casefold(), zone) if zone else "", value.strip(), day)


def _day(counted: str) -> str:
    """The day that a spreadsheet counts; what is too large to be one stays a number, which is none."""
    is_day = re.fullmatch(r"\d{5}(\.\d+)?", counted)
    return (EPOCH + dt.timedelta(int(float(counted)))).isoformat() if is_day else str(counted)


def _csv(content: bytes) -> Iterator[list[str]]:
    if b"\0" in content:
        raise UnreadableFileError
    encoding = _encoding(content)
    first = content.partition(b"\n")[0].decode(encoding, "replace")
    text = io.TextIOWrapper(io.BytesIO(content), encoding, "replace", newline="")
    try:
        yield from csv.reader(text, delimiter=max(";,\t", key=first.count))
    except csv.Error as error:
        raise UnreadableFileError from error


def _encoding(content: bytes) -> str:
    """What the whole of it can be read as."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8-sig"


def _sheet(content: bytes, most: int) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            names = sorted(name for name in book.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
            if any(book.getinfo(name).file_size > most for name in book.namelist()):
                raise UnreadableFileError
            texts = _texts(book) if "xl/sharedStrings.xml" in book.namelist() else []
            with book.open(names[0]) as sheet:
                yield from _rows(sheet, texts)
    except DAMAGED as error:
        raise UnreadableFileError from error


def _texts(book: zipfile.ZipFile) -> list[str]:
    root = ET.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314 - expat bounds what entities become
    return ["".join(part.text or "" for part in one.iter(f"{SPACE}t")) for one in root.iter(f"{SPACE}si")]


def _rows(sheet: IO[bytes], texts: list[str]) -> Iterator[list[str]]:
    number = 0
    for row in _elements(sheet):
        stands = int(row.get("r", number + 1))
        yield from ([] for _ in range(min(stands - number - 1, 10_000)))  # lines that are empty are not written
        number = stands
        cells: list[str] = []
        for cell in row.iter(f"{SPACE}c"):
            place = _column(cell.get("r", "")) or len(cells)
            cells += [""] * (min(place, 50) - len(cells))
            cells.append(_told(cell, texts))
        yield cells


def _elements(sheet: IO[bytes]) -> Iterator[ET.Element]:
    """The rows of a sheet; each is forgotten once it was read, so that a large one needs no more than a small one."""
    within: list[ET.Element] = []
    for event, element in ET.iterparse(sheet, ("start", "end")):  # noqa: S314 - expat bounds what entities become
        if event == "start":
            within.append(element)
            continue
        within.pop()
        if element.tag == f"{SPACE}row":
            yield element
            within[-1].clear()


def _column(name: str) -> int:
    """A → 0, B → 1 …; 0 where nothing is said."""
    letters = re.match(r"[A-Z]{1,2}", name)
    place = 0
    for sign in letters[0] if letters else "A":
        place = place * 26 + ord(sign) - 64
    return place - 1


def _told(cell: ET.Element, texts: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{SPACE}t"))
    value = cell.findtext(f"{SPACE}v") or ""
    if kind == "s":
        return texts[int(value)]
    if kind == "d":
        return value[:10]
    return Counted(_plain(value)) if kind == "n" and value else value


def _plain(number: str) -> str:
    """A number as it was typed: spreadsheets write 1.1 as 1.1000000000000001, and what is large with an exponent."""
    if number.isdigit():
        return number
    return format(Decimal(format(float(number), ".15g")), "f")
