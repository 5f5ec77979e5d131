"""Opening hours of lines and services."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kindline.standard import clockwords

if TYPE_CHECKING:
    from kindline.standard.profile import Profile

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Interval = tuple[dt.time, dt.time]
Span = tuple[dt.datetime, dt.datetime]
MIDNIGHT = dt.time(0, 0)


@dataclass(frozen=True, slots=True)
class Opening:
    """Weekly hours: days, intervals of each of them, and whether holidays close."""

    days: tuple[str, ...]
    intervals: tuple[Interval, ...]
    holidays: str = "closed"
    source_note: str = ""


class NoHours(Exception):  # noqa: N818 - said as it reads where it is caught
    """The profile gives no hours for that line: add them under `hours` in standard.yaml."""


def opening(profile: Profile, line: str) -> Opening | None:
    """The hours of a line of the menu, or of a service; None when the profile sets none (always open)."""
    if profile.menu is not None and line in profile.menu.lines:
        key = profile.menu.lines[line].hours
        return profile.hours[key] if key is not None else None
    if line in profile.hours:
        return profile.hours[line]
    raise NoHours(f"no hours for {line!r} in the profile {profile.id}: add them under `hours` in standard.yaml")


def is_open(profile: Profile, line: str, now: dt.datetime) -> bool:
    """Whether the line is served at that moment, by the profile's zone and calendar."""
    found = opening(profile, line)
    if found is None:
        return True
    local = now.astimezone(profile.zone)
    for day in (local.date(), local.date() - dt.timedelta(days=1)):
        for start, end in spans(profile, found, day):
            if start <= now < end:
                return True
    return False


def next_opening(profile: Profile, line: str, now: dt.datetime) -> dt.datetime:
    """The next moment at which the line opens (`now` itself while it is open). Raises: NoHours."""
    found = opening(profile, line)
    if found is None or is_open(profile, line, now):
        return now
    today = now.astimezone(profile.zone).date()
    for distance in range(400):
        for start, _ in spans(profile, found, today + dt.timedelta(days=distance)):
            if start > now:
                return start
    raise NoHours(f"the line {line!r} of {profile.id} never opens: correct its hours or the calendar")


def spans(profile: Profile, found: Opening, day: dt.date) -> list[Span]:
    """The intervals that begin on a local day, as moments; one ending at or before its start ends the next day."""
    if DAYS[day.weekday()] in found.days:
        served = found.holidays == "open" or _worked(profile, day)
    else:
        served = found.holidays == "closed" and _moved_here(profile, found, day)
    if not served:
        return []
    whole = [_span(profile, day, start, end) for start, end in found.intervals]
    return whole if found.holidays == "open" else _shortened(whole, profile.calendar.shorter_min(day))


def _shortened(whole: list[Span], minutes: int) -> list[Span]:
    """The spans of a day that ends so many minutes earlier; what is open on holidays too is not shortened."""
    left = dt.timedelta(minutes=minutes)
    while whole and left:
        start, end = whole[-1]
        taken = min(left, end - start)
        whole = [*whole[:-1], (start, end - taken)] if taken < end - start else whole[:-1]
        left -= taken
    return whole


def _worked(profile: Profile, day: dt.date) -> bool:
    """A day among the opening days is closed only by a holiday or override, not by being a weekend."""
    if profile.calendar.is_working_day(day):
        return True
    return day.weekday() >= 5 and not profile.calendar.why_off(day)


def _moved_here(profile: Profile, found: Opening, day: dt.date) -> bool:
    """A weekend day that is worked this once, for those who otherwise work Monday to Friday."""
    return day.weekday() >= 5 and set(found.days) <= set(DAYS[:5]) and profile.calendar.is_working_day(day)


def _span(profile: Profile, day: dt.date, start: dt.time, end: dt.time) -> Span:
    last = day + dt.timedelta(days=1) if end <= start else day
    begins = dt.datetime.combine(day, start, profile.zone)
    ends = dt.datetime.combine(last, end, profile.zone)
    return begins.astimezone(dt.UTC), ends.astimezone(dt.UTC)


NAMES = {
    "ru": ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
    "uk": ("понеділок", "вівторок", "середа", "четвер", "п’ятниця", "субота", "неділя"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
WORDS = {
    "ru": ("с {} до {}", "круглосуточно", "ежедневно", "кроме праздничных дней"),
    "uk": ("з {} до {}", "цілодобово", "щодня", "крім святкових днів"),
    "en": ("from {} to {}", "round the clock", "every day", "except public holidays"),
}


def written(profile: Profile, line: str, language: str | None = None) -> str:
    """The hours as they are shown: "понедельник – пятница с 8:00 до 20:00"."""
    language = language or profile.language
    found = opening(profile, line)
    between, always, daily, but_holidays = WORDS[language]
    if found is None:
        return f"{daily} {always}"
    days = daily if len(found.days) == 7 else _days(found.days, language)
    times = ", ".join(
        always if _whole_day(start, end) else between.format(_clock(start), _clock(end) if end != MIDNIGHT else "24:00")
        for start, end in found.intervals
    )
    return f"{days} {times}{', ' + but_holidays if _closes_on_holidays(found) else ''}"


def spoken(profile: Profile, line: str) -> str:
    """The hours as they are read aloud in the profile's language, without digits, quotes or dashes."""
    language, found = profile.language, opening(profile, line)
    if language == "en":
        return written(profile, line)
    _, always, daily, but_holidays = WORDS[language]
    if found is None:
        return f"{daily} {always}"
    runs = [clockwords.days(run[0], run[-1], language) for run in _runs(found.days)]
    days = daily if len(found.days) == 7 else ", ".join(runs)
    times = ", ".join(
        always if _whole_day(start, end) else clockwords.between(start, end, language) for start, end in found.intervals
    )
    return f"{days} {times}{', ' + but_holidays if _closes_on_holidays(found) else ''}"


def _whole_day(start: dt.time, end: dt.time) -> bool:
    return start == end == MIDNIGHT


def _closes_on_holidays(found: Opening) -> bool:
    return found.holidays == "closed" and len(found.days) > 5


def _clock(time: dt.time) -> str:
    return f"{time.hour}:{time.minute:02}"


def _days(days: tuple[str, ...], language: str) -> str:
    """Runs of days: "понедельник – пятница, воскресенье"."""
    names = NAMES[language]
    said = [names[run[0]] if len(run) == 1 else f"{names[run[0]]} – {names[run[-1]]}" for run in _runs(days)]
    return ", ".join(said)


def _runs(days: tuple[str, ...]) -> list[list[int]]:
    """The days of the week by number, those that follow each other together."""
    runs: list[list[int]] = []
    for number in sorted(DAYS.index(day) for day in days):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs
