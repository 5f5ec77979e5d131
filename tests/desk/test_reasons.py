"""The page of reasons: the same numbers as plots, tables and CSV; analysis and measures by forms that lose nothing."""

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals import escalation, reasons
from kindline.appeals.frequency import Span
from kindline.appeals.models import Analysis, Appeal, Enquiry, Measure, Reason
from kindline.staff.models import Unit
from tests.appeals.registry import Registry
from tests.desk.test_registry import _as, here

__all__ = ["here"]
clause = pytest.mark.clause
pytestmark = pytest.mark.db


def _reason(here: Registry, title: str) -> Reason:
    return reasons.add_reason(profile=here.profile, title=title, employee=here.people["director"], now=here.now)


def _complaints(here: Registry, reason: Reason | None, times: int) -> list[Appeal]:
    made = [here.at("assigned", kind="complaint") for _ in range(times)]
    Appeal.objects.filter(pk__in=[one.pk for one in made]).update(reason=reason)
    return made


def _page(browser: Browser, address: str = "") -> str:
    answer = browser.get(f"/desk/reasons/{address}")
    assert answer.status_code == 200
    return answer.content.decode()


def _csv(browser: Browser, query: str) -> list[str]:
    return b"".join(browser.get(f"/desk/reasons/?{query}")).decode("utf-8-sig").splitlines()


def _plot(page: str, name: str) -> Any:
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


class TestNumbers:
    @clause("krc-6.2-06")
    def test_plot_table_and_export_say_the_same(self, here: Registry) -> None:
        cold = _reason(here, "Холодно")
        _complaints(here, cold, 3)
        _complaints(here, None, 1)
        browser = _as(here, "director")
        page = _page(browser)
        plot = _plot(page, "pareto-data")
        assert (plot["titles"], plot["counts"], plot["running"]) == (
            ["Холодно", "not named yet"],
            [3, 1],
            [75.0, 100.0],
        )
        assert plot["urls"][0] == f"/desk/reasons/{cold.pk}/"
        cells = re.findall(r'<td class="num" data-label="complaints">(\d+)<', page)
        assert cells == ["3", "1"]
        assert _csv(browser, "format=csv")[1:] == ["Холодно,3,0,75.0,75.0,0", "not named yet,1,0,25.0,100.0,0"]
        trend = _plot(page, "trend-data")
        assert sum(sum(row["values"]) for row in trend["series"]) == 4
        assert sum(int(number) for line in _csv(browser, "format=trend")[1:] for number in line.split(",")[1:]) == 4

    def test_a_reason_is_no_formula(self, here: Registry) -> None:
        _complaints(here, _reason(here, "=cmd|'/c calc'!A1"), 1)
        for kind in ("csv", "trend"):
            assert _csv(_as(here, "director"), f"format={kind}")[1].startswith("'=cmd"), kind

    @pytest.mark.parametrize(
        "odd", ["since=x&until=2026-99-99", "unit=9999999999999999999&topic=-1", "since=2030-01-01&until=1990-01-01"]
    )
    def test_a_filter_that_cannot_be_read_breaks_nothing(self, here: Registry, odd: str) -> None:
        assert "Reasons of complaints" in _page(_as(here, "director"), f"?{odd}&step=week")

    def test_a_reason_leads_to_its_complaints_with_the_same_filter(self, here: Registry) -> None:
        cold = _reason(here, "Холодно")
        mine, other = _complaints(here, cold, 1)[0], _complaints(here, None, 1)[0]
        browser, today = _as(here, "director"), timezone.now().astimezone(here.profile.zone).date().isoformat()
        assert f'href="/desk/reasons/{cold.pk}/?since={today}&amp;until={today}"' in _page(
            browser, f"?since={today}&until={today}"
        )
        page = _page(browser, f"{cold.pk}/")
        assert f"/desk/appeals/{mine.pk}/" in page
        assert f"/desk/appeals/{other.pk}/" not in page
        assert f"/desk/appeals/{other.pk}/" in _page(browser, "0/")
        assert f"/desk/appeals/{mine.pk}/" not in _page(browser, f"{cold.pk}/?until=2020-01-01")

    def test_it_is_for_heads(self, here: Registry) -> None:
        for role in ("operator", "specialist", "administrator"):
            assert _as(here, role).get("/desk/reasons/").status_code == 403

    @pytest.mark.parametrize("profile", ["court", "yumek", "voe"])
    def test_it_opens_under_every_profile(self, house: Any, here: Registry, profile: str) -> None:
        house(profile)
        assert "Reasons of complaints" in _page(_as(here, "unit_head"))


