"""Half hours of a day against an oracle that goes through it second by second; read once a minute, late facts found."""

from __future__ import annotations

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.switchboard import half_hours
from kindline.switchboard.figures import Stay, Terms
from kindline.switchboard.half_hours import BUSY, STEP, WAITING, Today, Work
from tests.switchboard.people import at

pytestmark = pytest.mark.db
MIDNIGHT = at(0)
STATES = ["offline", "ready", "ringing", "talking", "hold", "wrap_up", "paused", "watching"]


def becomes(who: int, state: str, when: dt.datetime) -> None:
    data = {"state": state, "reason": "", "contact": "", "until": None}
    journal.record(kind="operator_state_changed", subject_type="employee", subject_id=str(who), data=data, at=when)


def ends(talk_s: float, when: dt.datetime, outcome: str = "answered", wrap_s: float = 0) -> None:
    subject = ("contact", f"c{Fact.objects.count()}", "switchboard")
    data = {"by": "client", "cause": "normal", "outcome": outcome, "wait_s": 0.0, "talk_s": talk_s, "hold_s": 0.0}
    facts = [journal.NewFact("call_ended", *subject, data, when)]
    if wrap_s:
        data = {"employee": 1, "duration_s": wrap_s, "overrun": False}
        facts.append(journal.NewFact("wrap_up_ended", *subject, data, when + dt.timedelta(seconds=wrap_s)))
    journal.record_many(facts)


