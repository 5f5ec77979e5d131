"""Clients are informed: what people publish is seen at once, found by any form of a word, all under one address."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
from django.test import Client as Browser

from kindline.site import here, layout
from kindline.site.models import ItemPage, NewsPage
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
clause = pytest.mark.clause


@pytest.fixture
def krc(site: Callable[[str], Profile]) -> Profile:
    """The site of krc with its sections."""
    profile = site("krc")
    layout.lay_out(profile=profile)
    return profile


def seen(visitor: Browser, address: str) -> str:
    """A page as a visitor sees it who reads the language of the standard."""
    answer = visitor.get(address, headers={"accept-language": "ru"})
    assert answer.status_code == 200, address
    return html.unescape(answer.content.decode())


@clause("krc-2-27", "krc-2-41")
def test_the_site_is_one_whole_under_one_address_and_says_whose_it_is(krc: Profile, visitor: Browser) -> None:
    page = seen(visitor, "/")
    links = set(re.findall(r'<a [^>]*href="([^"#]+)"', page)) - {"/login/"}
    assert {"/ask/", "/info/general/", "/info/contacts/", "/open-data/"} <= links
    assert [link for link in links if not link.startswith(("/", "tel:", "mailto:"))] == [], (
        "nothing leads to a site of others"
    )
    for link in sorted(link for link in links if link.startswith("/info/")):
        assert here.company(krc) in seen(visitor, link)


@clause("krc-5.7-13", "krc-5.7-14", "krc-5.7-15")
def test_news_prices_and_services_are_seen_as_soon_as_they_are_published(krc: Profile, visitor: Browser) -> None:
    news = ItemPage.objects.get(slot="news_organisation")
    news.add_child(
        instance=NewsPage(title="Новый зал", slug="new", date=dt.date(2026, 12, 1), body=[("text", "Открыт")])
    )
    assert "Новый зал" in seen(visitor, news.url)
    for slot, name in (("tariffs", "Газ, м³"), ("service_list", "Опломбировка")):
        page = ItemPage.objects.get(slot=slot)
        page.body = [("rows", [{"name": name, "value": "9,10 руб."}])]
        draft = page.save_revision()
        assert name not in seen(visitor, page.url), "a draft is not published"
        draft.publish()
        assert name in seen(visitor, page.url)
    assert "Газ, м³" in seen(visitor, "/open-data/tariffs.csv")


@clause("krc-5.7-18", "krc-5.7-19")
def test_what_must_be_disclosed_is_there_and_is_found_by_any_form_of_a_word(krc: Profile, visitor: Browser) -> None:
    page = ItemPage.objects.get(slot="disclosure")
    assert "персональных данных" in seen(visitor, page.url)
    found = seen(visitor, "/search/?q=тарифами")
    assert f'href="{ItemPage.objects.get(slot="tariffs").url}"' in found
