"""The judge of readings: what is accepted, asked back, refused, known."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindline.readings import checking
from kindline.readings.checking import Dial, Last, Limits, Offered, Verdict, judge

TODAY = dt.date(2026, 3, 20)
DIAL = Dial(("",), 5, 1, "kWh", dt.date(2020, 1, 1))
LIMITS = Limits.of(
    {"oldest_days": 60, "growth_times": 5, "ordinary_per_day": {"kWh": 10}, "still_days": 90, "usual_over_days": 90}
)
LAST = Last(Decimal(1000), dt.date(2026, 2, 20), Decimal(8))
"""28 days before; 5 times the ordinary 10 a day lets it grow by 1400."""


def verdict(value: str, day: str = "2026-03-20", **more: object) -> Verdict:
    """The verdict on a reading of the meter above."""
    known = {"zone": "", "dial": DIAL, "last": LAST, "same_day": None, "limits": LIMITS} | more
    zone = str(known.pop("zone"))
    return judge(Offered(zone, value, day), today=TODAY, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "state", "code"),
    [
        ("1200", "accepted", ""),
        ("1 200,5", "accepted", ""),
        ("2400", "accepted", ""),
        ("2400,1", "asked_back", "grows_too_much"),
        ("999", "asked_back", "lower_than_last"),
        ("1000", "accepted", ""),  # 28 days without use: nobody was at home
        ("1200,55", "refused", "too_many_decimals"),
        ("1200,50", "accepted", ""),
        ("100000", "refused", "too_many_digits"),
        ("-5", "refused", "not_a_number"),
        ("12e3", "refused", "not_a_number"),
        ("", "refused", "not_a_number"),
        ("١٢٣", "refused", "not_a_number"),
    ],
)
def test_values(value: str, state: str, code: str) -> None:
    found = verdict(value)
    assert (found.state, found.code) == (state, code)


@pytest.mark.parametrize(
    ("day", "state", "code"),
    [
        ("20.03.2026", "accepted", ""),
        ("2026-03-21", "refused", "future"),
        ("2019-12-31", "refused", "meter_absent"),
        ("2026-01-19", "asked_back", "older_than_last"),
        ("2026-01-18", "asked_back", "too_old"),
        ("2026-02-30", "refused", "not_a_day"),
        ("20/03/2026", "refused", "not_a_day"),
        ("", "refused", "not_a_day"),
    ],
)
def test_days(day: str, state: str, code: str) -> None:
    found = verdict("1200", day)
    assert (found.state, found.code) == (state, code)


def test_a_meter_and_a_zone_must_be_known() -> None:
    assert verdict("1", dial=None).code == "unknown_meter"
    assert verdict("1", zone="night").code == "unknown_zone"
    assert verdict("1200", dial=replace(DIAL, removed_on=dt.date(2026, 3, 19))).code == "meter_absent"


def test_the_same_again_is_known_and_another_of_that_day_is_asked_back() -> None:
    assert verdict("1200", same_day=Decimal(1200)).state == "duplicate"
    assert verdict("1201", same_day=Decimal(1200)).code == "differs_same_day"


def test_a_meter_that_begins_at_nought_again_is_believed_when_the_growth_is_likely() -> None:
    full = Last(Decimal(99_900), dt.date(2026, 2, 20), Decimal(8))
    found = verdict("150", last=full)
    assert (found.state, found.code) == ("accepted", "rollover")
    assert found.daily == LIMITS.carried(Decimal(8), Decimal(250), 28, None)
    assert verdict("40000", last=full).code == "lower_than_last"


def test_a_meter_that_stands_still_is_asked_about() -> None:
    long_ago = Last(Decimal(1000), dt.date(2025, 12, 1), Decimal(8))
    assert verdict("1000", last=long_ago).code == "stands_still"
    assert verdict("1000", last=replace(long_ago, daily=Decimal(0))).state == "accepted"


def test_who_uses_much_as_a_rule_is_not_asked_back() -> None:
    assert verdict("3000").code == "grows_too_much"
    assert verdict("3000", last=replace(LAST, daily=Decimal(20))).state == "accepted"


def test_without_limits_only_what_is_certain_is_asked() -> None:
    assert verdict("90000", limits=Limits()).state == "accepted"
    assert verdict("1200", "2020-03-01", limits=Limits(), last=None).state == "accepted"
    assert verdict("999", limits=Limits()).code == "lower_than_last"


def test_the_first_reading_has_nothing_to_be_held_against() -> None:
    assert verdict("54321", last=None) == Verdict("accepted", "", Decimal(54321), TODAY)


days = st.dates(dt.date(2025, 1, 1), dt.date(2026, 12, 31))
values = st.decimals(0, 99_999, places=1)
lasts = st.one_of(st.none(), st.builds(Last, values, days, st.one_of(st.none(), st.decimals(0, 50, places=4))))
limits = st.builds(
    Limits,
    st.one_of(st.none(), st.integers(0, 400)),
    st.one_of(st.none(), st.decimals(1, 10, places=1)),
    st.dictionaries(st.just("kWh"), st.decimals(0, 20, places=2)),
    st.one_of(st.none(), st.integers(1, 400)),
    st.integers(0, 200),
)


@given(st.text(max_size=12), st.text(max_size=10), st.text(max_size=12), lasts, limits)
def test_whatever_is_typed_gets_a_verdict(zone: str, value: str, day: str, last: Last | None, asked: Limits) -> None:
    found = judge(Offered(zone, value, day), DIAL, last, None, asked, TODAY)
    assert found.state in ("accepted", "asked_back", "refused")
    assert (found.state == "refused") == (found.value is None)


@given(values, days, lasts, limits)
def test_what_cannot_have_happened_never_stands(value: Decimal, day: dt.date, last: Last | None, asked: Limits) -> None:
    same = last.value if last and last.on == day else None
    found = judge(Offered("", str(value), day.isoformat()), DIAL, last, same, asked, TODAY)
    if found.state == "accepted":
        assert day <= TODAY
        assert last is None or last.on < day
        assert last is None or value >= last.value or found.code == "rollover"
        assert found.daily is None or found.daily >= 0


@given(values, values, st.integers(1, 400), limits)
def test_more_growth_is_never_believed_sooner(one: Decimal, two: Decimal, ago: int, asked: Limits) -> None:
    last = Last(Decimal(0), TODAY - dt.timedelta(ago), Decimal(3))
    more, less = max(one, two), min(one, two)
    if not less:
        return  # a meter that stands still is another question
    states = [judge(Offered("", str(n), TODAY.isoformat()), DIAL, last, None, asked, TODAY).state for n in (less, more)]
    assert states != ["asked_back", "accepted"]


spans_days = st.integers(20, 60)
mistakes = st.decimals(1, 10**9, places=1)


@given(st.lists(spans_days, min_size=1, max_size=12), mistakes, st.decimals("0.5", 40, places=2), spans_days)
def test_a_mistake_that_was_confirmed_however_large_hides_no_later_one(
    gaps: list[int], mistake: Decimal, use: Decimal, gap: int
) -> None:
    """After any ordinary readings: what is used as a rule grows by what is believed unasked, never by the mistake."""
    daily: Decimal | None = None
    for days in gaps:
        daily = LIMITS.carried(daily, use * days, days, LIMITS.allowed("kWh", daily, days))
    before = max(daily or Decimal(0), LIMITS.ordinary_per_day["kWh"])
    last = Last(Decimal(0), TODAY - dt.timedelta(gap), daily)
    dial = replace(DIAL, digits=12)
    confirmed = judge(Offered("", str(mistake), TODAY.isoformat()), dial, last, None, LIMITS, TODAY)
    believed = LIMITS.allowed("kWh", daily, gap)
    assert believed is not None
    assert confirmed.daily is not None
    assert confirmed.daily <= LIMITS.carried(daily, believed, gap, None)
    later = Last(mistake, TODAY, confirmed.daily)
    wild = mistake + 5 * 3 * before * 30  # three times as much as would be asked back of a use that has not changed
    day = TODAY + dt.timedelta(30)
    assert judge(Offered("", str(wild), day.isoformat()), dial, later, None, LIMITS, day).code == "grows_too_much"


@given(st.decimals(20, 45, places=1))
def test_a_use_that_really_grew_is_believed_after_some_readings(factor: Decimal) -> None:
    daily, growth, is_asked = Decimal(10), 10 * factor * 30, list[bool]()
    for _month in range(6):
        allowed = LIMITS.allowed("kWh", daily, 30)
        assert allowed is not None
        is_asked.append(growth > allowed)
        daily = LIMITS.carried(daily, growth, 30, allowed)
    assert is_asked[0]
    assert not is_asked[-1]


@given(st.decimals(0, 999_999, places=3))
def test_numbers_are_read_as_people_type_them(value: Decimal) -> None:
    assert checking.number(f"{value:,}".replace(",", "\u00a0").replace(".", ",")) == value


@given(days)
def test_days_are_read_in_both_ways(day: dt.date) -> None:
    assert checking.date(day.isoformat()) == checking.date(f" {day:%d.%m.%Y} ") == day
