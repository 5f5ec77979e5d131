"""Long lists: pages of rows, and the same rows as CSV."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import xlsxwriter
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, StreamingHttpResponse

from kindline.standard import cells

PAGE_ROWS = 50
COUNT_MAX = 1000
PAGES_MAX = 2000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLAIN = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def page_of(request: HttpRequest, rows: Any) -> Page[Any]:
    """The page of rows that `?page=` asks for; a page beyond the last is the last."""
    return Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))


def window_of(request: HttpRequest, rows: QuerySet[Any]) -> Page[int]:
    """The same of a table of a million rows, as keys: read out of an index, counted to COUNT_MAX only.

    `page.more` says that there are more than were counted; the last pages come as one goes on.
    """
    asked = request.GET.get("page", "")
    wanted = min(int(asked), PAGES_MAX) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else 1
    enough = max(wanted * PAGE_ROWS, COUNT_MAX)
    keys = list(rows.values_list("pk", flat=True)[: enough + 1])
    page = Paginator(keys, PAGE_ROWS).get_page(wanted)
    page.more = len(keys) > enough  # type: ignore[attr-defined]
    return page


class _Line:
    def write(self, line: str) -> str:
        return line


def as_csv(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A table to download; it begins with a byte-order mark, so that office programs read Cyrillic."""
    writer = csv.writer(_Line())

    def lines() -> Iterator[str]:
        yield "\ufeff"
        yield writer.writerow(heads)
        for row in rows:
            yield writer.writerow([cells.safe(value) for value in row])

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def as_xlsx(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> FileResponse:
    """The same as a workbook, written row by row to a file: texts stay texts, moments are on the local clock."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    book = xlsxwriter.Workbook(file, PLAIN)
    moment, head = book.add_format({"num_format": "yyyy-mm-dd hh:mm"}), book.add_format({"bold": True})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads) - 1, 18)
    sheet.write_row(0, 0, heads, head)
    for at, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, dt.datetime):
                sheet.write_datetime(at, column, value.replace(tzinfo=None), moment)
            elif value is not None:
                sheet.write(at, column, value)
    book.close()
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
