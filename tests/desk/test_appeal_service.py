"""A service on an appeal's page: led by its passport, its documents marked, its stages ended, by clicks as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kindline.appeals import stages
from kindline.appeals.models import Appeal
from kindline.appeals.stage_models import ServiceRequest
from tests.appeals.registry import DAY, Registry
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD
from tests.desk.looking import check_everywhere
from tests.desk.test_registry import _as, here

window, open_as = test_screen.window, test_screen.open_as
__all__ = ["here"]
clause = pytest.mark.clause


def _page(here: Registry, appeal: Appeal, who: str = "specialist") -> str:
    answer = _as(here, who).get(f"/desk/appeals/{appeal.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def _post(here: Registry, appeal: Appeal, who: str = "specialist", **typed: Any) -> Any:
    appeal.refresh_from_db()
    return _as(here, who).post(f"/desk/appeals/{appeal.pk}/", typed)


@pytest.mark.db
class TestPage:
    @clause("krc-2-11", "krc-2-28")
    def test_the_executor_leads_a_request_to_its_last_stage(self, here: Registry) -> None:
        appeal = here.at("assigned", kind="service_request")
        assert "Lead by the passport" in _page(here, appeal)
        assert _post(here, appeal, verb="follow_passport", service="account_change").status_code == 302
        refused = _post(here, appeal, verb="end_stage", stage=ServiceRequest.objects.get().stages.get(position=1).pk)
        assert refused.status_code == 422
        assert "Documents are still awaited" in refused.content.decode()
        marks = {"mark-identity": "there", "mark-ownership": "there"}
        assert _post(here, appeal, verb="check_set", **marks).status_code == 302
        assert "the set is complete" in _page(here, appeal)
        for one in ServiceRequest.objects.get().stages.order_by("position"):
            assert _post(here, appeal, verb="end_stage", stage=one.pk).status_code == 302
        page = _page(here, appeal)
        assert "goes on since" not in page
        assert page.count("The stage is done") == 0
        assert "A stage of the service is done" in page, "in the time line"

    def test_what_was_refused_keeps_what_was_chosen(self, here: Registry) -> None:
        appeal = _followed(here)
        refused = _post(here, appeal, verb="check_set", **{"mark-identity": "faulty", "set_due": "2020-01-01"})
        assert refused.status_code == 422
        page = refused.content.decode()
        assert '<option value="faulty" selected>' in page
        assert 'value="2020-01-01"' in page
        assert not ServiceRequest.objects.get().marked("faulty")

    def test_others_see_it_and_change_nothing(self, here: Registry) -> None:
        appeal = _followed(here)
        page = _page(here, appeal, "site_administrator")
        assert "awaited until" in page
        assert "Keep the check" not in page
        stage = ServiceRequest.objects.get().stages.get(position=1)
        assert _post(here, appeal, "site_administrator", verb="end_stage", stage=stage.pk).status_code == 422

    def test_what_is_late_is_seen_on_the_page_in_the_list_and_on_the_own_desk(self, here: Registry) -> None:
        appeal = _followed(here)
        ServiceRequest.objects.get().stages.filter(position=1).update(due_on=(here.now - 3 * DAY).date())
        assert "overdue" in _page(here, appeal).partition('id="service"')[2]
        found = _as(here, "specialist").get("/desk/appeals/", {"due": "late_stage"}).content.decode()
        assert appeal.number in found
        mine = _as(here, "specialist").get("/desk/mine/").content.decode()
        assert "Stages of services" in mine
        assert f"/desk/appeals/{appeal.pk}/#service" in mine

    def test_a_question_that_asks_for_no_service_shows_none(self, here: Registry) -> None:
        assert 'id="service"' not in _page(here, here.at("assigned", kind="application"))


def _followed(here: Registry) -> Appeal:
    appeal = here.at("assigned", kind="service_request")
    stages.follow_passport(
        appeal=appeal, service="account_change", marks={}, employee=here.people["executor"], now=here.now
    )
    return appeal


@pytest.mark.browser
@pytest.mark.db(transaction=True)
def test_by_keyboard_in_a_browser(here: Registry, open_as: Callable[..., Page]) -> None:
    appeal = _followed(here)
    who = here.people["specialist"]
    who.set_password(PASSWORD)
    who.save()
    page = open_as(who)
    page.goto(f"/desk/appeals/{appeal.pk}/")
    expect(page.locator("#service ol > li")).to_have_count(3)
    check_everywhere(page, "appeal-service")
    for name in ("identity", "ownership"):
        page.locator(f"#mark-{name}").select_option("there")
    page.locator("button[value=check_set]").press("Enter")
    expect(page.locator("#service h3")).to_contain_text("the set is complete")
    page.locator("button[value=end_stage]").press("Enter")
    expect(page.locator("#service li[aria-current=step]")).to_contain_text("Check of the documents")
    check_everywhere(page, "appeal-service-second")
