"""The wallboard's formulas against a slow oracle that counts by hand, and the cases that engines disagree about."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindline.switchboard import figures
from kindline.switchboard.figures import Stay, Terms

OUTCOMES = ["answered", "abandoned", "voicemail", "callback", "overflow", "node_lost"]
QUEUES = ["general", "billing"]
STAYS = st.lists(
    st.builds(
        Stay,
        contact=st.sampled_from([f"c{number}" for number in range(8)]),
        queue=st.sampled_from(QUEUES),
        wait_s=st.floats(0, 400, allow_nan=False).map(lambda found: round(found, 1)),
        outcome=st.sampled_from(OUTCOMES),
    ),
    max_size=40,
)
TERMS = st.builds(Terms, st.sampled_from([None, 0.0, 20.0, 60.0]), st.sampled_from([0.0, 5.0, 30.0]))


def oracle(stays: list[Stay], queue: str, terms: Terms) -> dict[str, float | None]:
    """Everything again, one client after the other, with nothing clever."""
    offered = answered = abandoned = short = in_time = lost_in_time = left = 0
    waits: list[float] = []
    for contact in dict.fromkeys(stay.contact for stay in stays):
        passed: list[str] = []
        for stay in [one for one in stays if one.contact == contact]:
            if stay.queue in passed:
                continue
            passed.append(stay.queue)
            mine = stay.queue == queue if queue else stay.outcome != "overflow"
            if mine:
                offered += 1
                left += terms.answer_within_s is not None and stay.wait_s <= terms.answer_within_s
                if stay.outcome == "answered":
                    answered += 1
                    waits.append(stay.wait_s)
                    in_time += terms.answer_within_s is not None and stay.wait_s <= terms.answer_within_s
                if stay.outcome == "abandoned":
                    abandoned += 1
                    short += stay.wait_s < terms.short_s
                    lost_in_time += terms.answer_within_s is not None and stay.wait_s <= terms.answer_within_s
            if stay.outcome == "answered":
                break
    known, ended = terms.answer_within_s is not None, answered + abandoned
    return {
        "offered": offered, "answered": answered, "abandoned": abandoned,
        "service_level": in_time / (offered - short) if known and offered > short else None,
        "level_answered_only": in_time / answered if known and answered else None,
        "level_with_abandoned": (in_time + lost_in_time) / ended if known and ended else None,
        "level_left_queue": left / offered if known and offered else None,
        "asa_s": statistics.fmean(waits) if waits else None,
        "abandonment": abandoned / offered if offered else None,
        "abandonment_real": (abandoned - short) / (offered - short) if offered > short else None,
    }  # fmt: skip


@given(STAYS, TERMS, st.sampled_from(["", *QUEUES]))
def test_the_formulas_agree_with_the_oracle(stays: list[Stay], terms: Terms, queue: str) -> None:
    first = figures.first_service(stays)
    found = figures.of_queue(first, queue, terms) if queue else figures.of_all(first, terms)
    for name, value in oracle(stays, queue, terms).items():
        assert getattr(found, name) == (value if value is None else pytest.approx(value)), name


@given(st.lists(st.floats(0, 1e4, allow_nan=False), max_size=50), st.floats(0.01, 1))
def test_a_percentile_is_the_least_wait_that_so_many_did_not_exceed(waits: list[float], part: float) -> None:
    found = figures.percentile(sorted(waits), part)
    if not waits:
        assert found is None
        return
    enough = [wait for wait in waits if sum(other <= wait for other in waits) >= part * len(waits) - 1e-9]
    assert found == min(enough)


def test_no_call_is_no_data_and_not_nothing() -> None:
    found = figures.of_all([], Terms(20, 5))
    assert (found.service_level, found.asa_s, found.abandonment) == (None, None, None)


def test_engines_disagree_and_each_way_of_counting_is_kept() -> None:
    stays = [Stay(f"a{n}", "q", 10, "answered") for n in range(6)] + [
        Stay(f"b{n}", "q", 90, "answered") for n in range(2)
    ]
    stays += [Stay("c", "q", 2, "abandoned"), Stay("d", "q", 100, "abandoned"), Stay("e", "q", 15, "callback")]
    found = figures.of_queue(stays, "q", Terms(20, 5))
    assert found.service_level == pytest.approx(6 / 10)
    assert found.level_answered_only == pytest.approx(6 / 8)
    assert found.level_with_abandoned == pytest.approx(7 / 10)
    assert found.level_left_queue == pytest.approx(8 / 11)
    assert found.abandonment == pytest.approx(2 / 11)
    assert found.abandonment_real == pytest.approx(1 / 10)
