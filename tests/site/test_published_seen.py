"""The site's header on a telephone, the open data and the monitoring in a real browser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from kindline.conversations.models import Contact
from kindline.quality import monitoring, quarters
from kindline.quality.models import Monitoring, Sampled
from kindline.site import layout
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile
from tests.desk.looking import NARROW, TINY, WIDE, at_width, check_everywhere, shoot

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
SLOW_MS = 30_000
MENU = ".menu summary"


@pytest.fixture
def unscripted(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A telephone of somebody who allows no scripts."""
    context = browser.new_context(
        base_url=live_server.url, locale="uk", viewport={"width": TINY[0], "height": TINY[1]}, java_script_enabled=False
    )
    yield context.new_page()
    context.close()


def test_on_a_telephone_the_header_is_small_and_the_menu_opens_by_keyboard_without_a_script(
    site: Callable[[str], Profile], unscripted: Page
) -> None:
    layout.lay_out(profile=site("krc"))
    page = unscripted
    for address in ("/", "/info/population/", "/ask/", "/account/enter/"):
        page.goto(address)
        for width, height in (TINY, NARROW):
            page.set_viewport_size({"width": width, "height": height})
            shoot(page, f"header-{address.strip('/').replace('/', '-') or 'home'}-{width}")
            header = page.locator("header").bounding_box()
            assert header is not None
            assert header["height"] <= 0.3 * height, (address, width, header)
        expect(page.locator(".quick a")).to_have_count(2)
        expect(page.locator(".quick a").last).to_be_visible()  # log-in and search stay in reach
        expect(page.get_by_role("button", name="Українська")).to_be_visible()
        expect(page.get_by_role("button", name="Для слабозорих")).to_be_visible()
    page.goto("/")
    link = page.locator(".menu nav a", has_text="Населенню")
    expect(link).to_be_hidden()
    page.locator(MENU).focus()
    page.keyboard.press("Enter")
    expect(link).to_be_visible()
    shoot(page, "header-open")
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.goto("/")
    expect(page.locator(MENU)).to_be_hidden()
    expect(link).to_be_visible()
    shoot(page, "header-home-1440")
    link.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    shoot(page, "header-section-1440")


def test_open_data_and_monitoring_are_seen_and_led_by_keyboard(
    site: Callable[[str], Profile], live_server: LiveServer, browser: Browser
) -> None:
    voe = site("voe")
    layout.lay_out(profile=voe)
    quarter = quarters.before(timezone.now().astimezone(voe.zone).date())
    during = quarters.bounds(quarter, voe.zone)[0] + dt.timedelta(days=9)
    head = Employee.objects.create_user(
        "head", password="for-this-run-only", roles=[Role.UNIT_HEAD, Role.DIRECTOR], language="uk", surname="Відома"
    )
    for _ in range(2):
        Contact.objects.create(
            profile="voe", version="1", channel="phone", started_at=during, closed_at=during, employee=head
        )
    context = browser.new_context(base_url=live_server.url, locale="uk", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/login/?next=/desk/monitoring/")
    page.locator("input[name=username]").fill("head")
    page.locator("input[name=password]").fill("for-this-run-only")
    page.keyboard.press("Enter")
    expect(page.locator("button[value=draw]")).to_be_visible(timeout=SLOW_MS)
    page.locator("button[value=draw]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("table").last.locator("tbody tr")).to_have_count(2)
    check_everywhere(page, "monitoring-desk")
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    Sampled.objects.update(reviewed_at=timezone.now(), reviewer=head)
    page.reload()
    page.locator("button[value=publish]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"a[href='/monitoring/#q-{quarter}']")).to_be_visible()
    counts = {"met": 2, "not_met": 1}
    items = [{"clause": "voe-2-04", "title": {"uk": "Працівник привітний"}, **counts}]
    sections = [{"section": "3", "title": "Обслуговування в центрі", **counts}]
    Monitoring.objects.update(results={"sample": 2, "population": 2, "items": items, "sections": sections})
    assert monitoring.published(voe)
    page.goto("/monitoring/")
    expect(page.get_by_role("heading", name=quarter)).to_be_visible()
    check_everywhere(page, "monitoring-site")
    page.goto("/open-data/")
    page.locator("details.answer summary").first.click()
    expect(page.locator("dl.rows").first).to_be_visible()
    check_everywhere(page, "open-data")
    with at_width(page, NARROW), page.expect_download() as taken:
        page.locator("a[href='/open-data/offices.csv']").click()
    assert taken.value.suggested_filename.startswith("offices-")
    context.close()


def test_a_meeting_is_booked_by_keyboard_without_a_script_and_stands_on_the_list(
    site: Callable[[str], Profile], live_server: LiveServer, browser: Browser
) -> None:
    site("krc")
    context = browser.new_context(base_url=live_server.url, locale="uk", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/meeting/")
    page.get_by_role("button", name="Записатися").click()
    expect(page.get_by_role("alert")).to_be_visible(timeout=SLOW_MS)
    check_everywhere(page, "meeting-faults")
    page.locator("#f-starts_at").select_option(index=1)
    page.locator("#f-surname").focus()
    for word in ("Коваль", "Ольга", "", "+380671112233", "", "Перерахунок"):
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Записатися").press("Enter")
    expect(page.get_by_role("heading", name="Вас записано на прийом")).to_be_visible(timeout=SLOW_MS)
    check_everywhere(page, "meeting-booked")
    Employee.objects.create_user("head", password="for-this-run-only", roles=[Role.UNIT_HEAD], language="uk")
    page.goto("/login/?next=/desk/meetings/")
    page.locator("input[name=username]").fill("head")
    page.locator("input[name=password]").fill("for-this-run-only")
    page.keyboard.press("Enter")
    expect(page.get_by_role("cell", name="Перерахунок")).to_be_visible(timeout=SLOW_MS)
    check_everywhere(page, "meetings-desk")
    context.close()


def test_the_way_to_the_offices_is_drawn_and_told(
    site: Callable[[str], Profile], live_server: LiveServer, browser: Browser
) -> None:
    layout.lay_out(profile=site("krc"))
    page = browser.new_page(base_url=live_server.url)
    page.goto("/info/contacts/access-maps/")
    expect(page.get_by_role("img")).to_have_count(2)
    check_everywhere(page, "access-maps")
    page.close()
