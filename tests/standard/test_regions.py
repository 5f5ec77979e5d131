"""Days off of regions, days moved by the administrator, shortened days, and the version that a process works by."""

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from kindline.standard import calendars, deadlines, hours, loader, regions
from kindline.standard.calendars import Override, WorkingCalendar
from kindline.standard.profile import Profile
from tests.standard.conftest import MINI
from tests.standard.test_loader import spoil

REPUBLIC = dt.date(2027, 8, 30)  # a Monday


@pytest.fixture
def krc() -> Iterator[Profile]:
    """The settlement centre, its edits put back afterwards."""
    yield loader.load("krc")
    calendars.edits_of("krc").take({}, 0)


def test_a_region_has_days_off_of_its_own() -> None:
    here, elsewhere = WorkingCalendar("RU", region="TA"), WorkingCalendar("RU")
    assert elsewhere.is_working_day(REPUBLIC)
    assert not here.is_working_day(REPUBLIC)
    assert here.why_off(REPUBLIC) == "День Республики Татарстан"
    assert here.is_working_day(REPUBLIC.replace(year=1991)) == elsewhere.is_working_day(REPUBLIC.replace(year=1991))
    assert not here.is_working_day(dt.date(2027, 1, 4)), "those of the country stay"


def test_a_region_of_the_library_counts() -> None:
    epiphany = dt.date(2026, 1, 6)
    assert WorkingCalendar("DE").is_working_day(epiphany)
    assert not WorkingCalendar("DE", region="BY").is_working_day(epiphany)


def test_the_derivation_names_the_holiday(krc: Profile) -> None:
    friday = dt.datetime(2027, 8, 27, 9, tzinfo=dt.UTC)
    plain, found = (
        deadlines.derive(one, kind="complaint", subject="utility_quality", channel="paper", received=friday)
        for one in (krc, replace(krc, calendar=WorkingCalendar("RU", region="TA")))
    )
    assert (plain.as_json()["limit"], found.as_json()["limit"]) == ("2027-09-01", "2027-09-02")
    assert any("30 августа (День Республики Татарстан)" in step for step in found.steps)
    assert any("30 August (День Республики Татарстан)" in step for step in found.steps_en)
    assert not any("Республики" in step for step in plain.steps)


def test_days_of_one_holiday_are_named_together(krc: Profile) -> None:
    eve = dt.datetime(2025, 12, 30, 9, tzinfo=dt.UTC)
    found = deadlines.derive(krc, kind="complaint", subject="utility_quality", channel="paper", received=eve)
    told = next(step for step in found.steps if "Не считаются" in step)
    assert "1 января – 6 января (Новогодние каникулы)" in told


def test_an_unknown_region_is_refused_with_the_known_ones(folder: Path) -> None:
    fault = next(
        one for one in spoil(folder, "standard.yaml", "country: RU\n", "country: RU\n  region: TATAR\n")
        if one.key == "calendar.region"
    )  # fmt: skip
    assert "TATAR" in fault.message
    assert "TA" in fault.cure
    assert "null" in fault.cure


def test_a_country_without_regions_says_so(folder: Path) -> None:
    found = spoil(folder, "standard.yaml", "country: RU\n", "country: UA\n  region: Lviv\n")
    assert any("none of that country is known" in one.cure for one in found if one.key == "calendar.region")


def test_edits_reach_every_profile_of_that_id_and_beat_the_file(krc: Profile) -> None:
    day = dt.date(2026, 3, 4)
    again = loader.load_path(loader.profiles_dir() / "krc")
    calendars.edits_of("krc").take({day: Override(day, False, "санитарный день, № 9")}, 1)
    for one in (krc, again, loader.load("krc")):
        assert not one.calendar.is_working_day(day)
        assert one.calendar.why_off(day) == "санитарный день, № 9"
    assert loader.load("yumek").calendar.is_working_day(day)
    assert krc.calendar.with_edits({}).is_working_day(day), "a calendar for trying has its own"


def test_a_shortened_day_closes_earlier_and_moves_the_end_of_the_working_day(mini: Profile) -> None:
    day = dt.date(2026, 3, 3)

    def shorter(minutes: int) -> Profile:
        edits = {day: Override(day, True, "перед праздником", minutes)}
        return replace(mini, calendar=mini.calendar.with_edits(edits))

    noon = dt.datetime.combine(day, dt.time(9), mini.zone)
    closings = [deadlines.end_of_working_day(shorter(minutes), noon, "phone") for minutes in (0, 60, 430, 650)]
    clock = [moment.astimezone(mini.zone).time() for moment in closings]
    assert clock == [dt.time(20), dt.time(19), dt.time(11, 50), dt.time(20)], "the last one is the next day's"
    assert closings[3].astimezone(mini.zone).date() == day + dt.timedelta(days=1)
    late = dt.datetime.combine(day, dt.time(19, 30), mini.zone)
    assert hours.is_open(mini, "phone", late)
    assert not hours.is_open(shorter(60), "phone", late)
    assert hours.is_open(shorter(60), "always", late), "what is open on holidays is not shortened"


def test_a_process_works_by_the_version_of_its_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDLINE_PROFILES", str(tmp_path))
    folder = Path(shutil.copytree(MINI, tmp_path / "dated_for_tests"))
    amendment = folder / "versions" / "2"
    amendment.mkdir(parents=True)
    (amendment / "standard.yaml").write_text(
        'version: "2"\nvalid_from: 2027-01-01\napproved: {order: "№ 8"}\n', encoding="utf-8"
    )
    try:
        versions = []
        for day in (None, dt.date(2026, 12, 31), dt.date(2027, 1, 1)):
            loader.hold(day)
            versions.append(loader.load(folder.name).version)
        assert versions == ["1", "1", "2"]
        assert loader.load(folder.name) is loader.load(folder.name)
    finally:
        loader.hold(None)


@pytest.mark.parametrize(
    ("region", "day"),
    [
        ("TA", "11-06"), ("BA", "10-11"), ("CU", "06-24"), ("SA", "04-27"), ("SA", "06-21"), ("AD", "10-05"),
        ("DA", "09-15"), ("TY", "08-15"), ("KL", "07-05"), ("KB", "09-20"), ("KC", "05-03"), ("CE", "04-16"),
    ],
)  # fmt: skip
def test_the_days_that_laws_of_regions_name_are_off(region: str, day: str) -> None:
    calendar = WorkingCalendar("RU", region)
    assert all(not calendar.is_working_day(dt.date.fromisoformat(f"{year}-{day}")) for year in range(2021, 2027))


def test_every_day_of_a_region_says_by_which_act() -> None:
    listed = yaml.safe_load(Path(regions.__file__).with_name("regions.yaml").read_text(encoding="utf-8"))
    days = [one for country in listed.values() for region in country.values() for one in region["days"]]
    assert all({"day", "name", "since", "act"} == set(one) for one in days)
    assert all("№" in one["act"] or "не найден" in one["act"] for one in days)


def test_a_day_that_was_taken_back_is_worked() -> None:
    """The law of Kalmykia knows 5 April no more; a Ukrainian region has no days of its own."""
    assert WorkingCalendar("RU", "KL").is_working_day(dt.date(2027, 4, 5))
    assert calendars.regions_of("UA") == []
    holiday = dt.date(2026, 8, 24)
    assert WorkingCalendar("UA").is_working_day(holiday), "worked under martial law"
    assert not WorkingCalendar("UA", martial_law_until=dt.date(2026, 8, 1)).is_working_day(holiday)
