"""What operators do in real calls, by clicks and keys: pass on, end, call back, decline, vanish and come back."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from kindline.runtime.demo_calls import handset as handsets
from tests.desk import calling
from tests.desk.calling import Client, Desk, Town
from tests.desk.looking import check_everywhere
from tests.plugins.product import Product, launch_browser

pytestmark = [pytest.mark.browser, pytest.mark.asterisk]
MATTER = "Перерасчёт за отопление"
PASSED_ON = ["started", "offered", "answered", "introduced", "accepted", "completed"]
NOT_YET_POLLED_MS = 8_000
"""The floor asks by itself only every ten seconds: what comes sooner came as an event."""


@pytest.fixture(scope="module")
def town(instance: Product) -> Iterator[Town]:
    """Telephones outside."""
    with calling.outside(instance) as made:
        yield made


def _at_work(browser: Browser, instance: Product, username: str) -> Iterator[Desk]:
    made = calling.log_in(browser, instance, username)
    yield made
    made.context.close()


@pytest.fixture(scope="module")
def first(browser: Browser, instance: Product) -> Iterator[Desk]:
    """An operator."""
    yield from _at_work(browser, instance, "operator1")


@pytest.fixture(scope="module")
def second(browser: Browser, instance: Product) -> Iterator[Desk]:
    """Another one."""
    yield from _at_work(browser, instance, "operator2")


@pytest.fixture(autouse=True)
def _left_as_found(town: Town, first: Desk, second: Desk) -> Iterator[None]:
    """Both at their screens before each test; nobody at work and no call afterwards."""
    for desk in (first, second):
        desk.opens()
    yield
    town.at_rest(first.employee, second.employee)


@pytest.mark.clause("krc-5.6.4-15", "krc-5.6.4-16", "krc-5.6.4-18", "krc-5.6.4-19", "krc-5.5.3-05")
def test_a_colleague_who_agrees_takes_the_call(town: Town, first: Desk, second: Desk) -> None:
    first.becomes("ready")
    client = town.calls()
    first.rings()
    check_everywhere(first.page, "ringing")
    first.answers()
    first.knows(client.surname)
    check_everywhere(first.page, "talking")
    second.becomes("ready")
    _asks_for(first, second)

    second.rings()
    expect(second.find(".transfer")).to_contain_text(MATTER, timeout=calling.SOON_MS)
    expect(second.find("#transfer-accept")).to_have_count(0)
    second.answers()
    first.find("#transfer-introduce").click()
    town.comes(client.contact, "transfer_introduced")
    second.find("#transfer-accept").click()
    town.comes(client.contact, "transfer_accepted")
    first.says()
    expect(first.find(".phrase")).to_contain_text(second.surname)
    first.says()
    first.find("#transfer-connect").click()
    expect(second.find("#hold")).to_be_visible(timeout=calling.SOON_MS)
    second.knows(client.surname)
    assert town.kinds(client.contact, "transfer_") == [f"transfer_{stage}" for stage in PASSED_ON]

    first.shows("wrap_up")
    expect(first.find(".result .finished")).to_contain_text(second.surname)
    first.find(".result .finished .btn-success").click()
    first.is_now("ready")
    first.becomes("offline")
    client.phone.hang_up()
    second.shows("wrap_up")
    expect(first.find(".call-none")).to_be_visible()
    second.finishes("transferred")


def _asks_for(giver: Desk, taker: Desk) -> None:
    """Through the guide to a colleague's phone: greet, note the matter, warn the client, choose the colleague."""
    keyboard = giver.page.keyboard
    keyboard.press("Space")
    giver.find("#ask-need-matter").fill(MATTER)
    keyboard.press("Escape")
    keyboard.press("t")
    giver.find("#ask-transfer_warn-client_name").fill("Иван Ильич")
    giver.says()
    giver.find("[data-step-action]").click()
    expect(giver.find(".colleagues")).to_contain_text(taker.surname)
    expect(giver.find("#transfer-matter")).to_have_value(MATTER)
    expect(giver.find(".transfer")).to_contain_text("krc-5.6.4-16")
    expect(giver.find("input[name=transfer-way]")).to_have_count(0)
    giver.find("#transfer-number").fill("abc")
    keyboard.press("Enter")
    expect(giver.find("#transfer-number-note")).to_be_visible(timeout=calling.SOON_MS)
    check_everywhere(giver.page, "transfer")
    giver.find(".colleagues .menu-item").filter(has_text=taker.surname).click()


