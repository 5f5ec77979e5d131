"""The operator is told that nobody is heard, and has the turn for a bad line at hand, until somebody speaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.journal.models import Fact
from kindline.staff.models import Employee
from tests.desk import test_screen
from tests.desk.conftest import Talk, becomes
from tests.desk.looking import check_everywhere, eventually

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as


@pytest.mark.clause("krc-5.6.3-10")
def test_silence_offers_the_turn_for_a_bad_line_and_is_gone_with_the_first_word(
    krc: Any, talk: Talk, operator: Employee, open_as: Callable[[Employee], Page]
) -> None:
    contact = talk()
    page = open_as(operator)
    place = page.locator(".silence-place")
    expect(place).to_have_attribute("role", "status")
    expect(place).to_be_empty()
    becomes(contact, silence_at=timezone.now())
    page.reload()
    expect(place).to_contain_text("На линии никого не слышно с обеих сторон.")
    check_everywhere(page, "silence")
    page.locator("#silence-bad-line").click()
    expect(page.locator(".phrase").first).to_be_visible()
    expect(page.locator("#silence-bad-line")).to_have_count(0)
    eventually(page, lambda: Fact.objects.filter(kind="branch_taken", data__branch="bad_line").exists())
    becomes(contact, silence_at=None)
    page.reload()
    expect(place).to_be_empty()
