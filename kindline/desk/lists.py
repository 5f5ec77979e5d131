"""Long lists: pages of rows, and the same rows as CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, StreamingHttpResponse

PAGE_ROWS = 50
NUMBER = re.compile(r"[+-]\d[\d .,]*")
"""What begins with a sign and is a number all the same: a telephone number, a balance."""


def page_of(request: HttpRequest, rows: Any) -> Page[Any]:
    """The page of rows that `?page=` asks for; a page beyond the last is the last."""
    return Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))


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
            yield writer.writerow([_safe(value) for value in row])

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _safe(value: object) -> object:
    """A text that a spreadsheet would take for a formula is shown as text."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not NUMBER.fullmatch(value):
        return f"'{value}"
    return "" if value is None else value
