"""A part of a page that follows the news changes only where it differs: who is at something in it stays there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.staff.models import Employee, Role
from kindline.switchboard.models import Operator
from tests.desk import test_screen
from tests.desk.conftest import Switchboard, Talk, employee
from tests.desk.looking import check_axe, eventually, shoot

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as


def _comes(surname: str) -> None:
    """Somebody who stands first in the list of operators."""
    new = employee(f"new{surname}", Role.OPERATOR, surname=surname, given_name="Алла")
    Operator.objects.create(employee=new, state="ready", since=timezone.now(), registered=True)
    connection.close()


@pytest.mark.clause("krc-5.6.4-20")
def test_the_floor_is_renewed_under_the_hand(
    krc: Any, talk: Talk, supervisor: Employee, switchboard: Switchboard, open_as: Callable[[Employee], Page]
) -> None:
    contact = talk()
    page = open_as(supervisor)
    page.goto("/desk/supervisor/")
    call = page.locator(f"td > a[href*='{contact.pk}']").first
    call.focus()
    _comes("Абрамова")
    expect(page.locator("tbody").first).to_contain_text("Абрамова", timeout=20_000)
    expect(call).to_be_focused()
    shoot(page, "floor-renewed")
    check_axe(page)
    listen = page.locator("button[id^='listen-']")
    listen.hover()
    page.mouse.down()
    with page.expect_response(lambda answer: "part=1" in answer.url, timeout=20_000):
        _comes("Яковлева")
    expect(page.locator("tbody").first).to_contain_text("Яковлева")
    page.mouse.up()
    page.wait_for_load_state()
    eventually(page, lambda: any("/supervise" in path for path, _ in switchboard.asked))


@pytest.mark.clause("krc-5.6.4-20")
def test_a_form_that_is_clicked_twice_is_sent_once(
    krc: Any, talk: Talk, supervisor: Employee, open_as: Callable[[Employee], Page]
) -> None:
    talk()
    page = open_as(supervisor)
    page.goto("/desk/supervisor/")
    prevented = page.evaluate(
        """() => { const form = document.querySelector("button[id^='listen-']").form, prevented = [];
        addEventListener("submit", (event) => { prevented.push(event.defaultPrevented); event.preventDefault(); });
        form.requestSubmit(); form.requestSubmit(); return prevented; }"""
    )
    assert prevented == [False, True]
