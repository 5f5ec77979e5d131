"""The version for people with low vision: what is chosen, kept in a cookie, and shown by the page without a script."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client as Browser
from django.utils import translation

from kindline.site import viewing
from kindline.standard.profile import Profile

Site = Callable[[str], Profile]
CHANNELS = 16, 8, 0


def _light(colour: str) -> float:
    """The relative luminance of `#abc` or `#aabbcc` (WCAG 2.2)."""
    digits = colour.lstrip("#")
    whole = int("".join(2 * one for one in digits) if len(digits) == 3 else digits, 16)
    parts = [(whole >> shift & 255) / 255 for shift in CHANNELS]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _schemes() -> dict[str, tuple[str, str]]:
    path = finders.find("site/site.css")
    assert isinstance(path, str)
    rule = re.compile(r"\.as-colours-(\w+) \{ --fore: (#\w+); --back: (#\w+); \}")
    return {name: (fore, back) for name, fore, back in rule.findall(Path(path).read_text(encoding="utf-8"))}


def test_every_scheme_has_a_contrast_of_seven_to_one() -> None:
    schemes = _schemes()
    assert set(schemes) == set(viewing.COLOURS)
    for name, pair in schemes.items():
        dark, light = sorted(map(_light, pair))
        assert (light + 0.05) / (dark + 0.05) >= 7, name


def test_every_view_has_a_code_of_its_own() -> None:
    several = list(itertools.product(viewing.SIZES, viewing.COLOURS, viewing.SPACINGS, viewing.PICTURES))
    assert {viewing.View(*one).code for one in several} == set(viewing.VIEWS) - {viewing.LARGE}
    assert len(several) == 3 * 5 * 3 * 2


@pytest.mark.db
class TestThePage:
    def test_begins_with_one_press_and_ends_with_one(self, site: Site, visitor: Browser) -> None:
        site("krc")
        assert 'name="view" value="large"' in visitor.get("/").content.decode()
        visitor.get("/choose/", {"view": "large"})
        page = visitor.get("/").content.decode()
        assert '<html lang="en" class="large size-2 white spacing-1">' in page
        assert page.count('value="usual"') == 1
        visitor.get("/choose/", {"view": "usual"})
        assert '<html lang="en">' in visitor.get("/").content.decode()

    def test_offers_every_choice_and_keeps_the_others(self, site: Site, visitor: Browser) -> None:
        site("krc")
        visitor.get("/choose/", {"view": "3-black-2-0"})
        page = visitor.get("/").content.decode()
        assert 'class="large size-3 black spacing-2 no-pictures"' in page
        offered = set(re.findall(r'name="view" value="(\d-\w+-\d-\d)"', page))
        assert {"1-black-2-0", "3-blue-2-0", "3-black-3-0", "3-black-2-1", "3-black-2-0"} < offered
        assert len(offered) == 3 + 5 + 3 + 2 - 3
        assert page.count('aria-current="true"') == 4 + 1, "the present choices, and the language"
        assert "<script" not in page

    @pytest.mark.parametrize("kept", ["4-black-1-1", "1-red-1-1", "large ", "1-black-1-1;x", ""])
    def test_is_the_usual_one_for_what_nobody_could_choose(self, site: Site, visitor: Browser, kept: str) -> None:
        site("krc")
        visitor.cookies[viewing.COOKIE] = kept
        assert '<html lang="en">' in visitor.get("/").content.decode()


def test_spacings_agree_with_their_title_in_ukrainian() -> None:
    with translation.override("uk"):
        titles = {field: (title, [one["title"] for one in choices]) for field, title, choices in viewing.View().groups}
    assert titles["spacing"] == ("Проміжки між літерами", ["звичайні", "широкі", "дуже широкі"])
