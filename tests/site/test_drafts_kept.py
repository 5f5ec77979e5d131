"""Every form that asks for more than a word keeps what is typed until it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from kindline.readings.models import Sending
from kindline.site.models import Meeting
from kindline.standard.profile import Profile
from tests.desk.looking import comes_true
from tests.readings.conftest import Household, household

__all__ = ["household"]
pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
BACK = "What you typed here before is back."
FORMS: dict[str, dict[str, str]] = {
    "/meeting/": {"surname": "Ёлкин", "phone": "+79271112233", "matter": "Перерасчёт за отопление"},
    "/consultation/?way=video&subject=charges": {"surname": "Ёлкин", "problem": "Не сходится начисление"},
    "/readings/": {"account": "700123", "meter": "A-1", "value": "125"},
    "/notices/": {"to": "elkin@example.com", "at-street": "Лесная", "at-house": "12"},
    "/callback/": {"name": "Пётр", "phone": "+79271112233"},
}


@pytest.fixture
def page(
    site: Callable[[str], Profile], browser: Browser, live_server: LiveServer, settings: Any, monkeypatch: Any
) -> Iterator[Page]:
    """The site in somebody's browser; everything can be asked for."""
    settings.MAIL = {**settings.MAIL, "relay": {"class": "not.asked"}}
    monkeypatch.setattr("kindline.site.consultations.pages._days", lambda *_: [("Monday", [("x", "10:00")])])
    site("krc")
    context = browser.new_context(base_url=live_server.url, locale="en")
    yield context.new_page()
    context.close()


def test_what_is_typed_into_any_of_the_forms_is_back_after_a_reload(page: Page) -> None:
    for address, typed in FORMS.items():
        page.goto(address)
        for name, value in typed.items():
            page.locator(f"#f-{name}").fill(value)
        if address == "/notices/":
            page.get_by_role("checkbox", name="Outages").last.uncheck()
        if address == "/readings/":
            page.locator("#f-taken_on").fill("2026-03-01")
        page.reload()
        expect(page.get_by_text(BACK)).to_be_visible()
        for name, value in typed.items():
            expect(page.locator(f"#f-{name}")).to_have_value(value)
        if address == "/notices/":
            boxes = page.locator("#f-topics input")
            assert [one.is_checked() for one in boxes.all()].count(False) == 1, "each box by itself"
        if address == "/readings/":
            assert page.locator("#f-taken_on").input_value() == page.locator("#f-taken_on").get_attribute("max")


def send_reading(page: Page, **typed: str) -> None:
    """The form of a reading, filled in as far as is named, and sent."""
    for name, value in typed.items():
        page.locator(f"#f-{name}").fill(value)
    with page.expect_navigation():
        page.get_by_role("button", name="Send", exact=True).click()


def test_a_refused_reading_of_which_the_date_alone_is_corrected_is_another_sending(page: Page) -> None:
    page.goto("/readings/")
    send_reading(page, **FORMS["/readings/"])
    wrong = page.get_by_role("alert").filter(has_text="There is no such meter in this account.")
    expect(wrong).to_be_visible()
    for many, date in enumerate(("2026-03-01", "2026-03-01", "2026-03-02"), 2):
        send_reading(page, taken_on=date)
        expect(page.locator("#f-taken_on")).to_have_value(date)
        expect(wrong).to_be_visible()
        assert Sending.objects.count() == many, "unchanged it is judged anew, too"
    page.goto("/readings/")
    expect(page.locator("#f-meter")).to_have_value("A-1")
    send_reading(page, taken_on="2026-03-03")
    expect(wrong).to_be_visible()
    assert Sending.objects.count() == 5, "what came back as a draft was answered"


def test_a_reading_that_is_asked_back_is_asked_again_and_another_day_is_another_reading(
    page: Page, household: Household
) -> None:
    page.goto("/readings/")
    send_reading(page, account="1234567", meter="W-1", value="5")
    question = page.get_by_text("Is it right?")
    expect(question).to_be_visible()
    known = Sending.objects.count()
    send_reading(page)
    expect(question).to_be_visible()
    assert Sending.objects.count() == known, "the same once more"
    send_reading(page, taken_on="2026-02-21")
    expect(page.locator("#f-taken_on")).to_have_value("2026-02-21")
    expect(question).to_be_visible()
    assert Sending.objects.count() == known + 1
    page.get_by_role("button", name="Yes, it is right").click()
    expect(page.get_by_role("status").filter(has_text="The reading is accepted.")).to_be_visible()


