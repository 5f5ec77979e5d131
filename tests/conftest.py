"""Fixtures for everybody: PostgreSQL, Asterisk, a whole instance, a browser; each is started only when a test asks."""

import pytest

pytest_plugins = ["tests.plugins.postgres", "tests.plugins.journal", "tests.plugins.rude", "tests.plugins.asterisk", "tests.plugins.product"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test with the marker `db` may use the database, and one that may use it carries the marker."""
    for item in items:
        marker = item.get_closest_marker("db")
        if marker and not item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.django_db(**marker.kwargs))
        elif item.get_closest_marker("django_db") and not marker:
            item.add_marker(pytest.mark.db)
