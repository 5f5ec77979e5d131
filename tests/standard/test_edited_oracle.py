"""C3 with regions and orders: terms under regional days off and edits, against the oracle that goes day by day."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kindline.standard import calendars, deadlines, loader, regions
from kindline.standard.calendars import Override, WorkingCalendar
from kindline.standard.deadlines import DeadlineRule
from kindline.standard.profile import Profile
from kindline.standard.terms import Term
from tests.standard import test_deadline_oracle as oracle

FIXED = {
    code: {(*map(int, one["day"].split("-")), one["since"]) for one in region["days"]}
    for code, region in yaml.safe_load((Path(regions.__file__).with_name("regions.yaml")).read_text("utf-8"))[
        "RU"
    ].items()
}
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2030, 6, 30))
KINDS = st.sampled_from(["working", "off", "shortened"])


def _worked(day: dt.date, region: str | None, moved: dict[dt.date, bool], edits: dict[dt.date, str]) -> bool:
    """The oracle of a day: an order of the administrator, the file, the region's fixed days, the country."""
    if day in edits:
        return edits[day] != "off"
    fixed = {(month, number) for month, number, since in FIXED.get(region or "", ()) if day.year >= since}
    return oracle._worked(day, "RU", moved) and (day in moved or (day.month, day.day) not in fixed)


def _world(region: str | None, zone: str, moved: dict[dt.date, bool], edits: dict[dt.date, str]) -> Profile:
    overrides = {day: Override(day, working, "перенос") for day, working in moved.items()}
    cell = calendars.Edits(
        {day: Override(day, kind != "off", "приказ", 60 * (kind == "shortened")) for day, kind in edits.items()}, 1
    )
    calendar = WorkingCalendar("RU", region, overrides=overrides, edits=cell)
    return replace(loader.load("krc"), zone=ZoneInfo(zone), calendar=calendar)


@settings(max_examples=100, deadline=None)
@given(
    count=st.integers(1, 40), start=oracle.MOMENTS, zone=st.sampled_from(oracle.ZONES),
    region=st.sampled_from([None, *FIXED]), moved=st.dictionaries(DAYS, st.booleans(), max_size=20),
    edits=st.dictionaries(DAYS, KINDS, max_size=20),
)  # fmt: skip
def test_working_days_end_where_the_oracle_says(
    count: int, start: dt.datetime, zone: str, region: str | None, moved: dict[dt.date, bool], edits: dict[dt.date, str]
) -> None:
    profile = _world(region, zone, moved, edits)
    rule = DeadlineRule("any", {}, "received", None, Term(count, "working_days"), None, None, ())
    found = deadlines.derive(replace(profile, deadlines=(rule,)), kind="complaint", received=start)
    day = start.astimezone(profile.zone).date()
    skipped = []
    while count:
        day += dt.timedelta(days=1)
        works = _worked(day, region, moved, edits)
        count -= works
        skipped += [] if works else [day]
    assert found.limit is not None
    assert found.limit.astimezone(profile.zone).date() == day
    named = [one for one in skipped if profile.calendar.why_off(one)]
    assert bool(named) == any("Не считаются нерабочие" in step for step in found.steps)


@settings(max_examples=60, deadline=None)
@given(
    start=oracle.MOMENTS, edits=st.dictionaries(DAYS, KINDS, max_size=20), region=st.sampled_from([None, *FIXED]),
    near=st.sampled_from(["working", "off", "shortened", None]),
)  # fmt: skip
def test_the_end_of_the_working_day_follows_orders(
    start: dt.datetime, edits: dict[dt.date, str], region: str | None, near: str | None
) -> None:
    first = start.astimezone(loader.load("krc").zone).date()
    edits = edits | ({first: near} if near else {})
    profile = _world(region, "Europe/Moscow", {}, edits)
    local = start.astimezone(profile.zone)
    day = first
    while True:
        closes = dt.time(19) if edits.get(day) == "shortened" else dt.time(20)
        if _worked(day, region, {}, edits) and (day > first or local.time() < closes):
            break
        day += dt.timedelta(days=1)
    assert deadlines.end_of_working_day(profile, start, "phone") == dt.datetime.combine(day, closes, profile.zone)