class TestForms:
    @clause("krc-6.2-06")
    def test_an_analysis_is_recorded_and_shown(self, here: Registry) -> None:
        _complaints(here, _reason(here, "Холодно"), 2)
        browser = _as(here, "director")
        assert "not analysed this month yet" in _page(browser)
        refused = browser.post("/desk/reasons/", {"verb": "record_analysis", "conclusion": " "})
        assert refused.status_code == 422
        assert browser.post("/desk/reasons/", {"verb": "record_analysis", "conclusion": "Холод"}).status_code == 302
        assert Analysis.objects.get().counts == [["Холодно", 2, 0]]
        page = _page(browser)
        assert "analysed this month" in page
        assert "not analysed this month yet" not in page
        assert "Record the analysis" not in _page(_as(here, "unit_head")), "krc gives it to directors"

    @clause("krc-6.2-07")
    def test_a_measure_from_plan_to_control(self, here: Registry) -> None:
        cold, director, head = _reason(here, "Холодно"), _as(here, "director"), _as(here, "unit_head")
        address, unit = f"/desk/reasons/{cold.pk}/", here.people["unit_head"].unit_id
        typed = {
            "verb": "plan_measure",
            "title": "Заменить насосы",
            "responsible": here.people["unit_head"].pk,
            "units": [unit],
        }
        refused = director.post(address, {**typed, "due_on": "вчера"})
        assert refused.status_code == 422
        page = refused.content.decode()
        assert "Заменить насосы" in page, "nothing typed is lost"
        assert re.search(rf'name="units" value="{unit}" checked', page)
        day = (timezone.now() + dt.timedelta(days=5)).date().isoformat()
        assert head.post(address, {**typed, "due_on": day}).status_code == 422
        assert director.post(address, {**typed, "due_on": day}).status_code == 302
        measure = Measure.objects.get(reason=cold)
        assert (
            head.post(address, {"verb": "finish_measure", "measure": measure.pk, "result": "заменены"}).status_code
            == 302
        )
        assert (
            director.post(address, {"verb": "check_measure", "measure": measure.pk, "good": "yes"}).status_code == 302
        )
        measure.refresh_from_db()
        assert measure.checked_by == here.people["director"]

    def test_a_measure_past_its_day_is_on_the_control_page(self, here: Registry) -> None:
        cold = _reason(here, "Холодно")
        Measure.objects.create(
            reason=cold, title="Заменить насосы", responsible=here.people["unit_head"], planned_at=here.now,
            due_on=dt.date(2020, 1, 1),
        )  # fmt: skip
        for role in ("director", "unit_head"):
            assert "Заменить насосы" in _as(here, role).get("/desk/appeals/control/").content.decode()

    def test_the_list_grows_and_shrinks(self, here: Registry) -> None:
        director = _as(here, "director")
        assert director.post("/desk/reasons/", {"verb": "add_reason", "title": "Шум"}).status_code == 302
        assert director.post("/desk/reasons/", {"verb": "add_reason", "title": "Шум"}).status_code == 422
        noise = Reason.objects.get()
        assert director.post(f"/desk/reasons/{noise.pk}/", {"verb": "retire"}).status_code == 302
        assert director.post("/desk/reasons/", {"verb": "nonsense"}).status_code == 422
        assert "no longer chosen" in _page(director, f"{noise.pk}/")


