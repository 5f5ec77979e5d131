"""Utilisation, shrinkage and adherence against an oracle: minute by minute, over midnight and changes of clocks."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from kindline.journal import actions as journal
from kindline.staff import shifts
from kindline.staff.models import Employee
from kindline.staff.shift_plans import WORK, Clocks, Piece, Plan, planned
from kindline.switchboard import adherence, on_shift
from kindline.switchboard.adherence import AWAY, CALLS, LISTENING, OTHER_WORK, PAUSE, Doing, Spent, Today
from kindline.switchboard.half_hours import together
from tests.switchboard.people import employee, operator

KYIV = ZoneInfo("Europe/Kyiv")
DAYS = [dt.date(2027, 3, 28), dt.date(2026, 10, 25), dt.date(2026, 12, 7)]
"""Clocks put forward, clocks put back, and an ordinary day."""
MINUTE = dt.timedelta(minutes=1)
WHATS = [CALLS, OTHER_WORK, LISTENING, PAUSE, AWAY]


def midnight(day: dt.date, later: int = 0) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(later), dt.time(), KYIV).astimezone(dt.UTC)


def what_is_planned(plans: list[Plan], at: dt.datetime) -> str:
    """What a minute is planned for; nothing outside the shifts."""
    for plan in plans:
        if plan.start_at <= at < plan.end_at:
            return next((one.kind for one in plan.breaks if one.start_at <= at < one.end_at), WORK)
    return ""


def oracle(done: list[Doing], plans: list[Plan], day: dt.date, now: dt.datetime) -> Spent:
    """The same figures, one minute after the other."""
    minutes: list[tuple[str, str]] = []
    at = midnight(day)
    while at < min(midnight(day, 1), now):
        what = next((one.what for one in done if one.start_at <= at < one.end_at), AWAY)
        minutes.append((what, what_is_planned(plans, at)))
        at += MINUTE

    def count(*wanted: bool) -> float:
        return 60.0 * sum(wanted)

    if not any(one.start_at < midnight(day, 1) and one.end_at > midnight(day) for one in plans):
        there = count(*(what != AWAY for what, _kind in minutes))
        return Spent(signed_in_s=there, signed_in_worked_s=count(*(what == CALLS for what, _kind in minutes)))
    paid = {WORK, "break", "training", "meeting"}
    fits = {True: {CALLS, OTHER_WORK, LISTENING}, False: {OTHER_WORK, PAUSE}}
    return Spent(
        planned_s=count(*(kind != "" for _what, kind in minutes)),
        followed_s=count(*(kind != "" and what in fits[kind == WORK] for what, kind in minutes)),
        paid_s=count(*(kind in paid for _what, kind in minutes)),
        worked_s=count(*(kind in paid and what == CALLS for what, kind in minutes)),
        beyond_s=count(*(kind not in paid and what == CALLS for what, kind in minutes)),
    )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dt.date, list[Plan], list[Doing], dt.datetime]:
    """A day, shifts around it with breaks, what was done minute by minute, and how far the day has come."""
    day = draw(st.sampled_from(DAYS))
    first = midnight(day, -1)
    length = int((midnight(day, 2) - first) / MINUTE)
    cuts = sorted(draw(st.sets(st.integers(0, length), min_size=2, max_size=10)))
    plans: list[Plan] = []
    for begin, end in zip(cuts[::2], cuts[1::2], strict=False):
        inner = sorted(draw(st.sets(st.integers(begin, end), max_size=4)))
        kinds = st.sampled_from(["break", "lunch", "training", "meeting"])
        breaks = [
            Piece(first + MINUTE * one, first + MINUTE * other, draw(kinds))
            for one, other in zip(inner[::2], inner[1::2], strict=False)
        ]
        plans.append(Plan(1, first + MINUTE * begin, first + MINUTE * end, tuple(breaks)))
    turns = [0, *sorted(draw(st.sets(st.integers(1, length - 1), max_size=12))), length]
    done = [
        Doing(draw(st.sampled_from(WHATS)), first + MINUTE * one, first + MINUTE * other)
        for one, other in pairwise(turns)
    ]
    return day, plans, done, first + MINUTE * draw(st.integers(0, length))


@given(world=worlds())
def test_a_day_agrees_with_the_oracle(world: tuple[dt.date, list[Plan], list[Doing], dt.datetime]) -> None:
    day, plans, done, now = world
    found = adherence.of_day(done, plans, (midnight(day), midnight(day, 1)), now)
    expected = oracle(done, plans, day, now)
    for name in Spent.__dataclass_fields__:
        assert getattr(found, name) == pytest.approx(getattr(expected, name)), name
    for share in (found.utilisation, found.shrinkage, found.adherence):
        assert share is None or 0 <= share <= 1


def test_nothing_planned_and_nothing_done_has_no_figure() -> None:
    assert (Spent().utilisation, Spent().shrinkage, Spent().adherence) == (None, None, None)


def test_a_lunch_is_paid_where_the_house_says_so(settings: Any) -> None:
    day = DAYS[2]
    lunch = Clocks("lunch", dt.time(13), dt.time(14))
    plans = [planned(1, day, dt.time(9), dt.time(18), [lunch], KYIV)]
    whole = (midnight(day), midnight(day, 1))
    assert adherence.of_day([], plans, whole, whole[1]).paid_s == 8 * 3600
    settings.PAID_BREAKS = ["lunch"]
    assert adherence.of_day([], plans, whole, whole[1]).paid_s == 9 * 3600


def becomes(who: Employee, state: str, at: dt.datetime, reason: str = "") -> None:
    data = {"state": state, "reason": reason, "contact": "", "until": None}
    journal.record(kind="operator_state_changed", subject_type="employee", subject_id=str(who.pk), data=data, at=at)


def on(day: dt.date, text: str) -> dt.datetime:
    """A time of the clock on a day."""
    return dt.datetime.combine(day, dt.time.fromisoformat(text), KYIV)


@pytest.mark.db
class TestJournal:
    """The same from facts and rows."""

    day = DAYS[2]

    @pytest.fixture
    def anna(self) -> Employee:
        """A night of work: a shift over midnight, paused where a break is planned, and a training."""
        boss, anna = employee("boss", "supervisor"), employee("anna")
        plan = planned(anna.pk, self.day, dt.time(22), dt.time(6), [Clocks("break", dt.time(0), dt.time(0, 30))], KYIV)
        shifts.enter(plans=[plan], employee=boss, now=on(self.day, "08:00"))
        becomes(anna, "ready", on(self.day, "22:10"))
        becomes(anna, "talking", on(self.day, "22:20"))
        becomes(anna, "wrap_up", on(self.day, "23:00"))
        later = self.day + dt.timedelta(1)
        becomes(anna, "paused", on(later, "00:00"), "break")
        becomes(anna, "paused", on(later, "00:40"), "training")
        becomes(anna, "ready", on(later, "01:00"))
        becomes(anna, "offline", on(later, "06:05"))
        return anna

    def test_a_night_is_divided_at_midnight(self, anna: Employee) -> None:
        now = on(self.day + dt.timedelta(2), "09:00")
        first = adherence.period(self.day, self.day, KYIV, now)[anna.pk]
        assert (first.planned_s, first.followed_s, first.worked_s) == (7200, 6600, 6600)
        later = self.day + dt.timedelta(1)
        second = adherence.period(later, later, KYIV, now)[anna.pk]
        assert (second.planned_s, second.paid_s) == (6 * 3600, 6 * 3600)
        assert second.followed_s == 6 * 3600 - 600  # ten minutes of pause beyond the break
        assert (second.worked_s, second.beyond_s) == (5 * 3600, 300)
        both = adherence.period(self.day, later, KYIV, now)[anna.pk]
        assert both == together([first, second], Spent)

    def test_who_has_no_shift_counts_by_the_time_signed_in(self, anna: Employee) -> None:
        bohdan = employee("bohdan")
        becomes(bohdan, "ready", on(self.day, "10:00"))
        becomes(bohdan, "paused", on(self.day, "11:00"), "lunch")
        becomes(bohdan, "offline", on(self.day, "12:00"))
        found = adherence.period(self.day, self.day, KYIV, on(self.day, "23:59"))
        assert (found[bohdan.pk].signed_in_s, found[bohdan.pk].utilisation) == (7200, 0.5)
        assert found[bohdan.pk].adherence is None
        assert found[anna.pk].signed_in_s == 0

    def test_today_asks_no_fact_twice_and_finds_one_that_was_written_late(self, anna: Employee) -> None:
        today, later = Today(), self.day + dt.timedelta(1)
        for minute in range(0, 400, 3):
            now = on(later, "00:00") + MINUTE * minute
            assert today.read(KYIV, now) == adherence.period(later, later, KYIV, now)
        now += MINUTE
        becomes(anna, "ready", now - 9 * MINUTE)
        assert today.read(KYIV, now) == adherence.period(later, later, KYIV, now)
        becomes(anna, "paused", on(later, "02:00"), "break")  # far too late
        assert today.read(KYIV, now + MINUTE) != adherence.period(later, later, KYIV, now + MINUTE)

    def test_today_is_counted_once_a_minute(self, anna: Employee) -> None:
        today, now = Today(), on(self.day, "22:30")
        assert today.read(KYIV, now)[anna.pk].planned_s == 1800
        assert today.read(KYIV, now + MINUTE / 2)[anna.pk].planned_s == 1800
        assert today.read(KYIV, now + MINUTE)[anna.pk].planned_s == 1860
        assert today.read(KYIV, on(self.day + dt.timedelta(1), "00:00"))[anna.pk].planned_s == 0


@pytest.mark.db
@pytest.mark.parametrize(("day", "hours"), [(DAYS[0], 23), (DAYS[1], 25), (DAYS[2], 24)])
def test_a_day_on_which_clocks_change_has_the_hours_that_pass(day: dt.date, hours: int) -> None:
    boss, anna, bohdan = employee("boss", "supervisor"), employee("anna"), employee("bohdan")
    whole = Plan(bohdan.pk, midnight(day), midnight(day, 1))
    shifts.enter(plans=[whole], employee=boss, now=on(day, "00:00"))
    for who in (anna, bohdan):
        becomes(who, "ready", midnight(day) - MINUTE)
    next_day = on(day + dt.timedelta(1), "00:00")
    found = adherence.period(day, day, KYIV, next_day)
    assert (found[anna.pk].signed_in_s, found[bohdan.pk].worked_s) == (hours * 3600, hours * 3600)
    assert found[bohdan.pk].planned_s == hours * 3600
    both = adherence.period(day - dt.timedelta(1), day, KYIV, next_day)
    assert both[anna.pk].signed_in_s == hours * 3600 + 60
    assert Today().read(KYIV, next_day - MINUTE)[anna.pk].signed_in_s == hours * 3600 - 60


@pytest.mark.db
def test_today_that_could_not_be_begun_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was signed in before midnight is not lost with a database that was away then."""
    anna, now = employee("anna"), on(DAYS[2], "00:10")
    becomes(anna, "ready", on(DAYS[2], "00:00") - MINUTE)
    today, real = Today(), adherence.turned

    def away(*_asked: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(adherence, "turned", away)
    with pytest.raises(OperationalError):
        today.read(KYIV, now)
    monkeypatch.setattr(adherence, "turned", real)
    assert today.read(KYIV, now)[anna.pk].signed_in_s == 600


@pytest.mark.db
def test_the_floor_does_not_wait_for_who_is_at_the_telephone_no_more() -> None:
    boss, day = employee("boss", "supervisor"), DAYS[2]
    gone, other, at_work = employee("gone"), operator("other"), employee("working")
    plans = [planned(one.pk, day, dt.time(9), dt.time(18), [], KYIV) for one in (gone, other.employee, at_work)]
    shifts.enter(plans=plans, employee=boss, now=on(day, "08:00"))
    Employee.objects.filter(pk__in=[gone.pk, other.pk]).update(roles=["director"])
    found = on_shift.beside((midnight(day), midnight(day, 1)), on(day, "12:00"))
    assert [one.employee for one in found.missing] == [at_work]
    assert not found.unplanned


@pytest.mark.db
def test_the_floor_names_who_is_late_and_who_has_no_shift() -> None:
    boss, day = employee("boss", "supervisor"), DAYS[2]
    late, there, _guest, at_lunch = (operator(name) for name in ("late", "there", "guest", "lunching"))
    never = employee("never")
    whole = (midnight(day), midnight(day, 1))
    assert on_shift.beside(whole, on(day, "12:40")) == on_shift.Beside()
    usual = [Clocks("lunch", dt.time(12), dt.time(12, 30))]
    plans = [planned(one, day, dt.time(9), dt.time(18), usual, KYIV) for one in (late.pk, there.pk, never.pk)]
    plans.append(
        planned(at_lunch.pk, day, dt.time(9), dt.time(18), [Clocks("lunch", dt.time(12, 30), dt.time(13))], KYIV)
    )
    shifts.enter(plans=plans, employee=boss, now=on(day, "08:00"))
    for one, since in ((late, "11:50"), (at_lunch, "12:30")):
        one.state, one.since = "offline", on(day, since)
        one.save()
    found = on_shift.beside(whole, on(day, "12:40"))
    assert [(one.employee.username, one.since) for one in found.missing] == [
        ("never", on(day, "09:00")), ("late", on(day, "11:50")),
    ]  # fmt: skip
    assert [one.username for one in found.unplanned] == ["guest"]
    late.since = on(day, "12:05")
    late.save()
    found = on_shift.beside(whole, on(day, "12:40"))
    assert [one.since for one in found.missing] == [on(day, "09:00"), on(day, "12:30")], "the break is not counted"
