"""Judging as a whole: periods, deadlines on a calendar, chunks, moments, engines kept between calls."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from kindline.standard.clauses import Rule
from kindline.standard.profile import Profile
from kindline.standard.rules import chunks, judge, period_clauses, subject_clauses
from kindline.standard.rules.results import SCHEMA
from tests.standard.conftest import BASE, Facts

DAY = 86_400


def ruled(mini: Profile, **params: Any) -> Profile:
    """The small profile with this one rule."""
    kind = params.pop("kind")
    clause = replace(mini.clauses["mini-1-06"], id="mini-1-01", rule=Rule(kind, params), direction=None)
    return replace(mini, clauses={clause.id: clause})


def test_clauses_of_subjects_and_of_periods(mini: Profile) -> None:
    assert period_clauses(mini) == ["mini-1-12", "mini-1-13"]
    assert "mini-1-01" in subject_clauses(mini)
    assert "mini-1-10" not in subject_clauses(mini)


def test_no_facts_no_verdicts(mini: Profile, facts: Facts) -> None:
    found = judge(facts(), mini)
    assert found.num_rows == 0
    assert found.schema == SCHEMA


def test_a_row_says_all(mini: Profile, facts: Facts) -> None:
    found = judge(facts((0, "call_offered"), (7, "call_answered")), mini, ["mini-1-01"]).to_pylist()
    found[0]["evidence"].sort()
    assert found == [
        {
            "clause": "mini-1-01",
            "version": "1",
            "subject_type": "contact",
            "subject_id": "a",
            "verdict": "met",
            "observed": "2",
            "limit": "≤ 3",
            "unit": "rings",
            "evidence": ["0", "1"],
            "at": BASE + dt.timedelta(seconds=7),
        }
    ]


def test_facts_unknown_to_all_rules_do_no_harm(mini: Profile, facts: Facts) -> None:
    found = judge(facts((0, "process_restarted"), (1, "from_the_future")), mini)
    assert found.num_rows == 0


def test_the_average_of_a_month_in_local_time(mini: Profile, facts: Facts) -> None:
    """The last two hours of March in Samara are still the 31st in UTC: they belong to the local month."""
    midnight = (dt.datetime(2026, 4, 1, tzinfo=ZoneInfo("Europe/Samara")) - BASE).total_seconds()
    table = facts(
        (midnight - 60, "transfer_started", {}, "march"),
        (midnight - 30, "transfer_completed", {}, "march"),
        (midnight + 60, "transfer_started", {}, "april"),
        (midnight + 70, "transfer_completed", {}, "april"),
        (midnight + 60, "transfer_started", {}, "other"),
        (midnight + 80, "transfer_completed", {}, "other"),
    )
    found = {row["subject_id"]: row for row in judge(table, mini, ["mini-1-12"]).to_pylist()}
    assert {month: (row["verdict"], row["observed"]) for month, row in found.items()} == {
        "2026-03": ("not_met", "30"),
        "2026-04": ("met", "15"),
    }
    assert found["2026-03"]["subject_type"] == "period"
    assert sorted(found["2026-03"]["evidence"]) == ["0", "1"]


def test_an_average_is_of_all_stretches_not_of_contacts(mini: Profile, facts: Facts) -> None:
    rows: list[tuple[Any, ...]] = [
        (number * 100 + at, kind, {}, "a")
        for number in range(3)
        for at, kind in ((0, "transfer_started"), (10, "transfer_completed"))
    ]
    table = facts(*rows, (0, "transfer_started", {}, "b"), (50, "transfer_completed", {}, "b"))
    (row,) = judge(table, mini, ["mini-1-12"]).to_pylist()
    assert (row["verdict"], row["observed"]) == ("met", "20")


def test_a_percentile(mini: Profile, facts: Facts) -> None:
    profile = ruled(
        mini, kind="limit", **{"from": "queue_entered", "to": "call_answered"}, max_s=30, statistic="p95", period="day"
    )
    rows: list[tuple[Any, ...]] = [(0, "queue_entered", {}, f"{n}") for n in range(100)]
    rows += [(10 if n < 96 else 90, "call_answered", {}, f"{n}") for n in range(100)]
    (row,) = judge(facts(*rows), profile).to_pylist()
    assert (row["subject_id"], row["verdict"], row["observed"]) == ("2026-03-02", "met", "10")


def test_a_share(mini: Profile, facts: Facts) -> None:
    rows: list[tuple[Any, ...]] = [(0, "queue_entered", {}, f"{n}") for n in range(4)] + [
        (1, "queue_left", {"outcome": "abandoned"}, f"{n}") for n in range(3)
    ]
    (row,) = judge(facts(*rows), mini, ["mini-1-13"]).to_pylist()
    assert (row["verdict"], row["observed"], row["unit"]) == ("not_met", "0.75", "share")
    assert len(row["evidence"]) == 6


DUE = {"kind": "deadline", "from": "callback_promised", "done": "callback_made"}


@pytest.mark.parametrize(
    ("params", "base", "done_at", "verdict"),
    [
        ({"rule": "end_of_working_day"}, "2026-03-02T10:00", "2026-03-02T20:00", "met"),
        ({"rule": "end_of_working_day"}, "2026-03-02T10:00", "2026-03-02T20:01", "not_met"),
        ({"rule": "end_of_working_day"}, "2026-03-02T20:00", "2026-03-03T19:59", "met"),
        ({"rule": "end_of_working_day"}, "2026-03-06T21:00", "2026-03-10T19:59", "met"),
        ({"rule": "end_of_working_day"}, "2026-03-06T21:00", "2026-03-11T08:00", "not_met"),
        ({"rule": "end_of_working_day"}, "2026-03-13T21:00", "2026-03-14T19:00", "met"),
        ({"rule": "same_day"}, "2026-03-02T23:30", "2026-03-02T23:59", "met"),
        ({"rule": "same_day"}, "2026-03-02T23:30", "2026-03-03T00:00", "not_met"),
        ({"n": 3, "unit": "working_days"}, "2026-03-05T10:00", "2026-03-11T23:00", "met"),
        ({"n": 3, "unit": "working_days"}, "2026-03-05T10:00", "2026-03-12T00:00", "not_met"),
        ({"term": "30 calendar_days"}, "2026-03-02T10:00", "2026-04-01T23:59", "met"),
        ({"term": "30 calendar_days"}, "2026-03-02T10:00", "2026-04-02T00:00", "not_met"),
        ({"n": 2, "unit": "hours"}, "2026-03-02T10:00", "2026-03-02T12:00", "met"),
        ({"within_s": 60}, "2026-03-02T10:00", "2026-03-02T10:02", "not_met"),
    ],
)
def test_a_deadline_on_the_calendar(
    mini: Profile, facts: Facts, params: dict[str, Any], base: str, done_at: str, verdict: str
) -> None:
    """8 and 9 March 2026 are days off, 14 March is worked by override, all in the zone of Samara."""
    moments = [
        (dt.datetime.fromisoformat(one).replace(tzinfo=mini.zone) - BASE).total_seconds() for one in (base, done_at)
    ]
    (row,) = judge(
        facts((moments[0], "callback_promised"), (moments[1], "callback_made")), ruled(mini, **DUE, **params)
    ).to_pylist()
    assert row["verdict"] == verdict
    assert row["limit"].endswith("Z")


def test_promises_are_kept_first_come_first_kept(mini: Profile, facts: Facts) -> None:
    rows = [(0, "callback_promised"), (10, "callback_promised"), (50, "callback_made"), (65, "callback_made")]
    profile = ruled(mini, **DUE, within_s=60)
    assert judge(facts(*rows), profile).to_pylist()[0]["verdict"] == "met"
    assert judge(facts(*rows[:3]), profile, as_of=BASE + dt.timedelta(seconds=60)).num_rows == 0
    assert (
        judge(facts(*rows[:3]), profile, as_of=BASE + dt.timedelta(seconds=71)).to_pylist()[0]["verdict"] == "not_met"
    )


def test_a_due_moment_with_a_zone(mini: Profile, facts: Facts) -> None:
    due = {"due_at": "2026-03-02T10:01:00+04:00"}
    profile = ruled(mini, **DUE, due_field="due_at")
    assert (
        judge(facts((0, "callback_promised", due), (59, "callback_made")), profile).to_pylist()[0]["verdict"] == "met"
    )
    assert (
        judge(facts((0, "callback_promised", due), (61, "callback_made")), profile).to_pylist()[0]["verdict"]
        == "not_met"
    )
    (unknown,) = judge(facts((0, "callback_promised"), (61, "callback_made")), profile).to_pylist()
    assert unknown["verdict"] == "not_measurable"


def test_the_hour_changes_with_the_zone(mini: Profile, facts: Facts) -> None:
    """Kyiv puts its clocks forward on 29 March 2026: 09:30 UTC is 11:30 the day before and 12:30 the day after."""
    parts = [{"from": "04:00", "greeting": "ранок"}, {"from": "12:00", "greeting": "день"}]
    profile = replace(
        ruled(mini, kind="phrase_at_step", step="greet", phrases=["{greeting}"]), zone=ZoneInfo("Europe/Kyiv")
    )
    profile = replace(profile, variables={**mini.variables, "day_parts": parts})
    before = (dt.datetime(2026, 3, 27, 9, 30, tzinfo=dt.UTC) - BASE).total_seconds()
    rows: list[tuple[Any, ...]] = []
    for number in range(2):
        at, subject = before + number * 4 * DAY, f"{number}"
        rows += [
            (at, "call_answered", {}, subject),
            (at, "phrase_heard", {"step": "greet", "phrase": "день"}, subject),
            (at, "transcript_ready", {}, subject),
        ]
    found = {row["subject_id"]: row["verdict"] for row in judge(facts(*rows), profile).to_pylist()}
    assert found == {"0": "not_met", "1": "met"}


def test_chunks_come_to_the_same(mini: Profile, facts: Facts) -> None:
    rows: list[tuple[Any, ...]] = []
    for n in range(40):
        rows += [
            (n, "call_offered", {}, f"{n}"),
            (n + n, "call_answered", {}, f"{n}"),
            (n, "queue_entered", {}, f"{n}"),
        ]
    whole = judge(facts(*rows), mini)
    parts = list(chunks(facts(*rows), mini, subjects=7))
    assert len(parts) > 3
    keys = [(name, "ascending") for name in ("clause", "subject_id")]
    columns = ["clause", "subject_id", "verdict", "observed"]
    one = whole.take(pc.sort_indices(whole, keys)).select(columns)
    other = pa.concat_tables(parts)
    assert other.take(pc.sort_indices(other, keys)).select(columns).to_pylist() == one.to_pylist()


def test_facts_may_be_an_ibis_table(mini: Profile, facts: Facts) -> None:
    table = facts((0, "call_offered"), (30, "call_answered"))
    found = judge(ibis.memtable(table), mini, ["mini-1-01"]).to_pylist()
    assert [row["verdict"] for row in found] == ["not_met"]


def test_an_engine_forgets_the_facts_before(mini: Profile, facts: Facts) -> None:
    for at, verdict in ((5, "met"), (60, "not_met"), (5, "met")):
        (row,) = judge(facts((0, "call_offered"), (at, "call_answered")), mini, ["mini-1-01"]).to_pylist()
        assert row["verdict"] == verdict


def test_text_in_any_script_is_compared(mini: Profile, facts: Facts) -> None:
    profile = ruled(mini, kind="occurs", fact={"fact": "topic_set", "topic": "счёт «А»"})
    (row,) = judge(facts((0, "topic_set", {"topic": "счёт «А»"})), profile).to_pylist()
    assert row["verdict"] == "met"