class TestAppeal:
    @clause("krc-6.2-06")
    def test_the_reason_is_chosen_on_the_complaint(self, here: Registry) -> None:
        cold, appeal = _reason(here, "Холодно"), _complaints(here, None, 1)[0]
        browser = _as(here, "specialist")
        assert browser.post(f"/desk/appeals/{appeal.pk}/", {"verb": "set_reason", "reason": cold.pk}).status_code == 302
        appeal.refresh_from_db()
        assert appeal.reason == cold
        assert "Reason of the complaint" not in browser.get(f"/desk/appeals/{here.at('assigned').pk}/").content.decode()

    @clause("krc-6.1-11", "krc-6.1-10")
    def test_documents_are_asked_for_on_the_card_and_seen_by_who_is_asked(self, here: Registry) -> None:
        appeal, colleague = here.at("assigned"), here.people["security"]
        browser, address = _as(here, "specialist"), f"/desk/appeals/{appeal.pk}/"
        day = (timezone.now() + dt.timedelta(days=5)).date().isoformat()
        typed = {"asked": "Пришлите акт поверки", "due_on": day}
        refused = browser.post(address, {**typed, "verb": "enquire"})
        assert (refused.status_code, "Пришлите акт поверки" in refused.content.decode()) == (422, True)
        assert browser.post(address, {**typed, "verb": "enquire", "colleague": colleague.pk}).status_code == 302
        assert browser.post(address, {**typed, "verb": "invite_applicant"}).status_code == 302
        page = browser.get(address).content.decode()
        assert page.count("Пришлите акт поверки") == 2
        theirs = _as(here, "security")
        assert "Asked of you for an appeal" in theirs.get("/desk/appeals/").content.decode()
        enquiry = Enquiry.objects.get(employee=colleague)
        done = {"verb": "close_enquiry", "enquiry": enquiry.pk, "outcome": "акт приложен"}
        assert theirs.post(address, done).status_code == 302
        assert "Asked of you" not in theirs.get("/desk/appeals/").content.decode()
        Enquiry.objects.filter(employee=None).update(due_on=dt.date(2020, 1, 1))
        assert "the applicant, " in _as(here, "director").get("/desk/appeals/control/").content.decode()


class TestArea:
    """A director's own unit is what the page opens with; all units are one choice away, and stay chosen."""

    def test_the_page_opens_with_it(self, here: Registry) -> None:
        cold = _reason(here, "Холодно")
        mine, other = _complaints(here, cold, 2)
        elsewhere = Unit.objects.create(code="else", name="Другой")
        Appeal.objects.filter(pk=other.pk).update(unit=elsewhere, control_unit=elsewhere)
        director, head = _as(here, "director"), _as(here, "unit_head")
        assert _plot(_page(director), "pareto-data")["counts"] == [1]
        assert _plot(_page(director, "?unit="), "pareto-data")["counts"] == [2]
        assert _plot(_page(director, "?unit="), "pareto-data")["urls"] == [f"/desk/reasons/{cold.pk}/?unit="]
        assert _plot(_page(head), "pareto-data")["counts"] == [2], "only a director has an area"
        assert mine.number in _page(director, f"{cold.pk}/")
        assert other.number not in _page(director, f"{cold.pk}/")
        assert other.number in _page(director, f"{cold.pk}/?unit=")


def test_who_makes_the_analysis_is_asked_for_it_on_the_page(here: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = "have not been analysed this month"
    reasons.sweep_months(now=here.now)
    monkeypatch.setattr(escalation, "before", lambda *_: here.now)
    told = {name: asked in _as(here, name).get("/desk/appeals/").content.decode() for name in ("director", "unit_head")}
    assert told == {"director": True, "unit_head": False}
    span = Span(here.now.date(), here.now.date())
    reasons.record_analysis(
        profile=here.profile, span=span, conclusion="меньше", employee=here.people["director"], now=here.now
    )
    assert asked not in _as(here, "director").get("/desk/appeals/").content.decode()
