"""The pages of shifts: who may, what is entered, what is refused with all its faults, files in and out, figures."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from kindline.desk import wallboard
from kindline.desk.own_shifts import _folded
from kindline.journal import actions as journal
from kindline.staff import shifts
from kindline.staff.models import Employee, Role, Shift, Unit
from kindline.staff.shift_plans import Clocks, Plan, planned
from kindline.switchboard import adherence
from kindline.switchboard.half_hours import Today
from kindline.switchboard.wallboard import Day
from tests.appeals.registry import Registry

pytestmark = pytest.mark.db
MONDAY = dt.date(2026, 12, 7)
PAGE = f"/desk/shifts/?week={MONDAY}"
FORM: dict[str, Any] = {
    "verb": "enter", "first": "2026-12-07", "last": "2026-12-13", "weekdays": ["0", "1", "2", "3", "4"],
    "start": "09:00", "end": "18:00", "break_kind": ["lunch", "break"], "break_from": ["13:00", ""],
    "break_until": ["14:00", ""],
}  # fmt: skip
LEADING = {"supervisor", "unit_head"}


@pytest.fixture
def two(operator: Employee, other: Employee) -> list[Employee]:
    """Two operators."""
    return [operator, other]


def plans(who: Employee) -> list[Plan]:
    found = shifts.between(timezone.now() - dt.timedelta(3650), timezone.now() + dt.timedelta(3650), [who.pk])
    return [shifts.plan_of(one) for one in found]


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.parametrize("role", Role.values)
def test_who_may_see_and_who_may_enter(krc: Any, role: str) -> None:
    here = Registry(krc)
    browser = Browser()
    browser.force_login(here.people[role])
    in_charge = role in {*LEADING, "director"}
    at_the_phone = role in {*LEADING, "operator", "counter", "specialist"}
    assert browser.get("/desk/shifts/").status_code == (200 if in_charge else 403)
    assert browser.get("/desk/shifts/figures/").status_code == (200 if in_charge else 403)
    assert browser.get("/desk/shifts/file/").status_code == (200 if role in LEADING else 403)
    assert browser.get("/desk/own-shifts/").status_code == (200 if at_the_phone else 403)
    mine = {"who": [here.people["operator"].pk]}
    assert browser.post(PAGE, FORM | mine).status_code == (302 if role in LEADING else 403)
    assert Shift.objects.count() == (5 if role in LEADING else 0)
    made = Shift.objects.first()
    if made:
        assert browser.post(f"/desk/shifts/{made.pk}/", {"verb": "remove"}).status_code == 302
    assert ('name="verb" value="enter"' in text_of(browser.get("/desk/shifts/"))) == (role in LEADING)


def test_a_week_is_entered_for_several_at_once_and_shown(krc: Any, as_supervisor: Browser, two: list[Employee]) -> None:
    answer = as_supervisor.post(PAGE, FORM | {"who": [one.pk for one in two]}, follow=True)
    assert "10 shifts entered." in text_of(answer)
    zone = krc.zone
    lunch = [Clocks("lunch", dt.time(13), dt.time(14))]
    expected = [planned(two[0].pk, MONDAY + dt.timedelta(n), dt.time(9), dt.time(18), lunch, zone) for n in range(5)]
    assert plans(two[0]) == expected
    assert [one.start_at for one in plans(two[1])] == [one.start_at for one in expected]
    rows = {row.employee.pk: row for row in answer.context["rows"]}
    assert rows[two[0].pk].hours == "40:00"
    assert [len(cell) for _title, cell in rows[two[0].pk].cells] == [1, 1, 1, 1, 1, 0, 0]


def test_everything_wrong_is_said_at_once_and_what_was_typed_stays(
    krc: Any, as_supervisor: Browser, two: list[Employee]
) -> None:
    wrong = FORM | {"last": "2026-11-01", "start": "nine", "break_from": ["13:00", ""], "break_until": ["", ""]}
    answer = as_supervisor.post(PAGE, wrong)
    assert answer.status_code == 422
    assert set(answer.context["faults"]) == {"who", "last", "start", "breaks"}
    shown = text_of(answer)
    assert 'value="nine"' in shown
    assert re.search(r'name="break_from"[^>]*value="13:00"', shown)
    assert not Shift.objects.exists()
    same = as_supervisor.post(PAGE, FORM | {"who": [two[0].pk], "end": "09:00"})
    assert "write another end" in text_of(same)
    outside = as_supervisor.post(PAGE, FORM | {"who": [two[0].pk], "break_until": ["19:00", ""]})
    assert "A break is not within the shift" in text_of(outside)
    weekend = as_supervisor.post(PAGE, FORM | {"who": [two[0].pk], "last": "2026-12-07", "weekdays": ["5"]})
    assert set(weekend.context["faults"]) == {"weekdays"}


def test_what_overlaps_is_named_or_replaced(krc: Any, as_supervisor: Browser, two: list[Employee]) -> None:
    mine = FORM | {"who": [two[0].pk]}
    as_supervisor.post(PAGE, mine)
    again = as_supervisor.post(PAGE, mine | {"start": "12:00", "end": "20:00"})
    assert again.status_code == 422
    assert text_of(again).count("has a shift already") == 5
    assert as_supervisor.post(PAGE, mine | {"start": "12:00", "end": "20:00", "replace": "on"}).status_code == 302
    assert {one.start_at.astimezone(krc.zone).hour for one in plans(two[0])} == {12}


def test_a_week_is_copied_and_taken_away(krc: Any, as_supervisor: Browser, two: list[Employee]) -> None:
    as_supervisor.post(PAGE, FORM | {"everybody": "on"})
    people = Shift.objects.count()
    as_supervisor.post(PAGE, {"verb": "copy"})
    assert Shift.objects.count() == 2 * people
    assert as_supervisor.post(PAGE, {"verb": "copy"}).status_code == 422
    unsure = as_supervisor.post(PAGE, FORM | {"verb": "remove", "who": [two[0].pk]})
    assert set(unsure.context["faults"]) == {"sure"}
    gone = FORM | {"verb": "remove", "who": [two[0].pk], "weekdays": ["0", "1"], "last": "2026-12-20", "sure": "on"}
    assert "4 shifts taken away." in text_of(as_supervisor.post(PAGE, gone, follow=True))
    assert len(plans(two[0])) == 6
    assert len(plans(two[1])) == 10


def test_one_shift_is_changed_refused_and_taken_away(krc: Any, as_supervisor: Browser, two: list[Employee]) -> None:
    as_supervisor.post(PAGE, FORM | {"who": [two[0].pk]})
    first = Shift.objects.order_by("start_at")[0]
    address = f"/desk/shifts/{first.pk}/"
    shown = text_of(as_supervisor.get(address))
    assert 'value="2026-12-07"' in shown
    assert 'value="13:00"' in shown
    changed = {"verb": "keep", "day": "2026-12-07", "start": "22:00", "end": "06:00", "break_kind": ["break"]}
    night = changed | {"break_from": ["01:00"], "break_until": ["01:15"]}
    assert as_supervisor.post(address, night).status_code == 302
    assert plans(two[0])[0].breaks[0].start_at.astimezone(krc.zone).day == 8
    refused = as_supervisor.post(
        address, night | {"day": "2026-12-08", "start": "08:00", "end": "12:00", "break_from": [""]}
    )
    assert refused.status_code == 422
    assert 'value="08:00"' in text_of(refused)
    assert as_supervisor.post(address, {"verb": "remove"}).status_code == 302
    assert as_supervisor.get(address).status_code == 404


def test_a_shift_that_went_while_it_was_changed_is_said_to_have_gone(
    krc: Any, as_supervisor: Browser, two: list[Employee], monkeypatch: pytest.MonkeyPatch
) -> None:
    as_supervisor.post(PAGE, FORM | {"who": [two[0].pk]})
    first = Shift.objects.order_by("start_at")[0]

    def gone(**_asked: Any) -> None:
        raise Shift.DoesNotExist

    monkeypatch.setattr(shifts, "change", gone)
    answer = as_supervisor.post(f"/desk/shifts/{first.pk}/", {"day": "2026-12-07", "start": "10:00", "end": "19:00"})
    assert answer.status_code == 422
    assert "taken this shift away" in text_of(answer)
    assert 'value="10:00"' in text_of(answer)


def test_the_week_is_narrowed_to_a_unit_and_to_a_queue(krc: Any, as_supervisor: Browser, two: list[Employee]) -> None:
    unit = Unit.objects.create(code="night", name="Ночная смена")
    Employee.objects.filter(pk=two[1].pk).update(unit=unit)
    shown = as_supervisor.get(f"{PAGE}&unit={unit.pk}")
    assert [row.employee.pk for row in shown.context["rows"]] == [two[1].pk]
    assert as_supervisor.get(f"{PAGE}&unit=999&queue=none").status_code == 200
    assert as_supervisor.get("/desk/shifts/?week=nonsense").status_code == 200
    queue = next(name for name, one in krc.menu.queues.items() if one.skills)
    assert not as_supervisor.get(f"{PAGE}&queue={queue}").context["rows"]


class TestFile:
    """Shifts from a file and into one."""

    page = "/desk/shifts/file/"

    def test_is_looked_at_first_and_then_entered(self, krc: Any, as_supervisor: Browser, two: list[Employee]) -> None:
        lines = (
            "Имя пользователя;Дата;Начало;Конец;Перерывы\n"
            f'{two[0].username};07.12.2026;9:00;18:00;"13:00-14:00 обед, 16:00–16:15 Перерыв"\n'
            f"{two[1].username.upper()};2026-12-08;22:00;06:00;\n"
        )
        looked = as_supervisor.post(self.page, {"lines": lines, "verb": "look"})
        assert looked.context["preview"] == {"shifts": 2, "people": 2, "first": "12/07/2026", "last": "12/08/2026"}
        assert not Shift.objects.exists()
        assert (
            as_supervisor.post(self.page, {"lines": lines, "verb": "enter"})
            .headers["Location"]
            .startswith("/desk/shifts/")
        )
        assert [one.kind for one in plans(two[0])[0].breaks] == ["lunch", "break"]
        assert plans(two[1])[0].end_at.astimezone(krc.zone).day == 9

    def test_every_fault_is_named_by_its_line(self, krc: Any, as_supervisor: Browser, two: list[Employee]) -> None:
        as_supervisor.post(PAGE, FORM | {"who": [two[0].pk]})
        me = two[0].username
        lines = "\n".join(
            [
                "nobody,2026-12-12,09:00,18:00",
                f"{me},2026-12-12,,18:00",
                f"{me},2026-12-12,25:00,18:00",
                f"{me},31.13.2026,09:00,18:00",
                f"{me},2026-12-12,late,18:00",
                f'{me},2026-12-12,09:00,18:00,"13-14 lunch"',
                f'{me},2026-12-12,09:00,18:00,"13:00-14:00 nap"',
                f'{me},2026-12-12,09:00,18:00,"17:30-18:30 break"',
                f"{me},2026-12-07,17:00,20:00",
                f"{me},2026-12-13,09:00,18:00",
                f"{me},2026-12-13,17:00,20:00",
            ]
        )
        answer = as_supervisor.post(self.page, {"lines": lines, "verb": "enter"})
        assert answer.status_code == 422
        assert [number for number, _text in answer.context["sheet"].faults] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 11]
        assert "nobody,2026-12-12" in text_of(answer)
        assert len(plans(two[0])) == 5

    @pytest.mark.parametrize(
        "content", [b"", b"\xff\xfe\x00", b'"open', b"a;b\n" * 6000, b"\x00" * 10, b"x" * (2**20 + 1)]
    )
    def test_what_is_no_file_of_shifts_is_refused(self, krc: Any, as_supervisor: Browser, content: bytes) -> None:
        answer = as_supervisor.post(self.page, {"file": SimpleUploadedFile("s.csv", content), "verb": "enter"})
        assert answer.status_code == 422
        assert answer.context["sheet"].faults

    @pytest.mark.parametrize("language", ["uk", "ru", "en"])
    def test_what_is_taken_out_can_be_put_in_again(
        self, krc: Any, as_supervisor: Browser, two: list[Employee], language: str
    ) -> None:
        as_supervisor.cookies["django_language"] = language
        as_supervisor.post(PAGE, FORM | {"who": [one.pk for one in two]})
        before = [plans(one) for one in two]
        out = b"".join(as_supervisor.get(f"{PAGE}&format=csv")).decode("utf-8-sig")
        Shift.objects.all().delete()
        assert as_supervisor.post(self.page, {"lines": out, "verb": "enter"}).status_code == 302
        assert [plans(one) for one in two] == before


class TestOwn:
    """An operator's own shifts."""

    @pytest.fixture
    def planned_for(self, krc: Any, supervisor: Employee, operator: Employee, other: Employee) -> dt.date:
        """Shifts of today, of two people."""
        today = timezone.now().astimezone(krc.zone).date()
        lunch = [Clocks("lunch", dt.time(13), dt.time(14))]
        made = [
            planned(who.pk, today, dt.time(start), dt.time(18), lunch, krc.zone)
            for who, start in ((operator, 9), (other, 7))
        ]
        shifts.enter(plans=made, employee=supervisor, now=timezone.now())
        return today

    def test_he_sees_his_and_nobody_elses(self, as_operator: Browser, planned_for: dt.date) -> None:
        shown = text_of(as_operator.get("/desk/own-shifts/"))
        assert "09:00–18:00" in shown
        assert "07:00" not in shown
        assert "13:00–14:00 Lunch" in shown

    def test_his_calendar_is_by_rfc_5545(self, krc: Any, as_operator: Browser, planned_for: dt.date) -> None:
        answer = as_operator.get("/desk/own-shifts/shifts.ics")
        lines = answer.content.decode().split("\r\n")
        assert answer.headers["Content-Type"].startswith("text/calendar")
        assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])
        assert all(len(line.encode()) <= 75 for line in lines)
        start = dt.datetime.combine(planned_for, dt.time(9), krc.zone).astimezone(dt.UTC)
        assert f"DTSTART:{start:%Y%m%dT%H%M%SZ}" in lines
        assert lines.count("BEGIN:VEVENT") == 1

    def test_lines_are_folded_between_signs(self) -> None:
        long = "DESCRIPTION:" + "Обед и перерыв " * 20
        folded = _folded(long)
        assert all(len(line.encode()) <= 75 for line in folded.split("\r\n"))
        assert folded.replace("\r\n ", "").rstrip("\r\n") == long


