"""Logs name nobody and open nothing (X4, ASVS 16.2.5): our own lines, tracebacks of libraries, PostgreSQL's log."""

import contextlib
import logging
import logging.config
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from kindline.runtime import log_lines
from tests.plugins.postgres import launch

SURNAME, PHONE, EMAIL = "Квабагоский", "+79271234567", "kva1@example.org"


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("nobody can be sought for +79271234567: timeout", "nobody can be sought for …67: timeout"),
        ("call 5: Dial(to='380671234567') failed", "call 5: Dial(to='…67') failed"),
        ("relay refused <kva.1+x@example.org>", "relay refused <…@example.org>"),
        ("From: sip:0671234567@10.0.0.5", "From: sip:…@10.0.0.5"),
        ("postgresql://kindline:s3cret@127.0.0.1:5432/kindline", "postgresql://…@127.0.0.1:5432/kindline"),
        ("imaps://info%40example.org:pass@mail.example.org", "imaps://…@mail.example.org"),
        ("Authorization: Bearer kl_Ab-9_Cd0123456789xyz", "Authorization: Bearer …"),
        ("token kl_Ab-9_Cd0123456789xyz", "token kl_…"),
    ],
)  # fmt: skip
def test_what_names_or_opens_is_masked(line: str, written: str) -> None:
    assert log_lines.masked(line) == written


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-29 22:37:56,123 INFO kindline.quality.loop: followed 1200 facts in 0.25 s",
        "call 0b9e7f4e-3c1d-4a55-9d5f-123456789012 (talking) is taken over",
        "job 1234567 (kindline.files.tasks.check) lost its worker",
        "channel 1764456000.123 is led by nobody",
        "the store did not let 9f86d081884c7d659a2feaa0c55ad015 go",
        "2026-11-29T22:37:56.123456+00:00",
    ],
)
def test_what_a_person_needs_to_find_a_fault_stays(line: str) -> None:
    assert log_lines.masked(line) == line


def test_every_handler_of_the_product_writes_so() -> None:
    described: dict[str, Any] = settings.LOGGING
    made = logging.config.DictConfigurator(described).configure_formatter(described["formatters"]["line"])
    assert {handler["formatter"] for handler in described["handlers"].values()} == {"line"}
    try:
        raise ValueError(f"Key (email)=({EMAIL}) already exists\nDETAIL:  Failing row contains ({SURNAME}).")
    except ValueError as error:
        told = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "call from %s", (PHONE,), told)
    line = made.format(record)
    assert "ValueError" in line
    assert not [sign for sign in (SURNAME, PHONE[1:], EMAIL) if sign in line]


@pytest.mark.db
def test_the_database_says_in_its_log_what_failed_and_of_whom_nothing(tmp_path_factory: Any) -> None:
    """A statement that fails carries a row's values in itself, and again in its detail."""
    folder: Path = tmp_path_factory.mktemp("named")
    server = launch(folder)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE person (surname text PRIMARY KEY)")
        for _ in range(2):
            with contextlib.suppress(psycopg.errors.UniqueViolation):
                connection.execute(f"INSERT INTO person VALUES ('{SURNAME}')".encode())  # noqa: S608 - as Django binds
            with contextlib.suppress(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO person VALUES (%s)", [SURNAME])
    server.stop()
    said = (folder / "postgres.log").read_text(encoding="utf-8")
    assert "duplicate key value violates unique constraint" in said
    assert SURNAME not in said
