"""Shifts as a table in a file: log-in, date, start, end, breaks; read with every fault named by its line."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from kindline.desk import wording, words
from kindline.desk.shift_form import breaks_of, clock_of, shown_day, span, unfit
from kindline.staff import shift_plans, shifts
from kindline.staff.models import BreakKind, Employee, Shift
from kindline.staff.shift_plans import FIRST_DAY, LAST_DAY, Clocks, Plan, UnfitShiftError

COLUMNS: Mapping[str, str] = {
    "login": _("User name"),
    "date": _("Date"),
    "start": _("Begins"),
    "end": _("Ends"),
    "breaks": _("Breaks"),
}
"""The columns in their order, with their headings."""
LINES_MOST = 5000
Cell = TypeVar("Cell")
BREAK = re.compile(r"(\d{1,2}:\d{2})\s*[-–—]\s*(\d{1,2}:\d{2})\s*(.*)")
FAULTS: Mapping[str, str] = {
    "unreadable": _("This is no table: save it as CSV, one shift a line, and choose it again."),
    "too_many": _("There are more than 5000 lines: divide the file."),
    "empty": _("There is no line with a shift."),
    "login": _("nobody at the telephone has the user name “%(typed)s”"),
    "date": _("“%(typed)s” is no day: write it as 2026-12-31 or 31.12.2026"),
    "years": _("“%(typed)s” is not within the years 2000 to 2100"),
    "start": _("“%(typed)s” is no time: write it as 09:00"),
    "end": _("“%(typed)s” is no time: write it as 18:00"),
    "breaks": _("“%(typed)s” is no break: write 13:00-14:00 and what it is, several with commas"),
}


@dataclass
class Sheet:
    """What a file came to: shifts with the lines that they stand in, and what is wrong, by line (0: the whole)."""

    plans: list[Plan] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)


class LineError(Exception):
    """A line cannot be read; `text` says why."""

    def __init__(self, code: str, typed: str) -> None:
        self.text = gettext(FAULTS[code]) % {"typed": typed[:60]}
        super().__init__(code)


def heads() -> list[str]:
    """The headings in the language that is set, and that of the name, which is there for people alone."""
    return [*(gettext(one) for one in COLUMNS.values()), gettext("Employee")]


def line(shift: Shift, zone: dt.tzinfo) -> list[object]:
    """A shift as a line of the file."""
    plan = shifts.plan_of(shift)
    start, end = plan.start_at.astimezone(zone), plan.end_at.astimezone(zone)
    breaks = ", ".join(breaks_of(plan, zone)).replace("–", "-")
    who = shift.employee
    return [who.username, f"{start:%F}", f"{start:%H:%M}", f"{end:%H:%M}", breaks, str(who)]


def read(text: str, people: Mapping[str, Employee], zone: dt.tzinfo) -> Sheet:
    """The shifts of a file; `people` by log-in. Shifts that overlap each other or standing ones are not looked for."""
    found = Sheet()
    try:
        rows = [(number, row) for number, row in _rows(text) if any(cell.strip() for cell in row)]
    except csv.Error:
        return Sheet(faults=[(0, gettext(FAULTS["unreadable"]))])
    places, rows = _places(rows)
    if len(rows) > LINES_MOST or not rows:
        return Sheet(faults=[(0, gettext(FAULTS["too_many" if rows else "empty"]))])
    for number, row in rows:
        try:
            found.plans.append(_plan([row[n].strip() if n < len(row) else "" for n in places], people, zone))
            found.lines.append(number)
        except LineError as error:
            found.faults.append((number, error.text))
    return found


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(";,\t", key=first.count), strict=True)
    for row in reader:
        yield reader.line_num, row


def _places(rows: list[tuple[int, list[str]]]) -> tuple[list[int], list[tuple[int, list[str]]]]:
    """In which column stands what, and the lines without the heading; without one they stand in their order."""
    said = [cell.strip(" \ufeff").casefold() for cell in rows[0][1]] if rows else []
    found = [next((n for n, cell in enumerate(said) if cell in _spoken(one)), -1) for one in COLUMNS.values()]
    if -1 in found[:4]:
        return list(range(len(COLUMNS))), rows
    return [n if n >= 0 else len(said) for n in found], rows[1:]


def _plan(cells: Sequence[str], people: Mapping[str, Employee], zone: dt.tzinfo) -> Plan:
    login, day, start, end, breaks = cells
    who = people.get(login.casefold()) or people.get(login.casefold().removeprefix("'"))  # so it was taken out
    if who is None:
        raise LineError("login", login)
    on, begins, ends = _known("date", day, _day), _known("start", start, clock_of), _known("end", end, clock_of)
    if not FIRST_DAY <= on <= LAST_DAY:
        raise LineError("years", day)
    try:
        return shift_plans.planned(who.pk, on, begins, ends, list(_breaks(breaks)), zone)
    except UnfitShiftError as error:
        refused = LineError("date", day)
        refused.text = unfit(error, on)
        raise refused from error


def _known(code: str, typed: str, known: Callable[[str], Cell | None]) -> Cell:
    found = known(typed)
    if found is None:
        raise LineError(code, typed)
    return found


def _day(typed: str) -> dt.date | None:
    """A day by its two unmistakable forms: of one with strokes nobody knows which number is the month."""
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return dt.datetime.strptime(typed, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _breaks(typed: str) -> Iterator[Clocks]:
    for one in filter(None, (part.strip() for part in re.split(r"[,;|]", typed))):
        found = BREAK.fullmatch(one)
        start, end = (clock_of(found[1]), clock_of(found[2])) if found else (None, None)
        kind = _kind(found[3].strip().casefold()) if found else ""
        if start is None or end is None or not kind:
            raise LineError("breaks", one)
        yield Clocks(kind, start, end)


def _kind(said: str) -> str:
    return next((one.value for one in BreakKind if said in {one.value, *_spoken(words.PAUSES[one.value])}), "")


@cache
def _spoken(text: str) -> frozenset[str]:
    """A word in every language of the interface, in small letters."""
    found = set()
    for language in wording.LANGUAGES:
        with override(language):
            found.add(gettext(text).casefold())
    return frozenset(found)


def with_clashes(sheet: Sheet, met: Sequence[tuple[int, Plan]], zone: dt.tzinfo) -> Sheet:
    """The same, with those that overlap others among its faults."""
    said = gettext("overlaps a shift of the same person: %(day)s, %(span)s")
    for place, one in met:
        day = shown_day(one.start_at.astimezone(zone).date())
        sheet.faults.append((sheet.lines[place], said % {"day": day, "span": span(one.start_at, one.end_at, zone)}))
    sheet.faults.sort()
    return sheet


__all__ = ["COLUMNS", "Sheet", "heads", "line", "read", "with_clashes"]
