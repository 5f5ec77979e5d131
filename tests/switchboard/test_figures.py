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


def way_of(stays: list[Stay], contact: str) -> list[Stay]:
    """A client's stays up to that in which he was first answered."""
    mine = [one for one in stays if one.contact == contact]
    talked = [place for place, one in enumerate(mine) if one.outcome == "answered"]
    return mine[: talked[0] + 1] if talked else mine


def ends_of(way: list[Stay], queue: str) -> list[Stay]:
    """How a client's way ended in a queue; of all queues together: in each but those that sent him on."""
    if queue:
        return [one for one in way if one.queue == queue][-1:]
    ends = [end for each in {one.queue for one in way} for end in ends_of(way, each)]
    return [end for end in ends if end.outcome != "overflow"]


def oracle(stays: list[Stay], queue: str, terms: Terms) -> dict[str, float | None]:
    """Everything again from the end of each client's way, one list for each count."""
    ends = [end for contact in {one.contact for one in stays} for end in ends_of(way_of(stays, contact), queue)]
    talked = [one.wait_s for one in ends if one.outcome == "answered"]
    lost = [one.wait_s for one in ends if one.outcome == "abandoned"]
    within = -1.0 if terms.answer_within_s is None else terms.answer_within_s
    offered, answered, abandoned = len(ends), len(talked), len(lost)
    short = len([wait for wait in lost if wait < terms.short_s])
    in_time, lost_in_time = (len([wait for wait in waits if wait <= within]) for waits in (talked, lost))
    left = len([one for one in ends if one.wait_s <= within])
    known, ended = terms.answer_within_s is not None, answered + abandoned
    return {
        "offered": offered, "answered": answered, "abandoned": abandoned,
        "service_level": in_time / (offered - short) if known and offered > short else None,
        "level_answered_only": in_time / answered if known and answered else None,
        "level_with_abandoned": (in_time + lost_in_time) / ended if known and ended else None,
        "level_left_queue": left / offered if known and offered else None,
        "asa_s": statistics.fmean(talked) if talked else None,
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


@given(STAYS)
def test_nobody_whom_an_operator_answered_is_missing(stays: list[Stay]) -> None:
    answered = {stay.contact for stay in stays if stay.outcome == "answered"}
    first = figures.first_service(stays)
    assert figures.of_all(first, Terms(20, 5)).answered == len(answered)
    assert sum(figures.of_queue(first, queue, Terms(20, 5)).answered for queue in QUEUES) == len(answered)


@pytest.mark.parametrize(
    ("outcome", "answered", "abandoned"), [("answered", 1, 0), ("abandoned", 0, 1), ("voicemail", 0, 0)]
)
def test_who_is_sent_on_and_comes_back_counts_as_he_left_in_the_end(
    outcome: str, answered: int, abandoned: int
) -> None:
    way = [Stay("c", "q1", 30, "overflow"), Stay("c", "q2", 60, "overflow"), Stay("c", "q1", 70, outcome)]
    first = figures.first_service(way)
    for found in (figures.of_all(first, Terms(20, 5)), figures.of_queue(first, "q1", Terms(20, 5))):
        assert (found.offered, found.answered, found.abandoned) == (1, answered, abandoned)
    other = figures.of_queue(first, "q2", Terms(20, 5))
    assert (other.offered, other.answered, other.abandoned) == (1, 0, 0)


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
