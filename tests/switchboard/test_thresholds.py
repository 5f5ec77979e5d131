"""The wallboard over facts and rows, and its thresholds: whose they are, and that a crossing is told once."""

from __future__ import annotations

import datetime as dt
import random
import uuid

import pytest

from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.staff.models import Role
from kindline.standard import loader
from kindline.switchboard import thresholds, wallboard
from kindline.switchboard.figures import Stay
from kindline.switchboard.models import Crossing, CrossingNotice, Threshold
from tests.switchboard.people import at, employee, operator, waiting
from tests.switchboard.test_figures import oracle

pytestmark = pytest.mark.db
KRC = loader.load("krc")


def ended(stay: Stay, when: dt.datetime) -> None:
    data = {"queue": stay.queue, "outcome": stay.outcome, "wait_s": stay.wait_s}
    journal.record(kind="queue_left", subject_type="contact", subject_id=stay.contact, data=data, at=when)


def test_the_board_over_facts_agrees_with_the_oracle() -> None:
    dice = random.Random(7)
    stays = [
        Stay(
            str(uuid.UUID(int=dice.randrange(30))), dice.choice(["general", "billing", "readings"]),
            round(dice.uniform(0, 200), 1), dice.choice(["answered", "answered", "abandoned", "overflow", "callback"]),
        )
        for _ in range(60)
    ]  # fmt: skip
    for place, stay in enumerate(stays):
        ended(stay, at(place))
    yesterday = Stay(str(uuid.uuid4()), "general", 999.0, "abandoned")
    ended(yesterday, at(-86_400))
    day = wallboard.Day()
    shown = wallboard.board(KRC, day, at(100))
    limits = thresholds.limits(KRC)
    for row in shown.rows:
        for name, value in oracle(stays, row.queue, limits.terms(row.queue)).items():
            assert getattr(row.figures, name) == (value if value is None else pytest.approx(value)), (row.queue, name)
    late = Stay(str(uuid.uuid4()), "general", 1.0, "answered")
    ended(late, at(30))
    assert wallboard.board(KRC, day, at(101)).total.figures.offered == shown.total.figures.offered + 1, "written late"


def test_a_stay_that_was_written_long_after_its_end_is_found_by_a_later_look() -> None:
    day = wallboard.Day()
    ended(Stay(str(uuid.uuid4()), "general", 1.0, "answered"), at(300))
    assert len(day.stays(at(0))) == 1
    ended(Stay(str(uuid.uuid4()), "general", 1.0, "answered"), at(30))
    assert len([day.stays(at(0)) for _ in range(wallboard.FAR_EVERY)][-1]) == 2


def test_who_waits_and_who_is_ready_now() -> None:
    waiting("general", since_s=0)
    waiting("billing", since_s=40)
    operator("anna", skills={"billing": 3})
    operator("boris", state="paused")
    operator("clara", registered=False)
    shown = wallboard.board(KRC, wallboard.Day(), at(100))
    rows = {row.queue: row for row in shown.rows}
    assert (rows[""].waiting, rows[""].value("longest_wait_s", at(100))) == (2, 100.0)
    assert (rows["billing"].waiting, rows["billing"].value("longest_wait_s", at(100))) == (1, 60.0)
    assert (rows["general"].ready, rows["billing"].ready, rows["readings"].ready) == (1, 1, 0)
    assert rows[""].ready == 1, "clara has no phone"
    assert shown.operators == {"ready": 2, "paused": 1}


@pytest.mark.clause("krc-5.6.5-29", "krc-5.6.5-30")
def test_the_standards_own_numbers_hold_until_somebody_sets_others() -> None:
    held = thresholds.limits(KRC)
    assert (held.of("", "longest_wait_s").alarm, held.of("", "longest_wait_s").clause) == (300, "krc-5.6.5-30")
    assert (held.of("", "asa_s").warn, held.of("", "asa_s").alarm) == (60, 300)
    assert held.of("", "waiting").alarm is None, "no norm is no threshold"
    vera = employee("vera", Role.SUPERVISOR)
    set_ = thresholds.set_threshold(
        profile=KRC, queue="", measure="longest_wait_s", warn=30, alarm=120, by=vera, now=at(0)
    )
    assert thresholds.limits(KRC).of("billing", "longest_wait_s").alarm == 120
    assert (set_.by, set_.at) == (vera, at(0))
    fact = Fact.objects.get(kind="threshold_set")
    assert (fact.actor, fact.data["old_alarm"], fact.data["alarm"]) == (f"employee:{vera.pk}", 300, 120)


@pytest.mark.parametrize(
    ("measure", "warn", "alarm", "code"),
    [
        ("asa_s", 100, 50, "order"), ("service_level", 50, 80, "order"), ("service_level", None, 101, "range"),
        ("asa_s", -1, None, "range"), ("mood", 1, 2, "unknown"),
    ],
)  # fmt: skip
def test_numbers_that_cannot_be_thresholds_are_refused(
    measure: str, warn: float | None, alarm: float | None, code: str
) -> None:
    with pytest.raises(thresholds.ThresholdError) as refused:
        thresholds.set_threshold(
            profile=KRC, queue="", measure=measure, warn=warn, alarm=alarm, by=employee("vera"), now=at(0)
        )
    assert refused.value.code == code
    assert not Threshold.objects.exists()


@pytest.mark.clause("krc-4-04")
def test_a_crossing_is_told_once_to_everybody_in_charge_and_again_only_after_it_was_over() -> None:
    vera, nina, _anna = employee("vera", Role.SUPERVISOR), employee("nina", Role.DIRECTOR), operator()
    wait_s = {"": 0.0}

    def look(seconds: float) -> list[str]:
        began = thresholds.note(
            profile=KRC, queues=[""], now=at(seconds),
            value=lambda queue, measure: wait_s[queue] if measure == "longest_wait_s" else None,
        )  # fmt: skip
        return [one.level for one in began]

    assert look(0) == []
    wait_s[""] = 301.0
    assert look(2) == ["warn", "alarm"]
    assert [look(4), look(6)] == [[], []], "once, not every second"
    assert {one.employee for one in CrossingNotice.objects.all()} == {vera, nina}
    wait_s[""] = 299.0
    assert look(8) == []
    wait_s[""] = 302.0
    assert look(20) == [], "it sways about its limit"
    wait_s[""] = 10.0
    for seconds in (30, 45, 61):
        look(seconds)
    assert not thresholds.open_crossings(KRC)
    assert Fact.objects.filter(kind="threshold_back").count() == 2
    wait_s[""] = 61.0
    assert look(70) == ["warn"]
    assert len(thresholds.unseen(vera)) == 3
    assert thresholds.see(employee=vera, now=at(80)) == 3
    assert thresholds.unseen(vera) == []
    assert Fact.objects.filter(kind="threshold_crossed").count() == Crossing.objects.count() == 3
