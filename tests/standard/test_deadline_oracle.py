"""C3: the deadline engine against an oracle that goes day by day: kinds, calendars, moved days, zones, DST, year ends.

The oracle looks at each day by itself, with the country's holidays and the moved days, and counts on its fingers.
KINDLINE_ORACLE_CASES says how many cases of each sort (100000 for the whole; the usual share takes some seconds).
"""

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kindline.standard import deadlines, loader
from kindline.standard.calendars import Override, WorkingCalendar
from kindline.standard.deadlines import CHANNELS, KINDS, SUBJECTS, DeadlineRule
from kindline.standard.profile import Profile
from kindline.standard.terms import UNITS, Term

CASES = int(os.environ.get("KINDLINE_ORACLE_CASES", "600"))
pytestmark = pytest.mark.timeout(60 + CASES // 10)
"""The usual share must be done within the minute that CI gives it."""
MANY = settings(max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ZONES = ("Europe/Kyiv", "Europe/Moscow", "Asia/Kamchatka", "America/New_York", "Pacific/Apia", "UTC")
NEAR_EDGES = [
    dt.datetime(2025, 12, 31, 20, 59, 59, tzinfo=dt.UTC),  # a minute before and after midnight in Moscow, a new year
    dt.datetime(2025, 12, 31, 21, 0, tzinfo=dt.UTC),
    dt.datetime(2026, 3, 29, 0, 59, 59, tzinfo=dt.UTC),  # clocks go forward in Kyiv
    dt.datetime(2026, 10, 25, 0, 59, 59, tzinfo=dt.UTC),  # and back
    dt.datetime(2027, 3, 28, 0, 59, 59, tzinfo=dt.UTC),  # the same a year later, on both sides
    dt.datetime(2027, 3, 28, 1, 0, tzinfo=dt.UTC),
    dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC),
    dt.datetime(2027, 10, 31, 1, 30, tzinfo=dt.UTC),
    dt.datetime(2028, 2, 28, 23, 30, tzinfo=dt.UTC),  # a leap day
    dt.datetime(2026, 1, 31, 10, 0, tzinfo=dt.UTC),  # a month later there is no 31st
]
MOMENTS = st.one_of(
    st.sampled_from(NEAR_EDGES),
    st.integers(1_704_067_200, 1_893_456_000).map(lambda second: dt.datetime.fromtimestamp(second, dt.UTC)),
)
COUNTRIES = {country: holidays.country_holidays(country) for country in ("RU", "UA")}
MOVED = st.dictionaries(st.dates(dt.date(2024, 1, 1), dt.date(2030, 6, 30)), st.booleans(), max_size=40)


def _world(profile_id: str, zone: str, country: str, moved: dict[dt.date, bool]) -> Profile:
    overrides = {day: Override(day, working, "перенос") for day, working in moved.items()}
    calendar = WorkingCalendar(country, overrides=overrides)
    return replace(loader.load(profile_id), zone=ZoneInfo(zone), calendar=calendar)


def _days_after(day: dt.date) -> Iterator[dt.date]:
    """Every later day, one by one."""
    while True:
        day += dt.timedelta(days=1)
        yield day


def _worked(day: dt.date, country: str, moved: dict[dt.date, bool]) -> bool:
    """The oracle of a day: what a decree moved, else no holiday and no weekend that is not worked off."""
    if day in moved:
        return moved[day]
    known = COUNTRIES[country]
    return day not in known and (day.weekday() < 5 or day in known.weekend_workdays)


def _last_day(first: dt.date, term: Term, country: str, moved: dict[dt.date, bool]) -> dt.date:
    """The oracle: one day after another, each looked at, the day of the start not counted."""
    counted = 0
    if term.unit == "months":
        year, month = divmod(first.year * 12 + first.month - 1 + term.n, 12)
        return max(day for day in _within(year, month + 1) if day.day <= first.day)
    for day in _days_after(first):
        counted += term.unit == "calendar_days" or _worked(day, country, moved)
        if counted == term.n:
            return day
    raise AssertionError


def _within(year: int, month: int) -> list[dt.date]:
    first = dt.date(year, month, 1)
    return [first, *(day for day in (first + dt.timedelta(days=n) for n in range(1, 31)) if day.month == month)]


def _best(profile: Profile, asked: dict[str, str | None]) -> DeadlineRule | None:
    """The oracle of the choice: subject before requester before kind before channel, of equals the first written."""
    fitting = [rule for rule in profile.deadlines if all(asked[key] in words for key, words in rule.when.items())]
    order = ("subject", "requester", "kind", "channel")
    ranked = [tuple(key in rule.when for key in order) for rule in fitting]
    return fitting[ranked.index(max(ranked))] if fitting else None


@MANY
@given(
    profile_id=st.sampled_from(["krc", "court", "voe", "yumek"]), zone=st.sampled_from(ZONES),
    country=st.sampled_from(["RU", "UA"]), moved=MOVED, kind=st.sampled_from(KINDS),
    channel=st.sampled_from(CHANNELS), subject=st.sampled_from([None, *SUBJECTS]), received=MOMENTS,
    lag=st.integers(0, 5 * 24 * 60),
)  # fmt: skip
def test_the_limit_and_the_target_are_those_of_the_oracle(
    profile_id: str, zone: str, country: str, moved: dict[dt.date, bool], kind: str, channel: str,
    subject: str | None, received: dt.datetime, lag: int,
) -> None:  # fmt: skip
    profile = _world(profile_id, zone, country, moved)
    registered = received + dt.timedelta(minutes=lag)
    stamps = {"sent": received, "received": received, "registered": registered}
    found = deadlines.derive(
        profile, kind=kind, subject=subject, channel=channel, sent=received, received=received, registered=registered
    )
    rule = _best(profile, {"kind": kind, "subject": subject, "channel": channel, "requester": None})
    if rule is None:
        assert found.limit is None
        return
    assert found.rule == rule.id
    first = stamps[rule.start].astimezone(profile.zone).date()
    for term, got in ((rule.limit, found.limit), (rule.target, found.target)):
        if term is not None and term.whole_days:
            assert got is not None
            local = got.astimezone(profile.zone)
            assert local.date() == _last_day(first, term, country, moved)
            assert local.time() == dt.time(23, 59, 59)
    if found.target and found.limit:
        assert found.target <= found.limit
    assert found.limit is None or found.limit >= stamps[rule.start]


NAMED = {"subject": "debt", "requester": "firm", "kind": "complaint", "channel": "email"}
WHENS = st.lists(
    st.sets(st.sampled_from(sorted(NAMED))).map(lambda keys: {key: (NAMED[key],) for key in keys}),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(whens=WHENS, unlike=st.sets(st.sampled_from(sorted(NAMED)), max_size=2))
def test_of_rules_that_fit_the_most_special_holds_whoever_asks(
    whens: list[dict[str, tuple[str, ...]]], unlike: set[str]
) -> None:
    """Subject before requester before kind before channel: no sum of lesser ones outweighs a greater one."""
    term = Term(1, "calendar_days")
    rules = tuple(
        DeadlineRule(str(n), when, "received", None, term, None, None, ()) for n, when in enumerate(whens)
    )  # fmt: skip
    profile = replace(loader.load("krc"), deadlines=rules)
    asked: dict[str, str | None] = {key: "another" if key in unlike else word for key, word in NAMED.items()}
    assert deadlines.choose(profile, asked) == _best(profile, asked)


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        (("subject",), ("requester", "kind", "channel")),
        (("requester",), ("kind", "channel")),
        (("kind",), ("channel",)),
    ],
)
def test_a_rule_by_one_thing_holds_before_one_by_all_lesser_things(
    stronger: tuple[str, ...], weaker: tuple[str, ...]
) -> None:
    rules = tuple(
        DeadlineRule(name, {key: (NAMED[key],) for key in keys}, "received", None, None, None, None, ())
        for name, keys in (("weaker", weaker), ("stronger", stronger))
    )
    found = deadlines.choose(replace(loader.load("krc"), deadlines=rules), NAMED)
    assert found is not None
    assert found.id == "stronger"


