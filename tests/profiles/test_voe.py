"""The standard of the electricity distributor: two lines, locked account data, no right to end a talk."""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.standard import deadlines, hours, loader
from kindline.standard.profile import Profile

clause = pytest.mark.clause


@pytest.fixture(scope="module")
def profile() -> Profile:
    return loader.load("voe")


@clause("voe-1-01")
def test_it_names_the_order_that_approved_it(profile: Profile) -> None:
    assert (profile.approved.order, profile.approved.date) == ("№ 380", dt.date(2020, 11, 17))


@clause("voe-4-01", "voe-4-02")
@pytest.mark.parametrize(("line", "script"), [("hotline", "incoming_hotline"), ("direct", "incoming_direct")])
def test_each_line_has_its_own_guide(profile: Profile, line: str, script: str) -> None:
    found = profile.script(channel="phone", direction="in", line=line)
    assert found is not None
    assert found.id == script
    assert profile.menu is not None
    assert line in profile.menu.lines


@clause("voe-5-01")
def test_direct_numbers_keep_the_hours_of_the_service_centre(profile: Profile) -> None:
    def local(text: str) -> dt.datetime:
        return dt.datetime.fromisoformat(text).replace(tzinfo=profile.zone)

    assert hours.is_open(profile, "direct", local("2026-03-02T09:00"))
    assert not hours.is_open(profile, "direct", local("2026-03-02T12:30"))
    assert not hours.is_open(profile, "direct", local("2026-03-02T19:00"))
    assert not hours.is_open(profile, "direct", local("2026-03-01T09:00"))
    assert hours.is_open(profile, "hotline", local("2026-03-01T19:00"))


@clause("voe-6-01", "voe-6-02", "voe-6-03", "voe-5-04", "voe-5-05")
def test_the_name_comes_before_the_greeting_and_only_the_hotline_asks_the_customer_s(profile: Profile) -> None:
    hotline = [step.id for step in profile.scripts["incoming_hotline"].steps]
    direct = [step.id for step in profile.scripts["incoming_direct"].steps]
    assert hotline[:4] == ["introduce", "greet", "ask_name", "purpose"]
    assert direct[:3] == ["introduce", "greet", "purpose"]
    assert "ask_name" not in direct


@clause("voe-5-21", "voe-5-22", "voe-6-23")
def test_the_two_lines_close_differently(profile: Profile) -> None:
    hotline = {step.id for step in profile.scripts["incoming_hotline"].steps if step.required}
    direct = {step.id for step in profile.scripts["incoming_direct"].steps if step.required}
    assert "more_questions" in hotline
    assert not {"summary", "next_steps"} & hotline
    assert {"summary", "next_steps"} <= direct
    assert "more_questions" not in direct


@clause("voe-6-19", "voe-6-20")
@pytest.mark.parametrize("script", ["incoming_hotline", "incoming_direct", "outgoing"])
def test_account_data_stay_locked_until_the_customer_is_identified(profile: Profile, script: str) -> None:
    branch = profile.scripts[script].branch("account")
    assert branch.locks == ("account_shown",)
    identify, tell = branch.steps[0], branch.steps[1]
    assert (identify.done_by, identify.required) == ("identified", True)
    assert set(profile.variable("identification_fields")) <= set(identify.ask)
    assert tell.hard
    assert tell.after == ("identify",)


@clause("voe-2-07")
def test_no_guide_lets_an_operator_end_the_talk_over_behaviour(profile: Profile) -> None:
    for script in profile.scripts.values():
        assert not any(branch.ends_call or branch.grounds for branch in script.branches)


@clause("voe-6-16")
def test_the_wait_is_announced_from_thirty_seconds(profile: Profile) -> None:
    timer = profile.scripts["incoming_hotline"].timers[0]
    assert (timer.max_s, timer.clause) == (30, "voe-6-16")


@clause("voe-5-17", "voe-5-18", "voe-5-19")
def test_a_deferred_answer_is_a_callback_or_a_named_time(profile: Profile) -> None:
    steps = {step.id: step for step in profile.scripts["incoming_direct"].branch("deferred").steps}
    assert steps["tell_deferred"].required
    assert steps["promise_callback"].done_by == "callback_promised"
    assert steps["call_again"].ask == ("due_at",)


@pytest.mark.parametrize("channel", ["paper", "web"])
@pytest.mark.parametrize("kind", ["proposal", "application", "complaint", "info_request", "consultation", "review"])
def test_every_kind_of_written_appeal_has_a_limit(profile: Profile, kind: str, channel: str) -> None:
    moment = dt.datetime(2026, 3, 2, 10, tzinfo=profile.zone)
    found = deadlines.derive(profile, kind=kind, channel=channel, received=moment, registered=moment)
    assert found.limit is not None
    assert moment < found.limit <= moment + dt.timedelta(days=32)


def test_a_direct_caller_s_question_is_answered_by_the_end_of_the_working_day(profile: Profile) -> None:
    moment = dt.datetime(2026, 3, 6, 18, tzinfo=profile.zone)  # Friday evening
    found = deadlines.derive(profile, kind="consultation", channel="phone", received=moment)
    assert found.limit is not None
    assert found.limit.isoformat() == "2026-03-09T17:00:00+02:00"


@clause("voe-5-08", "voe-5-10", "voe-5-14", "voe-5-15", "voe-6-06", "voe-6-08", "voe-6-13", "voe-6-14")
@clause("voe-2-04", "voe-2-05", "voe-2-06", "voe-2-07", "voe-2-08")
def test_the_review_form_asks_about_every_reviewed_phone_clause_and_the_personal_standards(profile: Profile) -> None:
    reviewed = {
        one.id
        for one in profile.clauses.values()
        if one.how == "reviewed" and ("phone" in one.channel or one.section == "2")
    }
    assert profile.forms["call_review"].cited() == reviewed
