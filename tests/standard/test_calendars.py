"""Working days, opening hours and deadlines, against a slow oracle that counts day by day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindline.standard import deadlines, hours, terms
from kindline.standard.calendars import NoWorkingDay, Override, WorkingCalendar
from kindline.standard.profile import Profile

RUSSIA = WorkingCalendar("RU")
UKRAINE = WorkingCalendar("UA")
EARLIEST, LATEST = dt.datetime(2024, 1, 1), dt.datetime(2026, 10, 1)  # noqa: DTZ001 - made local in the test
DAYS = st.dates(dt.date(2022, 1, 1), dt.date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-03-02", True),
        ("2026-03-08", False),
        ("2026-03-09", False),  # moved from Sunday
        ("2025-11-01", True),  # a working Saturday
        ("2026-01-05", False),
        ("2026-05-01", False),
        ("2026-03-07", False),
    ],
)
def test_russian_days(day: str, worked: bool) -> None:
    assert RUSSIA.is_working_day(dt.date.fromisoformat(day)) is worked


def test_working_days_of_russian_years() -> None:
    """The official counts of the five-day week."""
    counts = {
        year: sum(
            RUSSIA.is_working_day(dt.date(year, 1, 1) + dt.timedelta(days=n)) for n in range(365 + (year % 4 == 0))
        )
        for year in range(2022, 2027)
    }
    assert counts == {2022: 247, 2023: 247, 2024: 248, 2025: 247, 2026: 247}


def test_ukrainian_holidays_are_worked_under_martial_law_until_its_end() -> None:
    new_year = dt.date(2026, 1, 1)
    assert UKRAINE.is_working_day(new_year)
    assert not UKRAINE.is_working_day(dt.date(2026, 1, 3))
    peace = WorkingCalendar("UA", martial_law_until=dt.date(2025, 12, 1))
    assert not peace.is_working_day(new_year)
    assert peace.why_off(new_year)
    assert peace.is_working_day(dt.date(2025, 8, 25))


def test_an_override_beats_the_calendar() -> None:
    day, other = dt.date(2026, 3, 2), dt.date(2026, 3, 8)
    calendar = WorkingCalendar(
        "RU", overrides={day: Override(day, False, "переезд"), other: Override(other, True, "дежурство")}
    )
    assert not calendar.is_working_day(day)
    assert calendar.why_off(day) == "переезд"
    assert calendar.is_working_day(other)


def test_a_calendar_without_working_days_says_so() -> None:
    day = dt.date(2026, 1, 1)
    closed = {day + dt.timedelta(days=n): Override(day + dt.timedelta(days=n), False) for n in range(500)}
    with pytest.raises(NoWorkingDay, match=r"correct calendar\.overrides"):
        WorkingCalendar("RU", overrides=closed).next_working_day(day)


def slow_end(start: dt.date, count: int, calendar: WorkingCalendar) -> dt.date:
    """The oracle: lists every later day, strikes out the days off, takes the n-th."""
    later = [start + dt.timedelta(days=n) for n in range(1, count * 3 + 40)]
    return [day for day in later if calendar.is_working_day(day)][count - 1]


@settings(deadline=None)
@given(start=DAYS, count=st.integers(1, 40), calendar=st.sampled_from([RUSSIA, UKRAINE]))
def test_working_days_are_counted_from_the_next_day(start: dt.date, count: int, calendar: WorkingCalendar) -> None:
    assert calendar.add_working_days(start, count) == slow_end(start, count, calendar)


@settings(deadline=None)
@given(start=DAYS, count=st.integers(0, 30))
def test_months_keep_the_day_or_end_with_the_month(start: dt.date, count: int) -> None:
    found = terms.add_months(start, count)
    assert (found.year * 12 + found.month) - (start.year * 12 + start.month) == count
    assert found.day == start.day or (found.day < start.day and (found + dt.timedelta(days=1)).day == 1)


@pytest.mark.parametrize(
    ("raw", "term"),
    [
        ("30 calendar_days", terms.Term(30, "calendar_days")),
        ({"n": 3, "unit": "working_days"}, terms.Term(3, "working_days")),
        ("6 months", terms.Term(6, "months")),
        ("1 years", terms.Term(12, "months")),
        ("soon", None),
        ({"n": "3", "unit": "hours"}, None),
        (None, None),
    ],
)
def test_terms_as_they_are_written(raw: object, term: terms.Term | None) -> None:
    assert terms.parse(raw) == term


def local(profile: Profile, text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=profile.zone)


@pytest.mark.parametrize(
    ("line", "moment", "opened"),
    [
        ("phone", "2026-03-02T08:00", True),
        ("phone", "2026-03-02T12:00", False),
        ("phone", "2026-03-02T12:59", False),
        ("phone", "2026-03-02T19:59", True),
        ("phone", "2026-03-02T20:00", False),
        ("phone", "2026-03-07T10:00", False),
        ("phone", "2026-03-09T10:00", False),  # a holiday on a Monday
        ("phone", "2026-03-14T10:00", True),  # a Saturday worked by override
        ("phone", "2026-03-20T10:00", False),  # a Friday off by override
        ("hotline", "2026-03-02T10:00", True),
        ("night", "2026-03-07T23:00", True),
        ("night", "2026-03-08T05:59", True),
        ("night", "2026-03-08T06:00", False),
        ("always", "2026-03-08T03:00", True),
    ],
)
def test_opening_hours(mini: Profile, line: str, moment: str, opened: bool) -> None:
    assert hours.is_open(mini, line, local(mini, moment)) is opened


def test_opening_hours_are_those_of_the_zone(mini: Profile) -> None:
    assert hours.is_open(mini, "phone", dt.datetime(2026, 3, 2, 4, 0, tzinfo=dt.UTC))
    assert not hours.is_open(mini, "phone", dt.datetime(2026, 3, 2, 17, 0, tzinfo=dt.UTC))


def test_the_next_opening_skips_days_off(mini: Profile) -> None:
    assert hours.next_opening(mini, "phone", local(mini, "2026-03-06T20:00")) == local(mini, "2026-03-10T08:00")
    now = local(mini, "2026-03-02T10:00")
    assert hours.next_opening(mini, "phone", now) == now
    assert hours.next_opening(mini, "phone", local(mini, "2026-03-02T12:30")) == local(mini, "2026-03-02T13:00")


@settings(deadline=None, max_examples=60)
@given(minute=st.integers(0, 60 * 24 * 60))
def test_the_next_opening_is_the_first_open_minute(mini: Profile, minute: int) -> None:
    now = local(mini, "2026-02-20T00:00") + dt.timedelta(minutes=minute)
    opened = hours.next_opening(mini, "phone", now)
    assert hours.is_open(mini, "phone", opened)
    step = now
    while step < opened:
        assert not hours.is_open(mini, "phone", step)
        step += dt.timedelta(minutes=30 - step.minute % 30)


def test_a_line_that_is_not_there(mini: Profile) -> None:
    with pytest.raises(hours.NoHours, match="no hours for 'fax'"):
        hours.is_open(mini, "fax", local(mini, "2026-03-02T10:00"))


def test_a_line_without_hours_is_always_open(mini: Profile) -> None:
    assert mini.menu is not None
    lines = {"hotline": replace(mini.menu.lines["hotline"], hours=None)}
    profile = replace(mini, menu=replace(mini.menu, lines=lines))
    assert hours.is_open(profile, "hotline", local(mini, "2026-03-08T03:00"))


def test_hours_as_they_are_shown_and_read_aloud(mini: Profile) -> None:
    assert hours.written(mini, "phone") == "понедельник – пятница с 8:00 до 12:00, с 13:00 до 20:00"
    said = "с понедельника по пятницу с восьми часов до двенадцати часов, с тринадцати часов до двадцати часов"
    assert hours.spoken(mini, "phone") == said
    assert hours.spoken(mini, "always") == "ежедневно круглосуточно"
    assert hours.spoken(mini, "night") == "ежедневно с двадцати двух часов до шести часов"


def test_hours_in_ukrainian(mini: Profile) -> None:
    half_past = hours.Opening(("mon", "tue", "wed", "sat"), ((dt.time(8, 30), dt.time(0)), (dt.time(1), dt.time(21))))
    profile = replace(mini, languages=("uk",), hours={"phone": half_past})
    assert hours.spoken(profile, "phone") == (
        "з понеділка по середу, у суботу з восьмої години тридцяти хвилин до двадцять четвертої години, "
        "з першої години до двадцять першої години"
    )
    assert not set('0123456789–-«»"') & set(hours.spoken(profile, "phone"))


# --- deadlines ------------------------------------------------------------------------------------


def derive(profile: Profile, **asked: str | dt.datetime | None) -> deadlines.Deadline:
    return deadlines.derive(profile, **{"kind": "complaint", **asked})  # type: ignore[arg-type]


def test_calendar_days_from_registration(mini: Profile) -> None:
    found = derive(mini, channel="phone", registered=local(mini, "2026-03-02T10:00"))
    assert found.limit == local(mini, "2026-04-01T23:59:59")
    assert found.target == local(mini, "2026-03-09T23:59:59")
    assert found.extended_to == local(mini, "2026-05-01T23:59:59")
    assert found.clauses == ("mini-1-11",)
    assert found.as_json()["limit"] == "2026-04-01"
    assert any("30 календарных дней с момента регистрации" in step for step in found.steps)
    assert "The day of the start is not counted." in found.steps_en


def test_a_limit_on_a_day_off_stays_and_an_internal_one_is_shown(mini: Profile) -> None:
    found = derive(mini, registered=local(mini, "2026-02-06T10:00"))
    assert found.limit == local(mini, "2026-03-08T23:59:59")
    assert found.limit_internal == dt.date(2026, 3, 6)
    assert any("нерабочий день" in step and "6 марта 2026" in step for step in found.steps)
    assert len(found.steps) == len(found.steps_en)


def test_the_subject_beats_kind_and_channel(mini: Profile) -> None:
    found = derive(mini, channel="web", subject="utility_quality", received=local(mini, "2026-03-05T10:00"))
    assert found.rule == "quality"
    assert found.limit == local(mini, "2026-03-11T23:59:59")
    assert found.target is None


def test_the_end_of_the_working_day(mini: Profile) -> None:
    kind = {"kind": "consultation", "channel": "phone"}
    assert derive(mini, **kind, received=local(mini, "2026-03-02T10:00")).limit == local(mini, "2026-03-02T20:00")
    assert derive(mini, **kind, received=local(mini, "2026-03-06T20:00")).limit == local(mini, "2026-03-10T20:00")


def test_the_same_day_is_a_calendar_day(mini: Profile) -> None:
    found = derive(mini, subject="outside_competence", received=local(mini, "2026-03-08T23:30"))
    assert found.limit == local(mini, "2026-03-08T23:59:59")


def test_the_earlier_of_two(mini: Profile) -> None:
    asked: dict[str, str | dt.datetime | None] = {
        "kind": "authority_request",
        "registered": local(mini, "2026-03-02T10:00"),
    }
    assert derive(mini, **asked).limit == local(mini, "2026-04-01T23:59:59")
    named = derive(mini, **asked, named=local(mini, "2026-03-10T12:00"))
    assert named.limit == local(mini, "2026-03-10T12:00")
    later = derive(mini, **asked, named=local(mini, "2026-05-10T12:00"))
    assert later.limit == local(mini, "2026-04-01T23:59:59")


def test_a_rule_that_counts_from_the_named_day_ends_after_it(mini: Profile) -> None:
    rules = tuple(
        replace(one, start="date_named", extension=deadlines.Extension(10)) if one.id == "authority" else one
        for one in mini.deadlines
    )
    found = derive(
        replace(mini, deadlines=rules), kind="authority_request", registered=local(mini, "2026-03-01T10:00"),
        named=local(mini, "2026-03-02T10:00"),
    )  # fmt: skip
    assert found.limit == local(mini, "2026-04-01T23:59:59")
    assert found.extended_to == local(mini, "2026-04-11T23:59:59")
    assert not any("comes first" in step for step in found.steps_en)


def test_no_rule_means_no_norm(mini: Profile) -> None:
    found = derive(replace(mini, deadlines=()))
    assert (found.limit, found.target, found.clauses) == (None, None, ())
    assert "нормы нет" in found.steps[0]


def test_a_moment_that_is_needed(mini: Profile) -> None:
    with pytest.raises(deadlines.StartUnknown, match="counts from 'registered'"):
        derive(mini, received=local(mini, "2026-03-02T10:00"))


@settings(deadline=None, max_examples=80)
@given(
    start=st.datetimes(EARLIEST, LATEST),
    count=st.integers(1, 45),
    unit=st.sampled_from(["calendar_days", "working_days", "months"]),
    zone=st.sampled_from(["Europe/Kyiv", "Europe/Samara", "Asia/Yekaterinburg"]),
)
def test_a_term_ends_with_the_local_day_that_the_oracle_finds(
    mini: Profile, start: dt.datetime, count: int, unit: str, zone: str
) -> None:
    local_zone = ZoneInfo(zone)
    profile = replace(mini, zone=local_zone)
    rule = replace(mini.deadlines[0], target=None, limit=terms.Term(count, unit), extension=None)
    moment = start.replace(tzinfo=local_zone)
    found = derive(replace(profile, deadlines=(rule,)), registered=moment.astimezone(dt.UTC))
    day = start.date()
    if unit == "working_days":
        expected = slow_end(day, count, mini.calendar)
    elif unit == "calendar_days":
        expected = dt.date.fromordinal(day.toordinal() + count)
    else:
        expected = terms.add_months(day, count)
    assert found.limit is not None
    assert found.limit.astimezone(local_zone).date() == expected
    assert found.limit.astimezone(local_zone).time() == dt.time(23, 59, 59)
    internal = expected
    while not mini.calendar.is_working_day(internal):
        internal -= dt.timedelta(days=1)
    shown = found.limit_internal
    assert shown == (None if internal == expected or internal < day else internal)
