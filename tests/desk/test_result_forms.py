"""The forms of the result: what was told is not typed twice; a form that was opened stays open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kindline.appeals import letters
from kindline.appeals.models import Appeal
from kindline.clients.models import Account, Client, ContactPoint
from kindline.conversations.models import Contact
from kindline.staff.models import Employee
from tests.desk import looking, test_screen
from tests.desk.conftest import Talk

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as


@pytest.mark.parametrize("by", ["click", "refusal"])
@pytest.mark.clause("court-1-20", "court-1-25")
def test_the_form_of_an_appeal_is_not_folded_away_when_its_last_fault_is_put_right(
    by: str, open_as: Callable[[Employee], Page], house: Any, operator: Employee, talk: Talk, account: Account
) -> None:
    house("court")
    talk("court", client=account.client)
    page = open_as(operator)
    page.keyboard.press("Alt+r")
    form, send = page.locator("#form-appeal"), page.locator("#register-appeal")
    form.locator("> summary").click()
    form.locator("label.outcome input").first.check()
    if by == "refusal":
        send.click()
        expect(page.locator("#appeal-substance-note .clause")).to_be_visible()
    page.locator("#appeal-substance").fill("Суддя не надав відповіді на заяву")
    expect(page.locator("#appeal-substance-note .clause")).to_have_count(0)
    expect(send).to_be_visible()
    for name in ("surname", "given_name", "residence"):
        if not page.locator(f"#appeal-{name}").input_value():
            page.locator(f"#appeal-{name}").fill("Київ")
    for name in ("patronymic", "phone", "email"):
        if not page.locator(f"#appeal-{name}").input_value():
            page.locator(f"#appeal-none-{name}").check()
    send.click()
    expect(page.locator(".registered strong").first).to_be_visible()
    form.locator("> summary").click()
    expect(page.locator(".registered strong").first).to_be_hidden()


@pytest.mark.clause("krc-5.6.4-13", "krc-6.1-26")
def test_the_way_of_the_answer_is_asked_with_its_address_and_kept_on_the_appeal(
    open_as: Callable[[Employee], Page], krc: Any, operator: Employee, talk: Talk, account: Account
) -> None:
    Client.objects.filter(pk=account.client_id).update(residence="")
    ContactPoint.objects.filter(client=account.client_id, kind="email").delete()
    talk(client=account.client)
    page = open_as(operator)
    page.keyboard.press("Alt+r")
    form, send = page.locator("#form-appeal"), page.locator("#register-appeal")
    form.locator("> summary").click()
    form.locator("label.outcome input").first.check()
    page.locator("#appeal-substance").fill("Пересчитайте плату за отопление")
    ways = form.get_by_label("Как ответить")
    expect(ways.locator("option:checked")).to_have_text("обычным путём: письмо")
    ways.select_option("email")
    send.click()
    expect(page.locator("#appeal-email-note")).to_be_visible()
    page.locator("#appeal-email").fill("koval@example.org")
    looking.shoot(page, "result-way-of-answer")
    for name in ("surname", "given_name", "patronymic", "residence", "phone"):
        if page.locator(f"#appeal-{name}").is_visible() and not page.locator(f"#appeal-{name}").input_value():
            page.locator(f"#appeal-{name}").fill("+79210000001" if name == "phone" else "Лесная")
    send.click()
    expect(page.locator(".registered strong").first).to_be_visible()
    made = Appeal.objects.get()
    assert (made.answer_by, made.email) == ("email", "koval@example.org")
    assert letters.channel_of(krc, made) == "email"


@pytest.mark.clause("krc-6.1-28")
def test_what_the_talk_has_told_stands_in_the_result_and_kind_and_subject_are_chosen(
    open_as: Callable[[Employee], Page], krc: Any, operator: Employee, talk: Talk, account: Account
) -> None:
    contact = talk(client=account.client)
    page = open_as(operator)
    page.keyboard.press("Space")
    page.locator("#ask-need-matter").fill("Нет горячей воды третий день")
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    page.locator("#ask-appeal_subject-kind").select_option("complaint")
    page.locator("#ask-appeal_subject-subject").select_option(index=1)
    subject = page.locator("#ask-appeal_subject-subject").input_value()
    page.keyboard.press("Escape")
    page.locator("[data-step-done]").click()
    expect(page.locator("#ask-appeal_take-substance")).to_have_value("Нет горячей воды третий день")
    taken = page.locator("#ask-appeal_take-substance")
    taken.fill("")
    page.locator("#ask-appeal_take-email").click()
    expect(taken).to_have_value("")
    assert "substance" not in Contact.objects.get(pk=contact.pk).guide["fields"]  # a glance into it saves nothing
    taken.fill("Нет горячей воды третий день")
    page.locator("[data-step-done]").click()
    page.keyboard.press("Alt+r")
    expect(page.locator("#close-summary")).to_have_value("Нет горячей воды третий день")
    page.locator("#form-appeal > summary").click()
    expect(page.locator("#appeal-substance")).to_have_value("Нет горячей воды третий день")
    expect(page.locator("#form-appeal .outcome.chosen")).to_have_text("жалоба")
    expect(page.locator("#appeal-subject")).to_have_value(subject)
    page.wait_for_function("() => !JSON.parse(localStorage.getItem('kindline.outbox') || '[]').length")
    assert Contact.objects.get(pk=contact.pk).guide["fields"]["substance"] == "Нет горячей воды третий день"