class TestFigures:
    """What is counted stands on the page, on the wallboard and on the floor."""

    @pytest.fixture
    def at_work(self, krc: Any, monkeypatch: pytest.MonkeyPatch, supervisor: Employee, operator: Employee) -> dt.date:
        """Yesterday: a shift from nine to six, ready from ten to six, the break kept."""
        for name, made in (("DAY", Day()), ("HALVES", Today()), ("TIME", adherence.Today())):
            monkeypatch.setattr(wallboard, name, made)
        day = timezone.now().astimezone(krc.zone).date() - dt.timedelta(1)
        lunch = [Clocks("lunch", dt.time(13), dt.time(14))]
        plan = planned(operator.pk, day, dt.time(9), dt.time(18), lunch, krc.zone)
        shifts.enter(plans=[plan], employee=supervisor, now=timezone.now())
        for state, hour in (("ready", 10), ("paused", 13), ("ready", 14), ("offline", 18)):
            self.becomes(operator, state, dt.datetime.combine(day, dt.time(hour), krc.zone))
        return day

    def becomes(self, who: Employee, state: str, at: dt.datetime) -> None:
        data = {"state": state, "reason": "lunch" if state == "paused" else "", "contact": "", "until": None}
        journal.record(kind="operator_state_changed", subject_type="employee", subject_id=who.pk, data=data, at=at)

    def test_each_and_all_with_the_formula(self, as_supervisor: Browser, at_work: dt.date) -> None:
        answer = as_supervisor.get(f"/desk/shifts/figures/?first={at_work}&last={at_work}")
        [(person, cells)] = answer.context["rows"]
        assert person.username == "operator1"
        values = [value for _title, value in cells]
        assert values == ["9:00", "8:00", "8:00", "7:00", "0:00", "0:00", "87.5 %", "12.5 %", "88.9 %"]
        assert [value for _title, value in answer.context["whole"]] == values
        assert 'id="formula-adherence"' in text_of(answer)
        out = b"".join(as_supervisor.get(f"/desk/shifts/figures/?first={at_work}&last={at_work}&format=csv")).decode()
        assert out.splitlines()[1].endswith("87.5,12.5,88.9")

    def test_where_there_are_no_shifts_the_time_signed_in_stands(
        self, as_supervisor: Browser, at_work: dt.date
    ) -> None:
        Shift.objects.all().delete()
        answer = as_supervisor.get(f"/desk/shifts/figures/?first={at_work}&last={at_work}")
        assert "the time signed in stands for it" in text_of(answer)
        assert [value for _title, value in answer.context["whole"]][-3:] == ["87.5 %", "12.5 %", "—"]

    def test_a_period_is_bounded_and_nothing_is_ahead(self, as_supervisor: Browser, at_work: dt.date) -> None:
        answer = as_supervisor.get("/desk/shifts/figures/?first=2001-01-01&last=2999-01-01")
        assert (answer.context["last"] - answer.context["first"]).days == 30
        assert as_supervisor.get("/desk/shifts/figures/?first=x&last=y").context["rows"] == []

    def test_the_wallboard_says_what_stands_for_paid_time(
        self, as_supervisor: Browser, at_work: dt.date, operator: Employee
    ) -> None:
        now = timezone.now()
        self.becomes(operator, "ready", now - dt.timedelta(seconds=1))
        day = {one: value for one, _title, value in as_supervisor.get("/desk/wallboard/").context["day"]}
        assert day["utilisation"] == "100.0 % (by time signed in)"
        assert day["adherence"] == "—"

    def test_the_floor_names_who_is_missing(
        self,
        krc: Any,
        as_supervisor: Browser,
        at_work: dt.date,
        operator: Employee,
        other: Employee,
        supervisor: Employee,
    ) -> None:
        now = timezone.now()
        plan = Plan(operator.pk, now - dt.timedelta(hours=1), now + dt.timedelta(hours=1))
        shifts.enter(plans=[plan], employee=supervisor, now=now)
        shown = text_of(as_supervisor.get("/desk/supervisor/"))
        assert "Should be here by their shifts" in shown
        assert "Here without a shift" in shown
        assert str(other) in shown.split("Here without a shift")[1]
