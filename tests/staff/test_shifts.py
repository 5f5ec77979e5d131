"""Shifts as rows: never two of one person at once, whoever writes; each change of them is a fact."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from kindline.journal.models import Fact
from kindline.staff import shifts
from kindline.staff.actions import change_employee
from kindline.staff.models import Employee, Shift, ShiftBreak
from kindline.staff.shift_plans import Clocks, Piece, Plan, planned
from kindline.staff.shifts import ClashError
from tests.switchboard.people import employee
from tests.switchboard.rig import until

pytestmark = pytest.mark.db
KYIV = ZoneInfo("Europe/Kyiv")
MONDAY = dt.date(2026, 12, 7)
NOW = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)


def on(who: Employee, day: dt.date, start: int, end: int, *, lunch: int = 0) -> Plan:
    breaks = [Clocks("lunch", dt.time(lunch), dt.time(lunch, 30))] if lunch else []
    return planned(who.pk, day, dt.time(start), dt.time(end), breaks, KYIV)


def standing() -> list[Plan]:
    return [
        shifts.plan_of(one) for one in shifts.between(dt.datetime.min.replace(tzinfo=dt.UTC), NOW.replace(year=2100))
    ]


@pytest.fixture
def boss() -> Employee:
    """Who enters."""
    return employee("boss", "supervisor")


@pytest.fixture
def anna() -> Employee:
    """Whose shifts they are."""
    return employee("anna")


def enter(boss: Employee, *plans: Plan, replace: bool = False) -> int:
    return shifts.enter(plans=plans, replace=replace, employee=boss, now=NOW)


def test_the_database_itself_refuses_two_shifts_of_one_person_at_once(boss: Employee, anna: Employee) -> None:
    """ISO 18295-1: schedules are kept; whatever writes past the action meets the constraint."""
    enter(boss, on(anna, MONDAY, 9, 18))
    [one] = Shift.objects.all()
    hour = dt.timedelta(hours=1)
    for start, end in [
        (one.start_at, one.end_at),
        (one.end_at - hour, one.end_at + hour),
        (one.start_at - hour, one.end_at + hour),
    ]:
        with pytest.raises(IntegrityError, match="shift_one_at_a_time"), transaction.atomic():
            Shift.objects.create(employee=anna, start_at=start, end_at=end)
    with pytest.raises(IntegrityError, match="shift_ends_after_it_begins"), transaction.atomic():
        Shift.objects.create(employee=anna, start_at=one.end_at, end_at=one.end_at)
    Shift.objects.create(employee=anna, start_at=one.end_at, end_at=one.end_at + hour)
    Shift.objects.create(employee=boss, start_at=one.start_at, end_at=one.end_at)
    ShiftBreak.objects.create(shift=one, kind="break", start_at=one.start_at, end_at=one.start_at + hour)
    with pytest.raises(IntegrityError, match="shift_break_one_at_a_time"), transaction.atomic():
        ShiftBreak.objects.create(shift=one, kind="lunch", start_at=one.start_at, end_at=one.start_at + hour / 2)


def test_all_are_entered_or_none_and_each_is_a_fact(boss: Employee, anna: Employee) -> None:
    assert enter(boss, on(anna, MONDAY, 9, 18, lunch=13), on(boss, MONDAY, 22, 6)) == 2
    facts = Fact.objects.filter(kind="shift_entered").order_by("id")
    assert [(one.subject_id, one.actor) for one in facts] == [
        (str(anna.pk), f"employee:{boss.pk}"), (str(boss.pk), f"employee:{boss.pk}"),
    ]  # fmt: skip
    assert facts[0].data["breaks"] == ["lunch 2026-12-07T11:00:00+00:00/2026-12-07T11:30:00+00:00"]
    before = standing()
    with pytest.raises(ClashError) as refused:
        enter(boss, on(anna, MONDAY + dt.timedelta(1), 9, 18), on(anna, MONDAY, 17, 20), on(boss, MONDAY, 9, 23))
    assert [place for place, _met in refused.value.found] == [1, 2]
    assert standing() == before
    with pytest.raises(ClashError):
        enter(boss, on(anna, MONDAY + dt.timedelta(2), 9, 18), on(anna, MONDAY + dt.timedelta(2), 17, 20))


def test_what_stands_in_the_way_may_be_replaced(boss: Employee, anna: Employee) -> None:
    tuesday = MONDAY + dt.timedelta(1)
    enter(boss, on(anna, MONDAY, 9, 18), on(anna, tuesday, 9, 18))
    enter(boss, on(anna, MONDAY, 12, 21), replace=True)
    assert standing() == [on(anna, MONDAY, 12, 21), on(anna, tuesday, 9, 18)]
    assert Fact.objects.filter(kind="shift_removed").count() == 1


def test_a_shift_is_changed_with_its_breaks(boss: Employee, anna: Employee) -> None:
    enter(boss, on(anna, MONDAY, 9, 18, lunch=13), on(anna, MONDAY, 20, 22))
    first = Shift.objects.order_by("start_at")[0]
    with pytest.raises(ClashError):
        shifts.change(shift=first, plan=on(anna, MONDAY, 10, 21), employee=boss, now=NOW)
    shifts.change(shift=first, plan=on(anna, MONDAY, 10, 19, lunch=14), employee=boss, now=NOW)
    assert standing() == [on(anna, MONDAY, 10, 19, lunch=14), on(anna, MONDAY, 20, 22)]
    assert Fact.objects.get(kind="shift_changed").data["shift"] == first.pk


def test_a_week_is_copied_by_the_clock_over_its_change(boss: Employee, anna: Employee) -> None:
    """In Kyiv clocks are put forward in the night to 28 March 2027."""
    week, other = dt.date(2027, 3, 22), employee("other")
    enter(boss, on(anna, week, 9, 18, lunch=13), on(other, week, 9, 18), on(anna, week - dt.timedelta(1), 22, 6))
    made = shifts.copy_week(monday=week, people=[anna.pk], zone=KYIV, replace=False, employee=boss, now=NOW)
    assert made == (1, [])
    assert on(anna, week + dt.timedelta(7), 9, 18, lunch=13) in standing()
    assert len(standing()) == 4


def test_a_kind_of_break_that_is_misspelled_stops_the_start(settings: Any) -> None:
    settings.PAID_BREAKS = ["break", "lnch"]
    with pytest.raises(SystemCheckError, match=r"KINDLINE_PAID_BREAKS names no kind of break: lnch"):
        call_command("check")


@pytest.mark.parametrize("left", [{"is_active": False}, {"roles": ["director"]}])
def test_who_is_at_the_telephone_no_more_has_no_coming_shifts(
    boss: Employee, anna: Employee, left: dict[str, Any]
) -> None:
    """What he was planned for ends now, so that nothing of it counts as missed; what is over stands."""
    today = timezone.now().replace(microsecond=0)
    hour = dt.timedelta(hours=1)
    over = Plan(anna.pk, today - 20 * hour, today - 12 * hour)
    breaks = [(-2, -1, "lunch"), (-0.5, 0.5, "break"), (2, 3, "break")]
    parts = tuple(Piece(today + hour * start, today + hour * end, kind) for start, end, kind in breaks)
    running = Plan(anna.pk, today - 4 * hour, today + 4 * hour, parts)
    enter(boss, over, running, Plan(anna.pk, today + 20 * hour, today + 28 * hour))
    change_employee(employee=anna, fields=left, by=boss)
    first, cut = standing()
    assert first == over
    assert cut.start_at == running.start_at
    assert today <= cut.end_at <= timezone.now()
    assert cut.breaks == (parts[0], Piece(parts[1].start_at, cut.end_at, "break"))
    assert [one.kind for one in Fact.objects.filter(kind__in=["shift_changed", "shift_removed"]).order_by("kind")] == [
        "shift_changed", "shift_removed",
    ]  # fmt: skip


def test_another_role_at_the_telephone_leaves_the_shifts(boss: Employee, anna: Employee) -> None:
    enter(boss, on(anna, MONDAY + dt.timedelta(3650), 9, 18))
    change_employee(employee=anna, fields={"roles": ["supervisor"], "surname": "Нова"}, by=boss)
    assert Shift.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_take_one_shift_away_at_once_make_one_fact(boss: Employee, anna: Employee) -> None:
    enter(boss, on(anna, MONDAY, 9, 18, lunch=13))
    counted: list[int] = []

    def second() -> None:
        counted.append(shifts.remove(shifts=Shift.objects.all(), employee=boss, now=NOW))
        connections.close_all()

    other = threading.Thread(target=second)
    with transaction.atomic():
        assert shifts.remove(shifts=Shift.objects.all(), employee=boss, now=NOW) == 1
        other.start()
        until(_somebody_waits)
    other.join(30)
    assert counted == [0]
    assert Fact.objects.filter(kind="shift_removed").count() == 1


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
        return cursor.fetchone() is not None
