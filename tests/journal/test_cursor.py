"""A reader misses no fact, however late its transaction commits, and repeats none."""

import threading
from collections.abc import Iterator

import psycopg
import pytest
from django.db import transaction

from kindline.journal import actions, cursor, links
from kindline.journal.models import Cursor

pytestmark = pytest.mark.django_db(transaction=True)

PLAIN = "INSERT INTO journal_fact (kind, subject_type, subject_id) VALUES ('call_ended', 'contact', %s) RETURNING id"


@pytest.fixture
def late() -> Iterator[psycopg.Connection]:
    """Another process's transaction."""
    with links.connect() as connection:
        connection.autocommit = False
        yield connection
        connection.rollback()


def _read(name: str = "reader", limit: int = 1000) -> list[str]:
    with cursor.reading(name, limit) as facts:
        return [fact.subject_id for fact in facts]


def _record(subject: str) -> None:
    actions.record(kind="call_ended", subject_type="contact", subject_id=subject)


def test_a_fact_that_commits_late_is_not_skipped(late: psycopg.Connection) -> None:
    late.execute(PLAIN, ["began first, commits last"])
    _record("began later, committed")
    assert _read() == [], "nothing above a transaction under way is read"
    late.commit()
    assert _read() == ["began first, commits last", "began later, committed"]
    assert _read() == []


def test_a_reader_by_id_alone_would_have_lost_it(late: psycopg.Connection) -> None:
    """The danger is real: ids do not follow the order of commits."""
    row = late.execute(PLAIN, ["late"]).fetchone()
    assert row
    late_id = actions.record(kind="call_ended", subject_type="contact", subject_id="seen")
    assert row[0] < late_id
    late.commit()


def test_a_transaction_given_up_holds_nobody(late: psycopg.Connection) -> None:
    late.execute(PLAIN, ["never"])
    _record("kept")
    late.rollback()
    assert _read() == ["kept"]


def test_reading_in_small_bites_repeats_nothing() -> None:
    with_many = [actions.NewFact("call_ended", "contact", f"c{n:02}") for n in range(25)]
    actions.record_many(with_many)
    bites = [_read(limit=10) for _ in range(4)]
    assert [len(bite) for bite in bites] == [10, 10, 5, 0]
    assert [subject for bite in bites for subject in bite] == [f"c{n:02}" for n in range(25)]


def test_the_effect_and_the_cursor_stand_or_fall_together() -> None:
    _record("c")
    with transaction.atomic():
        assert _read() == ["c"]
        transaction.set_rollback(True)
    assert _read() == ["c"]


def test_two_readers_of_one_name_do_not_read_the_same() -> None:
    _record("c")
    with cursor.reading("reader") as facts:
        assert len(facts) == 1
        refused: list[type[BaseException]] = []
        thread = threading.Thread(target=_try, args=(refused,))
        thread.start()
        thread.join()
    assert refused == [cursor.CursorBusyError]
    assert _read("another name") == ["c"]


def _try(refused: list[type[BaseException]]) -> None:
    from django.db import connection

    try:
        _read()
    except cursor.CursorBusyError as error:
        refused.append(type(error))
    finally:
        connection.close()


def test_follow_looks_and_advance_moves() -> None:
    _record("a")
    _record("b")
    facts = cursor.follow("viewer")
    assert [fact.subject_id for fact in facts] == ["a", "b"]
    cursor.advance("viewer", facts[0])
    assert [fact.subject_id for fact in cursor.follow("viewer")] == ["b"]
    assert Cursor.objects.get(name="viewer").fact_id == facts[0].id


def test_many_writers_and_one_reader_agree() -> None:
    """Each writer holds its transactions open for a while; the reader reads all the time."""
    done = threading.Event()
    read: list[str] = []

    def write(writer: int) -> None:
        with links.connect() as connection:
            connection.autocommit = False
            for n in range(60):
                connection.execute(PLAIN, [f"{writer}/{n}"])
                connection.execute("SELECT pg_sleep(%s)", [((writer * 7 + n) % 5) / 1000])
                connection.commit() if n % 7 else connection.rollback()

    def follow() -> None:
        from django.db import connection

        while not done.is_set():
            read.extend(_read(limit=13))
        connection.close()

    reader = threading.Thread(target=follow)
    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in [reader, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    while more := _read():
        read.extend(more)
    assert sorted(read) == sorted(f"{w}/{n}" for w in range(4) for n in range(60) if n % 7)
