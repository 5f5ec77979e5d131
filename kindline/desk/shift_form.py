"""The forms of shifts: what was typed, read with care, with everything that is wrong said at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.desk import words
from kindline.desk.typed import Post, day_of
from kindline.staff import shift_plans, shifts
from kindline.staff.models import BreakKind, Employee
from kindline.staff.shift_plans import FIRST_DAY, LAST_DAY, WEEK, Clocks, Plan, UnfitShiftError
from kindline.staff.shifts import ClashError, OtherwiseError

BREAK_ROWS = 4
DAYS_MOST = 92
SAID_MOST = 10
CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::[0-9.]+)?")
WRONG: Mapping[str, str] = {
    "who": _("Tick those whose shifts they are."),
    "day": _("Choose the day."),
    "first": _("Choose the first day."),
    "years": _("Choose a day of the years 2000 to 2100."),
    "last": _("The last day is on or after the first, at most 92 days in all."),
    "weekdays": _("Tick days of the week that lie between the first and the last day."),
    "start": _("Write from when, such as 09:00."),
    "end": _("Write until when, such as 18:00."),
    "breaks": _("Write of each break what it is, from when and until when."),
    "same": _("The shift ends when it begins: write another end. An end before the start is on the next day."),
    "no_such_time": _("The clocks are put forward that night and leave this time out: write another."),
    "outside": _("A break is not within the shift: let each begin and end in it."),
    "overlapping": _("Breaks overlap: let one begin when the other has ended."),
    "sure": _("Confirm that you know that this cannot be undone."),
}
Faults = dict[str, str]
"""What is wrong, in words, by the field."""


def entry(post: Post, people: Mapping[int, Employee], zone: dt.tzinfo) -> tuple[list[Plan], Faults]:
    """The shifts that a form asks for: each chosen person's on each chosen day."""
    found = Reader(post)
    who, days = found.who(people), found.days()
    start, end, breaks = found.clock("start"), found.clock("end"), found.breaks()
    if found.faults or start is None or end is None:
        return [], found.faults
    plans = [found.plan(key, day, start, end, breaks, zone) for key in who for day in days]
    return [one for one in plans if one], found.faults


def scope(post: Post, people: Mapping[int, Employee]) -> tuple[list[int], list[dt.date], Faults]:
    """Whose shifts of which days are to be taken away; nothing but with a tick that one is sure."""
    found = Reader(post)
    who, days = found.who(people), found.days()
    if not post.flag("sure"):
        found.say("sure")
    return who, days, found.faults


def changed(post: Post, employee: int, zone: dt.tzinfo) -> tuple[Plan | None, Faults]:
    """One shift as its form has it."""
    found = Reader(post)
    day, start, end, breaks = found.day("day"), found.clock("start"), found.clock("end"), found.breaks()
    if found.faults or day is None or start is None or end is None:
        return None, found.faults
    return found.plan(employee, day, start, end, breaks, zone), found.faults


class Reader:
    """Reads one form; what is wrong gathers in `faults`."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self.faults: Faults = {}

    def say(self, code: str, field: str = "", text: str = "") -> None:
        """Something is wrong; the first word on a field stays."""
        self.faults.setdefault(field or code, text or gettext(WRONG[code]))

    def who(self, people: Mapping[int, Employee]) -> list[int]:
        """The ticked ones of those shown, or all of them."""
        ticked = set(self.post.keys("who"))
        found = [key for key in people if self.post.flag("everybody") or key in ticked]
        if not found:
            self.say("who")
        return found

    def day(self, field: str) -> dt.date | None:
        """A day on which a shift may begin."""
        raw = self.post.text(field)
        found = near(raw)
        if found is None:
            self.say("years" if day_of(raw) else field, field)
        return found

    def days(self) -> list[dt.date]:
        """The days from the first to the last that are on a chosen day of the week."""
        first, last = self.day("first"), day_of(self.post.text("last"))
        if first is None:
            return []
        if last is None or not 0 <= (last - first).days < DAYS_MOST:
            self.say("last")
            return []
        found = shift_plans.days(first, last, self.post.keys("weekdays"))
        if not found:
            self.say("weekdays")
        return found

    def clock(self, field: str) -> dt.time | None:
        """A time on the clock, to the minute."""
        found = clock_of(self.post.text(field))
        if found is None:
            self.say(field)
        return found

    def breaks(self) -> list[Clocks]:
        """The breaks of the rows that are filled in; a half-filled one is a fault."""
        rows = [row for row in typed_breaks(self.post) if row[1] or row[2]]
        found = [(kind, clock_of(start), clock_of(end)) for kind, start, end in rows]
        if any(kind not in BreakKind.values or start is None or end is None for kind, start, end in found):
            self.say("breaks")
        return [Clocks(kind, start, end) for kind, start, end in found if start is not None and end is not None]

    def plan(
        self, employee: int, day: dt.date, start: dt.time, end: dt.time, breaks: Sequence[Clocks], zone: dt.tzinfo
    ) -> Plan | None:
        """The shift of one person on one day; None where it cannot be."""
        try:
            return shift_plans.planned(employee, day, start, end, breaks, zone)
        except UnfitShiftError as error:
            self.say(error.code, error.field, unfit(error, day))
            return None


def near(raw: str) -> dt.date | None:
    """A day of a time in which shifts are planned; None for others, and for what is none."""
    found = day_of(raw)
    return found if found and FIRST_DAY <= found <= LAST_DAY else None


def unfit(error: UnfitShiftError, day: dt.date) -> str:
    """Why a shift cannot be, with the day where that matters."""
    said = gettext(WRONG[error.code])
    return f"{shown_day(day)}: {said}" if error.code == "no_such_time" else said


def typed_breaks(post: Post) -> list[tuple[str, str, str]]:
    """The rows of breaks as they were typed: kind, from, until."""
    lists = (post.typed.getlist(name) for name in ("break_kind", "break_from", "break_until"))
    return [(kind.strip(), start.strip(), end.strip()) for kind, start, end in zip_longest(*lists, fillvalue="")]


def break_rows(rows: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Rows of breaks for a form: what there is, and empty ones besides."""
    found = list(rows)
    return found + [("", "", "")] * max(1, BREAK_ROWS - len(found))


