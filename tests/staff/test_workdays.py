"""Days moved by order: drafted, put in force together, withdrawn; and every process has them without a restart."""

import datetime as dt
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from psycopg import OperationalError
from psycopg.errors import UndefinedTable

from kindline.journal.queries import facts_of
from kindline.staff import workdays, workdays_followed
from kindline.staff.models import CalendarEdit, DayKind, Employee, Role
from kindline.staff.workdays import Order
from kindline.standard import calendars, loader

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
KRC = loader.load("krc")
DAY, SATURDAY = dt.date(2026, 3, 4), dt.date(2026, 3, 14)
ORDER = Order("№ 9", "санитарный день")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """The edits of this process as they were."""
    yield
    calendars.edits_of("krc").take({}, 0)


@pytest.fixture
def clerk(db: None) -> Employee:
    """The administrator."""
    return Employee.objects.create(username="administrator", roles=[Role.ADMINISTRATOR])


def _draft(clerk: Employee, day: dt.date = DAY, kind: str = DayKind.OFF, minutes: int = 0) -> CalendarEdit:
    return workdays.draft_day(
        profile=KRC, day=day, kind=kind, order=ORDER, shorter_min=minutes, employee=clerk, now=NOW
    )


def _in_force(clerk: Employee, now: dt.datetime = NOW) -> list[CalendarEdit]:
    seen = [one.pk for one in workdays.drafts("krc")]
    found = workdays.put_in_force(profile=KRC, seen=seen, employee=clerk, now=now)
    workdays_followed.read("krc")
    return found


@pytest.mark.db
class TestEdits:
    def test_a_draft_changes_nothing_and_in_force_it_holds_with_its_reason(self, clerk: Employee) -> None:
        _draft(clerk)
        workdays_followed.read("krc")
        assert KRC.calendar.is_working_day(DAY)
        assert not workdays.drafted(KRC).is_working_day(DAY)
        _in_force(clerk)
        assert not KRC.calendar.is_working_day(DAY)
        assert KRC.calendar.why_off(DAY) == "санитарный день, № 9"
        facts = list(facts_of("calendar", "krc"))
        assert [one.kind for one in facts] == ["calendar_drafted", "calendar_edited"]
        assert facts[1].data["becomes"] == "off"
        assert facts[1].data["order"] == "№ 9"

    def test_a_move_is_two_days_and_is_withdrawn_as_two(self, clerk: Employee) -> None:
        pair = workdays.draft_move(profile=KRC, day=SATURDAY, to=DAY, order=ORDER, employee=clerk, now=NOW)
        _in_force(clerk)
        assert (KRC.calendar.is_working_day(SATURDAY), KRC.calendar.is_working_day(DAY)) == (True, False)
        drafts = workdays.draft_withdrawal(edit=pair[1], order=Order("№ 10", "скасовано"), employee=clerk, now=NOW)
        assert {one.date for one in drafts} == {SATURDAY, DAY}
        _in_force(clerk)
        assert (KRC.calendar.is_working_day(SATURDAY), KRC.calendar.is_working_day(DAY)) == (False, True)
        assert not workdays.standing("krc").exists()
        assert workdays.history("krc").count() == 4, "what held is still to be read"
        with pytest.raises(workdays.UnfitEditError, match="not_in_force"):
            workdays.draft_withdrawal(edit=pair[0], order=ORDER, employee=clerk, now=NOW)

    def test_a_dropped_draft_takes_the_other_day_of_its_move_along(self, clerk: Employee) -> None:
        alone = _draft(clerk, dt.date(2026, 3, 6))
        pair = workdays.draft_move(profile=KRC, day=SATURDAY, to=DAY, order=ORDER, employee=clerk, now=NOW)
        workdays.drop_draft(edit=pair[0], employee=clerk, now=NOW)
        assert list(workdays.drafts("krc")) == [alone]
        assert facts_of("calendar", "krc").filter(kind="calendar_draft_dropped").count() == 2

    def test_a_later_edit_takes_the_place_of_an_earlier_one(self, clerk: Employee) -> None:
        _draft(clerk)
        first = _in_force(clerk)[0]
        _draft(clerk, DAY, DayKind.SHORTENED, 90)
        _in_force(clerk)
        first.refresh_from_db()
        assert first.ended_at is not None
        assert KRC.calendar.is_working_day(DAY)
        assert KRC.calendar.shorter_min(DAY) == 90

    def test_only_what_was_looked_at_comes_into_force(self, clerk: Employee) -> None:
        seen = [_draft(clerk).pk]
        _draft(clerk, SATURDAY, DayKind.WORKING)
        for keys in (seen, [], [*seen, 0]):
            with pytest.raises(workdays.ChangedDraftError):
                workdays.put_in_force(profile=KRC, seen=keys, employee=clerk, now=NOW)
        assert not workdays.standing("krc").exists()

    @pytest.mark.parametrize(
        ("day", "kind", "minutes", "code"),
        [
            (DAY, DayKind.WORKING, 0, "is_working"),
            (SATURDAY, DayKind.OFF, 0, "is_off"),
            (DAY, DayKind.SHORTENED, 0, "minutes"),
            (DAY, DayKind.SHORTENED, 481, "minutes"),
            (DAY, DayKind.STANDARD, 0, "unknown_kind"),
            (dt.date(2031, 3, 4), DayKind.OFF, 0, "too_far"),
            (dt.date(2024, 3, 4), DayKind.OFF, 0, "too_far"),
        ],
    )
    def test_what_changes_nothing_or_makes_no_sense_is_refused(
        self, clerk: Employee, day: dt.date, kind: str, minutes: int, code: str
    ) -> None:
        with pytest.raises(workdays.UnfitEditError, match=code):
            _draft(clerk, day, kind, minutes)

    def test_a_day_is_drafted_once_and_needs_an_order_and_a_reason(self, clerk: Employee) -> None:
        _draft(clerk)
        with pytest.raises(workdays.UnfitEditError, match="drafted_already"):
            _draft(clerk, DAY, DayKind.SHORTENED, 60)
        for order, code in ((Order(" ", "x"), "no_order"), (Order("1", " "), "no_reason")):
            with pytest.raises(workdays.UnfitEditError, match=code):
                workdays.draft_move(profile=KRC, day=SATURDAY, to=dt.date(2026, 3, 5), order=order, employee=clerk,
                                    now=NOW)  # fmt: skip
        with pytest.raises(workdays.UnfitEditError, match="same_day"):
            workdays.draft_move(profile=KRC, day=DAY, to=DAY, order=ORDER, employee=clerk, now=NOW)

    def test_the_database_keeps_one_edit_in_force_a_day(self, clerk: Employee) -> None:
        given = {"profile": "krc", "date": DAY, "kind": "off", "order": "1", "reason": "x", "made_by": clerk}
        given |= {"made_at": NOW, "in_force_at": NOW}
        CalendarEdit.objects.create(**given)
        with pytest.raises(IntegrityError), transaction.atomic():
            CalendarEdit.objects.create(**given)