@settings(max_examples=150, deadline=None)
@given(registered=MOMENTS, named=MOMENTS, zone=st.sampled_from(ZONES), moved=MOVED)
def test_of_an_authoritys_day_and_the_terms_the_earlier_wins(
    registered: dt.datetime, named: dt.datetime, zone: str, moved: dict[dt.date, bool]
) -> None:
    profile = _world("krc", zone, "RU", moved)
    asked = {"kind": "authority_request", "channel": "paper", "registered": registered}
    own = deadlines.derive(profile, **asked)  # type: ignore[arg-type]
    found = deadlines.derive(profile, **asked, named=named)  # type: ignore[arg-type]
    assert own.limit is not None
    assert found.limit is not None
    assert found.limit.timestamp() == min(own.limit.timestamp(), named.timestamp())


@settings(max_examples=100, deadline=None)
@given(start=MOMENTS, zone=st.sampled_from(ZONES), country=st.sampled_from(["RU", "UA"]), moved=MOVED)
def test_the_same_day_ends_with_the_day_of_the_place(
    start: dt.datetime, zone: str, country: str, moved: dict[dt.date, bool]
) -> None:
    profile = _world("court", zone, country, moved)
    found = deadlines.derive(profile, kind="statement", subject="outside_competence", channel="phone", received=start)
    assert found.limit is not None
    assert found.limit.astimezone(profile.zone).date() == start.astimezone(profile.zone).date()


@MANY
@given(
    term=st.builds(Term, st.integers(1, 60), st.sampled_from(UNITS)), start=MOMENTS, zone=st.sampled_from(ZONES),
    country=st.sampled_from(["RU", "UA"]), moved=MOVED,
)  # fmt: skip
def test_a_rule_with_any_term_ends_where_the_oracle_says(
    term: Term, start: dt.datetime, zone: str, country: str, moved: dict[dt.date, bool]
) -> None:
    rule = DeadlineRule("any", {}, "received", None, term, None, None, ())
    profile = replace(_world("krc", zone, country, moved), deadlines=(rule,))
    found = deadlines.derive(profile, kind="complaint", received=start).limit
    assert found is not None
    if term.whole_days:
        local = found.astimezone(profile.zone)
        first = start.astimezone(profile.zone).date()
        assert (local.date(), local.time()) == (_last_day(first, term, country, moved), dt.time(23, 59, 59))
    else:
        assert found.timestamp() - start.timestamp() == term.n * (3600 if term.unit == "hours" else 60)
