"""Logs name nobody and open nothing (X4, ASVS 16.2.5): our own lines, tracebacks of libraries, PostgreSQL's log."""

import contextlib
import logging
import logging.config
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from kindline.runtime import log_lines
from kindline.site import urls
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
        ("no answer of +38 044 123 45 67 yet", "no answer of …67 yet"),
        ("no answer of +38 (044) 123-45-67", "no answer of …67"),
        ("no answer of (044) 123 45 67, 044-123-45-68", "no answer of …67, …68"),
        ("no answer of 8 (495) 123-45-67", "no answer of …67"),
        ("PJSIP/380671234567-00000012 left Stasis", "PJSIP/…67-00000012 left Stasis"),
        ("Not Found: /ask/0b9e7f4e-3c1d-4a55-9d5f-123456789012/", "Not Found: /ask/…/"),
        ("Gone: /consultation/0b9e7f4e-3c1d-4a55-9d5f-123456789012/room/say/", "Gone: /consultation/…/room/say/"),
    ],
)  # fmt: skip
def test_what_names_or_opens_is_masked(line: str, written: str) -> None:
    assert log_lines.masked(line) == written


def test_no_address_of_the_site_that_opens_something_by_itself_is_written() -> None:
    """ASVS 14.2.1: whatever stands in an address for a key, a code or a token is masked."""
    keys = re.compile(r"<(?:uuid|str):(?:key|code|token)>")
    routes = [str(one.pattern) for one in urls.urlpatterns if keys.search(str(one.pattern))]
    assert len(routes) > 8
    for route in routes:
        path = keys.sub("0b9e7f4e-3c1d-4a55-9d5f-123456789012", route)
        assert log_lines.masked(f"Not Found: /{path}") == f"Not Found: /{keys.sub('…', route)}"


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-29 22:37:56,123 INFO kindline.quality.loop: followed 1200 facts in 0.25 s",
        "call 0b9e7f4e-3c1d-4a55-9d5f-123456789012 (talking) is taken over",
        "job 1234567 (kindline.files.tasks.check) lost its worker",
        "channel 1764456000.123 is led by nobody",
        "the store did not let 9f86d081884c7d659a2feaa0c55ad015 go",
        "2026-11-29T22:37:56.123456+00:00",
        "taken on 2026-11-29 10 times, 2026-11-30 12 times",
        "PJSIP/operator-0000001f left Stasis",
    ],
)
def test_what_a_person_needs_to_find_a_fault_stays(line: str) -> None:
    assert log_lines.masked(line) == line


ROW = f"Failing row contains (1, {SURNAME},\nApt: 5\n\n{SURNAME}, 7)."


@pytest.mark.parametrize(
    ("line", "written"),
    [
        (f"failed\nDETAIL:  {ROW}", "failed\nDETAIL: …"),
        (f"DETAIL:  {ROW}\nHINT:  See.\nCONTEXT:  COPY a,\n{SURNAME}", "DETAIL: …\nHINT:  See.\nCONTEXT: …"),
        (f"x\nDETAIL:  {ROW}\n\nThe above exception was it:\n", "x\nDETAIL: …\n\nThe above exception was it:\n"),
        (f"x\nDETAIL:  {ROW}\nTraceback (most", "x\nDETAIL: …\nTraceback (most"),
        (f"  | x\n  | DETAIL:  {ROW}\n  +------", "  | x\n  | DETAIL: …\n  +------"),
        (f"LINE 1: VALUES ('{SURNAME}\n{SURNAME}')\n   ^", "LINE 1: …"),
    ],
)  # fmt: skip
def test_the_values_of_a_row_are_left_out_with_all_their_lines(line: str, written: str) -> None:
    assert log_lines.masked(line) == written


@pytest.mark.parametrize("run", ["a", "a.", "1", "+", "0 ", "://", "://a:", "a@", "\n ", "PJSIP/1"])
def test_a_long_line_is_read_once(run: str) -> None:
    """An expression that tried anew from every place of it would not come to an end."""
    assert log_lines.masked(f"DETAIL: {run * 300_000}.\nHINT: x@mail.org") == "DETAIL: …\nHINT: …@mail.org"
    assert log_lines.masked(f"{run * 300_000}\nHINT: x@mail.org").endswith("\nHINT: …@mail.org")


@given(st.text(alphabet="aЯ1_.+-@ /", max_size=60))
def test_an_address_is_masked_wherever_it_stands(text: str) -> None:
    """The expression that begins where a run begins finds what the one that begins anywhere does."""
    begun = next(pattern for pattern, _instead in log_lines.MASKS if "(?=@[" in pattern.pattern)
    assert begun.sub("…", text) == re.sub(r"[\w.+-]+(?=@[\w-]+\.\w)", "…", text)


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
