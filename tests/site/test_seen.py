"""The site in a real browser: by keyboard alone, accessible, on a small telephone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from kindline.appeals import declining, notifying
from kindline.appeals.models import Appeal
from kindline.journal.models import Fact
from kindline.site import layout, queries
from kindline.site.models import ItemPage, PageWording, Submission
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile
from tests.desk.looking import check_everywhere
from tests.files.makers import SVG, picture
from tests.site.test_talk import Talk

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
Open = Callable[[str], Page]
SLOW_MS = 30_000
"""A form is sent after some work of the browser, and the first one of a run loads the dictionaries."""


@pytest.fixture
def open_in(browser: Browser, live_server: LiveServer) -> Iterator[Open]:
    """A browser of somebody who speaks a language."""
    made = []

    def opened(language: str) -> Page:
        context = browser.new_context(
            base_url=live_server.url, locale=language, viewport={"width": 1440, "height": 900}
        )
        made.append(context)
        return context.new_page()

    yield opened
    for context in made:
        context.close()


SECTIONS = {
    "krc": (
        ("sections", "/info/"),
        ("section", "/info/population/"),
        ("item", "/info/general/requisites/"),
        ("news", "/info/news/news-organisation/"),
    )
}


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
@pytest.mark.parametrize("profile", ["krc", "court"])
def test_every_page_is_accessible_and_fits_a_telephone(
    site: Callable[[str], Profile], open_in: Open, profile: str, language: str
) -> None:
    layout.lay_out(profile=site(profile))
    page = open_in(language)
    for name, address in (
        ("home", "/"),
        ("ask", "/ask/"),
        ("status", "/status/"),
        ("outages", "/outages/"),
        ("search", "/search/?q=x"),
        *SECTIONS.get(profile, ()),
    ):
        page.goto(address)
        assert page.locator("script").count() == {"ask": 2, "status": 1}.get(name, 0)  # everything here works without
        check_everywhere(page, f"site-{profile}-{language}-{name}")
    page.goto("/ask/")
    page.get_by_role("button", name=SEND[language]).click()
    expect(page.get_by_role("alert")).to_be_visible(timeout=SLOW_MS)
    check_everywhere(page, f"site-{profile}-{language}-faults")


SEND = {"uk": "Надіслати", "ru": "Отправить", "en": "Send"}


def test_a_question_is_put_by_keyboard_alone_and_its_state_is_seen(
    site: Callable[[str], Profile], open_in: Open
) -> None:
    site("krc")
    page = open_in("ru")
    page.goto("/ask/")
    page.locator("#f-substance").focus()
    page.keyboard.type("Когда придёт счёт?")
    for word in ("", "", "Ёлкин", "Пётр", "Семёнович", "", "", "elkin@example.com"):
        page.keyboard.press("Tab")
        page.keyboard.type(word)
    page.locator("#f-consent").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Спасибо за обращение!")).to_be_visible(timeout=SLOW_MS)
    check_everywhere(page, "site-asked")
    assert Appeal.objects.get().email == "elkin@example.com"
    code = queries.code_of(Submission.objects.get().pk)
    expect(page.get_by_text(code)).to_be_visible()
    page.get_by_role("button", name="Что с моим вопросом").click()
    expect(page.get_by_role("definition").filter(has_text="Зарегистрировано")).to_be_visible()
    check_everywhere(page, "site-state")


def tab_to(page: Page, selector: str, most: int = 90) -> None:
    """Walk with the Tab key until an element that fits has the focus; it must be seen where it is."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            assert page.evaluate("document.activeElement.getBoundingClientRect().height > 0")
            return
    raise AssertionError(f"{selector} is not reached by {most} presses of Tab from {page.url}")


