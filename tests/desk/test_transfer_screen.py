"""The list of whom to pass a call on to is asked when it is opened, and stays fresh as long as it is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, Request, Route, expect

from kindline.staff.models import Employee, Role
from kindline.switchboard.models import Operator
from tests.desk import test_screen
from tests.desk.conftest import Talk, employee
from tests.desk.looking import check_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as


@pytest.mark.clause("krc-5.6.4-15", "krc-5.6.4-20")
def test_the_list_is_asked_while_it_is_open(
    krc: Any, talk: Talk, operator: Employee, open_as: Callable[[Employee], Page]
) -> None:
    talk()
    other = employee("specialist", Role.SPECIALIST, surname="Петрова", given_name="Алла")
    Operator.objects.create(employee=other, state="paused", since=timezone.now(), registered=True)
    page = open_as(operator)
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url) if "/desk/passing.json" in request.url else None

    page.on("request", note)
    page.reload()
    expect(page.locator(".call-card")).to_be_visible()
    assert asked == []
    page.keyboard.press("Alt+KeyT")
    row = page.locator(".colleagues .menu-item", has_text="Петрова")
    expect(row).to_contain_text("Пауза")
    check_everywhere(page, "transfer-list")
    Operator.objects.filter(employee=other).update(state="ready")
    connection.close()
    expect(row).to_contain_text("Готов")
    assert asked


@pytest.mark.clause("krc-5.6.4-15", "krc-5.6.4-20")
def test_whoever_types_while_the_list_comes_goes_on_typing(
    krc: Any, talk: Talk, operator: Employee, open_as: Callable[[Employee], Page]
) -> None:
    talk()
    page = open_as(operator)
    expect(page.locator(".call-card")).to_be_visible()
    held: list[Route] = []
    page.route("**/desk/passing.json", lambda route: held.append(route))  # noqa: PLW0108 - it is marked
    with page.expect_request("**/desk/passing.json"):
        page.keyboard.press("Alt+KeyT")
    page.locator("#transfer-matter").click()
    page.keyboard.type("Нет горячей ")
    expect(page.get_by_text("Кому")).to_have_count(0)
    for route in held:
        route.continue_()
    expect(page.locator(".transfer .form-label", has_text="Кому")).to_be_visible()
    page.keyboard.type("воды")
    expect(page.locator("#transfer-matter")).to_have_value("Нет горячей воды")
