"""What is typed survives: a reload, a dead line, a second click, the back button, a session that is over."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, FilePayload, Page, Route, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from kindline.appeals.models import Appeal, AppealMessage
from kindline.files import queries as files
from kindline.site import puzzles
from kindline.site.models import Submission
from kindline.standard.profile import Profile
from tests.desk.looking import AT_BOTH, WIDE, check_everywhere, comes_true
from tests.files import makers
from tests.site.test_talk import Talk

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
SLOW_MS = 30_000
"""The first question of a run loads the dictionaries."""
NAMES = {"surname": "עֶזְרָא بن سعيد", "given_name": "😀 Зоя 👩‍👩‍👧", "patronymic": "Ёлковна"}
CHOSEN: list[FilePayload] = [
    {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    for name, content in (
        ("счёт.pdf", b"%PDF-1.7 words"), ("план.svg", makers.SVG), ("бомба.zip", makers.bomb()),
        ("видео.pdf", b"%PDF-1.7" + b"x" * 2 * 1024 * 1024), ("картинка.html", makers.gif_and_html()),
    )
]  # fmt: skip
REFUSED = (
    "план.svg: files of this type are not taken", "бомба.zip: unpacked it would be too large",
    "видео.pdf: it is too large. At most 1 MB",
)  # fmt: skip
TAKEN = {"счёт.pdf": "application/pdf", "картинка.html": "image/gif"}
"""What is two things at once is what its first bytes say: it is saved as a picture, and never run."""
TEXT = "Батареи холодные третий день, мастер не пришёл."


@pytest.fixture
def size() -> tuple[int, int]:
    """The window: at a desk where a test does not say otherwise."""
    return WIDE


@pytest.fixture
def page(
    site: Callable[[str], Profile], browser: Browser, live_server: LiveServer, size: tuple[int, int]
) -> Iterator[Page]:
    """The form of a question in somebody's browser."""
    site("krc")
    window: ViewportSize = {"width": size[0], "height": size[1]}
    context = browser.new_context(base_url=live_server.url, locale="en", viewport=window)
    page = context.new_page()
    page.goto("/ask/")
    yield page
    context.close()


def fill(page: Page) -> None:
    """Everything that must be there."""
    page.locator("#f-substance").fill(TEXT)
    page.locator("#f-email").fill("elkin@example.com")
    page.locator("#f-consent").check()


def send(page: Page) -> None:
    """Press the button."""
    page.get_by_role("button", name="Send", exact=True).click()


def test_what_is_wrong_is_where_the_keyboard_is(page: Page) -> None:
    send(page)
    expect(page.locator(".faults[tabindex]")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".faults[tabindex] a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#f-substance")).to_be_focused()


def check_sent(page: Page) -> None:
    """The number and the code are shown, and nothing of the form is kept any more."""
    expect(page.locator("dd.code")).to_be_visible(timeout=SLOW_MS)
    comes_true(page, "!Object.keys(localStorage).some((name) => name.startsWith('kindline.draft'))")


def test_work_that_is_done_within_the_click_sends_the_form_too(page: Page) -> None:
    page.evaluate(
        """(typed) => {  // without an event, upon which the work would begin
          for (const [name, value] of Object.entries(typed)) document.querySelector(name).value = value;
          document.querySelector("#f-consent").checked = true;
          const proof = document.querySelector("[name=proof]");
          proof.dataset.puzzle = proof.dataset.puzzle.replace(/\\.\\d+\\./, ".0.");
        }""",
        {"#f-substance": TEXT, "#f-email": "elkin@example.com"},
    )
    send(page)
    check_sent(page)


@AT_BOTH
def test_it_is_back_after_a_reload_and_gone_after_it_was_sent(page: Page) -> None:
    fill(page)
    page.reload()
    expect(page.get_by_text("What you typed here before is back.")).to_be_visible()
    expect(page.locator("#f-substance")).to_have_value(TEXT)
    expect(page.locator("#f-consent")).to_be_checked()
    check_everywhere(page, "site-draft")
    send(page)
    check_sent(page)
    page.goto("/ask/")
    expect(page.locator("#f-substance")).to_have_value("")
    assert Appeal.objects.get().substance == TEXT
    assert Submission.objects.count() == 1


