"""A line on which the client is not heard, under a standard that lets the operator end it: tried, counted, timed."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.desk import calling
from tests.desk.calling import Desk, Town
from tests.desk.looking import check_everywhere
from tests.plugins.product import Product, launch

pytestmark = [pytest.mark.browser, pytest.mark.asterisk]
UNLOCKED_MS = 15_000


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own, with the standard of the courts."""
    made = launch(tmp_path_factory.mktemp("court"), "--profile", "court")
    yield made
    made.stop()


@pytest.fixture
def town(court: Product) -> Iterator[Town]:
    """A telephone outside."""
    with calling.outside(court) as made:
        yield made


@pytest.fixture
def desk(browser: Browser, court: Product) -> Iterator[Desk]:
    """An operator at the screen."""
    made = calling.log_in(browser, court, "operator1")
    made.opens()
    yield made
    made.context.close()


@pytest.mark.clause("court-3-01", "court-3-02", "court-3-03")
def test_attempts_are_counted_beside_a_clock_until_the_line_may_be_cut(town: Town, desk: Desk) -> None:
    desk.becomes("ready")
    client = town.calls()
    desk.answers()
    desk.find("[data-branch=bad_line]").click()
    expect(desk.find(".phrase")).to_contain_text("Алло, Вас погано чути")
    desk.page.keyboard.press("Alt+e")
    expect(desk.find("#ground-bad_line")).to_have_count(0)
    desk.page.keyboard.press("Escape")

    desk.find("[data-step-action]").click()
    desk.find("#attempt-again").click()
    expect(desk.find(".attempts")).to_contain_text("2", timeout=calling.SOON_MS)
    clock = desk.find(".clock").filter(has_text="court-3-01")
    expect(clock.locator(".clock-time")).to_have_text(re.compile("0:0[3-9]"), timeout=calling.SOON_MS)
    desk.says()
    desk.page.keyboard.press("Alt+e")
    expect(desk.find(".call-card .step-refused")).to_be_visible()
    check_everywhere(desk.page, "bad-line")
    desk.find("#ground-bad_line").click(timeout=UNLOCKED_MS)

    assert client.phone.ended(10)
    assert [said["attempt"] for kind, said in town.facts(client.contact) if kind == "contact_attempted"] == [1, 2]
    ended = town.comes(client.contact, "call_terminated")
    assert ended["ground"] == "bad_line"
    desk.finishes("bad_line", left_out=False)
