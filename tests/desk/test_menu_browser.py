"""The editor of the voice menu in a real browser: by keyboard, mouse and microphone, and with somebody else at once."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import FilePayload, Locator, Page, expect

from kindline.staff.models import Employee, Role
from kindline.switchboard import menu_versions, sounds
from kindline.switchboard.models import MenuSound, MenuVersion
from tests.desk import test_screen
from tests.desk.conftest import employee
from tests.desk.looking import check_everywhere, comes_true

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as
OpenAs = Callable[[Employee], Page]


@pytest.fixture(autouse=True)
def voice(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A voice that says a tenth of a second a letter, and has said nothing before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    settings.VOICES = ["tests.switchboard.test_prompts.Good"]


@pytest.fixture(autouse=True)
def patient() -> Iterator[None]:
    """What is typed is saved and checked before it is seen: on a busy machine that takes its time."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def draft(krc: Any, supervisor: Employee) -> MenuVersion:
    """A draft out of the standard's own menu."""
    return menu_versions.draft_menu(profile=krc, based_on=1, employee=supervisor, now=timezone.now())


@pytest.fixture
def page(open_as: OpenAs, supervisor: Employee, draft: MenuVersion) -> Page:
    """The draft's page."""
    found = open_as(supervisor)
    found.goto("/desk/menu/versions/2/")
    expect(found.locator("#menu-status")).to_contain_text("Saved")
    return found


def saved(page: Page, draft: MenuVersion, revision: int) -> dict[str, Any]:
    """The draft as it is kept, once the page says that what was done last is saved."""
    for _ in range(400):
        row = MenuVersion.objects.get(pk=draft.pk)
        if row.revision >= revision:
            return dict(row.content)
        page.wait_for_timeout(50)
    raise AssertionError(f"revision {row.revision}, not {revision}")


def keys(page: Page, level: str) -> Locator:
    """The options of a level as they stand."""
    return page.locator(f".menu-level:has(> #add-{level}) > .tree > li")


def level(content: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in content["nodes"] if one["id"] == name)


def test_the_tree_is_edited_by_keyboard_and_checked_at_once(page: Page, draft: MenuVersion) -> None:
    page.get_by_role("button", name="Move up: 2 Payment", exact=True).press("Enter")
    expect(keys(page, "bills").first).to_have_attribute("data-option", "2")
    expect(page.get_by_role("button", name="Move up: 2 Payment", exact=True)).to_be_focused()
    expect(page.locator("#menu-status")).to_contain_text("Payment was moved")
    page.get_by_label("Move to: 9 Repeat").first.select_option("offices")
    expect(keys(page, "offices").last).to_have_attribute("data-option", "9")
    page.locator("#add-offices").press("Enter")
    expect(keys(page, "offices")).to_have_count(6)
    made = keys(page, "offices").last
    made.get_by_label("What the key does").select_option("info")
    made.get_by_label("Title in English").fill("Parking")
    made.get_by_role("textbox", name="Message: Parking").fill("Стоянка во дворе.")
    made.get_by_label("Key", exact=True).select_option("1")
    expect(page.locator("#menu-faults")).to_contain_text("the key 1 is taken twice")
    made.get_by_label("Key", exact=True).select_option("5")
    expect(page.locator("#menu-faults")).not_to_contain_text("taken twice")
    content = saved(page, draft, 3)
    option = level(content, "offices")["options"][-1]
    assert (option["digit"], option["action"], option["prompt"]["text"]) == ("5", "info", "Стоянка во дворе.")
    page.get_by_role("button", name="Remove *: Return to the menu").first.click()
    expect(page.locator("#menu-faults")).to_contain_text("krc-5.6.6-16")
    check_everywhere(page, "menu-editor")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#menu-faults").get_by_text("krc-5.6.6-16")).to_have_count(0)


def test_what_is_open_in_the_tree_stays_open_when_a_change_is_undone(page: Page, draft: MenuVersion) -> None:
    page.get_by_role("button", name="Change 2: Payment", exact=True).click()
    page.get_by_label("Title in English").fill("Paying")
    page.get_by_role("button", name="Move up: 2 Paying", exact=True).click()
    expect(keys(page, "bills").first).to_have_attribute("data-option", "2")
    page.get_by_role("button", name="Undo").click()
    expect(keys(page, "bills").first).not_to_have_attribute("data-option", "2")
    expect(page.get_by_label("Title in English")).to_have_value("Paying")
    assert "Paying" in str(saved(page, draft, 2))


