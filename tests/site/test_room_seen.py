"""Two real browsers meet: sound and picture arrive on both sides, and the pages are accessible and fit a telephone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from kindline.conversations.models import Contact
from kindline.journal.models import Fact
from kindline.site import availability
from kindline.site.models import Consultation
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile
from tests.desk.looking import check_everywhere, comes_true
from tests.site.test_consultations import planned_always
from tests.site.test_room import booked

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
SLOW_MS = 30_000
PICTURE = (
    "() => { const one = document.getElementById('room-other'); return one.videoWidth > 0 && one.currentTime > 0.5 }"
)

HEARD = """() => {
  window.heard = [];
  const said = document.getElementById("room-said");
  const told = /(Осталось минут: \\d+|\\d+ minutes are left)/;
  const hear = () => { if (told.test(said.textContent)) window.heard.push(said.textContent) };
  new MutationObserver(hear).observe(said, { childList: true, characterData: true, subtree: true });
}"""
"""Keeps what a page says of the time that is left: it says so for a quarter of a minute only."""


@pytest.fixture
def two(browser: Browser, live_server: LiveServer) -> Iterator[tuple[Page, Page]]:
    """The client's page and the specialist's."""
    contexts = [
        browser.new_context(
            base_url=live_server.url, locale=language, permissions=["camera", "microphone"],
            viewport={"width": 1440, "height": 900},
        )
        for language in ("ru", "en")
    ]  # fmt: skip
    yield contexts[0].new_page(), contexts[1].new_page()
    for one in contexts:
        one.close()


@pytest.mark.clause("krc-5.7.1-44", "krc-5.7.1-49")
def test_client_and_specialist_see_each_other(site: Callable[[str], Profile], two: tuple[Page, Page]) -> None:
    site("krc")
    one = booked(timezone.now())
    one.specialist.set_password("for-this-run-only")
    one.specialist.save()
    client, desk = two
    client.goto(f"/consultation/{one.key}/")
    check_everywhere(client, "consultation-booked")
    client.get_by_role("link", name="Войти на консультацию").click()
    expect(client.get_by_role("status")).to_contain_text("Вы в комнате ожидания", timeout=SLOW_MS)
    desk.goto("/login/?next=/desk/consultations/")
    desk.locator("input[name=username]").fill(one.specialist.username)
    desk.locator("input[name=password]").fill("for-this-run-only")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="Consultations")).to_be_visible(timeout=SLOW_MS)
    check_everywhere(desk, "consultations-desk")
    desk.get_by_role("link", name=one.number).click()
    for page, word in ((client, "Соединение установлено."), (desk, "You are connected.")):
        expect(page.get_by_role("status")).to_have_text(word, timeout=SLOW_MS)
        comes_true(page, PICTURE, limit_ms=SLOW_MS)
        expect(page.locator("#room-left")).to_have_text(re.compile(r"\d+:\d\d$"), timeout=SLOW_MS)
    check_everywhere(client, "room-client")
    check_everywhere(desk, "room-desk")
    assert Contact.objects.get().employee == one.specialist
    desk.reload()
    expect(desk.get_by_role("status")).to_have_text("You are connected.", timeout=SLOW_MS)
    comes_true(desk, PICTURE, limit_ms=SLOW_MS)
    for page in (client, desk):
        page.evaluate(HEARD)
    Consultation.objects.update(begun_at=timezone.now() - dt.timedelta(seconds=902))
    for page in (client, desk):
        expect(page.locator("#room-left.soon")).to_be_visible(timeout=SLOW_MS)
        comes_true(page, "window.heard.length > 0", limit_ms=SLOW_MS)
    desk.get_by_role("button", name="End the consultation").click()
    for page, word in ((desk, "The consultation is over."), (client, "Консультация завершилась.")):
        expect(page.get_by_role("status")).to_contain_text(word, timeout=SLOW_MS)
    assert Fact.objects.get(kind="video_ended").data["reason"] == "specialist"


def test_booking_timetable_and_services_fit_a_telephone(site: Callable[[str], Profile], two: tuple[Page, Page]) -> None:
    krc, client, desk = site("krc"), *two
    head = Employee.objects.create_user(
        "head", password="for-this-run-only", roles=[Role.UNIT_HEAD], language="en", surname="Head"
    )
    planned_always(krc, head)
    availability.note(profile=krc, service="reception", status=500, now=timezone.now())
    client.goto("/consultation/")
    check_everywhere(client, "consultation-ways")
    client.get_by_role("button", name="Показать свободное время").click()
    client.get_by_role("button", name="Записаться").click()
    expect(client.get_by_role("alert")).to_be_visible(timeout=SLOW_MS)
    check_everywhere(client, "consultation-faults")
    desk.goto("/login/?next=/desk/consultations/hours/")
    desk.locator("input[name=username]").fill("head")
    desk.locator("input[name=password]").fill("for-this-run-only")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="Timetable of specialists")).to_be_visible(timeout=SLOW_MS)
    check_everywhere(desk, "consultation-hours")
    desk.goto("/desk/availability/")
    expect(desk.get_by_role("heading", name="Services of the site")).to_be_visible(timeout=SLOW_MS)
    check_everywhere(desk, "availability")
