"""The database itself refuses to change or remove facts, except for the journal's retention."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from kindline.journal import actions, partitions
from kindline.journal.models import Fact

pytestmark = pytest.mark.db

AT = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)


@pytest.fixture(params=["own partition", "default partition"])
def fact(request: pytest.FixtureRequest) -> int:
    """A fact in a month that has its partition, and one in a month that has none."""
    if request.param == "own partition":
        partitions.make([AT.date()])
    return actions.record(kind="call_ended", subject_type="contact", subject_id="c", at=AT)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_fact SET actor = 'nobody'",
        "DELETE FROM journal_fact",
        "TRUNCATE journal_fact",
        "TRUNCATE journal_fact_other",
        "UPDATE journal_fact SET at = at + interval '1 month'",
    ],
)
def test_facts_are_not_changed(fact: int, statement: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Fact.objects.get(id=fact).actor == "system"


def test_a_partition_cannot_be_emptied_behind_the_journals_back() -> None:
    partitions.make([AT.date()])
    actions.record(kind="call_ended", subject_type="contact", subject_id="c", at=AT)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE journal_fact_2026_03")


def test_retention_may_remove(fact: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL kindline.retention = 'on'")
        cursor.execute("DELETE FROM journal_fact WHERE id = %s", [fact])
        cursor.execute("SET LOCAL kindline.retention = 'off'")
    assert not Fact.objects.filter(id=fact).exists()
