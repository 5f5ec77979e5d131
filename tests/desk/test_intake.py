"""The clerk's form: who applies, what each channel requires, and a browser in which it goes by keys alone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kindline.appeals.models import Appeal
from kindline.staff.models import Employee
from tests.appeals.registry import Registry
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD
from tests.desk.looking import check_everywhere
from tests.desk.test_registry import _as, here

__all__ = ["here"]
window, open_as = test_screen.window, test_screen.open_as
NEW = "/desk/appeals/new/"


@pytest.mark.db
class TestForms:
    def test_a_firm_is_registered_shown_and_taken_out(self, here: Registry) -> None:
        browser = _as(here, "counter")
        said = {"channel": "paper", "kind": "proposal", "substance": "Bench", "applicant_kind": "firm"}
        refused = browser.post(NEW, said)
        assert refused.status_code == 422
        assert 'aria-describedby="e-firm"' in refused.content.decode()
        assert refused.content.decode().count("autofocus") == 1
        browser.post(NEW, said | {"firm_name": "ООО «Берёзка»"})
        made = Appeal.objects.get()
        assert (made.applicant_kind, made.firm_name) == ("firm", "ООО «Берёзка»")
        page = browser.get(f"/desk/appeals/{made.pk}/").content.decode()
        assert "ООО «Берёзка»" in page
        assert "a firm" in page
        assert "ООО «Берёзка»" in browser.get("/desk/appeals/?q=берёзка").content.decode()
        table = browser.get("/desk/appeals/?format=csv&purpose=handling_appeals")
        assert "ООО «Берёзка»" in b"".join(table.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]

    def test_contact_data_and_none_at_once_are_refused(self, here: Registry) -> None:
        said = {"channel": "paper", "kind": "proposal", "substance": "Bench", "applicant_kind": "no_contact"}
        answer = _as(here, "counter").post(NEW, said | {"email": "a@example.org"})
        assert answer.status_code == 422
        assert "There are contact data" in answer.content.decode()

    def test_without_a_script_the_channel_is_looked_at_and_nothing_is_lost(self, here: Registry, house: Any) -> None:
        house("court")
        said = {"channel": "phone", "substance": "Скамья", "residence": "ул. Лесная, 1", "look": "1"}
        answer = _as(here, "counter").post(NEW, said)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "Required on this channel: Surname" in page
        assert 'value="ул. Лесная, 1"' in page
        assert not Appeal.objects.exists()

    def test_the_next_letter_comes_by_the_same_way(self, here: Registry) -> None:
        said = {"channel": "office", "kind": "proposal", "substance": "Bench", "next": "1"}
        answer = _as(here, "counter").post(NEW, said, follow=True)
        assert answer.redirect_chain == [(f"{NEW}?channel=office", 302)]
        assert f"Registered: {Appeal.objects.get().number}." in answer.content.decode()
        assert '<option value="office" selected>' in answer.content.decode()


@pytest.mark.browser
@pytest.mark.db(transaction=True)
def test_the_form_changes_with_the_channel_and_goes_by_keys(
    here: Registry, house: Any, open_as: Callable[[Employee], Page]
) -> None:
    house("court")
    clerk = here.people["counter"]
    clerk.set_password(PASSWORD)
    clerk.save()
    page = open_as(clerk)
    page.goto(NEW)
    expect(page.locator("#i-kind")).to_be_focused()
    expect(page.locator("#i-came")).to_be_visible()
    page.locator("#i-residence").fill("ул. Лесная, 1")
    page.keyboard.press("Alt+h")
    expect(page.locator("#i-way")).to_be_focused()
    page.locator("#i-way").select_option("phone")
    expect(page.locator("#i-came")).to_be_hidden()
    expect(page.locator("[data-needed]")).to_contain_text("Surname")
    expect(page.locator("#i-residence")).to_have_value("ул. Лесная, 1")
    page.locator("#i-patronymic").focus()
    page.keyboard.press("Alt+n")
    expect(page.locator('[name="none_patronymic"]')).to_be_checked()
    page.keyboard.press("Alt+w")
    expect(page.locator("#i-applicant")).to_be_focused()
    expect(page.locator("#i-firm")).to_be_hidden()
    page.locator("#i-applicant").select_option("firm")
    page.locator("#i-firm").fill("ТОВ «Лан»")
    check_everywhere(page, "intake")
    page.keyboard.press("Alt+s")
    expect(page.locator("#i-substance")).to_be_focused()
    page.keyboard.insert_text("Поставьте скамью")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#i-surname")).to_be_focused()
    expect(page.locator("#e-surname")).to_contain_text("court-1-21")
    page.locator("#i-surname").fill("Коваль")
    page.locator("#i-given_name").fill("Ольга")
    page.locator('[name="none_email"]').check()
    page.locator("#i-phone").fill("+380441234567")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("court-")
    made = Appeal.objects.get()
    assert (made.applicant_kind, made.firm_name, made.residence) == ("firm", "ТОВ «Лан»", "ул. Лесная, 1")
