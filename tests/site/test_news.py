"""The news of a section: a list with the day and the first words, ten a page; the whole text on its own page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client as Browser

from kindline.site import layout
from kindline.site.models import NEWS_A_PAGE, ItemPage, NewsPage
from kindline.site.wordings import FIRST_WORDS
from kindline.standard.profile import Profile

pytestmark = [pytest.mark.db, pytest.mark.clause("krc-5.7.1-08")]
LONG = " ".join(f"слово{number}" for number in range(FIRST_WORDS + 20))
DAY = dt.date(2027, 1, 1)


@pytest.fixture
def news(site: Callable[[str], Profile]) -> ItemPage:
    """The news of the organisation: those of the standard and 23 more, of one day each, the last one the latest."""
    layout.lay_out(profile=site("krc"))
    page = ItemPage.objects.get(slot="news_organisation")
    for number in range(23):
        page.add_child(
            instance=NewsPage(title=f"Новость {number}.", slug=f"n{number}", date=DAY + dt.timedelta(number),
                              body=[("text", LONG)])
        )  # fmt: skip
    found: ItemPage = ItemPage.objects.get(pk=page.pk)
    return found


def shown(visitor: Browser, page: ItemPage, query: str = "") -> str:
    """The page of the news."""
    return visitor.get(f"{page.url}{query}").content.decode()


def test_ten_a_page_the_latest_first_with_day_and_first_words(news: ItemPage, visitor: Browser) -> None:
    page = shown(visitor, news)
    assert page.count('<section class="news">') == NEWS_A_PAGE
    assert page.index("Новость 22.") < page.index('datetime="2027-01-23"') < page.index("слово0 ")
    assert page.index("слово0 ") < page.index("Новость 21.")
    assert f"слово{FIRST_WORDS - 1}…" in page
    assert f"слово{FIRST_WORDS}" not in page
    assert "Новость 12." not in page


def test_older_ones_are_reached_by_links_and_the_last_page_has_the_rest(news: ItemPage, visitor: Browser) -> None:
    first, second, third = (shown(visitor, news, query) for query in ("", "?page=2", "?page=3"))
    assert 'href="?page=2" rel="next"' in first
    assert 'rel="prev"' not in first
    assert 'href="?page=1" rel="prev"' in second
    assert 'href="?page=3" rel="next"' in second
    assert "Новость 12." in second
    assert 'rel="next"' not in third
    assert third.count('<section class="news">') == 25 - 2 * NEWS_A_PAGE
    assert "The bill is clearer" in third
    for strange in ("?page=99", "?page=0", "?page=x"):
        assert visitor.get(f"{news.url}{strange}").status_code == 200


def test_the_whole_text_stands_on_its_own_page(news: ItemPage, visitor: Browser) -> None:
    one = NewsPage.objects.get(title="Новость 22.")
    assert f'href="{one.url}"' in shown(visitor, news)
    assert LONG in visitor.get(one.url).content.decode()


def test_a_short_list_has_no_pages(news: ItemPage, visitor: Browser) -> None:
    page = shown(visitor, ItemPage.objects.get(slot="news_partners"))
    assert "The waterworks flush the pipes" in page
    assert "?page=" not in page
