"""What a standard does not have leads nowhere: no page of answers stays empty; and contacts are always somewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from kindline.site import reach
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
Site = Callable[..., Profile]


@pytest.mark.parametrize(("profile", "publishes"), [("krc", True), ("court", False), ("yumek", False), ("voe", False)])
def test_where_no_answers_are_published_nothing_leads_to_them(
    site: Site, visitor: Browser, profile: str, publishes: bool
) -> None:
    site(profile)
    home = visitor.get("/").content.decode()
    assert home.count('href="/faq/"') == 2 * publishes, "the tile and the menu"
    assert visitor.get("/faq/").status_code == (200 if publishes else 404)
    assert 'href="/faq/"' not in visitor.get("/search/?q=answers").content.decode() or publishes


def test_where_no_section_tells_contacts_a_page_does(site: Site, visitor: Browser) -> None:
    profile = site("court")
    assert 'href="/contacts/"' in visitor.get("/").content.decode()
    page = visitor.get("/contacts/").content.decode()
    ways = reach.of(profile)
    assert f'href="tel:{ways.tel}"' in page.partition("<main")[2].partition("</main>")[0]
    assert ways.email in page
    assert page.count("08:00–20:00") == 5
    assert "Not on public holidays." in page
    assert 'href="/contacts/"' in visitor.get("/search/?q=telephone").content.decode()


@pytest.mark.parametrize("profile", ["krc", "yumek", "voe"])
def test_where_a_section_does_there_is_no_second_page(site: Site, visitor: Browser, profile: str) -> None:
    site(profile)
    assert visitor.get("/contacts/").status_code == 404
    assert 'href="/contacts/"' not in visitor.get("/").content.decode()
    assert 'href="/info/contacts/"' in visitor.get("/").content.decode()
