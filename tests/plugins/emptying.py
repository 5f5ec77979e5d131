"""How the tables are emptied after a test that commits: only where there is something, and without Django's signals.

Django truncates all tables and makes content types and permissions anew, which takes longer than most of these tests.
Here both stay as they are, and nothing of what refuses a deletion (the journal, a sealed answer) stands in the way.
"""

from collections.abc import Iterator

import pytest

STAY = frozenset({"django_migrations", "django_content_type", "auth_permission"})
TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND NOT tablename = ANY(%s)"


@pytest.fixture(scope="session", autouse=True)
def _emptied_quickly() -> Iterator[None]:
    """Let tests that commit leave the database so."""
    from django.test import TransactionTestCase

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty())
        yield


def empty() -> None:
    """Delete all rows but those of `STAY`, in one transaction."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers, and no order among the tables
        cursor.execute("SET LOCAL lock_timeout = '20s'")
        cursor.execute(TABLES, [list(STAY)])
        looks = [f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for (name,) in cursor.fetchall()]  # noqa: S608
        cursor.execute(" UNION ALL ".join(looks))
        for (name,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608