@pytest.mark.db(transaction=True)
def test_a_process_at_work_has_the_change_by_itself(clerk: Employee, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workdays_followed, "EVERY_S", 0.02)
    _draft(clerk)
    stop = threading.Event()
    thread = workdays_followed.follow("krc", stop)
    try:
        edit = workdays.drafts("krc").get()
        CalendarEdit.objects.filter(pk=edit.pk).update(in_force_at=NOW, in_force_by=clerk)  # another process did it
        until = time.monotonic() + 60
        while KRC.calendar.is_working_day(DAY) and time.monotonic() < until:
            stop.wait(0.02)
        assert not KRC.calendar.is_working_day(DAY)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%-calendar'")
            assert cursor.fetchone() == (1,), "one line, kept, and not taken for the process's own"
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()


@pytest.mark.parametrize(("cause", "told"), [(UndefinedTable("no such table"), 0), (OperationalError("gone"), 1)])
def test_tables_that_are_still_to_be_made_are_no_trouble(
    monkeypatch: pytest.MonkeyPatch, cause: Exception, told: int
) -> None:
    said: list[object] = []
    monkeypatch.setattr(workdays_followed.log, "warning", lambda *words: said.append(words))
    monkeypatch.setattr(workdays_followed, "EVERY_S", 0.001)
    monkeypatch.setattr(workdays_followed, "_take_own_line", lambda: None)
    stop, looks = threading.Event(), []

    def read(profile_id: str) -> int:
        looks.append(profile_id)
        if len(looks) == 3:
            stop.set()
        raise DatabaseError("not now") from cause

    monkeypatch.setattr(workdays_followed, "read", read)
    workdays_followed.follow("krc", stop).join(60)
    assert looks == ["krc"] * 3
    assert len(said) == told