def kinds() -> list[tuple[str, str]]:
    """What may be planned in a shift, code and title."""
    return [(one.value, words.pause_title(one.value)) for one in BreakKind]


def clock_of(raw: str) -> dt.time | None:
    """A time such as 9:00 or 09:00; None for what is none."""
    found = CLOCK.fullmatch(raw.strip())
    hour, minute = (int(found[1]), int(found[2])) if found else (24, 0)
    return dt.time(hour, minute) if hour < 24 and minute < 60 else None


def span(start: dt.datetime, end: dt.datetime, zone: dt.tzinfo) -> str:
    """From when until when on the clock: 09:00–18:00."""
    return f"{start.astimezone(zone):%H:%M}–{end.astimezone(zone):%H:%M}"


def shown_day(day: dt.date) -> str:
    """A day as the desk shows it."""
    return date_format(day, "SHORT_DATE_FORMAT")


def breaks_of(plan: Plan, zone: dt.tzinfo) -> list[str]:
    """The breaks of a shift in words: 13:00–14:00 Lunch."""
    return [f"{span(one.start_at, one.end_at, zone)} {words.pause_title(one.kind)}" for one in plan.breaks]


def otherwise(error: OtherwiseError, zone: dt.tzinfo) -> str:
    """What the shift is now that somebody else has changed it."""
    plan = error.plan
    said = gettext(
        "Somebody has changed this shift meanwhile. Now it is: %(day)s, %(span)s; breaks: %(breaks)s."
        " Keep yours once more if it is to stand instead."
    )
    return said % {
        "day": shown_day(plan.start_at.astimezone(zone).date()),
        "span": span(plan.start_at, plan.end_at, zone),
        "breaks": ", ".join(breaks_of(plan, zone)) or "—",
    }


def left_out(found: Sequence[shifts.Refused], people: Mapping[int, Employee], zone: dt.tzinfo) -> list[str]:
    """Whose shifts were not copied to which day of the next week, and why; a line each, the first ones by name."""
    lines = [
        gettext("Left out: %(who)s, %(day)s. %(why)s")
        % {
            "who": people[plan.employee],
            "day": shown_day((plan.start_at.astimezone(zone) + WEEK).date()),
            "why": gettext(WRONG[error.code]),
        }
        for plan, error in found[:SAID_MOST]
    ]
    return _and_more(lines, len(found))


def clashing(error: ClashError, people: Mapping[int, Employee], zone: dt.tzinfo) -> list[str]:
    """What overlaps, a line each, the first ones by name."""
    lines = [
        gettext("%(who)s has a shift already: %(day)s, %(span)s.")
        % {
            "who": people[one.employee],
            "day": shown_day(one.start_at.astimezone(zone).date()),
            "span": span(one.start_at, one.end_at, zone),
        }
        for _place, one in error.found[:SAID_MOST]
    ]
    return _and_more(lines, len(error.found))


def _and_more(lines: list[str], of: int) -> list[str]:
    more = of - len(lines)
    return lines + ([gettext("And so it is with %(n)s more.") % {"n": more}] if more > 0 else [])
