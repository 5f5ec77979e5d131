"""Fixtures for everybody: PostgreSQL, Asterisk, a whole instance, a browser; each is started only when a test asks."""

import pytest

pytest_plugins = [
    "tests.plugins.postgres",
    "tests.plugins.emptying",
    "tests.plugins.journal",
    "tests.plugins.asterisk",
    "tests.plugins.product",
    "tests.plugins.rude",
    "tests.plugins.faults",
    "tests.plugins.swift",
]
COSTS = ("db", "asterisk", "browser")
"""From the cheapest to the dearest; tests without one of these marks come first."""


def pytest_configure() -> None:
    """Passwords of tests are hashed quickly: the product's own way takes most of a second for each employee made."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _cost(item: pytest.Item) -> int:
    """How dear a test is. A browser, once started, keeps an event loop in this thread: nothing else may follow it."""
    if "browser" in getattr(item, "fixturenames", ()):
        return len(COSTS)
    return max((place for place, name in enumerate(COSTS, 1) if item.get_closest_marker(name)), default=0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what may use the database both ways (`db`, `django_db`), and run the cheap tests first."""
    for item in items:
        marker = item.get_closest_marker("db")
        if marker and not item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.django_db(**marker.kwargs))
        elif item.get_closest_marker("django_db") and not marker:
            item.add_marker(pytest.mark.db)
    items.sort(key=_cost)


@pytest.fixture(autouse=True)
def _nothing_ready() -> None:
    """What a page kept ready (`{% cache %}`) is not shown to the next test, whose topics have other keys."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def _no_language() -> None:
    """A language that a request has activated stays in this thread: the next test begins in the usual one."""
    from django.utils import translation

    translation.deactivate()
