"""The simulator: right where formulas hold, fair, reproducible, and driven by the dispatcher's own choice."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from kindline.runtime import cli
from kindline.runtime.simulation import checking, formulas
from kindline.runtime.simulation.day import Day
from kindline.runtime.simulation.plans import CURVE, DAY_S, Plan, PlanError, arrivals, placed
from kindline.switchboard.choosing import POINT_S, POLICIES
from tests.plugins import faults

SMALL = Plan(operators=60, queues=6, calls=6_000, skills=2, handling_s=430.0)
FULL = replace(SMALL, times_normal=5.0)


# --- formulas, against values worked out by hand ---
def test_erlang_c_of_one_operator_is_the_queue_of_the_textbook() -> None:
    found = formulas.erlang_c(1, 0.5, 1.0)  # M/M/1 at a half: waits with probability rho, for rho / (1 - rho) services
    assert found.waits == pytest.approx(0.5)
    assert found.mean_wait_s == pytest.approx(1.0)


def test_erlang_c_of_two_operators() -> None:
    found = formulas.erlang_c(2, 1.0, 1.0)  # states 1, 1, 1/2, 1/4 ... : a third of callers wait
    assert found.waits == pytest.approx(1 / 3)
    assert found.mean_wait_s == pytest.approx(1 / 3)


def test_erlang_a_with_patience_as_long_as_a_call_is_a_queue_with_operators_for_all() -> None:
    found = formulas.erlang_a(3, 2.0, 1.0, 1.0)  # then the number present is Poisson(2)
    poisson = [0.1353352832, 0.2706705665, 0.2706705665]
    assert found.waits == pytest.approx(1 - sum(poisson))
    present = 2.0 - sum(n * share for n, share in enumerate(poisson))
    assert found.mean_wait_s == pytest.approx((present - 3 * (1 - sum(poisson))) / 2.0)
    assert found.abandons == pytest.approx(found.mean_wait_s)


def test_erlang_a_with_endless_patience_is_erlang_c() -> None:
    patient, endless = formulas.erlang_c(10, 8.0, 1.0), formulas.erlang_a(10, 8.0, 1.0, 1e7)
    assert endless.mean_wait_s == pytest.approx(patient.mean_wait_s, rel=1e-4)


def test_more_work_than_can_be_done_has_no_mean_wait() -> None:
    with pytest.raises(formulas.UnstableError, match="more operators"):
        formulas.erlang_c(10, 10.0, 1.0)


# --- the simulator against the formulas ---
@pytest.mark.parametrize(("operators", "load", "patience_s"), [(2, 0.8, None), (4, 2.8, None), (10, 13.0, 180.0)])
def test_the_simulator_comes_to_what_the_formulas_say(operators: int, load: float, patience_s: float | None) -> None:
    row = checking.compared(checking.steady(operators, load, 120_000, patience_s=patience_s, seed=3))
    assert row["chance"] < 0.06, "a comparison that could not fail"
    assert row["holds"] is not False, row
    assert abs(row["error"]) <= checking.TOLERANCE, row
    if patience_s:
        assert row["abandonment"] == pytest.approx(row["formula_abandonment"], rel=0.05)


def test_a_simulator_that_is_five_percent_off_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    right = formulas.erlang_c

    def off(operators: int, calls_s: float, handling_s: float) -> formulas.Steady:
        found = right(operators, calls_s, handling_s)
        return replace(found, mean_wait_s=found.mean_wait_s * 1.05)

    monkeypatch.setattr(checking, "erlang_c", off)
    row = checking.compared(checking.steady(2, 0.8, 120_000, patience_s=None, seed=3))
    assert abs(row["error"]) > checking.TOLERANCE, row
    assert not row["holds"], row


@pytest.mark.parametrize(
    ("error", "chance", "holds"),
    [(0.019, 0.01, True), (0.025, 0.01, False), (0.05, 0.01, False), (0.01, 0.05, None), (0.06, 0.05, None),
     (0.08, 0.05, False)],
)  # fmt: skip
def test_a_comparison_holds_or_does_not_or_was_too_short_to_tell(
    error: float, chance: float, holds: bool | None
) -> None:
    assert checking.judged(error, chance) is holds


def test_a_check_that_was_too_short_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", "--check", "--calls", "2000"]) in (1, 3)
    said = capsys.readouterr()
    assert any(json.loads(line)["holds"] is None for line in said.out.splitlines())
    assert "too short to tell" in said.err


def test_two_well_placed_skills_wait_at_most_a_quarter_longer_than_one_pool_by_the_formula() -> None:
    """The reference of the fault register: 1.25 times the Erlang C of all operators in one pool."""
    row = checking.pool(replace(checking.POOL, calls=150_000))
    assert row["ratio"] <= checking.POOL_MOST, row


def test_two_well_placed_skills_are_nearly_one_pool() -> None:
    two = replace(checking.POOL, calls=60_000, seed=2)
    pooled, paired = checking.pool(replace(two, skills=6)), checking.pool(two)
    assert paired["mean_wait_s"] <= checking.POOL_MOST * pooled["mean_wait_s"]
    assert checking.pool(replace(two, skills=1))["mean_wait_s"] > 2 * pooled["mean_wait_s"]
    assert paired["occupancy_sd_pct"] <= 0.5, "the goal of the fault register: half a point of occupancy"


# --- who comes, who can what ---
def test_calls_follow_the_curve_of_the_day() -> None:
    plan = Plan(calls=48_000)
    moments = list(arrivals(plan, random.Random(5)))
    assert all(before < after for before, after in pairwise(moments))
    assert len(moments) == pytest.approx(48_000, rel=0.03)
    by_hour = Counter(int(at / DAY_S * len(CURVE)) for at in moments)
    assert by_hour[10] > 10 * by_hour[3]
    even = Counter(int(at / DAY_S * 24) for at in arrivals(replace(plan, flat=True), random.Random(5)))
    assert max(even.values()) < 1.2 * min(even.values())


@pytest.mark.parametrize(("queues", "skills"), [(6, 2), (6, 3), (100, 2), (7, 7), (1, 1), (2, 2)])
def test_every_queue_has_as_many_operators_and_nobody_a_skill_twice(queues: int, skills: int) -> None:
    found = [placed(one, queues, skills) for one in range(queues * 20)]
    assert all(len(set(one)) == skills for one in found)
    counts = Counter(queue for one in found for queue in one)
    assert len(counts) == queues
    assert set(counts.values()) == {20 * skills}


@pytest.mark.parametrize("wrong", [{"skills": 101}, {"operators": 0}, {"handling_s": 0.0}, {"patience_s": -1.0}])
def test_a_day_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(PlanError):
        Plan(**wrong)


# --- the day ---
def day(plan: Plan) -> dict[str, Any]:
    return {name: value for name, value in Day(plan).run().items() if name != "decisions_per_s"}


def test_the_same_seed_is_the_same_day_and_policies_meet_the_same_callers() -> None:
    assert day(SMALL) == day(SMALL)
    assert day(SMALL) != day(replace(SMALL, seed=2))
    assert {day(replace(SMALL, policy=policy))["offered"] for policy in POLICIES} == {day(SMALL)["offered"]}


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_everybody_who_came_is_accounted_for_and_no_queue_is_starved(policy: str) -> None:
    found = day(replace(SMALL, policy=policy, times_normal=1.6, specialists=0.5))
    ended = found["served"] + found["abandoned"] + found["called_back"] + found["still_waiting"]
    assert found["offered"] == ended
    assert found["queues_never_served"] == 0
    assert found["decisions"] > found["offered"]


def test_least_occupied_shares_the_work_most_evenly() -> None:
    longest, least = (day(replace(SMALL, policy=policy)) for policy in ("longest-idle", "least-occupied"))
    assert least["occupancy_sd_pct"] < longest["occupancy_sd_pct"]


def test_who_has_many_skills_is_kept_for_those_whom_others_cannot_serve() -> None:
    mixed = replace(SMALL, specialists=0.5, skills=3, times_normal=1.3)
    reserve, longest = (day(replace(mixed, policy=policy)) for policy in ("skill-reserve", "longest-idle"))
    assert reserve["mean_wait_s"] < longest["mean_wait_s"]


def test_overflow_lets_the_next_queue_help() -> None:
    alone = replace(SMALL, skills=1, times_normal=1.1, patience_s=None)
    assert day(replace(alone, overflow_after_s=20.0))["mean_wait_s"] < day(alone)["mean_wait_s"]


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_priority_is_a_head_start_and_starves_nobody(policy: str) -> None:
    """Who has no point is passed by those alone who came within a minute after him; who still waits counts too."""
    even = replace(SMALL, policy=policy, times_normal=1.5, patience_s=None)
    plain, urgent = day(even), day(replace(even, urgent=0.2))
    by_queue = urgent["longest_wait_by_queue_s"]
    assert len(by_queue) == SMALL.queues
    assert max(by_queue.values()) <= 1.02 * plain["longest_wait_s"] + POINT_S
    assert max(by_queue.values()) < 1.5 * min(by_queue.values()), "one queue waits for the others"


def test_at_five_times_the_normal_day_callbacks_are_offered_and_the_forecast_says_what_cannot_be_done() -> None:
    without, capped = day(FULL), day(replace(FULL, cap=10))
    assert without["callback_offers"] == 0
    assert capped["callback_offers"] > 0
    assert capped["callbacks"] == pytest.approx(0.7 * capped["callback_offers"], rel=0.05)
    assert capped["abandonment"] < 0.6 * without["abandonment"]
    assert capped["work_beyond_staff"] == pytest.approx(1 - 60 * DAY_S / (5 * 6_000 * 430.0), abs=1e-4)
    assert capped["abandonment"] <= capped["work_beyond_staff"], "more is lost than cannot be done"
    assert capped["called_back"] + capped["still_waiting"] >= capped["callbacks"]


@pytest.mark.fault("O2")
def test_o2_four_weeks_at_five_times_the_normal_day_lose_nobody_silently() -> None:
    """The queue's cap, the offer of a callback, the wait that is told; what is beyond the staff is said before."""
    month = replace(
        SMALL, operators=8, queues=2, calls=600, days=28, times_normal=5.0, cap=4, redials=0.6,
        seed=faults.seed(20261130),
    )  # fmt: skip
    found, without = day(month), day(replace(month, cap=None))
    assert found["wait_told"] > 0.99, "who waits hears how long"
    assert found["redialled"] > 0, "who gave up calls again, and is the same one"
    assert found["lost"] < 0.6 * without["lost"]
    assert month.beyond_staff > 0.1, "it cannot be done, and no forecast says so"
    assert found["lost"] <= month.beyond_staff, "more is lost than cannot be done"
    assert found["offered"] - found["redialled"] == pytest.approx(28 * month.offered, rel=0.03)
    assert found["offered"] == found["served"] + found["abandoned"] + found["called_back"] + found["still_waiting"]
    assert found["callback_offers"] > 0
    assert found["abandonment"] < without["abandonment"]
    assert found["days_behind"] > 5, "what was promised and is not done is a figure"


