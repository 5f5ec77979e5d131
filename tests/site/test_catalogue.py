"""The catalogue of services, the request that follows a passport, and the stages as the client sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from kindline.appeals import stages
from kindline.appeals.models import Appeal
from kindline.appeals.stage_models import ServiceRequest
from kindline.clients.login_models import Login
from kindline.site import queries
from kindline.site.models import Submission
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile
from tests.desk.looking import check_everywhere
from tests.site.account.conftest import account
from tests.site.test_reception import TYPED, key_on

__all__ = ["account"]
clause = pytest.mark.clause
Site = Callable[..., Profile]
PDF = b"%PDF-1.7 words"


def applied(visitor: Browser, *, ticks: tuple[str, ...] = (), files: bool = False, **typed: str) -> Any:
    """The form of the service opened, filled in and sent."""
    key = key_on(visitor.get("/ask/", {"service": "account_change"}))
    whole = {**TYPED, "key": key, "service": "account_change", **{f"doc-{one}": "on" for one in ticks}, **typed}
    given = {"files": SimpleUploadedFile("scan.pdf", PDF)} if files else {}
    return visitor.post("/ask/", {**whole, **given})


@pytest.fixture
def specialist(db: None) -> Employee:
    """Who leads services."""
    return Employee.objects.create(username="specialist", surname="Орлова", roles=[Role.SPECIALIST])


@pytest.mark.db
class TestCatalogue:
    @clause("krc-2-05")
    def test_additional_services_stand_apart(self, site: Site, visitor: Browser) -> None:
        site("krc")
        page = visitor.get("/services/").content.decode()
        main, additional = page.split("Additional services</h2>")
        assert "Change of account holder" in main
        assert "Replacement of a meter to order" in additional
        assert "Replacement of a meter to order" not in main
        assert 'href="/services/"' in visitor.get("/").content.decode()

    @clause("krc-2-28", "krc-2-29", "krc-2-30", "krc-2-31", "krc-2-32")
    def test_a_passport_says_stages_terms_cost_result_and_acts(self, site: Site, visitor: Browser) -> None:
        profile = site("krc")
        page = visitor.get("/services/meter_replacement/").content.decode()
        passport = profile.services["meter_replacement"]
        places = [page.index(stage.title["en"]) for stage in passport.stages]
        assert places == sorted(places), "in their order"
        assert "5 working days" in page
        for said in (passport.cost, passport.result, *passport.acts, passport.result_term):
            assert said.split("«")[0] in page
        assert 'href="/ask/?service=meter_replacement"' in page

    def test_where_a_standard_has_no_passports_there_is_no_catalogue(self, site: Site, visitor: Browser) -> None:
        site("court")
        assert visitor.get("/services/").status_code == 404
        assert "/services/" not in visitor.get("/").content.decode()
        site("krc")
        assert visitor.get("/services/nothing/").status_code == 404


@pytest.mark.db
@pytest.mark.usefixtures("place")
class TestRequest:
    @clause("krc-2-11")
    def test_it_says_at_once_what_is_missing_and_until_when(self, site: Site, visitor: Browser) -> None:
        site("krc")
        form = visitor.get("/ask/", {"service": "account_change"}).content.decode()
        assert "Proof of title" in form
        assert "10 working days" in form
        answer = applied(visitor, ticks=("identity",), files=True)
        request = ServiceRequest.objects.get()
        assert (request.appeal.kind, request.appeal.channel) == ("service_request", "web")
        assert request.marks == {"application": "there", "identity": "there", "ownership": "missing"}
        page = visitor.get(answer.headers["Location"]).content.decode()
        assert "These documents are missing; we wait for them until" in page
        assert "Proof of title" in page
        assert "Passport</li>" not in page

    def test_documents_that_are_ticked_need_a_file_and_nothing_typed_is_lost(
        self, site: Site, visitor: Browser
    ) -> None:
        site("krc")
        answer = applied(visitor, ticks=("identity",))
        assert answer.status_code == 422
        page = answer.content.decode()
        assert page.count("You have ticked documents, but no file is attached") == 2, "above the form and at the field"
        assert 'name="doc-identity" checked' in page
        assert TYPED["substance"] in page
        assert not Appeal.objects.exists()

    def test_a_service_that_is_not_there_is_an_ordinary_question(self, site: Site, visitor: Browser) -> None:
        site("krc")
        assert applied(visitor, service="nothing").status_code == 302
        assert not ServiceRequest.objects.exists()
        assert Appeal.objects.get().kind == TYPED["kind"]

    @clause("krc-2-11", "krc-2-28")
    def test_from_the_account_too_and_the_stages_stand_at_the_request(
        self, site: Site, visitor: Browser, account: Any, specialist: Employee
    ) -> None:
        site("krc")
        login = Login.objects.create(email="elkin@example.com", made_at=timezone.now())
        login.accounts.add(account)
        _enter(visitor, login)
        form = visitor.get("/account/ask/", {"service": "account_change"})
        assert "Proof of title" in form.content.decode()
        typed = {
            "key": key_on(form),
            "service": "account_change",
            "account": account.number,
            "substance": "Прошу",
            "consent": "on",
        }
        assert visitor.post("/account/ask/", typed).status_code == 302
        request = ServiceRequest.objects.get()
        whole = {"identity": "there", "ownership": "there"}
        stages.check_set(request=request, marks=whole, employee=specialist, now=timezone.now())
        first = request.stages.get(position=1)
        stages.end_stage(stage=first, employee=specialist, now=timezone.now())
        page = visitor.get("/account/").content.decode()
        assert page.count("stage-done") == 1
        assert page.count("stage-present") == 1
        assert page.count("stage-to_come") == 1
        assert "Being done now, until" in page


def _enter(visitor: Browser, login: Login) -> None:
    from kindline.site.account import actions

    actions.set_password(login=login, password="зелена гора над річкою", now=timezone.now())
    entered = visitor.post("/account/enter/", {"email": login.email, "password": "зелена гора над річкою"})
    assert entered.status_code == 302


@clause("krc-2-28")
@pytest.mark.browser
@pytest.mark.db(transaction=True)
def test_the_client_reads_the_passport_applies_and_sees_the_stages(
    site: Site, browser: Chromium, live_server: LiveServer, place: Any
) -> None:
    site("krc")
    context = browser.new_context(base_url=live_server.url, locale="ru", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/services/")
    check_everywhere(page, "services")
    page.get_by_role("link", name="Переоформление лицевого счёта").click()
    expect(page.locator("ol.stages li")).to_have_count(3)
    check_everywhere(page, "service")
    page.get_by_role("link", name="Подать заявку").press("Enter")
    expect(page.locator("input[name=doc-identity]")).to_be_visible()
    check_everywhere(page, "service-form")
    for name in ("surname", "given_name", "patronymic", "residence", "phone", "email"):
        page.locator(f"#f-{name}").fill(TYPED[name])
    page.locator("#f-consent").check()
    page.locator("#main button.main").press("Enter")
    expect(page.locator("ol.stages .stage-present")).to_be_visible()
    expect(page.locator(".notice li")).to_have_count(2)
    check_everywhere(page, "service-asked")
    made = Submission.objects.get()
    page.goto("/status/")
    page.locator("#f-number").fill(made.appeal.number)
    page.locator("#f-code").fill(queries.code_of(made.pk))
    page.locator("#f-code").press("Enter")
    expect(page.locator("ol.stages li")).to_have_count(3)
    check_everywhere(page, "service-status")
    context.close()
