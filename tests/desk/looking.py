"""What is looked at on every screen, whatever it shows: the rules of accessibility, the width, a picture to keep."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDE, NARROW, TINY = (1440, 900), (390, 844), (320, 640)
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
"""All of axe's own, and the size of what is pressed (WCAG 2.2, 2.5.8), which axe leaves off."""
SHOTS = os.environ.get("KINDLINE_SHOTS")


AT_BOTH = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["at a desk", "on a telephone"])
"""For tests whose page takes its window from a fixture `size`."""


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the page where KINDLINE_SHOTS says so."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def comes_true(page: Page, expression: str, arg: Any = None, limit_ms: float = 20_000) -> None:
    """Wait until a page says so: asked from here, since its policy forbids it to evaluate what it waits for."""
    end = time.monotonic() + limit_ms / 1000
    while not page.evaluate(expression, arg):
        assert time.monotonic() < end, f"not within {limit_ms:g} ms: {expression}"
        page.wait_for_timeout(50)


def eventually(page: Page, condition: Callable[[], object]) -> None:
    """Wait until something is so outside the page, within ten seconds; the page goes on meanwhile."""
    for _ in range(200):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("waited in vain")


@contextmanager
def at_width(page: Page, size: tuple[int, int]) -> Iterator[None]:
    """The page in a window of another size."""
    before = page.viewport_size or {"width": WIDE[0], "height": WIDE[1]}
    page.set_viewport_size({"width": size[0], "height": size[1]})
    try:
        yield
    finally:
        page.set_viewport_size(before)


def _looked_at(page: Page) -> Any:
    page.evaluate("for (const one of document.getAnimations()) { try { one.finish() } catch { } }")
    return Axe().run(page, options=RULES)


def check_axe(page: Page) -> None:
    """No violation of the accessibility rules, once colours that are changing have changed."""
    found = _looked_at(page)
    if found.violations_count:  # a live page may have begun to change a colour meanwhile: what is wrong stays wrong
        comes_true(page, "document.getAnimations().every(one => one.playState !== 'running')")
        found = _looked_at(page)
    assert found.violations_count == 0, found.generate_report()


def check_width(page: Page) -> None:
    """Nothing sticks out at the width of a small telephone, once plots have followed the window."""
    with at_width(page, TINY):
        try:
            comes_true(page, "wide => document.documentElement.scrollWidth <= wide", TINY[0], 5_000)
        except AssertionError:
            pytest.fail(f"{page.evaluate('document.documentElement.scrollWidth')} px wide: {page.url}")


def check_everywhere(page: Page, name: str) -> None:
    """Accessible on a desk and on a telephone, and nothing sticks out; `name` for the pictures."""
    shoot(page, name)
    check_axe(page)
    with at_width(page, NARROW):
        shoot(page, f"{name}-390")
        check_axe(page)
    check_width(page)
