"""Who is in another's talk reads its guide, takes no step of it, and leaves by button or key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.journal.models import Fact
from kindline.staff.models import Employee
from kindline.switchboard.models import Operator
from tests.desk import test_screen
from tests.desk.conftest import Switchboard, Talk
from tests.desk.looking import check_axe, eventually, shoot
from tests.desk.test_supervising import enters

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as


def test_a_supervisor_in_a_talk_reads_its_guide_and_takes_no_step(
    house: Callable[..., Any], talk: Talk, supervisor: Employee, switchboard: Switchboard,
    open_as: Callable[[Employee], Page],
) -> None:  # fmt: skip
    house("krc")
    contact = talk("krc")
    Operator.objects.create(employee=supervisor, since=timezone.now(), registered=True)
    enters(contact, supervisor)
    page = open_as(supervisor)
    page.get_by_role("link", name="Calls", exact=True).click()
    expect(page.locator(".watching-note")).to_be_visible()
    for part in (".guide .step-now button", ".guide [data-branch]", ".client-card input"):
        expect(page.locator(part).first).to_be_disabled()
    check_axe(page)
    shoot(page, "watching")
    for key in ("Space", "Enter", "c", "1", "ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("Alt+KeyE")
    eventually(page, lambda: any(path.endswith("/hangup") for path, _body in switchboard.asked))
    assert not Fact.objects.filter(actor=f"employee:{supervisor.pk}", kind__in=("step_done", "branch_taken")).exists()
    expect(page.locator(".trouble")).to_have_count(0)
