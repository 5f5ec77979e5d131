"""The standard of the contact centre of the courts: its branches, grounds, refusals and limits."""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.standard import deadlines, loader
from kindline.standard.profile import Profile
from kindline.standard.scripts import Script

clause = pytest.mark.clause


@pytest.fixture(scope="module")
def profile() -> Profile:
    return loader.load("court")


@pytest.fixture(scope="module")
def incoming(profile: Profile) -> Script:
    return profile.scripts["incoming"]


@clause("court-1-04", "court-1-05", "court-1-07", "court-1-08", "court-1-09", "court-1-10", "court-1-11")
def test_the_opening_has_its_order_and_its_words(incoming: Script) -> None:
    opening = [step for step in incoming.steps if step.id in ("greet", "introduce", "ask_name", "offer_help")]
    assert [step.id for step in opening] == ["greet", "introduce", "ask_name", "offer_help"]
    assert [step.after for step in opening] == [(), ("greet",), ("introduce",), ("ask_name",)]
    assert opening[0].phrases == ("{greeting}!",)
    assert "№ {operator_number}, {operator_name}" in opening[1].phrases[0]
    assert opening[2].phrases == ("Як я можу до Вас звертатись?",)
    assert opening[3].phrases == ("Чим можу Вам допомогти?",)


@clause("court-1-18")
def test_clarifying_questions_are_a_right_and_never_demanded(profile: Profile, incoming: Script) -> None:
    step = incoming.step("clarify")
    assert not step.required
    assert "court-1-18" in step.clauses
    assert step.phrases == (
        "Будь ласка, уточніть Ваш запит щодо…",
        "Якщо я Вас вірно {gender:зрозумів|зрозуміла}, Ви бажаєте…",
    )
    assert profile.clauses["court-1-18"].obligation == "permission"
    assert profile.clauses["court-1-18"].rule is None


@clause("court-1-15", "court-1-32")
def test_not_ours_has_two_outcomes(incoming: Script) -> None:
    refused = incoming.branch("outside_judiciary")
    forwarded = incoming.branch("out_of_competence")
    assert [step.done_by for step in refused.steps] == ["reason_recorded"]
    assert [step.done_by for step in forwarded.steps if step.done_by] == [
        "appeal_registered",
        "appeal_forwarded",
        "forwarding_told",
    ]


@clause("court-1-21", "court-1-22", "court-1-23", "court-1-24", "court-1-25", "court-1-26", "court-1-27", "court-1-28")
@pytest.mark.parametrize("branch", ["oral_appeal", "out_of_competence"])
def test_both_kinds_of_appeal_ask_for_every_field(incoming: Script, branch: str) -> None:
    asked = {field for step in incoming.branch(branch).steps for field in step.ask}
    assert asked == {"surname", "given_name", "patronymic", "residence", "substance", "kind", "phone", "email"}


@clause("court-2-10", "court-2-11", "court-2-12", "court-2-13", "court-2-14", "court-2-15")
def test_every_ground_ends_a_call_only_after_the_warning(incoming: Script) -> None:
    abuse = incoming.branch("abuse")
    assert abuse.ends_call
    assert {ground.clause for ground in abuse.grounds} == {f"court-2-{n}" for n in (10, 11, 12, 13)}
    assert len({ground.id for ground in abuse.grounds}) == 6
    assert [step.id for step in abuse.steps] == ["warn", "terminate"]
    assert abuse.steps[1].after == ("warn",)
    assert abuse.steps[1].hard


@clause("court-3-01", "court-3-02", "court-3-03", "court-3-04")
def test_a_bad_line_is_left_after_ten_seconds_and_the_announcement(incoming: Script) -> None:
    timer = next(timer for timer in incoming.timers if timer.id == "bad_line")
    assert (timer.max_s, timer.at_max) == (10, "unlock")
    steps = incoming.branch("bad_line").steps
    assert [step.id for step in steps] == ["attempt_contact", "say_inaudible", "cut_line"]
    assert steps[1].phrases == ("Зателефонуйте, будь ласка ще раз, Вас не чути",)
    assert steps[2].hard


@clause("court-3-11")
def test_the_hold_only_warns_at_three_minutes(profile: Profile, incoming: Script) -> None:
    timer = next(timer for timer in incoming.timers if timer.id == "hold")
    assert (timer.max_s, timer.at_max) == (180, "warn")
    assert profile.clauses["court-3-11"].obligation == "recommended"


def derive(profile: Profile, received: str, kind: str = "complaint", subject: str | None = None) -> deadlines.Deadline:
    moment = dt.datetime.fromisoformat(received).replace(tzinfo=profile.zone)
    return deadlines.derive(profile, kind=kind, subject=subject, channel="phone", received=moment, registered=moment)


@clause("court-1-31")
@pytest.mark.parametrize(
    ("received", "target", "limit"),
    [
        ("2026-03-02T10:00", "2026-03-17", "2026-04-02"),
        ("2026-01-31T10:00", "2026-02-15", "2026-02-28"),
        ("2026-07-31T23:30", "2026-08-15", "2026-08-31"),
    ],
)
def test_an_appeal_is_answered_within_a_month(profile: Profile, received: str, target: str, limit: str) -> None:
    found = derive(profile, received)
    assert found.target is not None
    assert found.limit is not None
    assert (found.target.date().isoformat(), found.limit.date().isoformat()) == (target, limit)


@clause("court-1-31")
@pytest.mark.parametrize("month", range(1, 13))
def test_with_an_extension_never_beyond_forty_five_days(profile: Profile, month: int) -> None:
    received = dt.datetime(2026, month, 1, 10, tzinfo=profile.zone)
    extended = derive(profile, received.replace(tzinfo=None).isoformat()).extended_to
    assert extended is not None
    assert (extended.date() - received.date()).days <= 45


@clause("court-1-34")
def test_another_court_s_matter_leaves_the_same_day_even_near_midnight(profile: Profile) -> None:
    found = derive(profile, "2026-03-07T23:58", subject="outside_competence")  # a Saturday
    assert found.limit is not None
    assert found.limit.isoformat() == "2026-03-07T23:59:59+02:00"
    assert found.limit_internal is None  # the last working day before lies before the appeal itself


@clause("court-1-06", "court-1-12", "court-1-17", "court-1-19", "court-1-39", "court-2-02")
def test_the_review_form_asks_about_every_reviewed_clause(profile: Profile) -> None:
    reviewed = {one.id for one in profile.clauses.values() if one.how == "reviewed"}
    assert profile.forms["call_review"].cited() == reviewed