def test_a_colleague_who_declines_leaves_the_client_with_the_operator(town: Town, first: Desk, second: Desk) -> None:
    first.becomes("ready")
    client = town.calls()
    first.answers()
    second.becomes("ready")
    first.page.keyboard.press("Alt+t")
    first.find(".colleagues .menu-item").filter(has_text=second.surname).click()
    second.rings()
    second.page.keyboard.press("Alt+x")
    refused = town.comes(client.contact, "transfer_refused")
    assert refused["reason"] == "declined"
    second.is_now("ready")
    expect(first.find("#transfer-back")).to_have_count(0, timeout=calling.SOON_MS)
    first.shows("talking")
    client.phone.hang_up()
    first.finishes("answered")  # else it would be shown between the calls of the tests that follow


@pytest.mark.clause("krc-5.5.3-06")
def test_a_client_waits_and_is_taken_back_by_key(town: Town, first: Desk) -> None:
    first.becomes("ready")
    client = town.calls()
    first.answers()
    first.page.keyboard.press("Alt+h")
    first.shows("held")
    check_everywhere(first.page, "held")
    assert client.phone.listen(10), "the client hears no music"
    first.page.keyboard.press("Alt+h")
    first.shows("talking")
    assert town.kinds(client.contact, "hold_") == ["hold_started", "hold_ended"]
    client.phone.hang_up()
    first.finishes("answered")


@pytest.mark.clause("krc-5.6.3-10", "krc-5.6.5-25", "krc-5.6.5-26")
def test_a_bad_line_has_its_phrase_and_abuse_ends_the_talk_only_after_the_warning(town: Town, first: Desk) -> None:
    first.becomes("ready")
    client = town.calls()
    first.answers()
    first.find("[data-branch=bad_line]").click()
    expect(first.find(".phrase-choice").first).to_contain_text("Вас плохо слышно")
    first.page.keyboard.press("2")
    first.says()
    said = town.comes(client.contact, "step_done", step="bad_line_ask")
    assert "перезвонить" in said["phrase"]

    first.find("[data-branch=abuse]").click()
    first.page.keyboard.press("Alt+e")
    expect(first.find(".call-card .step-refused")).to_be_visible()
    expect(first.find("[id^=ground-]")).to_have_count(0)
    first.page.keyboard.press("Escape")
    expect(first.find(".phrase")).to_contain_text("прекратить общение")
    first.says()
    first.find("#end-on-ground").click()
    expect(first.find("[id^=ground-]")).to_have_count(3)
    check_everywhere(first.page, "ending")
    first.find("#ground-insult").click()
    assert client.phone.ended(10)
    assert town.comes(client.contact, "call_terminated")["ground"] == "insult"
    first.shows("wrap_up")
    check_everywhere(first.page, "wrap-up")
    first.finishes("abuse", left_out=False)


@pytest.mark.clause("krc-5.6.4-09", "krc-5.6.4-10", "krc-5.6.4-11", "krc-5.6.4-12", "krc-5.5.2-05", "krc-5.6.5-34")
def test_a_promised_call_is_made_and_kept(town: Town, first: Desk) -> None:
    client, promised = _promised_to(town, first)
    first.page.goto("/desk/callbacks/")
    first.find("tr").filter(has_text=client.number).locator(".btn-success").click()
    phone = town.rings(client.number)
    first.shows("dialling")
    handsets.answer(phone)
    first.shows("talking")
    first.knows(client.surname)
    expect(first.find(".trail h2")).to_have_text("Исходящий звонок")
    first.says()
    phone.hang_up()
    first.finishes("answered")
    kept = town.rows("SELECT state, attempts FROM conversations_callback WHERE id = %s", promised)
    assert kept == [("kept", 1)]
    assert town.comes(client.contact, "callback_made")["outcome"] == "reached"


@pytest.mark.clause("krc-5.5.2-12", "krc-2-43")
def test_a_number_that_an_operator_types_is_called_and_led(town: Town, first: Desk) -> None:
    client, promised = _promised_to(town, first)  # so that it may be called at this hour
    typed = first.find("#call-out")
    typed.fill("112 12")
    typed.press("Enter")
    expect(first.find(".alert-danger")).to_contain_text("Это не телефонный номер")
    expect(typed).to_have_value("112 12")
    check_everywhere(first.page, "calling out")
    typed.fill(client.number)
    typed.press("Enter")
    phone = town.rings(client.number)
    first.shows("dialling")
    handsets.answer(phone)
    first.shows("talking")
    expect(first.find(".trail h2")).to_have_text("Исходящий звонок")
    first.says()
    phone.hang_up()
    first.finishes("answered")
    assert town.rows("SELECT state FROM conversations_callback WHERE id = %s", promised) == [("kept",)]
    first.becomes("offline")
    expect(typed).to_have_value("")


