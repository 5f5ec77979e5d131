"""Language and size of letters: chosen without a token, for this browser alone, and never a way to somebody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from kindline.site import viewing
from kindline.standard.profile import Profile

LANGUAGE = "django_language"


def chosen(visitor: Browser, **words: str) -> Any:
    """What is answered to a choice."""
    return visitor.get("/choose/", words)


@pytest.mark.parametrize(
    "place",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
     "https:evil.example", " //evil.example", "/\t/evil.example", "", "http://testserver@evil.example/"],
)  # fmt: skip
def test_nobody_is_led_away_from_the_site(visitor: Browser, place: str) -> None:
    answer = chosen(visitor, view="large", next=place)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_one_comes_back_to_where_one_was(visitor: Browser) -> None:
    assert chosen(visitor, language="ru", next="/faq/?a=3").headers["Location"] == "/faq/?a=3"


def test_only_the_preference_is_kept_and_no_cache_keeps_the_answer(visitor: Browser) -> None:
    answer = chosen(visitor, language="uk", view="large")
    assert {name: cookie.value for name, cookie in answer.cookies.items()} == {LANGUAGE: "uk", viewing.COOKIE: "large"}
    assert "no-store" in answer.headers["Cache-Control"]
    assert not visitor.post("/choose/", {"language": "uk"}).cookies


@pytest.mark.parametrize("secure", [True, False])
def test_no_script_reads_the_preference_and_with_https_it_goes_nowhere_else(
    visitor: Browser, settings: Any, secure: bool
) -> None:
    settings.SECURE_COOKIES = secure
    kept = chosen(visitor, language="uk", view="large").cookies.values()
    assert {(bool(one["secure"]), bool(one["httponly"])) for one in kept} == {(secure, True)}


@pytest.mark.parametrize("words", [{"language": "xx"}, {"view": "huge"}, {"language": "uk-UA"}, {}])
def test_what_is_not_among_the_choices_changes_nothing(visitor: Browser, words: dict[str, str]) -> None:
    assert not chosen(visitor, **words).cookies


def test_a_page_of_others_chooses_for_nobody(visitor: Browser) -> None:
    answer = visitor.get("/choose/", {"language": "ru"}, headers={"sec-fetch-site": "cross-site"})
    assert not answer.cookies
    assert visitor.get("/choose/", {"language": "ru"}, headers={"sec-fetch-site": "same-origin"}).cookies


@pytest.mark.db
def test_the_switches_are_forms_without_a_token(site: Callable[[str], Profile], visitor: Browser) -> None:
    site("krc")
    page = visitor.get("/").content.decode()
    assert page.count('<form method="get" action="/choose/"') == 2
    assert "csrf" not in page
