"""A published report, and the pages that name it; documents on a page of a section; in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from kindline.quality.models import Monitoring
from kindline.site import layout
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile
from tests.desk.looking import check_everywhere
from tests.site import test_reports
from tests.site.test_documents import DESK, FORM
from tests.site.test_reports import QUARTER, publish, write

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
people, printed, approved = test_reports.people, test_reports.printed, test_reports.approved


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """Somebody who reads Ukrainian."""
    context = browser.new_context(base_url=live_server.url, locale="uk", viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.clause("voe-1-09")
def test_a_report_is_read_found_and_taken(
    site: Callable[[str], Profile], people: dict[str, Employee], approved: Monitoring, printed: list[str], page: Page
) -> None:
    voe = site("voe")
    layout.lay_out(profile=voe)
    first = write(voe, people[Role.UNIT_HEAD], "Шановні споживачі!\n\nЦього кварталу ми перевірили 3 контакти з 40.")
    publish(voe, people[Role.DIRECTOR], first.revision)
    again = write(voe, people[Role.UNIT_HEAD], "Шановні споживачі!", correction="Переплутали вибірку.")
    publish(voe, people[Role.DIRECTOR], again.revision)
    for name, address in (
        ("report", f"/reports/{QUARTER}/"), ("reports", "/reports/"), ("report-found", "/search/?q=квартальний звіт"),
        ("report-open-data", "/open-data/"), ("report-slot", "/info/internet-service/quarterly-report/"),
    ):  # fmt: skip
        page.goto(address)
        check_everywhere(page, name)
    page.goto("/search/?q=квартальний звіт")
    page.get_by_role("link", name="Квартальний звіт: III квартал 2026").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("III квартал 2026")


@pytest.mark.clause("krc-5.7.1-27")
def test_documents_stand_on_the_page_of_a_section(site: Callable[[str], Profile], page: Page) -> None:
    layout.lay_out(profile=site("krc"))
    editor = Client()
    editor.force_login(Employee.objects.create(username="site", roles=[Role.SITE_ADMINISTRATOR], language="en"))
    for title in ("Заявка на дополнительную услугу", "Заявление о перерасчёте за время отсутствия более пяти дней"):
        editor.post(DESK, {"title": title, "file": SimpleUploadedFile("Бланк.pdf", FORM + title.encode())})
    page.goto("/info/services/service-forms/")
    expect(page.get_by_role("link", name="Заявление о перерасчёте")).to_be_visible()
    check_everywhere(page, "documents-on-page")