def test_the_number_of_a_contact_is_called_from_its_page(town: Town, first: Desk) -> None:
    client, _ = _promised_to(town, first)
    first.page.goto(f"/desk/contacts/{client.contact}/")
    first.page.get_by_role("button", name=f"Позвонить на {client.number}").click()
    phone = town.rings(client.number)
    first.shows("dialling")
    handsets.answer(phone)
    first.shows("talking")
    phone.hang_up()
    first.finishes("answered")


def _promised_to(town: Town, desk: Desk) -> tuple[Client, Any]:
    """A client who called and was promised a call, the promise's key; the operator is away from the queues."""
    desk.becomes("ready")
    client = town.calls()
    desk.answers()
    desk.knows(client.surname)
    _promises(desk, client.number)
    promised = town.comes(client.contact, "callback_promised")
    client.phone.hang_up()
    desk.finishes("callback")
    desk.becomes("offline")
    return client, promised["task"]


def _promises(desk: Desk, number: str) -> None:
    """The turn of the guide that ends in a promise: how long it takes, where to call, by when."""
    desk.find("[data-branch=complex]").click()
    desk.find("#ask-complex_duration-interval").fill("два часа")
    desk.says()
    desk.find("#ask-complex_contact-phone").fill(number)
    desk.says()
    desk.find("[data-step-action]").click()
    expect(desk.find("#callback-due")).not_to_have_value("")
    desk.find("#promise-callback").click()
    expect(desk.find("#form-callback .badge")).to_be_visible(timeout=calling.SOON_MS)


@pytest.fixture
def doomed(browser: Browser, instance: Product, first: Desk) -> Desk:
    """The first operator, in a browser of his own that can be killed."""
    first.page.close()
    made = calling.log_in(launch_browser(browser.browser_type), instance, "operator1")
    made.opens()
    return made


def test_a_browser_that_is_killed_never_loses_the_caller(town: Town, doomed: Desk, second: Desk) -> None:
    """T8: he is at the head of the queue within three seconds by the facts, and his wait is all of it."""
    doomed.becomes("ready")
    client = town.calls()
    doomed.rings()
    died_at = doomed.vanishes()
    assert town.comes(client.contact, "offer_missed")["reason"] == "lost"
    assert 0 <= (town.moment(client.contact, "offer_missed") - died_at).total_seconds() <= 3
    second.find("#state-ready").click()
    second.answers()
    waited_s = town.comes(client.contact, "call_answered")["wait_s"]
    began, ended = (town.moment(client.contact, kind) for kind in ("queue_entered", "call_answered"))
    assert waited_s == pytest.approx((ended - began).total_seconds(), abs=0.5)
    second.page.close()
    town.comes(client.contact, "media_lost")
    assert client.phone.listen(10), "the client hears no music"
    second.opens()
    second.shows("talking")
    town.comes(client.contact, "media_reattached")
    second.page.keyboard.press("Alt+e")
    assert town.comes(client.contact, "call_ended")["by"] == "operator"
    second.finishes("answered")


@pytest.mark.clause("krc-5.6.4-03")
def test_who_declines_does_not_get_the_call_again_at_once(town: Town, first: Desk, second: Desk) -> None:
    first.becomes("ready")
    client = town.calls()
    first.rings()
    second.becomes("ready")
    expect(second.find("#answer")).to_have_count(0)
    first.page.keyboard.press("Alt+x")
    second.rings()
    first.is_now("ready")
    expect(first.find("#answer")).to_have_count(0)
    second.answers()
    assert _offered_to(town, client.contact) == [first.employee, second.employee]
    assert town.comes(client.contact, "call_answered")["employee"] == second.employee
    client.phone.hang_up()
    second.finishes("answered")


def _offered_to(town: Town, contact: str) -> list[Any]:
    return [said["employee"] for kind, said in town.facts(contact) if kind == "call_offered"]


@pytest.fixture(scope="module")
def supervisor(browser: Browser, instance: Product) -> Iterator[Desk]:
    """Somebody in charge, who looks on."""
    yield from _at_work(browser, instance, "supervisor")


def test_the_floor_shows_what_an_operator_does_without_a_reload(supervisor: Desk, first: Desk) -> None:
    supervisor.page.goto("/desk/supervisor/")
    supervisor.page.evaluate("window.kept = true")
    row = supervisor.find("tr").filter(has_text=f"№ {first.number}")
    for state in ("ready", "offline"):
        first.becomes(state)
        expect(row.locator(f".state-{state}")).to_be_visible(timeout=NOT_YET_POLLED_MS)
    assert supervisor.page.evaluate("window.kept")
