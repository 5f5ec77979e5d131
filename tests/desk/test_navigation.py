"""The row of pages: each employee's own, in his language, with the page marked where he is; nothing is mixed up."""

import re

import pytest
from django.test import Client as Browser

from tests.appeals.registry import Registry
from tests.desk.test_registry import _as, here

pytestmark = pytest.mark.db
__all__ = ["here"]


def row(browser: Browser, address: str) -> str:
    """The row as it stands on a page."""
    found = re.search(r"<nav aria-label.*?</nav>", browser.get(address).content.decode(), re.DOTALL)
    return found[0] if found else ""


def marked(html: str) -> list[str]:
    """The addresses that are marked as present."""
    return re.findall(r'<a href="([^"]+)" aria-current="page"', html)


def test_each_page_is_marked_where_one_is(here: Registry) -> None:
    browser, appeal = _as(here, "supervisor"), here.register()
    for _ in range(2):
        assert marked(row(browser, "/desk/appeals/")) == ["/desk/appeals/"]
        assert marked(row(browser, f"/desk/appeals/{appeal.pk}/")) == ["/desk/appeals/"]
        assert marked(row(browser, "/desk/standard/")) == ["/desk/standard/"]


def test_another_language_and_another_role_see_their_own(here: Registry) -> None:
    browser = _as(here, "supervisor")
    english = row(browser, "/desk/appeals/")
    browser.post("/language/", {"language": "uk", "next": "/desk/appeals/"})
    ukrainian = row(browser, "/desk/appeals/")
    assert "Appeals" in english
    assert "Звернення" in ukrainian
    assert "Appeals" not in ukrainian
    head, clerk = here.people["supervisor"], here.people["counter"]
    assert "/desk/reasons/" in ukrainian
    assert "/desk/reasons/" not in row(_as(here, "counter"), "/desk/appeals/")
    head.roles = clerk.roles
    head.save()
    assert "/desk/reasons/" not in row(browser, "/desk/appeals/")


def test_nobody_sees_none(here: Registry) -> None:
    assert row(Browser(), "/login/") == ""
