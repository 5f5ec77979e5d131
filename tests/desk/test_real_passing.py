"""A real call is passed on by clicks: to a department's extension, to a deputy, and where nobody is."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.desk import calling
from tests.desk.calling import Client, Desk, Town
from tests.desk.looking import check_everywhere
from tests.plugins.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.asterisk]
MATTER = "Перерасчёт за отопление"
DEPARTMENT, EXTENSION = "Отдел по работе с потребителями", "50"


@pytest.fixture(scope="module")
def town(instance: Product) -> Iterator[Town]:
    """Telephones outside."""
    with calling.outside(instance) as made:
        yield made


@pytest.fixture(scope="module")
def first(browser: Browser, instance: Product) -> Iterator[Desk]:
    """An operator."""
    made = calling.log_in(browser, instance, "operator1")
    yield made
    made.context.close()


@pytest.fixture(scope="module")
def clerk(browser: Browser, instance: Product) -> Iterator[Desk]:
    """A specialist of the department, who stands in for the other one, who is away."""
    made = calling.log_in(browser, instance, "specialist1")
    yield made
    made.context.close()


@pytest.fixture(autouse=True)
def _left_as_found(town: Town, first: Desk, clerk: Desk) -> Iterator[None]:
    for desk in (first, clerk):
        desk.opens()
    yield
    town.at_rest(first.employee, clerk.employee)


def surname_of(town: Town, username: str) -> str:
    """Somebody of the organisation."""
    return str(town.rows("SELECT surname FROM staff_employee WHERE username = %s", username)[0][0])


def talks(town: Town, first: Desk) -> Client:
    """A client with whom the operator talks, greeted and asked what it is about."""
    first.becomes("ready")
    client = town.calls()
    first.answers()
    first.page.keyboard.press("Space")
    first.find("#ask-need-matter").fill(MATTER)
    first.page.keyboard.press("Escape")
    return client


def warned(first: Desk) -> None:
    """The client has heard that he is passed on; the list of whom to is open."""
    first.page.keyboard.press("t")
    first.find("#ask-transfer_warn-client_name").fill("Иван Ильич")
    first.says()
    first.find("[data-step-action]").click()
    expect(department(first)).to_be_visible(timeout=calling.SOON_MS)


def department(first: Desk) -> Locator:
    """The line of the department."""
    return first.find(".transfer button.menu-item").filter(has_text=f"внутренний номер {EXTENSION}")


def takes_over(town: Town, client: Client, first: Desk, clerk: Desk) -> None:
    """The colleague answers, hears who it is, and has the client; what the client is told names him as he is."""
    clerk.rings()
    expect(clerk.find(".transfer")).to_contain_text(MATTER, timeout=calling.SOON_MS)
    clerk.answers()
    first.find("#transfer-introduce").click()
    town.comes(client.contact, "transfer_introduced")
    first.says()
    expect(first.find(".phrase")).to_contain_text(f"{DEPARTMENT}, {clerk.surname}")
    expect(first.find(".phrase")).not_to_contain_text("(")
    first.says()
    first.find("#transfer-connect").click()
    expect(clerk.find("#hold")).to_be_visible(timeout=calling.SOON_MS)
    clerk.knows(client.surname)
    first.shows("wrap_up")
    expect(first.find(".result .finished")).to_contain_text(clerk.surname)
    client.phone.hang_up()
    clerk.shows("wrap_up")
    clerk.finishes("transferred")


@pytest.mark.clause("krc-5.6.4-15", "krc-5.6.4-16", "krc-5.6.4-18")
def test_a_department_s_extension_rings_whoever_is_there_and_he_has_the_client(
    town: Town, first: Desk, clerk: Desk
) -> None:
    client = talks(town, first)
    clerk.becomes("ready")
    warned(first)
    expect(department(first)).to_contain_text(DEPARTMENT)
    expect(department(first).locator(".state-ready")).to_contain_text("1")
    check_everywhere(first.page, "passing-list")
    department(first).click()
    clerk.rings()
    expect(first.find("#transfer-back")).to_be_visible(timeout=calling.SOON_MS)
    expect(first.find(".transfer")).to_contain_text(DEPARTMENT)
    check_everywhere(first.page, "passing-department")
    takes_over(town, client, first, clerk)
    done = town.comes(client.contact, "transfer_completed")
    assert (done["target_kind"], done["number"], done["target_employee"], done["mode"]) == (
        "department", EXTENSION, clerk.employee, "attended",
    )  # fmt: skip


@pytest.mark.clause("krc-5.6.4-20", "krc-5.6.4-21")
def test_where_somebody_is_away_his_deputy_is_called_and_who_has_none_is_said_to_be_out_of_reach(
    town: Town, first: Desk, clerk: Desk
) -> None:
    client = talks(town, first)
    clerk.becomes("ready")
    warned(first)
    absent, alone = surname_of(town, "specialist2"), surname_of(town, "supervisor")
    away = first.find(".transfer .destinations > li").filter(has=first.page.locator("> div.menu-item"))
    line = away.filter(has_text=absent)
    expect(line.locator("> div")).not_to_contain_text("ни заместителя")
    expect(away.filter(has_text=alone)).to_contain_text("ни заместителя у телефона")
    deputy = line.locator(".deputies .menu-item")
    expect(deputy).to_contain_text(clerk.surname)
    expect(deputy).to_contain_text("заместитель")
    deputy.click()
    takes_over(town, client, first, clerk)
    begun = town.comes(client.contact, "transfer_started")
    assert begun["target_kind"] == "deputy"
    assert clerk.surname in begun["target"]
    assert absent in begun["target"]


@pytest.mark.clause("krc-5.6.4-20")
def test_where_nobody_of_a_department_is_there_the_operator_is_told_and_talks_on(
    town: Town, first: Desk, clerk: Desk
) -> None:
    clerk.page.goto("about:blank")
    client = talks(town, first)
    warned(first)
    expect(department(first).locator(".state-offline")).to_be_visible()
    department(first).click()
    refused = town.comes(client.contact, "transfer_refused")
    assert (refused["reason"], refused["number"]) == ("absent", EXTENSION)
    first.shows("talking")
    expect(first.find(".notice-place .alert")).to_contain_text("нет у телефона", timeout=calling.SOON_MS)
    check_everywhere(first.page, "passing-nobody")
    first.find("[data-branch=transfer_absent]").click()
    expect(first.find(".phrase").first).to_contain_text("могу я оставить")
    assert client.phone.listen(10), "the client hears the operator again"
