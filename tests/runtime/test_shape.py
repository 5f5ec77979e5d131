"""A new database gets its tables out of a dump of an earlier one's, or by the migrations: never by halves."""

import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kindline.runtime import shape
from tests.plugins.postgres import Server


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "kindline" / "shapes"


@pytest.fixture
def url(pg: Server) -> Iterator[str]:
    """An empty database."""
    with psycopg.connect(pg.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE shaped")
        yield pg.url.replace("/postgres", "/shaped")
        connection.execute("DROP DATABASE shaped WITH (FORCE)")


def do(url: str, words: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(words)


def rows(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT number FROM told ORDER BY 1").fetchall()


def test_the_second_gets_what_the_first_has_made(url: str, cache: Path) -> None:
    made: list[str] = []

    def migrate() -> None:
        made.append("once")
        do(url, "CREATE TABLE told (number int); INSERT INTO told VALUES (7)")

    assert not shape.give(url, migrate)
    do(url, "INSERT INTO told VALUES (8)")
    do(url, "DROP TABLE told")
    assert shape.give(url, migrate)
    assert (made, rows(url)) == (["once"], [(7,)])
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


def test_a_spoilt_dump_leaves_nothing_and_the_migrations_do_it(url: str, cache: Path) -> None:
    def migrate() -> None:
        do(url, "CREATE TABLE told (number int); INSERT INTO told VALUES (9)")

    shape.give(url, migrate)
    [dump] = cache.glob("*.dump")
    dump.write_bytes(dump.read_bytes()[:-40])
    do(url, "DROP TABLE told")
    assert not shape.give(url, migrate)
    assert rows(url) == [(9,)]
    do(url, "DROP TABLE told")
    assert shape.give(url, migrate), "the spoilt one was replaced"


def test_where_nothing_can_be_kept_the_tables_are_there_all_the_same(url: str, cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text("a file where the folder belongs")
    assert not shape.give(url, lambda: do(url, "CREATE TABLE told (number int)"))
    assert rows(url) == []


def test_dumps_of_other_migrations_make_room(url: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape, "KEPT", 2)
    for number in range(4):
        monkeypatch.setattr(shape, "_key", lambda number=number: f"key{number}")
        shape.keep(url, "long")
    assert len(list(cache.glob("*"))) == 2


def test_no_password_stands_on_a_command_line(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    run = subprocess.run

    def look(words: list[str], **more: Any) -> object:
        seen.append(words)
        return run(words, check=True, **{name: value for name, value in more.items() if name != "check"})

    monkeypatch.setattr(subprocess, "run", look)
    shape.keep(url, "long")
    assert seen
    assert not any("for-this-run-only" in word for words in seen for word in words)