def test_one_can_begin_anew(page: Page) -> None:
    fill(page)
    page.reload()
    page.get_by_role("button", name="Begin anew").click()
    expect(page.locator("#f-substance")).to_have_value("")
    page.reload()
    expect(page.locator("#f-substance")).to_have_value("")


def test_on_a_shared_computer_nothing_is_kept(page: Page) -> None:
    fill(page)
    page.get_by_label("Keep what I type").uncheck()
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('kindline.draft'))") == []
    page.locator("#f-surname").fill("Ёлкин")
    page.reload()
    expect(page.locator("#f-substance")).to_have_value("")
    expect(page.get_by_label("Keep what I type")).not_to_be_checked()


def test_without_a_connection_it_is_said_and_nothing_is_lost(page: Page) -> None:
    fill(page)
    page.context.set_offline(True)
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("There is no connection now.")
    check_everywhere(page, "site-offline")
    page.context.set_offline(False)
    send(page)
    check_sent(page)
    assert Appeal.objects.count() == 1


def test_when_only_the_answer_was_lost_it_stays_one_question(page: Page) -> None:
    """The line dies after the form has arrived; the browser is closed and opened, and it is sent again."""
    fill(page)

    def die(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    page.route("**/ask/", die)
    send(page)
    expect(page.locator("#f-substance")).to_have_count(0, timeout=SLOW_MS)  # the browser's own page of errors
    page.unroute("**/ask/")
    assert Appeal.objects.count() == 1
    page.goto("/ask/")
    expect(page.locator("#f-substance")).to_have_value(TEXT)
    send(page)
    check_sent(page)
    assert Appeal.objects.count() == 1


@AT_BOTH
def test_a_double_click_and_the_back_button_send_once(page: Page) -> None:
    fill(page)
    posts: list[str] = []
    page.on("request", lambda one: posts.append(one.url) if one.method == "POST" else None)
    page.get_by_role("button", name="Send", exact=True).dblclick()
    check_sent(page)
    assert len(posts) == 1
    page.go_back()
    fill(page)
    send(page)
    check_sent(page)
    assert len(posts) == 2
    assert Appeal.objects.count() == 1
    page.go_back()
    fill(page)
    page.locator("#f-substance").fill("И ещё вопрос")
    send(page)
    check_sent(page)
    assert Appeal.objects.count() == 2


@AT_BOTH
def test_names_with_pictures_and_from_right_to_left_outlive_a_fault_and_are_kept_as_they_were_typed(page: Page) -> None:
    fill(page)
    for name, typed in NAMES.items():
        page.locator(f"#f-{name}").fill(typed)
    page.locator("#f-consent").uncheck()
    send(page)
    expect(page.get_by_role("alert")).to_be_visible(timeout=SLOW_MS)
    for name, typed in NAMES.items():
        expect(page.locator(f"#f-{name}")).to_have_value(typed)
    check_everywhere(page, "site-names")
    page.locator("#f-consent").check()
    send(page)
    check_sent(page)
    row = Appeal.objects.get()
    assert {name: getattr(row, name) for name in NAMES} == NAMES


@pytest.mark.fault("F2")
@AT_BOTH
def test_files_that_are_not_taken_are_named_and_the_text_and_the_others_stay(page: Page, settings: Any) -> None:
    settings.FILES = {**settings.FILES, "size_max": 1024 * 1024}
    fill(page)
    page.locator("#f-files").set_input_files(CHOSEN)
    send(page)
    expect(page.get_by_role("alert")).to_be_visible(timeout=SLOW_MS)
    for said in REFUSED:
        expect(page.get_by_text(said)).to_be_visible()
    expect(page.locator("#f-substance")).to_have_value(TEXT)
    expect(page.locator("#f-email")).to_have_value("elkin@example.com")
    expect(page.locator("#f-consent")).to_be_checked()
    for name in TAKEN:
        expect(page.locator("main bdi", has_text=name)).to_be_visible()
    check_everywhere(page, "site-files-refused")
    send(page)
    check_sent(page)
    assert {one.file.name: one.file.media_type for one in files.of(Appeal.objects.get().owner)} == TAKEN


@AT_BOTH
def test_a_file_of_a_hundred_megabytes_is_told_of_when_it_is_chosen_and_the_others_go(
    page: Page, tmp_path: Path
) -> None:
    video, scan, other = (tmp_path / f"{name}.pdf" for name in ("видео", "счёт", "акт"))
    with video.open("wb") as file:
        file.truncate(100 * 2**20)
    for one in (scan, other):
        one.write_bytes(b"%PDF-1.7 words")
    fill(page)
    page.locator("#f-files").set_input_files([video, scan])
    expect(page.get_by_role("alert")).to_have_text(re.compile("видео.pdf: it is too large. At most 30 MB"))
    assert page.locator("#f-files").evaluate("field => [...field.files].map(one => one.name)") == ["счёт.pdf"]
    check_everywhere(page, "site-files-heavy")
    page.locator("#f-files").set_input_files([scan, other])
    expect(page.locator("#l-files")).to_be_hidden()
    send(page)
    check_sent(page)
    assert {one.file.name for one in files.of(Appeal.objects.get().owner)} == {"счёт.pdf", "акт.pdf"}


def test_the_browser_shows_its_work_and_without_javascript_the_form_works_all_the_same(
    page: Page, browser: Browser, live_server: LiveServer
) -> None:
    page.locator("#f-substance").press_sequentially("?")
    expect(page.locator("[name=proof]")).not_to_have_value("", timeout=SLOW_MS)
    proof, key = page.locator("[name=proof]").input_value(), page.locator("[name=key]").input_value()
    assert puzzles.proven(proof, uuid.UUID(key), timezone.now()) == puzzles.FIRST
    context = browser.new_context(base_url=live_server.url, locale="en", java_script_enabled=False)
    plain = context.new_page()
    plain.goto("/ask/")
    fill(plain)
    assert not plain.get_by_label("Keep what I type").is_visible()
    send(plain)
    expect(plain.locator("dd.code")).to_be_visible(timeout=SLOW_MS)
    context.close()


def test_a_message_whose_answer_was_lost_may_be_added_to(
    site: Callable[[str], Profile], browser: Browser, live_server: LiveServer, visitor: Client
) -> None:
    site("krc")
    talk = Talk(visitor)
    context = browser.new_context(base_url=live_server.url, locale="en")
    page = context.new_page()

    def open_it() -> None:
        page.goto("/status/")
        page.locator("#f-number").fill(talk.known["number"])
        page.locator("#f-code").fill(talk.known["code"])
        page.get_by_role("button", name="Show").click()

    def arrives_and_is_not_answered(route: Route) -> None:
        route.fetch()
        route.abort()

    open_it()
    page.locator("#f-text").fill(TEXT)
    page.route("**/status/write/", arrives_and_is_not_answered, times=1)
    page.get_by_role("button", name="Send the message").click()
    page.wait_for_url("chrome-error://**")
    open_it()
    expect(page.locator("#f-text")).to_have_value(TEXT)
    page.locator("#f-text").fill(f"{TEXT} Приходите вечером.")
    page.get_by_role("button", name="Send the message").click()
    expect(page.get_by_text("Your message has been sent")).to_be_visible(timeout=SLOW_MS)
    expect(page.locator("#talk article")).to_have_count(2)
    expect(page.locator("#talk article").last).to_contain_text("Приходите вечером.")
    assert AppealMessage.objects.count() == 2
    context.close()


def test_a_message_on_the_page_of_the_state_is_kept_too(
    site: Callable[[str], Profile], browser: Browser, live_server: LiveServer, visitor: Client
) -> None:
    site("krc")
    talk = Talk(visitor)
    context = browser.new_context(base_url=live_server.url, locale="en")
    page = context.new_page()

    def open_it() -> None:
        page.goto("/status/")
        page.locator("#f-number").fill(talk.known["number"])
        page.locator("#f-code").fill(talk.known["code"])
        page.get_by_role("button", name="Show").click()

    open_it()
    page.locator("#f-text").fill(TEXT)
    open_it()
    expect(page.locator("#f-text")).to_have_value(TEXT)
    page.get_by_role("button", name="Send the message").click()
    expect(page.get_by_text("Your message has been sent")).to_be_visible(timeout=SLOW_MS)
    comes_true(page, "!Object.keys(localStorage).some((name) => name.startsWith('kindline.draft'))")
    expect(page.locator("#f-text")).to_have_value("")
    open_it()
    expect(page.locator("#f-text")).to_have_value("")
    assert AppealMessage.objects.count() == 1
    context.close()
