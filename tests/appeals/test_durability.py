"""A number is held for a moment only, and told only when it is as safe as a commit is."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from kindline.appeals import receiving
from kindline.appeals.models import Appeal
from kindline.staff.models import Employee
from kindline.standard import loader
from tests.appeals.registry import APPLICANT

FLUSHED = "SELECT pg_current_wal_flush_lsn() >= %s::pg_lsn"


def _ask(sql: str, *values: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values])
        row = cursor.fetchone()
    return row[0] if row else None


@pytest.mark.django_db(transaction=True)
def test_what_is_told_is_on_the_disk() -> None:
    clerk = Employee.objects.create(username="clerk", roles=["specialist"])
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = 'on'")
    made = receiving.receive_appeal(
        profile=loader.load("krc"), channel="web", kind="application", substance="Пересчитайте", fields=APPLICANT,
        employee=clerk, now=timezone.now(),
    )  # fmt: skip
    where = _ask("SELECT pg_current_wal_insert_lsn()")
    assert _ask(FLUSHED, where), "the number was told before it was safe"
    assert _ask("SHOW synchronous_commit") == "on", "only the registration's own transaction did not wait"
    assert Appeal.objects.get(pk=made.pk).number == made.number
    connection.close()