def booked(page: Page) -> str:
    """A meeting at the first free time; its number."""
    page.goto("/meeting/")
    page.locator("#f-starts_at").select_option(index=1)
    for name, value in {**FORMS["/meeting/"], "given_name": "Пётр"}.items():
        page.locator(f"#f-{name}").fill(value)
    page.locator("#f-consent").check()
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.locator("dd.code")).to_be_visible()
    return page.locator("dd.code").inner_text()


def test_who_cancels_and_books_the_same_time_in_the_same_tab_has_it(page: Page) -> None:
    first = booked(page)
    page.get_by_role("button", name="Cancel the meeting").click()
    expect(page.get_by_role("heading", name="The meeting is cancelled")).to_be_visible()
    second = booked(page)
    assert first != second
    rows = Meeting.objects.order_by("pk").values_list("starts_at", "cancelled_at")
    assert [is_off is None for _at, is_off in rows] == [False, True]
    assert len({at for at, _off in rows}) == 1


def test_when_only_the_answer_was_lost_another_time_is_not_the_first_one_without_a_word(page: Page) -> None:
    page.goto("/meeting/")

    def die(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    page.locator("#f-starts_at").select_option(index=1)
    for name, value in {**FORMS["/meeting/"], "given_name": "Пётр"}.items():
        page.locator(f"#f-{name}").fill(value)
    page.locator("#f-consent").check()
    page.route("**/meeting/", die)
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.locator("#f-surname")).to_have_count(0)
    page.unroute("**/meeting/")
    made = Meeting.objects.get()
    page.goto("/meeting/")
    page.locator("#f-starts_at").select_option(index=2)
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text=made.number)).to_be_visible()
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.locator("dd.code")).to_be_visible()
    assert Meeting.objects.filter(cancelled_at=None).count() == 2


def test_what_was_sent_is_kept_no_longer(page: Page) -> None:
    booked(page)
    comes_true(page, "!Object.keys(localStorage).some((name) => name.startsWith('kindline.draft'))")
    page.goto("/meeting/")
    expect(page.locator("#f-surname")).to_have_value("")
    assert Meeting.objects.count() == 1


def test_two_tabs_keep_what_is_typed_in_each_and_a_new_one_takes_what_a_closed_one_left(page: Page) -> None:
    def typed(one: Page, matter: str) -> Page:
        one.locator("#f-matter").fill(matter)
        return one

    page.goto("/meeting/")
    typed(page, "Отопление")
    other = page.context.new_page()
    other.goto("/meeting/")
    typed(other, "Вода")
    typed(page, "Отопление в подъезде")
    for one, matter in ((page, "Отопление в подъезде"), (other, "Вода")):
        one.reload()
        expect(one.get_by_text(BACK)).to_be_visible()
        expect(one.locator("#f-matter")).to_have_value(matter)
    other.close()
    for matter in ("Вода", ""):  # what lies there is taken once; what the first tab holds is not taken from it
        new = page.context.new_page()
        new.goto("/meeting/")
        comes_true(new, "document.documentElement.dataset.tabs")
        assert new.locator("#f-matter").input_value() == matter
    page.reload()
    expect(page.locator("#f-matter")).to_have_value("Отопление в подъезде")


def test_a_tab_that_is_doubled_goes_on_with_a_draft_of_its_own(page: Page) -> None:
    page.goto("/meeting/")
    page.locator("#f-matter").fill("Отопление")
    with page.expect_popup() as doubled:
        page.evaluate("window.open('/meeting/')")
    double = doubled.value
    comes_true(double, "document.documentElement.dataset.tabs")
    expect(double.locator("#f-matter")).to_have_value("Отопление")
    double.locator("#f-matter").fill("Вода")
    page.reload()
    expect(page.locator("#f-matter")).to_have_value("Отопление")
    double.reload()
    expect(double.locator("#f-matter")).to_have_value("Вода")
