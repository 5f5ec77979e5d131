"""Files of house managers: CSV or XLSX, with or without a heading, in the words of three languages."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
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


class UnreadableFileError(ReadingsError):
    """The file is neither CSV in UTF-8 or Windows-1251 nor XLSX, or has no column for the account, meter or value."""

    code = "unreadable_file"


def lines_of(content: bytes, *, unpacked_max: int = SHEET_MAX) -> tuple[int, Iterator[Cells]]:
    """The number of the first line with a reading, and the lines from there; `unpacked_max`: bytes of a sheet.

    Raises: UnreadableFileError.
    """
    rows = iter(_sheet(content, unpacked_max) if content[:4] == b"PK\x03\x04" else _csv(content))
    head = next(rows, [])
    if any(sign.isdigit() for sign in "".join(head)):
        return 1, _cells([head, *rows], range(len(ORDER)))
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
        account, meter, zone, value, day = [row[n].strip() if 0 <= n < len(row) else "" for n in places]
        yield (account, meter, ZONES.get(zone.casefold(), zone), value, day)


def _csv(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1251", "replace")
    if "\0" in text:
        raise UnreadableFileError
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise UnreadableFileError from error


def _sheet(content: bytes, most: int) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            names = sorted(name for name in book.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
            if any(book.getinfo(name).file_size > most for name in book.namelist()):
                raise UnreadableFileError
            texts = _texts(book) if "xl/sharedStrings.xml" in book.namelist() else []
            yield from _rows(book.read(names[0]), texts)
    except (zipfile.BadZipFile, ET.ParseError, IndexError, KeyError, ValueError, OSError) as error:
        raise UnreadableFileError from error


def _texts(book: zipfile.ZipFile) -> list[str]:
    root = ET.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314 - expat bounds what entities become
    return ["".join(part.text or "" for part in one.iter(f"{SPACE}t")) for one in root.iter(f"{SPACE}si")]


def _rows(sheet: bytes, texts: list[str]) -> Iterator[list[str]]:
    number = 0
    for row in ET.fromstring(sheet).iter(f"{SPACE}row"):  # noqa: S314
        stands = int(row.get("r", number + 1))
        yield from ([] for _ in range(min(stands - number - 1, 10_000)))  # lines that are empty are not written
        number = stands
        cells: list[str] = []
        for cell in row.iter(f"{SPACE}c"):
            place = _column(cell.get("r", "")) or len(cells)
            cells += [""] * (min(place, 50) - len(cells))
            cells.append(_told(cell, texts, len(cells)))
        yield cells


def _column(name: str) -> int:
    """A → 0, B → 1 …; 0 where nothing is said."""
    letters = re.match(r"[A-Z]{1,2}", name)
    place = 0
    for sign in letters[0] if letters else "A":
        place = place * 26 + ord(sign) - 64
    return place - 1


def _told(cell: ET.Element, texts: list[str], place: int) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{SPACE}t"))
    value = cell.findtext(f"{SPACE}v") or ""
    if kind == "s":
        return texts[int(value)]
    is_day = kind == "n" and place == len(ORDER) - 1 and re.fullmatch(r"\d{5}(\.\d+)?", value)
    return (EPOCH + dt.timedelta(int(float(value)))).isoformat() if is_day else value.removesuffix(".0")
