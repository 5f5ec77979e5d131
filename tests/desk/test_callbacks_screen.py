"""The list of callbacks in a real browser: those promised, those from the queue, those who gave up; at every width."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.clients import wishes
from kindline.conversations.models import Callback, Contact
from kindline.staff.models import Employee, Role
from tests.desk import test_screen
from tests.desk.conftest import employee
from tests.desk.looking import check_everywhere, check_width

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as
NAMES = {"surname": "Савченко", "given_name": "Ирина", "gender": "f"}


@pytest.fixture
def operator(db: None) -> Employee:
    return employee("operator7", Role.OPERATOR, number=7, language="ru", position="оператор", **NAMES)


@pytest.fixture
def promised(operator: Employee) -> list[Callback]:
    """One of each kind; one of them is being called."""
    now = timezone.now()
    contact = Contact.objects.create(profile="krc", version="1", channel="phone", started_at=now, caller="+79271112233")
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("promised", {"employee": operator, "name": "Пётр Семёнович", "matter": "Перерасчёт"}),
        ("queue", {"queue": "billing", "waits_since": now, "attempts": 1}),
        ("queue", {"queue": "general", "waits_since": now, "call": contact.pk}),
        ("abandoned", {"queue": "general"}),
        ("promised", {"employee": operator, "state": "kept", "closed_at": now}),
    ]
    made: list[Callback] = []
    for number, (origin, more) in enumerate(kinds):
        due_at = now + dt.timedelta(hours=number - 1, minutes=30)
        phone = f"+7927111224{number}"
        made.append(
            Callback.objects.create(contact=contact, phone=phone, promised_at=now, due_at=due_at, origin=origin, **more)
        )
    return made


@pytest.fixture
def page(open_as: Callable[[Employee], Page], operator: Employee) -> Page:
    return open_as(operator)


def test_every_kind_of_callback_stands_in_one_list(page: Page, promised: list[Callback]) -> None:
    wishes.bar_number(
        phone=promised[3].phone, country="RU", via="desk", employee_id=None, actor="client", now=timezone.now()
    )
    page.goto("/desk/callbacks/")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.nth(3)).to_contain_text("Этот человек просил ему не звонить.")
    expect(rows.nth(3).get_by_role("button", name="Позвонить сейчас")).to_have_count(0)
    expect(rows.nth(1)).to_contain_text("место в очереди сохранено")
    expect(rows.nth(2)).to_contain_text("звоним")
    expect(rows.nth(3)).to_contain_text("положил трубку, не дождавшись")
    expect(page.get_by_text("Вовремя выполнено за последние 30 дней: 1 из 2")).to_be_visible()
    check_everywhere(page, "callbacks")
    check_width(page)
    rows.nth(3).get_by_text("ещё").click()
    rows.nth(3).locator("select[name=outcome]").select_option("reached")
    rows.nth(3).locator("select[name=outcome] + button").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    assert Callback.objects.get(pk=promised[3].pk).state == "kept"
