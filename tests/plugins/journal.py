"""The journal between tests that commit: Django's flush does not know its table, and its bell keeps a connection."""

from collections.abc import Iterator

import pytest

COMMITTING = {"transactional_db", "live_server", "django_db_reset_sequences"}


def _commits(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or bool(COMMITTING & set(request.fixturenames))


@pytest.fixture(autouse=True)
def _journal_left_empty(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty the journal after a test that commits."""
    yield
    if _commits(request):
        from kindline.journal import doorbell, links

        doorbell.hush()
        with links.connect() as connection:
            connection.execute("SET kindline.retention = 'on'")
            connection.execute("SET lock_timeout = '10s'")
            connection.execute("TRUNCATE journal_fact")