def test_the_site_is_walked_by_tab_from_the_top_of_its_first_page_to_a_corrected_form(
    site: Callable[[str], Profile], open_in: Open
) -> None:
    """The way over the menu, the skip link, the form, and from the list of faults to the field and back to sending."""
    site("krc")
    page = open_in("ru")
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    tab_to(page, "header nav a[href='/ask/']")
    page.keyboard.press("Enter")
    expect(page.locator("#f-substance")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    tab_to(page, "#f-substance")
    page.keyboard.type("Когда придёт счёт?")
    tab_to(page, "main form button.main")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible(timeout=SLOW_MS)
    tab_to(page, ".faults a[href='#f-consent']")
    page.keyboard.press("Enter")
    expect(page.locator("#f-consent")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#f-consent")).to_be_checked()
    page.keyboard.press("Shift+Tab")
    tab_to(page, "main form button.main", 8)


@pytest.mark.parametrize(
    "address", ["/ask/", "/readings/", "/account/register/", "/account/letter/", "/account/enter/"]
)
def test_without_scripts_the_focus_is_on_what_is_wrong_and_the_title_says_it(
    site: Callable[[str], Profile], browser: Browser, live_server: LiveServer, address: str
) -> None:
    """What stands on a page as it comes is no news to a screen reader, whatever its role: the focus tells it."""
    site("krc")
    context = browser.new_context(base_url=live_server.url, locale="uk", java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(address)
        page.locator("main button.main").first.click()
        expect(page.locator(".faults[tabindex]")).to_be_focused(timeout=SLOW_MS)
        expect(page).to_have_title(re.compile("^Перевірте: "))
    finally:
        context.close()


@pytest.mark.parametrize("address", ["/ask/", "/readings/", "/meeting/", "/account/register/"])
def test_whoever_went_to_a_field_of_the_page_is_not_sent_there_past_what_is_wrong(
    site: Callable[[str], Profile], open_in: Open, address: str
) -> None:
    """The skip link and the links of the faults leave their mark in the address: it must not go with the form."""
    site("krc")
    page = open_in("uk")
    page.goto(address)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    wrong = page.locator(".faults[tabindex]")
    for _ in range(2):
        page.locator("main form[data-draft] button.main, main form[novalidate] button.main").first.click()
        expect(wrong).to_be_focused(timeout=SLOW_MS)
        assert "#" not in page.url
        wrong.get_by_role("link").first.click()
        expect(page).to_have_url(re.compile("#f-"))


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_the_talk_is_accessible_on_the_page_of_the_state_and_on_the_card(
    site: Callable[[str], Profile], open_in: Open, visitor: Client, tmp_path: Path, language: str
) -> None:
    site("krc")
    talk = Talk(visitor)
    asked = declining.request_data(
        appeal=talk.appeal, text="Пришлите номер счётчика", employee=talk.executor, now=timezone.now()
    )
    notifying.mark_notice_sent(notice=asked, channel="web", proof="", now=timezone.now())
    talk.answers("Мы ждём номер.")
    page = open_in(language)
    page.goto("/status/")
    page.locator("#f-number").fill(talk.known["number"])
    page.locator("#f-code").fill(talk.known["code"])
    page.keyboard.press("Enter")
    bad = tmp_path / "план.svg"
    bad.write_bytes(SVG)
    page.locator("#f-text").fill("Номер 4711")
    page.locator("#f-files").set_input_files(bad)
    page.locator("#talk button.main").click()
    expect(page.locator("#e-files")).to_contain_text("план.svg", timeout=SLOW_MS)
    expect(page.locator("#f-text")).to_have_value("Номер 4711")
    check_everywhere(page, f"site-talk-{language}-faults")
    bad.write_bytes(picture())
    page.locator("#f-files").set_input_files(bad)
    page.locator("#talk button.main").focus()
    page.keyboard.press("Enter")
    expect(page.locator("article.message")).to_have_count(2, timeout=SLOW_MS)
    check_everywhere(page, f"site-talk-{language}")
    Appeal.objects.update(answered_at=timezone.now())
    page.goto("/status/")
    page.locator("#f-number").fill(talk.known["number"])
    page.locator("#f-code").fill(talk.known["code"])
    page.keyboard.press("Enter")
    page.locator("[name=answer][value='4']").check()
    page.locator("#rating button").click()
    expect(page.locator("#e-rating")).to_be_visible(timeout=SLOW_MS)
    page.locator("[name=service][value='5']").check()
    page.locator("#rating button").click()
    expect(page.locator("#rating .done")).to_be_visible(timeout=SLOW_MS)
    check_everywhere(page, f"site-rating-{language}")
    talk.executor.set_password("for-this-run-only")
    talk.executor.save()
    page.goto(f"/login/?next=/desk/appeals/{talk.appeal.pk}/")
    page.locator("input[name=username]").fill(talk.executor.username)
    page.locator("input[name=password]").fill("for-this-run-only")
    page.keyboard.press("Enter")
    expect(page.locator("#m-message")).to_be_visible(timeout=SLOW_MS)
    check_everywhere(page, f"card-talk-{language}")
    assert "data_received" in Fact.objects.values_list("kind", flat=True)


def test_with_large_letters_everything_still_fits(site: Callable[[str], Profile], open_in: Open) -> None:
    site("voe")
    page = open_in("uk")
    page.goto("/ask/")
    page.get_by_role("button", name="Для слабозорих").click()
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 24
    check_everywhere(page, "site-large")
    page.get_by_role("button", name="Звичайна версія").click()
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") < 24


@pytest.mark.parametrize("language", ["uk", "en"])
def test_the_page_of_what_is_published_is_accessible_and_confirms_by_keyboard(
    site: Callable[[str], Profile], live_server: LiveServer, browser: Browser, language: str
) -> None:
    layout.lay_out(profile=site("krc"))
    roles = [Role.UNIT_HEAD, Role.SITE_ADMINISTRATOR]
    Employee.objects.create_user("head", password="for-this-run-only", roles=roles, language=language)
    PageWording.objects.filter(page__in=ItemPage.objects.filter(slot="tariffs"), language="en").delete()
    changed = ItemPage.objects.get(slot="requisites")
    changed.title = "Наши реквизиты"
    changed.save_revision().publish()
    context = browser.new_context(base_url=live_server.url, locale=language, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/login/?next=/desk/published/")
    page.locator("input[name=username]").fill("head")
    page.locator("input[name=password]").fill("for-this-run-only")
    page.keyboard.press("Enter")
    expect(page.locator("button[name=slot]").first).to_be_visible()
    expect(page.locator(f'a[href="/cms/pages/{changed.pk}/edit/"]')).to_be_visible()
    check_everywhere(page, f"site-published-{language}")
    first = page.locator("button[name=slot]").first
    key = first.get_attribute("value")
    first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"button[value={key}]")).to_be_visible()
    assert Fact.objects.get(kind="slot_reviewed").subject_id == key
    context.close()


def test_while_a_question_is_typed_pages_are_suggested_that_are_never_in_the_way(
    site: Callable[[str], Profile], open_in: Open
) -> None:
    layout.lay_out(profile=site("krc"))
    page = open_in("ru")
    page.goto("/ask/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    field, hints = page.locator("#f-substance"), page.locator("[data-suggest]")
    expect(hints.get_by_role("link")).to_have_count(0)
    field.focus()
    page.keyboard.type("Как передать показания, Пётр 4711, petr@example.org")
    links = hints.get_by_role("link")
    expect(links.first).to_have_text("Как передать показания счётчиков", timeout=SLOW_MS)
    expect(hints.get_by_role("status")).to_contain_text("Возможно, ответ уже есть")
    expect(field).to_be_focused()
    assert any("/search/suggest/" in address for address in asked)
    assert "4711" not in "".join(asked)
    assert quote("пётр") not in "".join(asked)
    assert "example" not in "".join(asked)
    check_everywhere(page, "site-suggested")
    with page.expect_popup() as opened:
        links.first.press("Enter")
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Как передать показания счётчиков")
    expect(field).to_have_value("Как передать показания, Пётр 4711, petr@example.org")
    hints.get_by_role("button").press("Enter")
    expect(links).to_have_count(0)
    expect(field).to_be_focused()
