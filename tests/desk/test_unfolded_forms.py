"""A form of the result that was opened stays open while what was refused is put right, and afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kindline.clients.models import Account
from kindline.staff.models import Employee
from tests.desk import test_screen
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
