"""Long lists: pages of rows, and the same rows as CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, StreamingHttpResponse

Row = TypeVar("Row", bound=Model)
PAGE_ROWS = 50
COUNT_MAX = 1000
PAGES_MAX = 2000
NUMBER = re.compile(r"[+-]\d[\d .,]*")
"""What begins with a sign and is a number all the same: a telephone number, a balance."""


def page_of(request: HttpRequest, rows: Any) -> Page[Any]:
    """The page of rows that `?page=` asks for; a page beyond the last is the last."""
    return Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))


def window_of(request: HttpRequest, rows: QuerySet[Row], whole: QuerySet[Row]) -> Page[Row]:
    """The same of a table of a million rows: keys out of an index, counted to COUNT_MAX only, then `whole` rows.

    `page.more` says that there are more than were counted; the last pages come as one goes on.
    """
    asked = request.GET.get("page", "")
    wanted = min(int(asked), PAGES_MAX) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else 1
    enough = max(wanted * PAGE_ROWS, COUNT_MAX)
    keys = list(rows.values_list("pk", flat=True)[: enough + 1])
    page = Paginator(keys, PAGE_ROWS).get_page(wanted)
    found = whole.in_bulk(list(page.object_list))
    page.object_list = [found[key] for key in page.object_list if key in found]
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
            yield writer.writerow([_safe(value) for value in row])

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _safe(value: object) -> object:
    """A text that a spreadsheet would take for a formula is shown as text."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not NUMBER.fullmatch(value):
        return f"'{value}"
    return "" if value is None else value
