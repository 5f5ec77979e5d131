"""The embedded PostgreSQL: version, Cyrillic case, and Django on top of it."""

import pytest
from django.db import connection

pytestmark = pytest.mark.db


def test_the_database_is_ours_and_of_the_right_version() -> None:
    assert connection.pg_version // 10_000 == 18  # type: ignore[attr-defined]


def test_cyrillic_letters_have_case() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select lower('ЇЖАК Ґ'), upper('ёлка')")
        assert cursor.fetchone() == ("їжак ґ", "ЁЛКА")
