"""Pages of shifts at their edges: who has left, days that no calendar of ours has, two who act on one shift."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.staff import shifts
from kindline.staff.models import Employee, Shift, Unit
from kindline.staff.shift_plans import Clocks, planned
from tests.desk.conftest import employee

pytestmark = pytest.mark.db
MONDAY = dt.date(2026, 12, 7)
PAGE = f"/desk/shifts/?week={MONDAY}"
FILE, FIGURES, OWN = "/desk/shifts/file/", "/desk/shifts/figures/", "/desk/own-shifts/shifts.ics"
FORM: dict[str, Any] = {
    "verb": "enter", "first": "2026-12-07", "last": "2026-12-13", "weekdays": ["0", "1", "2", "3", "4"],
    "start": "09:00", "end": "18:00", "break_kind": ["lunch"], "break_from": ["13:00"], "break_until": ["14:00"],
}  # fmt: skip


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def enter(by: Employee, who: Employee, day: dt.date, start: str, end: str, zone: dt.tzinfo) -> Shift:
    plan = planned(who.pk, day, dt.time.fromisoformat(start), dt.time.fromisoformat(end), [], zone)
    shifts.enter(plans=[plan], employee=by, now=timezone.now())
    return Shift.objects.get(employee=who, start_at=plan.start_at)


class TestWhoHasLeft:
    """Somebody is disabled in the administration, or loses the role."""

    @pytest.mark.parametrize("left", [{"is_active": ""}, {"roles": "director"}])
    def test_his_coming_shifts_are_taken_away_as_facts(
        self, krc: Any, supervisor: Employee, operator: Employee, left: dict[str, str], admin_client: Browser
    ) -> None:
        today = timezone.now().astimezone(krc.zone).date()
        past = enter(supervisor, operator, today - dt.timedelta(3), "09:00", "18:00", krc.zone)
        enter(supervisor, operator, today + dt.timedelta(3), "09:00", "18:00", krc.zone)
        page = f"/admin/staff/employee/{operator.pk}/change/"
        form = admin_client.get(page).context["adminform"].form
        typed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        typed |= {"is_active": "on", "roles": "operator", "competences": ""}
        typed |= {"skills-TOTAL_FORMS": 0, "skills-INITIAL_FORMS": 0} | left
        assert admin_client.post(page, {name: one for name, one in typed.items() if one != ""}).status_code == 302
        assert list(Shift.objects.all()) == [past]
        [fact] = Fact.objects.filter(kind="shift_removed")
        root = get_user_model().objects.get(username="admin")
        assert (fact.subject_id, fact.actor) == (str(operator.pk), f"employee:{root.pk}")

    def test_the_figures_name_whoever_was_there(self, krc: Any, as_supervisor: Browser, operator: Employee) -> None:
        day = timezone.now().astimezone(krc.zone).date() - dt.timedelta(1)
        unit = Unit.objects.create(code="night", name="Ночная смена")
        Employee.objects.filter(pk=operator.pk).update(is_active=False, unit=unit)
        for state, hour in (("ready", 10), ("offline", 18)):
            at = dt.datetime.combine(day, dt.time(hour), krc.zone)
            data = {"state": state, "reason": "", "contact": "", "until": None}
            journal.record(
                kind="operator_state_changed", subject_type="employee", subject_id=operator.pk, data=data, at=at
            )
        days = f"?first={day}&last={day}"
        for asked in ("", f"&unit={unit.pk}"):
            [(person, _cells)] = as_supervisor.get(FIGURES + days + asked).context["rows"]
            assert person == operator
        other = Unit.objects.create(code="day", name="Дневная смена")
        assert not as_supervisor.get(f"{FIGURES}{days}&unit={other.pk}").context["rows"]
        queue = next(name for name, one in krc.menu.queues.items() if one.skills)
        assert not as_supervisor.get(f"{FIGURES}{days}&queue={queue}").context["rows"]


class TestDays:
    """Days at the ends of the calendar, and days written otherwise."""

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1999-12-31", "2101-01-01"])
    def test_an_address_that_asks_for_one_is_as_good_as_none(self, krc: Any, as_supervisor: Browser, day: str) -> None:
        today = timezone.now().astimezone(krc.zone).date()
        week = as_supervisor.get(f"/desk/shifts/?week={day}")
        assert (week.status_code, week.context["scope"].monday) == (200, today - dt.timedelta(today.weekday()))
        found = as_supervisor.get(f"{FIGURES}?first={day}&last={day}")
        assert (found.status_code, found.context["last"]) == (200, today)

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1999-12-31", "2101-01-01"])
    def test_a_form_and_a_file_are_told_what_is_wrong(
        self, krc: Any, as_supervisor: Browser, supervisor: Employee, operator: Employee, day: str
    ) -> None:
        every = {"who": [operator.pk], "weekdays": list("0123456"), "first": day, "last": day}
        for form in (FORM | every, FORM | every | {"verb": "remove", "sure": "on"}):
            answer = as_supervisor.post(PAGE, form)
            assert answer.status_code == 422
            assert "2000" in answer.context["faults"]["first"]
        lines = f"{operator.username};{day};22:00;06:00"
        answer = as_supervisor.post(FILE, {"lines": lines, "verb": "enter"})
        assert answer.status_code == 422
        assert "2000" in answer.context["sheet"].faults[0][1]
        one = enter(supervisor, operator, MONDAY, "09:00", "18:00", krc.zone)
        answer = as_supervisor.post(f"/desk/shifts/{one.pk}/", {"day": day, "start": "22:00", "end": "06:00"})
        assert "2000" in answer.context["faults"]["day"]

    def test_the_last_day_of_all_may_have_a_night(self, krc: Any, as_supervisor: Browser, operator: Employee) -> None:
        lines = f"{operator.username};2100-12-31;22:00;06:00"
        assert as_supervisor.post(FILE, {"lines": lines, "verb": "enter"}).status_code == 302
        assert as_supervisor.get("/desk/shifts/?week=2100-12-31").status_code == 200

    def test_a_date_with_strokes_is_refused_for_nobody_knows_which_is_the_month(
        self, krc: Any, as_supervisor: Browser, operator: Employee
    ) -> None:
        lines = f"{operator.username};03/04/2027;09:00;18:00"
        answer = as_supervisor.post(FILE, {"lines": lines, "verb": "enter"})
        assert answer.status_code == 422
        assert "03/04/2027" in answer.context["sheet"].faults[0][1]

    def test_a_file_leads_to_the_week_of_its_first_day_by_the_clock_of_the_house(
        self, krc: Any, as_supervisor: Browser, operator: Employee
    ) -> None:
        lines = f"{operator.username};{MONDAY};00:00;08:00"
        answer = as_supervisor.post(FILE, {"lines": lines, "verb": "enter"})
        assert answer.headers["Location"].endswith(f"?week={MONDAY}")

    def test_a_copied_week_leaves_out_what_the_clock_refuses_and_says_whose_it_was(
        self, house: Any, as_supervisor: Browser, supervisor: Employee, operator: Employee, other: Employee
    ) -> None:
        """In Kyiv the clocks are put forward at three in the night to 28 March 2027."""
        zone = house("voe").zone
        week, sunday = dt.date(2027, 3, 15), dt.date(2027, 3, 21)
        for who, day, start in ((operator, sunday, "03:30"), (operator, week, "09:00"), (other, sunday, "09:00")):
            enter(supervisor, who, day, start, "12:00", zone)
        shown = text_of(as_supervisor.post(f"/desk/shifts/?week={week}", {"verb": "copy"}, follow=True))
        assert "2 shifts entered in the next week." in shown
        assert re.search(r"Соколова Анна Игоревна.*03/28/2027.*clocks are put forward", shown)
        assert Shift.objects.filter(start_at__gte=dt.datetime(2027, 3, 22, tzinfo=zone)).count() == 2


class TestTwo:
    """Two who lead shifts, and one shift."""

    @pytest.fixture
    def one(self, krc: Any, supervisor: Employee, operator: Employee) -> Shift:
        """A shift of a Monday."""
        return enter(supervisor, operator, MONDAY, "09:00", "18:00", krc.zone)

    def seen(self, answer: Any) -> str:
        found = re.search(r'name="seen" value="([^"]*)"', text_of(answer))
        return found[1] if found else ""

    def test_who_comes_second_is_told_and_may_keep_his_all_the_same(
        self, krc: Any, as_supervisor: Browser, one: Shift
    ) -> None:
        page = f"/desk/shifts/{one.pk}/"
        seen = self.seen(as_supervisor.get(page))
        mine = {"verb": "keep", "day": str(MONDAY), "start": "08:00", "end": "18:00", "seen": seen}
        theirs = mine | {"start": "11:00", "end": "20:00"}
        assert as_supervisor.post(page, theirs).status_code == 302
        refused = as_supervisor.post(page, mine)
        assert refused.status_code == 422
        assert "11:00–20:00" in text_of(refused)
        assert 'value="08:00"' in text_of(refused)
        assert as_supervisor.post(page, mine | {"seen": self.seen(refused)}).status_code == 302
        one.refresh_from_db()
        assert one.start_at.astimezone(krc.zone).hour == 8

    def test_breaks_that_another_set_meanwhile_are_not_lost(self, as_supervisor: Browser, one: Shift) -> None:
        page = f"/desk/shifts/{one.pk}/"
        mine = {"verb": "keep", "day": str(MONDAY), "start": "09:00", "end": "18:00"}
        mine["seen"] = self.seen(as_supervisor.get(page))
        lunch = {"break_kind": "lunch", "break_from": "13:00", "break_until": "14:00"}
        assert as_supervisor.post(page, mine | lunch).status_code == 302
        refused = as_supervisor.post(page, mine)
        assert refused.status_code == 422
        assert "13:00–14:00" in text_of(refused)
        assert one.breaks.count() == 1

    def test_what_has_gone_already_is_not_said_to_be_taken_away(
        self, as_supervisor: Browser, one: Shift, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = shifts.remove

        def after_another(**asked: Any) -> int:
            Shift.objects.all().delete()
            return real(**asked)

        monkeypatch.setattr(shifts, "remove", after_another)
        shown = text_of(as_supervisor.post(f"/desk/shifts/{one.pk}/", {"verb": "remove"}, follow=True))
        assert "1 shift taken away" not in shown
        assert "has taken this shift away already" in shown


class TestCalendar:
    """An operator's shifts as a file (RFC 5545)."""

    def test_a_shift_entered_anew_is_the_same_to_a_calendar(
        self, krc: Any, as_operator: Browser, supervisor: Employee, operator: Employee, settings: Any
    ) -> None:
        settings.PUBLIC_URL = "https://desk.example.org"
        today = timezone.now().astimezone(krc.zone).date()

        def uids() -> list[str]:
            return re.findall("UID:(.*)\r", text_of(as_operator.get(OWN)))

        enter(supervisor, operator, today, "09:00", "18:00", krc.zone)
        first = uids()
        lunch = [Clocks("lunch", dt.time(13), dt.time(14))]
        plan = planned(operator.pk, today, dt.time(9), dt.time(17), lunch, krc.zone)
        shifts.enter(plans=[plan], replace=True, employee=supervisor, now=timezone.now())
        start = plan.start_at.astimezone(dt.UTC)
        assert uids() == first == [f"shift-{operator.pk}-{start:%Y%m%dT%H%M%SZ}@desk.example.org"]

    def test_without_a_shift_there_is_no_file_for_a_calendar_has_a_part_at_least(self, as_operator: Browser) -> None:
        answer = as_operator.get(OWN, follow=True)
        assert answer.redirect_chain == [("/desk/own-shifts/", 302)]
        assert "shifts.ics" not in text_of(answer)


def test_a_log_in_that_begins_with_a_sign_comes_back_out_of_a_file(
    krc: Any, as_supervisor: Browser, supervisor: Employee
) -> None:
    """What a spreadsheet would take for a formula is taken out behind an apostrophe."""
    who = employee("@anna", "operator")
    enter(supervisor, who, MONDAY, "09:00", "18:00", krc.zone)
    out = b"".join(as_supervisor.get(f"{PAGE}&format=csv"))
    Shift.objects.all().delete()
    sent = {"file": SimpleUploadedFile("s.csv", out), "verb": "enter"}
    assert as_supervisor.post(FILE, sent).status_code == 302
    assert Shift.objects.get().employee == who
