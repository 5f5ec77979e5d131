"""What is typed at the operator's screen stays in its field, whatever comes; a click is for what it aimed at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from kindline.clients.models import Account
from kindline.conversations.models import Contact
from kindline.journal.models import Fact
from kindline.staff.models import Employee, Role
from kindline.switchboard.models import Call, Operator
from tests.desk import test_screen
from tests.desk.conftest import Switchboard, Talk, employee, steps_done, with_colleague
from tests.desk.looking import check_axe, comes_true, eventually, shoot

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as


def _now(page: Page, title: str) -> None:
    expect(page.locator("#step-title")).to_contain_text(title)


@pytest.fixture
def court(house: Callable[..., Any], talk: Talk, operator: Employee, open_as: Callable[[Employee], Page]) -> Page:
    """A talk under court, in which an applicant is dissatisfied and has been heard out."""
    house("court")
    talk("court")
    page = open_as(operator)
    expect(page.locator(".step-now")).to_be_visible()
    page.keyboard.press("d")
    _now(page, "выслушать")
    page.keyboard.press("Space")
    _now(page, "причину")
    return page


@pytest.mark.clause("court-2-03", "court-2-04")
def test_a_step_that_is_done_by_its_field_waits_until_the_field_is_left(court: Page) -> None:
    reason, measure = court.locator("#ask-find_reason-reason"), court.locator("#ask-take_measure-measure")
    expect(reason).to_be_focused()
    court.keyboard.type("Грубо ")
    eventually(court, Fact.objects.filter(kind="reason_recorded").exists)
    expect(court.locator(".row-done, .step-past").nth(1)).to_be_visible()
    court.keyboard.type("ответили")
    expect(reason).to_have_value("Грубо ответили")
    expect(reason).to_be_focused()
    expect(court.locator(".step-past .tag-done")).to_be_visible()
    shoot(court, "step-past-being-typed")
    check_axe(court)
    court.keyboard.press("Escape")
    expect(measure).to_have_value("")
    eventually(court, lambda: Contact.objects.get().guide["fields"].get("reason") == "Грубо ответили")


@pytest.mark.clause("court-2-03", "court-2-04")
@pytest.mark.parametrize("leaving", ["Enter", "click"])
def test_a_step_that_its_field_has_done_is_left_by_one_press(court: Page, leaving: str) -> None:
    court.keyboard.type("Грубо ответили")
    eventually(court, Fact.objects.filter(kind="reason_recorded").exists)
    expect(court.locator(".step-past .tag-done")).to_be_visible()
    if leaving == "Enter":
        court.keyboard.press("Enter")
        expect(court.locator("#ask-take_measure-measure")).to_be_focused()
    else:  # what is pressed stays under the pointer until it is let go
        court.locator("[data-branch]").last.hover()
        named = court.locator("[data-branch]").last.get_attribute("data-branch")
        court.mouse.down()
        court.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        court.mouse.up()
        expect(court.locator(".turn-now")).to_have_attribute("data-branch", str(named))


@pytest.mark.clause("court-2-02", "court-2-03")
def test_a_double_click_does_one_step(
    house: Callable[..., Any], talk: Talk, operator: Employee, open_as: Callable[[Employee], Page]
) -> None:
    house("court")
    contact = talk("court")
    page = open_as(operator)
    steps = page.locator(".step-list .row-title").all_inner_texts()
    page.locator("[data-step-done]").hover()
    page.mouse.down()
    page.mouse.up()
    _now(page, steps[1])
    page.locator("[data-step-done]").hover()
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    eventually(page, lambda: len(steps_done(contact)) == 1)
    _now(page, steps[1])
    page.locator("[data-step-done]").click()
    eventually(page, lambda: len(steps_done(contact)) == 2)


@pytest.mark.clause("court-2-03")
def test_the_reason_to_leave_a_step_out_is_kept_for_that_step(court: Page) -> None:
    court.locator(".step-now").get_by_role("button", name="Пропустить").click()
    expect(court.locator("#skip-reason")).to_be_focused()
    contact = Contact.objects.get()
    court.evaluate(
        """async ([url, csrf]) => { await fetch(url, { method: "POST", headers: { "Content-Type": "application/json",
        "X-CSRFToken": csrf }, body: JSON.stringify({ field: "reason", value: "грубость", source: "asked" }) }) }""",
        [
            f"/desk/calls/{contact.pk}/field",
            court.evaluate("JSON.parse(document.getElementById('desk-config').textContent).csrf"),
        ],
    )
    _now(court, "Принять меры")
    expect(court.locator("#skip-reason")).to_have_count(0)
    court.locator(".step-now").get_by_role("button", name="Пропустить").click()
    expect(court.locator("#skip-reason")).to_be_focused()


@pytest.mark.clause("court-2-03")
def test_whoever_types_as_the_client_hangs_up_goes_on_typing(court: Page) -> None:
    reason = court.locator("#ask-find_reason-reason")
    expect(reason).to_be_focused()
    court.keyboard.type("Грубо ")
    contact, now = Contact.objects.get(), timezone.now()
    Call.objects.filter(pk=contact.pk).update(state="ended", ended_at=now, changed_at=now)
    Contact.objects.filter(pk=contact.pk).update(ended_at=now)
    Operator.objects.update(state="wrap_up", since=now)
    connection.close()
    expect(court.locator(".call-wrap_up")).to_be_visible()
    court.keyboard.type("ответили")
    expect(reason).to_have_value("Грубо ответили")
    court.keyboard.press("Escape")
    expect(court.locator("#form-close")).to_be_visible()


@pytest.mark.clause("krc-5.6.4-04")
def test_letters_of_a_field_that_went_away_are_no_keys(
    krc: Any, talk: Talk, operator: Employee, open_as: Callable[[Employee], Page]
) -> None:
    contact = talk()
    page = open_as(operator)
    title = page.locator("#step-title").inner_text()
    page.locator("#client-search").click()
    page.keyboard.type("les")
    page.evaluate("document.getElementById('client-search').remove()")
    page.keyboard.type("naja 12")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    _now(page, title)
    expect(page.locator(".turn-now, .row-done, .tag-done")).to_have_count(0)
    page.locator("#step-title").click()
    page.keyboard.press("Space")
    eventually(page, lambda: steps_done(contact) == ["greet"])


@pytest.mark.clause("krc-5.6.4-04")
def test_every_digit_keyed_in_a_talk_is_sent(
    krc: Any, talk: Talk, operator: Employee, open_as: Callable[[Employee], Page], switchboard: Switchboard
) -> None:
    talk()
    page = open_as(operator)
    page.keyboard.press("Alt+KeyK")
    expect(page.locator(".keypad")).to_be_visible()
    held: list[Route] = []
    page.route("**/dtmf", lambda route: held.append(route), times=1)  # noqa: PLW0108 - it is marked
    with page.expect_request("**/dtmf"):
        page.keyboard.press("1")
    page.locator(".keypad button", has_text="2").click()
    page.keyboard.press("3")
    page.keyboard.press("Shift+Digit8")
    held[0].continue_()

    def sent() -> str:
        return "".join(body["digits"] for path, body in switchboard.asked if path.endswith("/dtmf"))

    eventually(page, lambda: sent() == "123*")


def _passed_to(contact: Contact, colleague: Employee, **changes: Any) -> None:
    with_colleague(contact, colleague, **changes)
    connection.close()


@pytest.mark.clause("krc-5.6.4-15", "krc-5.6.4-20")
def test_the_matter_is_typed_on_while_a_colleague_answers_and_refuses(
    krc: Any, talk: Talk, operator: Employee, other: Employee, open_as: Callable[[Employee], Page]
) -> None:
    contact = talk()
    page = open_as(operator)
    page.keyboard.press("Alt+KeyT")
    expect(page.locator(".colleagues .menu-item")).to_be_visible()
    matter = page.locator("#transfer-matter")
    matter.click()
    page.keyboard.type("Нет ")
    before = Call.objects.get(pk=contact.pk)
    _passed_to(contact, other)
    expect(page.locator("#transfer-introduce")).to_be_visible()
    page.keyboard.type("горячей ")
    Call.objects.filter(pk=contact.pk).update(state=before.state, data=before.data, changed_at=timezone.now())
    connection.close()
    expect(page.locator(".colleagues .menu-item")).to_be_visible()
    page.keyboard.type("воды")
    expect(matter).to_be_focused()
    expect(matter).to_have_value("Нет горячей воды")
    check_axe(page)


@pytest.mark.clause("krc-5.6.4-15")
def test_a_line_of_the_list_stays_the_line_of_its_colleague(
    krc: Any, talk: Talk, operator: Employee, open_as: Callable[[Employee], Page]
) -> None:
    last = employee("specialist", Role.SPECIALIST, surname="Яковлева", given_name="Алла")
    Operator.objects.create(employee=last, state="ready", since=timezone.now(), registered=True)
    talk()
    page = open_as(operator)
    page.keyboard.press("Alt+KeyT")
    line = page.locator(".colleagues .menu-item", has_text="Яковлева")
    line.focus()
    first = employee("specialist2", Role.SPECIALIST, surname="Абрамова", given_name="Вера")
    Operator.objects.create(employee=first, state="ready", since=timezone.now(), registered=True)
    connection.close()
    expect(page.locator(".colleagues .menu-item").first).to_contain_text("Абрамова")
    expect(line).to_be_focused()


@pytest.mark.clause("krc-5.5.2-06", "krc-5.5.2-07")
def test_two_wishes_said_at_once_are_both_kept(
    krc: Any, talk: Talk, operator: Employee, account: Account, open_as: Callable[[Employee], Page]
) -> None:
    talk(client=account.client)
    page = open_as(operator)
    held: list[Route] = []
    page.route("**/call-wishes", lambda route: held.append(route), times=1)  # noqa: PLW0108 - it is marked
    boxes = page.locator("fieldset", has_text="опрос").locator("input[type=checkbox]")
    with page.expect_request("**/call-wishes"):
        boxes.first.check()
    boxes.last.check()
    held[0].continue_()

    def kept() -> bool:
        account.client.refresh_from_db()
        return account.client.survey_consent and account.client.do_not_call

    eventually(page, kept)
    expect(boxes.first).to_be_checked()
    expect(boxes.last).to_be_checked()


@pytest.mark.clause("krc-5.6.4-15")
def test_what_was_emptied_stays_empty(
    krc: Any, talk: Talk, operator: Employee, account: Account, open_as: Callable[[Employee], Page]
) -> None:
    talk(client=account.client)
    page = open_as(operator)
    page.keyboard.press("Alt+KeyT")
    name = page.locator("#transfer-name")
    expect(name).to_have_value("Ёлкин Пётр Семёнович")
    name.press("Control+a")
    page.keyboard.press("Backspace")
    expect(name).to_have_value("")
    page.keyboard.type("Ivan")
    expect(name).to_have_value("Ivan")
    page.keyboard.press("Alt+KeyR")
    page.locator("#form-callback > summary").click()
    due = page.locator("#callback-due")
    expect(due).not_to_have_value("")
    due.focus()
    page.keyboard.press("Backspace")
    comes_true(page, "document.getElementById('callback-due').value === ''")
    expect(page.locator(".call-timer")).not_to_have_text(page.locator(".call-timer").inner_text())
    expect(due).to_have_value("")


@pytest.mark.parametrize(("opener", "inside"), [("Пауза", ".menu .menu-item"), ("Клавиши", ".dialog")])
def test_a_closed_panel_gives_the_keyboard_back(
    opener: str, inside: str, krc: Any, operator: Employee, open_as: Callable[[Employee], Page]
) -> None:
    page = open_as(operator)
    button = page.locator(".desk-bar").get_by_role("button", name=opener)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(inside).first).to_be_visible()
    if opener == "Пауза":
        page.keyboard.press("Tab")
    expect(page.locator(inside).first).to_be_focused()
    check_axe(page)
    page.keyboard.press("Escape")
    expect(page.locator(inside)).to_have_count(0)
    expect(button).to_be_focused()


def _leave_unsent(page: Page, who: int, contact: str, text: str) -> None:
    """A letter that an earlier page of this browser could not send."""
    url = f"/desk/calls/{contact}/field"
    letter = {"key": f"field/{contact}/matter", "url": url, "body": {"field": "matter", "value": text}, "who": who}
    page.evaluate("(one) => localStorage.setItem('kindline.outbox', JSON.stringify([one]))", letter)
    page.reload()


UNSENT = "JSON.parse(localStorage.getItem('kindline.outbox') ?? '[]').map((letter) => letter.body.value)"


@pytest.mark.parametrize("mine", [False, True], ids=["a-colleague's", "of-a-call-that-is-mine-no-more"])
def test_a_letter_that_cannot_go_holds_up_no_other(
    house: Callable[..., Any], talk: Talk, operator: Employee, open_as: Callable[[Employee], Page], mine: bool
) -> None:
    house("krc")
    contact, other = talk("krc"), employee("other", Role.OPERATOR)
    theirs = Contact.objects.create(
        channel="phone", direction="in", profile="krc", started_at=timezone.now(), employee=other
    )
    page = open_as(operator)
    _leave_unsent(page, operator.pk if mine else other.pk, str(theirs.pk), "Что сказал прежний клиент")
    if mine:
        expect(page.locator(".notice")).to_contain_text("сейчас не ваш")
    expect(page.locator(".step-now")).to_be_visible()
    page.keyboard.press("Space")
    page.locator("#ask-need-matter").fill("Перерасчёт за отпуск")
    eventually(page, lambda: "Перерасчёт за отпуск" in str(Contact.objects.get(pk=contact.pk).guide))
    expect(page.locator(".trouble")).to_have_count(0)
    assert page.evaluate(UNSENT) == ([] if mine else ["Что сказал прежний клиент"]), "it waits for whoever wrote it"
    assert "matter" not in str(Contact.objects.get(pk=theirs.pk).guide)
