"""The operator is told again and again that a client waits on hold, and with which words to come back to him."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.conversations.models import Contact
from kindline.desk import picture
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.switchboard.machine.state import Hold, Phase
from kindline.switchboard.models import Call
from tests.desk import test_screen
from tests.desk.conftest import Talk, becomes
from tests.desk.looking import check_everywhere

window, open_as = test_screen.window, test_screen.open_as


def on_hold(contact: Contact, who: Employee, reminded_s: float | None) -> None:
    """The client has been put on hold for the second time."""
    hold = Hold(timezone.now(), who.pk, reminded_s) if reminded_s is not None else None
    becomes(contact, hold=hold, holds=2, hold_s=35.0, phase=Phase.HELD if hold else Phase.TALKING)


@pytest.mark.browser
@pytest.mark.db(transaction=True)
@pytest.mark.clause("krc-5.6.3-03")
def test_the_screen_reminds_of_a_client_on_hold_until_he_is_back(
    krc: Any, talk: Talk, operator: Employee, open_as: Callable[[Employee], Page]
) -> None:
    contact = talk()
    page = open_as(operator)
    place = page.locator(".hold-place")
    expect(place).to_have_attribute("role", "alert")
    expect(place).to_be_empty()
    on_hold(contact, operator, 120.0)
    page.reload()
    expect(place).to_contain_text("Клиент на удержании уже 2:00: вернитесь к нему.")
    expect(place).to_contain_text("Благодарю Вас за ожидание.")
    expect(page.locator(".call-facts")).to_contain_text("2 × · 0:3")
    check_everywhere(page, "hold")
    on_hold(contact, operator, None)
    page.reload()
    expect(page.locator(".call-facts")).to_contain_text("2 × · 0:35")
    expect(place).to_be_empty()


@pytest.mark.db
@pytest.mark.clause("court-3-11")
def test_the_picture_has_the_longest_hold_where_the_standard_gives_one(
    krc: Any, talk: Talk, operator: Employee
) -> None:
    contact = talk()
    on_hold(contact, operator, 180.0)
    shown = picture.as_json(Call.objects.get(pk=contact.pk), contact, operator, loader.load("court"))["hold"]
    assert shown == {
        "times": 2, "over_s": 35, "reminded_s": 180.0, "step": "return_to_talk", "max_s": 180.0, "clause": "court-3-11",
    }  # fmt: skip
    assert picture.as_json(Call.objects.get(pk=contact.pk), contact, operator, krc)["hold"]["max_s"] is None
