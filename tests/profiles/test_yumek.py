"""What the electricity supplier's standard says, as far as it is carried by settings, guides and the voice menu."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from kindline.standard import hours, loader
from kindline.standard.profile import Profile


@pytest.fixture(scope="module")
def profile() -> Profile:
    return loader.load("yumek")


def at(profile: Profile, text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=profile.zone)


@pytest.mark.clause("yumek-9.2-05", "yumek-9.2-06")
@pytest.mark.parametrize(
    ("moment", "served"),
    [
        ("2026-03-02T07:59", False),
        ("2026-03-02T08:00", True),
        ("2026-03-07T21:59", True),
        ("2026-03-07T22:00", False),
        ("2026-03-08T12:00", False),
        ("2026-01-01T12:00", True),
    ],
    ids=["Monday before eight", "Monday", "Saturday evening", "Saturday at ten", "Sunday", "a holiday"],
)
def test_calls_are_answered_monday_to_saturday_from_eight_to_ten(profile: Profile, moment: str, served: bool) -> None:
    assert hours.is_open(profile, "hotline", at(profile, moment)) is served


@pytest.mark.clause("yumek-9.2-07", "yumek-9.2-08")
def test_readings_are_taken_when_the_line_is_closed(profile: Profile) -> None:
    night = at(profile, "2026-03-08T03:00")
    assert not hours.is_open(profile, "hotline", night)
    assert hours.is_open(profile, "readings", night)
    assert profile.menu is not None
    assert profile.menu.off_hours is not None
    closed = profile.menu.nodes[profile.menu.off_hours.node or ""]
    assert ("voicemail", "readings") in {(option.action, option.target) for option in closed.options.values()}


@pytest.mark.clause("yumek-9.1-05", "yumek-9.4-15")
def test_the_number_left_is_the_hotline_of_the_standard(profile: Profile) -> None:
    step = profile.scripts["outgoing"].step("leave_number")
    number = profile.clauses["yumek-9.1-05"].phrases[0].text
    assert any(number in phrase for phrase in step.phrases)


@pytest.mark.clause("yumek-9.3-01")
def test_a_talk_registers_then_decides_then_answers_or_connects(profile: Profile) -> None:
    incoming = profile.scripts["incoming"]
    order = [step.id for step in incoming.steps]
    assert order.index("register") < order.index("decide") < order.index("answer")
    assert incoming.step("answer").after == ("decide",)
    assert incoming.branch("transfer").steps[-1].id == "switch"
    assert incoming.branch("office").steps[0].id == "offer_office"


@pytest.mark.clause("yumek-9.4-24")
def test_the_consumer_cannot_be_switched_before_consent(profile: Profile) -> None:
    switch = profile.scripts["incoming"].step("switch")
    assert switch.hard
    assert switch.after == ("confirm_specialist",)
    assert profile.scripts["incoming"].step("confirm_specialist").done_by == "transfer_accepted"


@pytest.mark.clause("yumek-9.4-44")
def test_the_standard_durations_are_averages_of_a_month(profile: Profile) -> None:
    for clause, seconds in (("yumek-9.4-45", 20), ("yumek-9.4-46", 180)):
        rule = profile.clauses[clause].rule
        assert rule is not None
        assert rule.per_period
        assert rule.params["max_s"] == seconds


def test_nothing_lets_the_operator_end_a_call_on_a_ground(profile: Profile) -> None:
    branches = [branch for script in profile.scripts.values() for branch in script.branches]
    assert not [branch.id for branch in branches if branch.ends_call or branch.grounds]


@pytest.mark.clause("yumek-9.2-04")
def test_the_parameters_of_the_centre_are_settings(profile: Profile, tmp_path: Path) -> None:
    """Another day, hour or duration in the standard's files changes what the program does: no number is in the code."""
    folder = tmp_path / "yumek"
    shutil.copytree(loader.profiles_dir() / "yumek", folder)
    settings = folder / "standard.yaml"
    text = settings.read_text(encoding="utf-8")
    assert '"08:00"' in text
    settings.write_text(text.replace('"08:00"', '"09:30"'), encoding="utf-8")
    changed = loader.load_path(folder)
    early = at(profile, "2026-03-02T08:30")
    assert hours.is_open(profile, "hotline", early)
    assert not hours.is_open(changed, "hotline", early)
    assert hours.next_opening(changed, "hotline", early) == at(profile, "2026-03-02T09:30")
