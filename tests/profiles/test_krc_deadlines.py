"""By when the settlement centre answers: every rule of its table, and which rule wins."""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.standard import deadlines, loader
from kindline.standard.deadlines import Deadline
from kindline.standard.profile import Profile

START = "2026-03-02T10:00"  # a Monday; the 9th is a day off for Sunday the 8th
clause = pytest.mark.clause


@pytest.fixture(scope="module")
def profile() -> Profile:
    return loader.load("krc")


def at(profile: Profile, text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=profile.zone)


def derive(profile: Profile, kind: str, channel: str, subject: str | None = None, start: str = START) -> Deadline:
    moment = at(profile, start)
    return deadlines.derive(
        profile, kind=kind, channel=channel, subject=subject, sent=moment, received=moment, registered=moment
    )


def days(found: Deadline) -> tuple[str | None, str | None]:
    return (
        found.target.date().isoformat() if found.target else None,
        found.limit.date().isoformat() if found.limit else None,
    )


TABLE = [
    pytest.param(
        "complaint",
        "paper",
        None,
        "2026-03-09",
        "2026-04-01",
        id="paper",
        marks=clause("krc-6.1-12", "krc-6.1-13"),
    ),
    pytest.param(
        "application",
        "paper",
        "outside_competence",
        None,
        "2026-03-10",
        id="outside competence",
        marks=clause("krc-6.1-16"),
    ),
    pytest.param(
        "complaint",
        "web",
        "court_decision",
        None,
        "2026-03-09",
        id="court decision",
        marks=clause("krc-6.1-18"),
    ),
    pytest.param(
        "complaint",
        "web",
        "utility_quality",
        None,
        "2026-03-05",
        id="quality, web",
        marks=clause("krc-6.1-20"),
    ),
    pytest.param(
        "complaint",
        "phone",
        "utility_quality",
        None,
        "2026-03-05",
        id="quality, phone",
        marks=clause("krc-6.1-20"),
    ),
    pytest.param("complaint", "phone", None, None, "2026-04-01", id="phone complaint", marks=clause("krc-6.1-30")),
    pytest.param("complaint", "office", None, "2026-03-09", "2026-04-01", id="office form", marks=clause("krc-6.1-36")),
    pytest.param("info_request", "web", "contract", None, "2026-03-12", id="contract", marks=clause("krc-5.7.3-02")),
    pytest.param("info_request", "account", "debt", None, "2026-03-12", id="debt", marks=clause("krc-5.7.3-03")),
    pytest.param("consultation", "web", None, None, "2026-03-12", id="consultation", marks=clause("krc-5.7.3-04")),
    pytest.param("complaint", "web", None, None, "2026-04-01", id="web complaint", marks=clause("krc-5.7.3-05")),
    pytest.param("meter_readings", "web", None, None, "2026-03-03", id="readings", marks=clause("krc-5.7.3-06")),
    pytest.param("request_status", "web", None, None, "2026-03-03", id="request status", marks=clause("krc-5.7.3-07")),
    pytest.param(
        "complaint_status",
        "account",
        None,
        None,
        "2026-03-03",
        id="complaint status",
        marks=clause("krc-5.7.3-08"),
    ),
    pytest.param(
        "account_credentials",
        "web",
        None,
        None,
        "2026-03-03",
        id="credentials",
        marks=clause("krc-5.7.3-09"),
    ),
    pytest.param("bill", "account", None, None, "2026-03-03", id="bill", marks=clause("krc-5.7.3-10")),
    pytest.param(
        "proposal",
        "web",
        None,
        None,
        "2026-04-01",
        id="web, not in table 6",
        marks=clause("krc-5.7.2-19", "krc-6.1-24"),
    ),
    pytest.param("consultation", "email", None, "2026-03-09", "2026-03-12", id="e-mail question"),
    pytest.param("proposal", "email", None, "2026-03-09", "2026-04-01", id="e-mail, else"),
]


@pytest.mark.parametrize(("kind", "channel", "subject", "target", "limit"), TABLE)
def test_the_term_of_each_appeal(
    profile: Profile, kind: str, channel: str, subject: str | None, target: str | None, limit: str
) -> None:
    assert days(derive(profile, kind, channel, subject)) == (target, limit)


@pytest.mark.clause("krc-6.1-27")
def test_a_question_by_phone_is_answered_by_the_end_of_the_working_day(profile: Profile) -> None:
    found = derive(profile, "consultation", "phone")
    assert found.limit == dt.datetime(2026, 3, 2, 20, 0, tzinfo=profile.zone)
    assert not found.whole_days


@pytest.mark.clause("krc-6.1-27")
def test_a_question_after_closing_belongs_to_the_next_working_day(profile: Profile) -> None:
    found = derive(profile, "consultation", "phone", start="2026-03-06T20:30")
    assert found.limit == dt.datetime(2026, 3, 10, 20, 0, tzinfo=profile.zone)


@pytest.mark.clause("krc-6.1-37")
@pytest.mark.parametrize(
    ("named", "limit"), [("2026-03-20", "2026-03-20"), ("2026-05-01", "2026-04-01"), (None, "2026-04-01")]
)
def test_a_request_of_an_authority_takes_the_earlier_date(profile: Profile, named: str | None, limit: str) -> None:
    asked = at(profile, f"{named}T23:59:59") if named else None
    found = deadlines.derive(
        profile, kind="authority_request", channel="paper", registered=at(profile, START), named=asked
    )
    assert days(found)[1] == limit


@pytest.mark.clause("krc-6.1-14", "krc-6.1-15")
def test_only_limits_of_thirty_days_may_be_extended_once_by_thirty(profile: Profile) -> None:
    paper = derive(profile, "complaint", "paper")
    assert paper.extended_to is not None
    assert paper.extended_to.date() == dt.date(2026, 5, 1)
    for rule in profile.deadlines:
        if rule.extension is not None:
            assert rule.limit is not None
            assert (rule.limit.n, rule.limit.unit) == (30, "calendar_days")
            assert (rule.extension.days, rule.extension.times, rule.extension.notice_before) == (30, 1, True)


@pytest.mark.clause("krc-6.1-09")
def test_a_limit_on_a_day_off_is_kept_beside_the_last_working_day(profile: Profile) -> None:
    found = derive(profile, "consultation", "web", start="2026-03-04T12:00")
    assert days(found)[1] == "2026-03-14"
    assert found.limit_internal == dt.date(2026, 3, 13)


def test_every_clause_behind_a_term_is_named(profile: Profile) -> None:
    for rule in profile.deadlines:
        assert rule.clauses, rule.id
        assert set(rule.clauses) <= set(profile.clauses), rule.id
