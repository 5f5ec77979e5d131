"""A register of what goes out (e-mail, short messages): a list by state, and the same as a table to be taken out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from kindline.desk import exporting, lists
from kindline.desk.wording import titled


@dataclass(frozen=True, slots=True)
class Register:
    """What differs from one register to another."""

    what: str  # of `exporting.WHAT`
    template: str
    states: Mapping[str, str]
    heads: Callable[[], Sequence[str]]
    lines: Callable[[Any], Iterable[list[object]]]
    marked: Callable[[Collection[int]], set[int]] = lambda _keys: set()
    """Which rows of the page have something amiss, by their keys."""


def shown(request: HttpRequest, register: Register, rows: QuerySet[Any], **more: object) -> HttpResponseBase:
    """The register's page; `?state=` one of its states, `?format=csv` as a table."""
    state, states = request.GET.get("state", ""), register.states
    rows = rows.filter(state=state) if state in states else rows
    if request.GET.get("format") == "csv":
        make = lambda: lists.as_csv(register.what, register.heads(), register.lines(rows))  # noqa: E731
        return exporting.out(request, register.what, make)
    page = lists.page_of(request, rows)
    context = {
        "page": page,
        "rows": [(one, titled(states, one.state)) for one in page],
        "states": [(code, titled(states, code)) for code in states],
        "state": state,
        "outdated": register.marked([one.pk for one in page]),
    }
    return render(request, register.template, context | more)
