"""Whole visits in a real browser: by keys and clicks, through a reload, at desk and telephone width."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from kindline.appeals.models import Appeal
from kindline.clients.models import Account
from kindline.conversations.models import Contact, DocumentSet, Topic
from kindline.journal.models import Fact
from kindline.staff.models import Employee, Role
from tests.desk.conftest import PASSWORD, employee, steps_done
from tests.desk.looking import NARROW, WIDE, at_width, check_axe, check_everywhere, eventually, shoot

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
ACCOUNT = {"account_number": "5500123456", "address": "Лесная 12а кв 4"}


@pytest.fixture
def counter(db: None) -> Employee:
    """An employee at the counter."""
    names = {"surname": "Лебедева", "given_name": "Ольга", "patronymic": "Петровна", "gender": "f"}
    return employee("counter1", Role.COUNTER, number=31, language="ru", position="специалист", **names)


@pytest.fixture
def topics(db: None) -> dict[str, Topic]:
    """A topic of each standard."""
    titles = {"voe": "Повірка лічильника", "krc": "Начисления"}
    return {code: Topic.objects.create(profile=code, code="matter", title=title) for code, title in titles.items()}


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, counter: Employee) -> Iterator[Page]:
    """A page at the counter, logged in as a person does."""
    window: BrowserContext = browser.new_context(
        base_url=live_server.url, viewport={"width": WIDE[0], "height": WIDE[1]}
    )
    window.set_default_timeout(10_000)
    made = window.new_page()
    made.goto("/login/")
    made.get_by_label(re.compile("User name|Имя|Ім")).fill(counter.username)
    made.locator("#id_password").fill(PASSWORD)
    made.keyboard.press("Enter")
    made.wait_for_url(re.compile("/desk/visits/$"))
    yield made
    window.close()


def _begin(page: Page) -> Contact:
    """A visitor comes: the button has the focus already."""
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/desk/visits/[0-9a-f-]{36}/$"))
    expect(page.locator(".step-now h3")).to_be_visible()
    return Contact.objects.get()


def _now(page: Page) -> Locator:
    return page.locator(".step-now")


def _kinds(contact: Contact) -> set[str]:
    return set(Fact.objects.filter(subject_id=str(contact.pk)).values_list("kind", flat=True))


def _step(page: Page, contact: Contact, step: str) -> None:
    """Do the present step by the space bar, out of the field where one has been typed in."""
    if page.evaluate("document.activeElement.matches('input, textarea, select')"):
        page.keyboard.press("Escape")
    page.keyboard.press("Space")
    eventually(page, lambda: step in steps_done(contact))


def _print(page: Page, button: str, printed: Callable[[], object]) -> None:
    """A paper opens in a tab of its own."""
    with page.context.expect_page():
        page.locator(button).click()
    eventually(page, printed)
    page.bring_to_front()


def _purpose(page: Page, contact: Contact, topic: Topic) -> None:
    """What the visitor came for; what is typed outlives a reload."""
    expect(page.locator("#ask-purpose-matter")).to_be_focused()
    page.keyboard.type("Хоче повірити лічильник")
    page.locator("#ask-purpose-topic").select_option(str(topic.pk))
    page.reload()
    expect(page.locator("#ask-purpose-matter")).to_have_value("Хоче повірити лічильник")
    expect(page.locator("#ask-purpose-topic")).to_have_value(str(topic.pk))
    page.locator("[data-step-action]").click()
    eventually(page, lambda: Contact.objects.get().topic_id == topic.pk)
    expect(page.locator("#step-title")).not_to_contain_text("потребность")
    _step(page, contact, "explain")


def _documents(page: Page, contact: Contact) -> None:
    """The passport is told, the set checked against it with one document missing, and taken."""
    page.keyboard.press("d")
    page.locator("#ask-passport-service").select_option("meter_check")
    expect(page.locator(".passport")).to_contain_text("Протокол повірки")
    _step(page, contact, "passport")
    expect(_now(page).locator(".phrase")).to_contain_text("у день звернення")
    for step in ("documents_term", "payment_term", "help_filling"):
        _step(page, contact, step)
    page.locator("[data-step-action]").click()
    expect(_now(page).locator("[role=alert]")).to_have_count(3)
    for document, mark in (("application", "there"), ("identity", "there"), ("receipt", "missing")):
        page.locator(f"[name=mark-meter_check-{document}][value={mark}]").check()
    page.locator("#documents-due").fill("2099-02-01")
    check_everywhere(page, "visit-voe-documents")
    page.reload()
    expect(page.locator("#step-title")).to_contain_text("комплект")
    expect(page.locator("[name=mark-meter_check-receipt][value=missing]")).to_be_checked()
    expect(page.locator("#documents-due")).to_have_value("2099-02-01")
    page.locator("[data-step-action]").click()
    eventually(page, lambda: DocumentSet.objects.filter(due_on__isnull=False).exists())
    expect(page.locator("#step-title")).to_contain_text("исправить")
    _step(page, contact, "right_way")
    page.locator("[data-step-action]").click()
    eventually(page, lambda: DocumentSet.objects.exclude(number="").exists())
    expect(page.locator("#step-title")).not_to_contain_text("исправить")


def _account(page: Page, contact: Contact) -> None:
    """Account data after identification, and then the contact data, which cannot be left out."""
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    for field, value in ACCOUNT.items():
        page.locator(f"#ask-identify-{field}").fill(value)
    page.locator("[data-step-action]").click()
    eventually(page, lambda: "identified" in _kinds(contact))
    expect(page.locator("#step-title")).to_contain_text("Сообщить")
    page.locator("[data-step-action]").click()
    eventually(page, lambda: "account_shown" in _kinds(contact))
    page.locator(".trail button").click()
    expect(page.locator("#ask-contact_data-phone")).to_be_visible()
    expect(_now(page)).not_to_contain_text("Пропустить")
    page.locator("#ask-contact_data-phone").fill("+380671112233")
    page.locator("[data-step-action]").click()
    eventually(page, lambda: "contact_data_confirmed" in _kinds(contact))


def _farewell(page: Page, contact: Contact) -> None:
    """Sum up, next steps, the sheet, goodbye."""
    expect(page.locator("#step-title")).to_contain_text("итог")
    _step(page, contact, "summary")
    page.locator("#ask-next_steps-next_steps").fill("Принести квитанцію")
    _step(page, contact, "next_steps")
    _print(page, "#memo", lambda: "memo_given" in _kinds(contact))
    expect(page.locator("#step-title")).to_contain_text("попрощаться")
    page.locator("[data-step-done]").click()
    eventually(page, lambda: "farewell" in steps_done(contact))


@pytest.mark.clause("voe-3-01", "voe-3-06", "voe-3-12", "voe-3-13", "voe-3-23", "voe-3-24", "voe-3-25", "voe-3-27")
def test_a_whole_visit_in_voe(page: Page, house: Any, account: Account, topics: dict[str, Topic]) -> None:
    house("voe")
    page.reload()
    check_everywhere(page, "visits-empty")
    page.locator("#new-visit").focus()
    contact = _begin(page)
    check_everywhere(page, "visit-voe")
    _step(page, contact, "greet")
    _purpose(page, contact, topics["voe"])
    _documents(page, contact)
    _account(page, contact)
    _farewell(page, contact)
    page.keyboard.press("Alt+r")
    page.locator("input[name=outcome][value=documents_awaited]").check()
    check_everywhere(page, "visit-voe-result")
    page.locator("#close-contact").click()
    expect(page.locator("#next-visitor")).to_be_visible()
    eventually(page, lambda: Contact.objects.get().closed_at)
    assert Contact.objects.get().outcome == "documents_awaited"
    page.goto("/desk/visits/")
    check_everywhere(page, "visits")
    expect(page.locator("table").first).to_contain_text("Квитанция об оплате")
    expect(page.locator("table").first).to_contain_text("Ёлкин")


@pytest.mark.clause("krc-5.4.3-04", "krc-5.4.3-06", "krc-6.1-32", "krc-6.1-34", "krc-5.4.3-19")
def test_a_whole_visit_in_krc_with_an_appeal_on_the_blank(
    page: Page, krc: Any, account: Account, topics: dict[str, Topic]
) -> None:
    contact = _begin(page)
    page.keyboard.press("2")
    _step(page, contact, "greet")
    said = Fact.objects.get(kind="step_done", subject_id=str(contact.pk)).data
    assert (said["phrase"], said["by"]) == ("Здравствуйте!", "key")
    page.locator("#client-search").fill("ёлкин")
    page.locator(".found .menu-item").first.click()
    eventually(page, lambda: Contact.objects.get().client_id == account.client_id)
    expect(page.locator(".call-who")).to_contain_text("Ёлкин")

    page.locator(".row-open button", has_text="цели визита").click()
    page.locator("#ask-purpose-matter").fill("Не согласен с начислением")
    page.locator("#ask-purpose-topic").select_option(str(topics["krc"].pk))
    page.locator("[data-step-action]").click()
    eventually(page, lambda: "topic_set" in _kinds(contact))
    expect(page.locator("[data-step-action]")).to_have_count(0)
    page.keyboard.press("n")
    _step(page, contact, "say_not_now")
    page.locator("#ask-offer_written-reason").fill("нужно поднять архив")
    _step(page, contact, "offer_written")
    shoot(page, "visit-krc-1440")
    with at_width(page, NARROW):
        shoot(page, "visit-krc-390")
        check_axe(page)
    page.locator("[data-step-action]").click()
    form = page.locator("#form-appeal")
    expect(form).to_have_attribute("open", "")
    form.locator(".outcome", has_text="Жалоба").first.click()
    form.locator("input[name=appeal-form][value=written]").check()
    page.locator("#appeal-substance").fill("Прошу проверить начисление за март")
    page.reload()
    expect(page.locator(".step-now")).to_be_visible()
    page.keyboard.press("Alt+r")
    page.locator("#form-appeal summary").first.click()
    expect(page.locator("#appeal-substance")).to_have_value("Прошу проверить начисление за март")
    page.locator("#register-appeal").click()
    eventually(page, Appeal.objects.exists)
    appeal = Appeal.objects.get()
    assert appeal.form == "written"
    _print(page, f"#blank-{appeal.pk}", lambda: "blank_printed" in _kinds(contact))
    page.locator("input[name=outcome][value=written_appeal]").check()
    expect(page.locator("#close-skip-reason")).to_be_visible()
    page.locator("#close-skip-reason").select_option("visitor_left")
    check_everywhere(page, "visit-krc-result")
    page.locator("#close-contact").click()
    eventually(page, lambda: Contact.objects.get().closed_at)
    assert Contact.objects.get().outcome == "written_appeal"
    page.locator("#next-visitor").click()
    eventually(page, lambda: Contact.objects.count() == 2)
