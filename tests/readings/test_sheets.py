"""Files of readings: columns in any order, days and numbers of spreadsheets."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
import xlsxwriter

from kindline.readings import sheets

DAY = dt.date(2026, 3, 20)
TITLES = {"account": "Лицевой счёт", "meter": "Счётчик", "zone": "Зона", "value": "Показание", "taken_on": "Дата"}


def sheet(*rows: Sequence[Any], dotted: str = "dd.mm.yyyy") -> bytes:
    """A spreadsheet of these rows; days are written as spreadsheets write them."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept)
    page, day = book.add_worksheet(), book.add_format({"num_format": dotted})
    for n, row in enumerate(rows):
        for column, cell in enumerate(row):
            page.write(n, column, cell, *([day] if isinstance(cell, dt.date) else []))
    book.close()
    return kept.getvalue()


def lines(content: bytes) -> list[tuple[str, ...]]:
    """What the file says."""
    return list(sheets.lines_of(content)[1])


@pytest.mark.parametrize(
    "order",
    [
        ("account", "meter", "zone", "value", "taken_on"), ("taken_on", "account", "meter", "zone", "value"),
        ("account", "meter", "taken_on", "zone", "value"), ("value", "taken_on", "meter", "account"),
    ],
)  # fmt: skip
def test_a_day_is_known_by_its_column_wherever_that_stands(order: tuple[str, ...]) -> None:
    row = {"account": 1234567, "meter": "E-1", "zone": "", "value": 45123, "taken_on": DAY}
    content = sheet([TITLES[name] for name in order], [row[name] for name in order])
    assert lines(content) == [("1234567", "E-1", "", "45123", "2026-03-20")]


def test_without_a_heading_the_columns_stand_in_their_order() -> None:
    assert lines(sheet([1234567, "E-1", "", 45123, DAY])) == [("1234567", "E-1", "", "45123", "2026-03-20")]


def test_numbers_are_read_as_they_were_typed() -> None:
    assert sheets._plain("1.1000000000000001") == "1.1"
    assert sheets._plain("45123.0") == "45123"
    assert sheets._plain("1.2345E+10") == "12345000000"
    assert sheets._plain("40012345678901234") == "40012345678901234"
    rows: list[list[Any]] = [
        ["account", "meter", "zone", "value", "date"],
        [40012345678, "E-1", "", 80.1 + 0.02, "20.03.2026"],
    ]
    assert lines(sheet(*rows)) == [("40012345678", "E-1", "", "80.12", "20.03.2026")]


def test_a_day_with_an_hour_is_that_day_and_a_wrong_one_stays_as_it_is() -> None:
    evening = dt.datetime.combine(DAY, dt.time(18))
    rows: list[list[Any]] = [["account", "meter", "value", "date"], ["1", "E-1", 5, evening], ["1", "E-1", 5, 7]]
    assert [row[4] for row in lines(sheet(*rows))] == ["2026-03-20", "7"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_the_columns_of_a_text_stand_in_any_order(encoding: str) -> None:
    text = 'Дата;Показание;Счётчик;Лицевой счёт\n20.03.2026;"1 100";E-1;1234567\n\n;;;\n2026-03-20;7;E-2;8'
    first, rows = sheets.lines_of(text.encode(encoding))
    empty = ("", "", "", "", "")
    assert first == 2
    assert list(rows) == [
        ("1234567", "E-1", "", "1 100", "20.03.2026"), empty, empty, ("8", "E-2", "", "7", "2026-03-20")
    ]  # fmt: skip


def torn(at: int) -> bytes:
    """A spreadsheet whose packed bytes are damaged somewhere."""
    content = bytearray(sheet(["account", "meter", "value", "date"], *[[str(n), "E-1", n, DAY] for n in range(2000)]))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as book:
        begins = book.getinfo("xl/worksheets/sheet1.xml").header_offset + 100
    content[begins + at : begins + at + 8] = b"\xff" * 8
    return bytes(content)


def flagged(offset: int, flag: int) -> bytes:
    """A spreadsheet whose directory says of every part that it has a password, or is packed in another way."""
    content = bytearray(sheet(["account", "meter", "value", "date"], ["1", "E-1", 5, DAY]))
    for name, place in ((b"PK\x01\x02", offset), (b"PK\x03\x04", offset - 2)):
        at = content.find(name)
        while at >= 0:
            content[at + place] = flag
            at = content.find(name, at + 4)
    return bytes(content)


DAMAGED = {
    "torn": lambda: torn(0), "torn further on": lambda: torn(3000), "password": lambda: flagged(8, 1),
    "packed otherwise": lambda: flagged(10, 99),
}  # fmt: skip


@pytest.mark.parametrize("how", list(DAMAGED))
def test_a_damaged_book_is_one_that_cannot_be_read(how: str) -> None:
    with pytest.raises(sheets.UnreadableFileError):
        lines(DAMAGED[how]())
