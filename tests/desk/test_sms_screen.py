"""The pages of short messages in a real browser: accessible, on a telephone too, led by the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kindline.campaigns.models import Campaign
from kindline.conversations.models import Contact
from kindline.staff.models import Employee
from tests.desk import test_screen, test_sms
from tests.desk.looking import check_axe, check_width, shoot

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as, contact = test_screen.window, test_screen.open_as, test_sms.contact


def test_every_page_is_accessible_and_fits_a_telephone(
    open_as: Callable[[Employee], Page], supervisor: Employee, contact: Contact, krc: Any
) -> None:
    campaign = Campaign.objects.create(
        profile="krc", kind="message", title="Отключение", text="Завтра не будет воды.", created_by=supervisor,
        created_at=contact.started_at, ways=["sms", "voice"],
    )  # fmt: skip
    own = f"campaigns/{campaign.pk}/"
    places = ("sms/", f"sms/{contact.pk}/", "sms/outgoing/", own, f"{own}edit/")
    page = open_as(supervisor)
    for name in places:
        page.goto(f"/desk/{name}")
        expect(page.locator("h1")).to_be_visible()
        shoot(page, f"sms-{name.replace('/', '-').replace(str(contact.pk), 'one')}")
        check_axe(page)
        check_width(page)
    page.goto(f"/desk/sms/{contact.pk}/")
    page.locator("#s-text").fill("Дадут к вечеру.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("ol").get_by_text("Дадут к вечеру.")).to_be_visible()