def seconds_in(changes: list[tuple[int, str, int]], states: list[str], first: int, last: int) -> int:
    """For how many seconds of a time operators were in one of the states, one second after the other."""
    return sum(
        [one for one in changes if one[0] == who and one[2] <= second][-1][1] in states
        for who in {one[0] for one in changes}
        for second in range(first, last)
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_time_of_operators_agrees_with_the_oracle(seed: int) -> None:
    dice = random.Random(seed)
    changes = [(who, dice.choice(STATES), -dice.randrange(1, 3600)) for who in (1, 2)]  # from the evening before
    changes += sorted(
        ((dice.choice([1, 2]), dice.choice(STATES), dice.randrange(0, 5000)) for _ in range(25)), key=lambda one: one[2]
    )
    for who, state, second in changes:
        becomes(who, state, at(second))
    kept = Today().read(MIDNIGHT, at(4321))
    assert list(kept.work) == [at(0), at(1800), at(3600)]
    for start, first, last in [(at(0), 0, 1800), (at(1800), 1800, 3600), (at(3600), 3600, 4321)]:
        work = kept.work[start]
        found = (work.busy_s, work.waiting_s)
        assert found == pytest.approx([seconds_in(changes, one, first, last) for one in (BUSY, WAITING)])
    busy, at_work = (seconds_in(changes, one, 0, 4321) for one in (BUSY, [*BUSY, *WAITING]))
    assert kept.total.occupancy == (pytest.approx(busy / at_work) if at_work else None)


def facts_of_a_day(dice: random.Random) -> list[tuple[str, dict[str, object], int]]:
    """What calls and engines may leave in the journal: kind, data, second."""
    kinds: list[tuple[str, dict[str, object]]] = [
        ("call_ended", {"outcome": "answered", "talk_s": 60.0, "hold_s": 9.0}),
        ("call_ended", {"outcome": "abandoned", "talk_s": 0.0, "hold_s": 0.0}),
        ("internal_ended", {"outcome": "answered", "talk_s": 70.0, "hold_s": 5.0}),
        ("wrap_up_ended", {"employee": 1, "duration_s": 20.0, "overrun": False}),
        ("hold_ended", {"duration_s": 31.0, "total_s": 31.0, "outcome": "resumed"}),
        ("hold_ended", {"duration_s": 4.0, "total_s": 35.0, "outcome": "hangup"}),
        ("transfer_completed", {"mode": "attended"}),
        ("transfer_completed", {"mode": "blind"}),
        ("transfer_returned", {"reason": "no_answer"}),
        ("calls_blocked", {"node": "1", "count": 3, "total": 3}),
    ]
    return [(*dice.choice(kinds), dice.randrange(5000)) for _ in range(60)]


@pytest.mark.parametrize("seed", range(3))
def test_transfers_holds_and_refusals_agree_with_the_oracle(seed: int) -> None:
    """Formulas of contact centres (ISO 18295, Annex A), counted fact by fact."""
    told = facts_of_a_day(random.Random(seed))
    for n, (kind, data, second) in enumerate(told):
        subject = "system" if kind == "calls_blocked" else "contact"
        journal.record(kind=kind, subject_type=subject, subject_id=f"k{n}", data=data, at=at(second))
    counted = [(kind, data) for kind, data, second in told if second < 4321]
    handled = sum(kind == "call_ended" and data["outcome"] == "answered" for kind, data in counted)
    holds = [float(str(data["duration_s"])) for kind, data in counted if kind == "hold_ended"]
    modes = [data["mode"] for kind, data in counted if kind == "transfer_completed"]
    day = Today().read(MIDNIGHT, at(4321)).total
    assert (day.handled, day.holds, day.held_s) == (handled, len(holds), sum(holds))
    assert day.hold_episode_s == pytest.approx(sum(holds) / len(holds))
    assert day.hold_call_s == pytest.approx(sum(holds) / handled)
    assert day.attended_rate == pytest.approx(modes.count("attended") / handled)
    assert day.blind_rate == pytest.approx(modes.count("blind") / handled)
    assert day.blocked == 3 * sum(kind == "calls_blocked" for kind, _ in counted)


def test_what_nothing_happened_of_has_no_figure() -> None:
    nothing = Work()
    shares = (nothing.aht_s, nothing.occupancy, nothing.hold_episode_s, nothing.hold_call_s)
    assert (*shares, nothing.attended_rate, nothing.blind_rate, nothing.acw_s) == (None,) * 7


def test_handling_time_is_talk_hold_and_wrap_up_a_call_that_an_operator_handled() -> None:
    ends(100, at(60), wrap_s=20)
    ends(200, at(120))
    ends(0, at(130), outcome="abandoned")
    ends(50, at(1790), wrap_s=30)  # its wrap-up ends in the next half hour
    kept = Today().read(MIDNIGHT, at(3000))
    assert [(one.handled, one.handling_s) for one in kept.work.values()] == [(3, 370.0), (0, 30.0)]
    assert kept.total.aht_s == pytest.approx(400 / 3)
    assert [one.acw_s for one in kept.work.values()] == [20, 30]
    assert (kept.total.acw_s, kept.total.wrap_ups) == (25, 2)


def test_a_day_is_asked_once_a_minute_and_what_is_over_never_again() -> None:
    today = Today()
    ends(10, at(5))
    assert today.read(MIDNIGHT, at(5400)).total.handled == 1
    with CaptureQueriesContext(connection) as asked:
        today.read(MIDNIGHT, at(5459))
    assert len(asked) == 0
    ends(10, at(6))  # far too late
    ends(10, at(5300))  # written late, within ten minutes of its half hour's end
    assert today.read(MIDNIGHT, at(5461)).total.handled == 2
    assert half_hours.past(MIDNIGHT, at(5461)).total.handled == 3


def test_the_day_begins_anew_at_midnight_with_those_who_work_by_night() -> None:
    today = Today()
    becomes(1, "ready", at(10))
    becomes(1, "talking", at(1000))
    assert today.read(MIDNIGHT, at(2000)).total.waiting_s == 990
    later = today.read(at(86_400), at(86_500))
    assert (later.total.busy_s, later.total.waiting_s) == (100, 0)


def test_the_busy_hour_is_of_sixty_whole_minutes_the_earliest_of_several() -> None:
    for second in (30, 3500, 3599, 3600, 9000, 9001, 9002):
        subject = ("contact", f"a{second}", "switchboard")
        journal.record_many([journal.NewFact("call_arrived", *subject, {"line": "hotline"}, at(second))])
    busiest = Today().read(MIDNIGHT, at(10_000)).busiest
    assert busiest == (at(0), 3)
    assert Today().read(MIDNIGHT, at(20)).busiest is None


def test_stays_stand_in_the_half_hour_in_which_they_ended() -> None:
    stays = [
        Stay("a", "general", 10, "answered", at(1799)),
        Stay("b", "general", 90, "answered", at(1800)),
        Stay("c", "general", 40, "abandoned", at(1900)),
        Stay("c", "billing", 10, "overflow", at(1850)),
    ]
    kept = half_hours.Kept(at(4000), {at(0): Work(1, 60.0)})
    made = half_hours.halves(stays, kept, Terms(20, 5), MIDNIGHT)
    assert [one.start for one in made] == [MIDNIGHT, MIDNIGHT + STEP, MIDNIGHT + 2 * STEP]
    assert [(one.figures.offered, one.figures.answered) for one in made] == [(1, 1), (2, 1), (0, 0)]
    assert [one.figures.service_level for one in made] == [1.0, 0.0, None]
    assert [one.work.aht_s for one in made] == [60.0, None, None]


def test_a_day_on_which_the_clock_is_put_forward_has_its_own_half_hours() -> None:
    zone = ZoneInfo("Europe/Kyiv")
    midnight = dt.datetime(2026, 3, 29, tzinfo=zone)
    day_after = dt.datetime(2026, 3, 30, tzinfo=zone)
    kept = half_hours.Kept(day_after.astimezone(dt.UTC))
    made = half_hours.halves([], kept, Terms(20, 5), midnight)
    assert len(made) == 46
    assert f"{made[-1].start.astimezone(zone):%H:%M}" == "23:30"
