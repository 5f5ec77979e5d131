"""The personal account in a real browser: accessible, on a small telephone, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

import pyotp
import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from kindline.clients.login_models import Login
from kindline.clients.models import Account, Client, Premise
from kindline.correspondence.models import Outgoing
from kindline.site.account import factors
from kindline.site.models import SecondFactor
from kindline.staff.totp import CODES
from kindline.standard.profile import Profile
from tests.desk.looking import check_everywhere

PASSWORD = "зелена гора над річкою"
pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]


@pytest.mark.parametrize(
    ("standard", "language"), [("krc", "uk"), ("krc", "ru"), ("krc", "en"), ("voe", "uk"), ("yumek", "ru")]
)
def test_from_registration_to_a_question_by_keyboard(
    site: Callable[[str], Profile], browser: Browser, live_server: LiveServer, standard: str, language: str
) -> None:
    site(standard)
    now = timezone.now()
    owner = Client.objects.create(surname="Ёлкин", given_name="Пётр", created_at=now, changed_at=now)
    place = Premise.objects.create(city="Самара", street="Садовая", house="5", flat="7")
    Account.objects.create(
        number="1234567", client=owner, premise=place, service="heat", opened_on="2020-01-01", balance="-152.40"
    )
    context = browser.new_context(base_url=live_server.url, locale=language, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    for name in ("enter", "letter", "code", "register"):
        page.goto(f"/account/{name}/")
        check_everywhere(page, f"account-{standard}-{language}-{name}")
    page.locator("#f-number").focus()
    for word in ("1234567", "", "Елкин", "", "elkin@example.com"):  # code from the bill and address are left empty
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#f-code")).to_be_visible()
    found = re.search(r"[A-Z2-7]{4}-[A-Z2-7]{4}", Outgoing.objects.latest("pk").text)
    assert found
    page.locator("#f-code").fill(found[0])
    page.keyboard.press("Enter")
    page.locator("#f-password").fill("123")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    check_everywhere(page, f"account-{standard}-{language}-password")
    page.locator("#f-password").fill("зелена гора над річкою")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1234567")).to_be_visible()
    page.goto("/account/data/")
    page.locator("button[value=erasure]").click()
    expect(page.locator("#e-sure")).to_be_visible()
    check_everywhere(page, f"account-{standard}-{language}-data")
    page.goto("/account/ask/")
    check_everywhere(page, f"account-{standard}-{language}-ask")
    page.locator("#f-substance").fill("Когда поверка?")
    page.locator("#f-consent").check()
    page.locator("#main button.main").click()
    page.goto("/account/")
    expect(page.get_by_text("Когда поверка?")).to_have_count(1)
    check_everywhere(page, f"account-{standard}-{language}-home")
    context.close()


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_the_second_factor_by_keyboard(
    site: Callable[[str], Profile], browser: Browser, live_server: LiveServer, language: str
) -> None:
    site("krc")
    Login.objects.create(email="elkin@example.com", password=make_password(PASSWORD), made_at=timezone.now())
    context = browser.new_context(base_url=live_server.url, locale=language, viewport={"width": 1440, "height": 900})
    page = context.new_page()

    def enter() -> None:
        page.goto("/account/enter/")
        page.locator("#f-email").fill("elkin@example.com")
        page.locator("#f-password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "/enter/" not in address)

    enter()
    page.goto("/account/factor/")
    page.locator("#f-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("button[value=begin]")).to_be_visible()
    check_everywhere(page, f"account-{language}-factor-none")
    page.locator("button[value=begin]").press("Enter")
    expect(page.locator("img.qr")).to_be_visible()
    check_everywhere(page, f"account-{language}-factor-picture")
    totp = pyotp.TOTP(factors.secret_of(SecondFactor.objects.get()))
    page.locator("#f-code").fill(totp.at(timezone.now()))
    page.keyboard.press("Enter")
    expect(page.locator("ul.code li")).to_have_count(CODES)
    check_everywhere(page, f"account-{language}-factor")
    SecondFactor.objects.update(last_step=0)
    page.context.clear_cookies()
    enter()
    page.locator("#f-code").fill("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    check_everywhere(page, f"account-{language}-second")
    page.locator("#f-code").fill(totp.at(timezone.now()))
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/")
    SecondFactor.objects.update(last_step=0)
    page.goto("/account/factor/")
    page.locator("#f-password").fill(PASSWORD)
    page.locator("#f-code").fill(totp.at(timezone.now()))
    page.keyboard.press("Enter")
    expect(page.locator("button[value=remove]")).to_be_visible()
    context.close()
