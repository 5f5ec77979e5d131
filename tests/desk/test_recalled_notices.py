"""A notice of a longer term is taken back on the appeal's page, and the term says that it was called off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.appeals.models import Appeal, ClientNotice
from kindline.staff.models import Employee
from tests.appeals.registry import Registry
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD
from tests.desk.looking import check_everywhere

pytestmark = [pytest.mark.clause("krc-6.1-14", "krc-6.1-15")]
window, open_as = test_screen.window, test_screen.open_as


def asked(krc: Any) -> tuple[Registry, Appeal]:
    """More time was asked for; the applicant is not told yet."""
    here = Registry(krc, now=timezone.now())
    Employee.objects.update(language="en")
    appeal = here.at("assigned")
    here.perform("extend", appeal, here.people["unit_head"])
    return here, appeal


@pytest.mark.browser
@pytest.mark.db(transaction=True)
def test_an_extension_is_called_off_on_the_card(open_as: Callable[[Employee], Page], krc: Any) -> None:
    here, appeal = asked(krc)
    head = Employee.objects.get(pk=here.people["unit_head"].pk)
    head.set_password(PASSWORD)
    head.save()
    page = open_as(head)
    page.goto(f"/desk/appeals/{appeal.pk}/")
    page.get_by_text("Take the notice back").click()
    check_everywhere(page, "notice-taken-back")
    page.get_by_label("Why it is taken back").fill("Срок хватит")
    page.get_by_role("button", name="Take back").click()
    expect(page.locator("#limit")).to_contain_text("extension called off")
    expect(page.get_by_text("taken back before it had gone")).to_be_visible()
    check_everywhere(page, "extension-called-off")


@pytest.mark.db
def test_without_a_reason_it_is_refused_and_to_others_it_is_not_offered(krc: Any) -> None:
    here, appeal = asked(krc)
    address, browser = f"/desk/appeals/{appeal.pk}/", Browser(headers={"accept-language": "en"})
    notice = ClientNotice.objects.get()
    browser.force_login(here.people["operator"])
    assert 'value="recall_notice"' not in browser.get(address).content.decode()
    posted = {"verb": "recall_notice", "notice": notice.pk, "recall_why": "опечатка"}
    assert browser.post(address, posted).status_code == 422
    browser.force_login(here.people["unit_head"])
    refused = browser.post(address, posted | {"recall_why": " "})
    assert refused.status_code == 422
    assert f'name="notice" value="{notice.pk}"' in refused.content.decode()
    notice.refresh_from_db()
    assert notice.recalled_at is None
    assert browser.post(address, posted).status_code == 302
    assert "extension called off" in browser.get(address).content.decode()
