"""The year of the working calendar, its draft and those who may sign in a real browser, on a telephone too."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.staff import deputies, signers
from kindline.staff.models import Employee, Unit
from kindline.standard import calendars
from tests.appeals.registry import Registry
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD
from tests.desk.looking import check_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """The edits of this process as they were."""
    yield
    calendars.edits_of("krc").take({}, 0)


@pytest.mark.clause("krc-6.1-09", "krc-6.1-44")
def test_the_administrator_moves_a_day_and_keeps_the_list(open_as: Callable[[Employee], Page], krc: Any) -> None:
    here = Registry(krc, now=timezone.now())
    administrator = here.people["administrator"]
    administrator.language = "ru"
    administrator.set_password(PASSWORD)
    administrator.save()
    here.register(kind="complaint", subject="utility_quality")
    day = krc.calendar.add_working_days(here.now.astimezone(krc.zone).date(), 1)
    page = open_as(administrator)
    page.goto(f"/desk/calendar/?year={day.year}")
    cell = page.locator(f'a[href="?year={day.year}&day={day.isoformat()}#edit"]')
    cell.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#d-day")).to_have_value(day.isoformat())
    page.locator("#d-order").fill("№ 17-к")
    page.locator("#d-reason").fill("санитарный день")
    page.locator("#d-reason").press("Enter")
    expect(page.locator("#draft-head")).to_be_visible()
    expect(page.get_by_text("Сроков изменится: 1")).to_be_visible()
    check_everywhere(page, "calendar-draft")
    page.get_by_role("button", name="Ввести в действие").click()
    expect(page.locator("#draft-head")).to_have_count(0)
    expect(page.get_by_role("table", name="Изменено приказами")).to_contain_text("№ 17-к")
    check_everywhere(page, "calendar")
    unit = Unit.objects.get()
    signers.name_signer(
        profile_id="krc", person=here.people["director"], valid_from=dt.date(2026, 1, 1), valid_to=None,
        order="№ 3-к", kinds=["complaint"], units=[unit], employee=administrator, now=here.now,
    )  # fmt: skip
    deputies.name_deputy(
        profile_id="krc", absent=here.people["director"], deputy=here.people["supervisor"], valid_to=None,
        valid_from=dt.date(2026, 1, 1), order="№ 4-к", employee=administrator, now=here.now,
    )  # fmt: skip
    page.goto("/desk/signers/")
    expect(page.get_by_role("table", name="Полномочия на подпись")).to_contain_text("№ 3-к")
    expect(page.get_by_role("table", name="Кто за кого подписывает")).to_contain_text("№ 4-к")
    page.get_by_text("Только для некоторых видов или подразделений").click()
    check_everywhere(page, "signers")