def test_an_option_is_dragged_to_another_level_with_all_below_it(page: Page, draft: MenuVersion) -> None:
    page.set_viewport_size({"width": 1440, "height": 5000})  # nothing scrolls while the mouse is down
    grip = keys(page, "bills").nth(1).locator(".menu-grip").first
    grip.hover()
    page.mouse.down()
    page.locator("#add-quality").hover()
    page.locator("#add-quality").hover()  # the second move is over it, the first only begins
    page.mouse.up()
    expect(keys(page, "quality")).to_have_count(7)
    moved = keys(page, "quality").last
    expect(moved).to_contain_text("Payment")
    expect(moved.locator("#add-payment")).to_be_visible()
    content = saved(page, draft, 2)
    assert [one["digit"] for one in level(content, "quality")["options"]][-1] == "5"
    assert level(content, "quality")["options"][-1]["target"] == "payment"


def test_messages_are_recorded_uploaded_and_spoken_each_with_its_length(
    page: Page, draft: MenuVersion, tmp_path: Path
) -> None:
    greeting = page.locator("[data-message=greeting]")
    length = greeting.locator("[data-length]")
    expect(length).to_contain_text("not spoken yet")
    page.get_by_role("button", name="Let the voice say what is not recorded").click()
    expect(length).to_contain_text("voice, 4.7 s")
    greeting.get_by_role("button", name="Record by microphone").click()
    stop = greeting.get_by_role("button", pressed=True)
    expect(stop).to_be_visible()
    comes_true(page, "began => performance.now() - began > 1500", arg=page.evaluate("performance.now()"))
    stop.click()
    expect(length).to_contain_text("recording,")
    expect(greeting.locator("audio")).to_have_count(1)
    assert MenuSound.objects.get().way == "microphone"
    assert MenuSound.objects.get().duration_s > 0.5
    upload = greeting.locator("input[type=file]")
    upload.set_input_files(FilePayload(name="a.mp3", mimeType="audio/mpeg", buffer=b"this is no sound"))
    expect(greeting.get_by_role("alert")).to_contain_text("no sound file")
    sounds.write(tmp_path / "long.wav", [8000 if n // 10 % 2 else -8000 for n in range(8000 * 16)])
    upload.set_input_files(str(tmp_path / "long.wav"))
    expect(length).to_contain_text("recording, 16.0 s")
    expect(page.locator("#menu-faults")).to_contain_text("krc-5.6.6-05")
    greeting.get_by_role("button", name="Take the recording away").click()
    expect(length).to_contain_text("voice, 4.7 s")


def test_two_at_once_lose_nothing_that_was_typed(page: Page, draft: MenuVersion, krc: Any) -> None:
    content = copy.deepcopy(draft.content)
    level(content, "main")["options"][0]["target"] = "billing"
    other = employee("admin", Role.ADMINISTRATOR, surname="Коваль")
    menu_versions.save_menu_draft(
        version=draft, profile=krc, content=content, revision=1, employee=other, now=timezone.now()
    )
    page.get_by_label("Greeting", exact=True).fill("Добрый день! Северный дом.")
    clash = page.locator("#menu-clash")
    expect(clash).to_contain_text("Коваль")
    expect(clash).to_contain_text("Main menu, 1: where it leads (readings → billing)")
    expect(page.get_by_label("Greeting", exact=True)).to_have_value("Добрый день! Северный дом.")
    check_everywhere(page, "menu-clash")
    page.get_by_role("button", name="Keep mine as a draft of its own").click()
    page.wait_for_url("**/desk/menu/versions/3/")
    expect(page.get_by_label("Greeting", exact=True)).to_have_value("Добрый день! Северный дом.")
    assert level(MenuVersion.objects.get(number=2).content, "main")["options"][0]["target"] == "billing"


def test_what_could_not_be_sent_is_kept_and_sent_again(page: Page, draft: MenuVersion) -> None:
    down = [True]
    page.route("**/save", lambda route: route.abort() if down[0] else route.continue_())
    page.get_by_label("Greeting", exact=True).fill("Добрый день!")
    expect(page.locator("#menu-status")).to_contain_text("Not saved")
    down[0] = False
    page.get_by_role("button", name="Save again").click()
    expect(page.locator("#menu-status")).to_contain_text("Saved at")
    assert saved(page, draft, 2)["greeting"]["text"] == "Добрый день!"


def test_the_pages_around_it_are_accessible_and_a_version_goes_into_force(
    open_as: OpenAs, draft: MenuVersion, krc: Any
) -> None:
    director = employee("director", Role.DIRECTOR, Role.SUPERVISOR, surname="Гай")
    page = open_as(director)
    page.goto("/desk/menu/versions/2/")
    expect(page.locator("#menu-status")).to_contain_text("Saved")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("Approved. Say from when on it holds.")).to_be_visible()
    check_everywhere(page, "menu-approved")
    page.get_by_role("button", name="Put into force now").click()
    expect(page.get_by_text("The version is in force.")).to_be_visible()
    for address, name in (("versions/", "menu-versions"), ("use/", "menu-use"), ("", "menu-in-force")):
        page.goto(f"/desk/menu/{address}")
        expect(page.locator("h1")).to_be_visible()
        check_everywhere(page, name)
