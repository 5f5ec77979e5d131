"""One judge of readings for every channel: pure, the same for a form, a call, a request and a line of a file.

`bulk_sql` says the same to the database for a million at once; a test holds both together.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

ACCEPTED, ASKED_BACK, REFUSED, DUPLICATE = "accepted", "asked_back", "refused", "duplicate"
LOWER = "lower_than_last"
NUMBER = re.compile(r"[0-9]{1,12}([.,][0-9]{1,6})?", re.ASCII)
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
DOTTED_DAY = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})", re.ASCII)
BLANKS = " \u00a0\u202f\u2009\t"
ALIKE = str.maketrans("АВЕІЅЈКМНОРСТУХ", "ABEISJKMHOPCTYX")
"""Cyrillic letters to the Latin ones of the same look: a bill does not show of which alphabet a letter is."""
CENTS = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Offered:
    """A reading as it was typed."""

    zone: str
    value: str
    taken_on: str


@dataclass(frozen=True, slots=True)
class Dial:
    """A meter as far as its readings depend on it."""

    zones: Sequence[str]
    digits: int
    decimals: int
    unit: str
    installed_on: dt.date
    removed_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Last:
    """The latest reading that stands; `daily`: what is used a day as a rule, in the meter's unit."""

    value: Decimal
    on: dt.date
    daily: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What the organisation asks back; without a limit nothing is asked for its sake."""

    oldest_days: int | None = None
    growth_times: Decimal | None = None
    ordinary_per_day: Mapping[str, Decimal] = field(default_factory=dict)  # by unit; so much is never asked back
    still_days: int | None = None
    usual_over_days: int = 0

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Limits:
        """The limits as a profile writes them."""
        times = told.get("growth_times")
        return cls(
            told.get("oldest_days"),
            None if times is None else Decimal(str(times)),
            {unit: Decimal(str(value)) for unit, value in (told.get("ordinary_per_day") or {}).items()},
            told.get("still_days"),
            told.get("usual_over_days") or 0,
        )

    def allowed(self, unit: str, daily: Decimal | None, days: int) -> Decimal | None:
        """By how much the meter may have grown in so many days; None where nothing is known."""
        usual = max(daily or Decimal(0), self.ordinary_per_day.get(unit, Decimal(0)))
        return None if self.growth_times is None or not usual else self.growth_times * usual * days

    def carried(self, daily: Decimal | None, growth: Decimal, days: int, allowed: Decimal | None) -> Decimal:
        """What is used a day as a rule, once this growth is known.

        It counts for no more than is believed unasked (`allowed`): a mistake that was confirmed moves it no further
        than the largest reading that is not asked back would, and a use that really grew is believed step by step.
        """
        over = self.usual_over_days if daily is not None else 0
        counted = growth if allowed is None else min(growth, allowed)
        return (((daily or Decimal(0)) * over + counted) / (over + days)).quantize(CENTS, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reading comes to, why, and how it was read."""

    state: str
    code: str = ""
    value: Decimal | None = None
    taken_on: dt.date | None = None
    daily: Decimal | None = None


def judge(
    offered: Offered,
    dial: Dial | None,
    last: Last | None,
    same_day: Decimal | None,
    limits: Limits,
    today: dt.date,
) -> Verdict:
    """The verdict on a reading; `last` is the latest that stands, `same_day` the one that stands for its own day."""
    value, day = number(offered.value), date(offered.taken_on)
    if fault := _unfit(offered.zone, value, day, dial, today):
        return Verdict(REFUSED, fault)
    assert value is not None  # noqa: S101 - _unfit has said so
    assert day is not None  # noqa: S101
    assert dial is not None  # noqa: S101
    if same_day is not None:
        return (
            Verdict(DUPLICATE, "duplicate", value, day)
            if same_day == value
            else Verdict(ASKED_BACK, "differs_same_day", value, day, _daily_of(last))
        )
    if limits.oldest_days is not None and (today - day).days > limits.oldest_days:
        return Verdict(ASKED_BACK, "too_old", value, day, _daily_of(last))
    if last is None:
        return Verdict(ACCEPTED, "", value, day)
    if last.on > day:
        return Verdict(ASKED_BACK, "older_than_last", value, day, last.daily)
    return _grown(value, day, dial, last, limits)


def _grown(value: Decimal, day: dt.date, dial: Dial, last: Last, limits: Limits) -> Verdict:
    days, growth = (day - last.on).days, value - last.value
    allowed = limits.allowed(dial.unit, last.daily, days)
    if growth < 0:
        rolled = growth + Decimal(10) ** dial.digits
        if allowed is None or rolled > allowed:
            return Verdict(ASKED_BACK, LOWER, value, day, last.daily)
        return Verdict(ACCEPTED, "rollover", value, day, limits.carried(last.daily, rolled, days, allowed))
    daily = limits.carried(last.daily, growth, days, allowed)
    if allowed is not None and growth > allowed:
        return Verdict(ASKED_BACK, "grows_too_much", value, day, daily)
    if not growth and limits.still_days is not None and days >= limits.still_days and last.daily:
        return Verdict(ASKED_BACK, "stands_still", value, day, daily)
    return Verdict(ACCEPTED, "", value, day, daily)


def _unfit(zone: str, value: Decimal | None, day: dt.date | None, dial: Dial | None, today: dt.date) -> str:
    """Why it cannot be a reading of this meter at all."""
    if dial is None:
        return "unknown_meter"
    if zone not in dial.zones:
        return "unknown_zone"
    return _unfit_number(value, dial) or _unfit_day(day, dial, today)


def _unfit_number(value: Decimal | None, dial: Dial) -> str:
    if value is None:
        return "not_a_number"
    if value >= Decimal(10) ** dial.digits:
        return "too_many_digits"
    whole = value == value.quantize(Decimal(1).scaleb(-dial.decimals), ROUND_DOWN)
    return "" if whole else "too_many_decimals"


def _unfit_day(day: dt.date | None, dial: Dial, today: dt.date) -> str:
    if day is None:
        return "not_a_day"
    if day > today:
        return "future"
    is_there = dial.installed_on <= day and (dial.removed_on is None or day <= dial.removed_on)
    return "" if is_there else "meter_absent"


def used(before: Decimal, value: Decimal, turn: Decimal | None) -> Decimal:
    """What was used between two readings of a dial that begins anew at `turn`: the shorter way round.

    It is negative where the later one is a little lower: too much was said before, and is given back.
    """
    growth = value - before
    return growth + turn if turn is not None and 2 * growth < -turn else growth


def number(typed: str) -> Decimal | None:
    """A number as people type it: blanks between the digits, a comma or a point."""
    plain = typed.translate(dict.fromkeys(map(ord, BLANKS)))
    return Decimal(plain.replace(",", ".")) if NUMBER.fullmatch(plain) else None


def account(typed: str) -> str:
    """The number of an account, however it is grouped."""
    return typed.translate(dict.fromkeys(map(ord, BLANKS + "-")))


def meter(typed: str) -> str:
    """The number of a meter as one sees it: whatever the alphabet of its letters, their size, blanks and dashes."""
    return account(typed.upper()).translate(ALIKE)


def date(typed: str) -> dt.date | None:
    """A day as 2026-03-31 or 31.03.2026."""
    plain = typed.strip(BLANKS)
    if dotted := DOTTED_DAY.fullmatch(plain):
        plain = "-".join(reversed(dotted.groups()))
    if not ISO_DAY.fullmatch(plain):
        return None
    try:
        return dt.date.fromisoformat(plain)
    except ValueError:
        return None


def _daily_of(last: Last | None) -> Decimal | None:
    return last.daily if last else None
