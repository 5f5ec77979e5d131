"""The money pages in a real browser: accessible, on a small telephone, the bill is downloaded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from kindline.clients.login_models import Login
from kindline.clients.models import Account, Client, Premise
from kindline.connectors.billing.models import ChargedRow, PaidRow
from kindline.connectors.billing.months import first, following
from kindline.site.account import actions
from kindline.standard.profile import Profile
from tests.desk.looking import TINY, at_width, check_everywhere, shoot

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
BROKEN = """part => {
  const broken = [], texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT), range = document.createRange();
  for (let text = texts.nextNode(); text; text = texts.nextNode())
    for (const word of text.data.matchAll(/\\S+/g)) {
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((one) => one.top)).size > 1) broken.push(word[0]);
    }
  return broken;
}"""
"""The words within a part of a page that stand in more than one line."""
PASSWORD = "зелена гора над річкою"


def _account_with_books() -> None:
    now = timezone.now()
    owner = Client.objects.create(surname="Ёлкин", given_name="Пётр", created_at=now, changed_at=now)
    place = Premise.objects.create(city="Самара", street="Садовая", house="5", flat="7")
    account = Account.objects.create(
        number="5500000001", client=owner, premise=place, service="heat", opened_on="2020-01-01"
    )
    login = Login.objects.create(email="elkin@example.com", made_at=now)
    login.accounts.add(account)
    actions.set_password(login=login, password=PASSWORD, now=now)
    for back in range(1, 18):
        month = following(first(now.date()), -back)
        ChargedRow.objects.create(account=account.number, month=month, service="Отопление", amount=900 + back * 137)
        if back > 1:
            day = following(month) + dt.timedelta(days=9)
            PaidRow.objects.create(account=account.number, paid_on=day, amount=900 + back * 137, way="банк")


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_money_by_month_and_a_bill_by_keyboard(
    site: Callable[[str], Profile], browser: Browser, live_server: LiveServer, language: str
) -> None:
    site("krc" if language == "ru" else "voe")
    _account_with_books()
    context = browser.new_context(base_url=live_server.url, locale=language, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/account/enter/")
    page.locator("#f-email").fill("elkin@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("a[href$='/money/']").press("Enter")
    expect(page.get_by_role("img")).to_be_visible()
    check_everywhere(page, f"money-{language}")
    with at_width(page, TINY):
        shoot(page, f"money-{language}-320")
        assert page.locator("table.money thead").evaluate(BROKEN) == []
        assert page.locator(".scroll").evaluate("box => box.scrollWidth - box.clientWidth") == 0
    with page.expect_download() as waiting:
        page.locator("a.button.main").press("Enter")
    assert waiting.value.suggested_filename.startswith("bill-5500000001-")
    ChargedRow.objects.all().delete()
    PaidRow.objects.all().delete()
    page.reload()
    check_everywhere(page, f"money-{language}-empty")
    context.close()
