"""Under the standard of the courts, by clicks: a bad line is tried, timed and cut; a call is passed on blindly."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.desk import calling
from tests.desk.calling import Client, Desk, Town
from tests.desk.looking import check_everywhere
from tests.plugins.product import Product, launch

pytestmark = [pytest.mark.browser, pytest.mark.asterisk]
UNLOCKED_MS = 15_000
MATTER = "Довідка у моїй справі"


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own, with the standard of the courts."""
    made = launch(tmp_path_factory.mktemp("court"), "--profile", "court")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def town(court: Product) -> Iterator[Town]:
    """A telephone outside."""
    with calling.outside(court) as made:
        yield made


@pytest.fixture(scope="module")
def desk(browser: Browser, court: Product) -> Iterator[Desk]:
    """An operator at the screen."""
    made = calling.log_in(browser, court, "operator1")
    yield made
    made.context.close()


@pytest.fixture(scope="module")
def other(browser: Browser, court: Product) -> Iterator[Desk]:
    """Another one."""
    made = calling.log_in(browser, court, "operator2")
    yield made
    made.context.close()


@pytest.fixture(autouse=True)
def _left_as_found(town: Town, desk: Desk, other: Desk) -> Iterator[None]:
    for one in (desk, other):
        one.opens()
    yield
    town.at_rest(desk.employee, other.employee)


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


@pytest.mark.clause("court-3-05", "court-3-06")
def test_a_client_waits_only_once_he_has_agreed_and_is_asked_anew_each_time(town: Town, desk: Desk) -> None:
    desk.becomes("ready")
    client = town.calls()
    desk.answers()
    for wait in range(2):
        desk.page.keyboard.press("Alt+h")
        expect(desk.find(".phrase")).to_contain_text("Чи можете Ви зачекати на лінії?", timeout=calling.SOON_MS)
        check_everywhere(desk.page, f"consent-{wait}")
        desk.says()
        desk.page.keyboard.press("Alt+h")
        desk.shows("held")
        desk.page.keyboard.press("Alt+h")
        desk.shows("talking")
    assert client.phone.listen(10), "the client does not hear the operator again"
    facts = town.facts(client.contact)
    assert [said["reason"] for kind, said in facts if kind == "action_refused"] == ["no_consent"] * 2
    held = [said for kind, said in facts if kind == "hold_started"]
    assert [(said["announced"], said["consent"]) for said in held] == [(True, True)] * 2
    client.phone.hang_up()
    desk.finishes("answered")


def passed_on_blindly(town: Town, desk: Desk, other: Desk) -> Client:
    """The operator has told the client, and passed him on to a colleague without a word to him."""
    desk.becomes("ready")
    client = town.calls()
    desk.answers()
    other.becomes("ready")
    desk.page.keyboard.press("Alt+t")
    desk.find("#transfer-matter").fill(MATTER)
    ways = desk.find("input[name=transfer-way]")
    expect(ways).to_have_count(2)
    expect(ways.first).to_be_checked()
    desk.find(".transfer label").filter(has=desk.page.locator("[value=blind]")).click()
    expect(desk.find(".transfer fieldset small")).to_be_visible()
    check_everywhere(desk.page, "passing-blindly")
    desk.find(".colleagues .menu-item").filter(has_text=other.surname).click()
    desk.shows("wrap_up")
    expect(desk.find(".call-card .passed")).to_contain_text(other.surname)
    other.rings()
    expect(other.find(".transfer")).to_contain_text(MATTER, timeout=calling.SOON_MS)
    return client


def test_who_is_passed_on_blindly_is_with_whoever_answers_and_the_operator_is_free_at_once(
    town: Town, desk: Desk, other: Desk
) -> None:
    client = passed_on_blindly(town, desk, other)
    check_everywhere(desk.page, "passed-blindly")
    check_everywhere(other.page, "ringing-blindly")
    other.answers()
    done = town.comes(client.contact, "transfer_completed")
    assert (done["mode"], done["employee"], done["target_employee"]) == ("blind", desk.employee, other.employee)
    other.knows(client.surname)
    expect(desk.find(".result .finished")).to_contain_text(other.surname, timeout=calling.SOON_MS)
    desk.find(".result .finished .btn-success").click()
    desk.is_now("ready")
    desk.becomes("offline")
    assert client.phone.listen(10), "the client does not hear who has taken the call"
    client.phone.hang_up()
    other.finishes("transferred")


def test_who_is_passed_on_blindly_and_declined_comes_back_and_is_served_at_once(
    town: Town, desk: Desk, other: Desk
) -> None:
    client = passed_on_blindly(town, desk, other)
    other.page.keyboard.press("Alt+x")
    returned = town.comes(client.contact, "transfer_returned")
    assert (returned["reason"], returned["employee"]) == ("declined", desk.employee)
    expect(other.find("#answer")).to_have_count(0, timeout=calling.SOON_MS)
    expect(desk.find(".call-card .passed")).to_have_count(0, timeout=calling.SOON_MS)
    desk.find("#state-ready").click()
    desk.answers()
    desk.knows(client.surname)
    assert client.phone.listen(10), "the client does not hear the operator again"
    client.phone.hang_up()
    desk.finishes("answered")