@pytest.mark.fault("O2")
def test_o2_with_the_staff_for_it_the_month_loses_at_most_a_tenth() -> None:
    """The same five times a normal day, with so many operators that the forecast says it can be done."""
    month = replace(
        SMALL, operators=30, queues=2, calls=600, days=28, times_normal=5.0, cap=4, redials=0.6,
        seed=faults.seed(20261130),
    )  # fmt: skip
    found = day(month)
    assert month.beyond_staff == 0.0
    assert found["lost"] <= 0.1
    assert found["days_behind"] < 1
    assert found["queues_never_served"] == 0


def test_a_callback_is_offered_only_while_it_would_come_in_time() -> None:
    long = replace(FULL, cap=10)
    bounded, unbounded = day(replace(long, offer_within_s=7200.0)), day(long)
    assert 0 < bounded["callbacks"] < unbounded["callbacks"]
    assert bounded["callback_mean_wait_s"] < 1.2 * 7200 < unbounded["callback_mean_wait_s"]
    assert bounded["days_behind"] < 0.3 * unbounded["days_behind"]


def test_days_repeat_the_curve_of_the_day() -> None:
    moments = list(arrivals(Plan(calls=20_000, days=3), random.Random(4)))
    by_day = Counter(int(at / DAY_S) for at in moments)
    assert sorted(by_day) == [0, 1, 2]
    assert all(count == pytest.approx(20_000, rel=0.04) for count in by_day.values())
    assert sum(int(at / DAY_S * 24) % 24 == 10 for at in moments) > 10 * sum(
        int(at / DAY_S * 24) % 24 == 3 for at in moments
    )


def test_the_wait_that_callers_are_told_comes_near_to_the_wait_that_comes_true() -> None:
    found = day(replace(SMALL, times_normal=2.0))
    assert found["forecast_error_s"] < 0.6 * found["asa_s"]
    assert abs(found["forecast_bias_s"]) < 0.3 * found["asa_s"]


# --- the command ---
def test_the_command_prints_a_line_for_each_policy_and_its_progress_beside(capsys: pytest.CaptureFixture[str]) -> None:
    words = "simulate --operators 20 --queues 4 --calls 1000 --policy longest-idle --policy least-occupied".split()
    assert cli.main(words) == 0
    said = capsys.readouterr()
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert [row["policy"] for row in rows] == ["longest-idle", "least-occupied"]
    assert all(row["decisions_per_s"] > 0 and row["occupancy_sd_pct"] is not None for row in rows)
    assert "50% of the time" in said.err


def test_the_command_says_what_is_wrong_with_a_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", "--queues", "1", "--skills", "2"]) == 2
    assert "more skills than there are queues" in capsys.readouterr().err
