"""Very many readings at once: copied into a table of their own, judged by the database, kept by one statement."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import IntegrityError, connection, transaction

from kindline.readings import actions, bulk_sql, checking, queries
from kindline.readings.lines import Sender
from kindline.readings.models import Sending
from kindline.standard.profile import Profile

CHUNK = 5000
TAB = "\t"
Cells = tuple[str, str, str, str, str]
"""Account, meter, zone, value, day: as they were typed."""


@transaction.atomic
def load_readings(
    *, profile: Profile, key: str, rows: Iterable[Cells], sender: Sender, title: str, now: dt.datetime,
    progress: Callable[[int], None] = lambda _done: None, first: int = 1,
) -> Sending:  # fmt: skip
    """Take the readings of a file, each with the verdict that it would get by itself; the same file again is known.

    A line is judged after those above it. Its number, counted from `first`, stands on its reading or on what was
    refused; lines without anything are counted and left out.
    Raises: KeyReusedError.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])  # the same file twice at once
        cursor.execute(bulk_sql.DROP)
        cursor.execute(bulk_sql.STAGE)
        count, sha256 = _stage(cursor, rows, progress, first)
        if (known := actions.known_sending(key, sha256)) is not None:
            cursor.execute(bulk_sql.DROP)
            return known
        sending = actions.open_sending(key=key, sha256=sha256, lines=count, sender=sender, title=title, now=now)
        found = _keep(cursor, profile, sending, now)
        cursor.execute(bulk_sql.DROP)
    actions.close_counted(sending, found, sender, now)
    return sending


def verdicts(*, profile: Profile, rows: Iterable[Cells], now: dt.datetime) -> list[tuple[Any, ...]]:
    """What the database says of lines, in their order: state, code, value, day, daily; nothing is kept."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(bulk_sql.DROP)
        cursor.execute(bulk_sql.STAGE)
        _stage(cursor, rows, lambda _done: None, 1)
        asked = bulk_sql.judged("readings_staged")
        cursor.execute(
            f"SELECT state, code, value, day, daily FROM ({asked}) AS found ORDER BY line",  # noqa: S608 - a text of ours
            _values(profile, 0, now),
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.execute(bulk_sql.DROP)
        return found


def _stage(
    cursor: Any, rows: Iterable[Cells], progress: Callable[[int], None], first: int
) -> tuple[int, str]:  # fmt: skip
    count, digest = 0, hashlib.sha256()
    with cursor.copy(bulk_sql.COPY) as copy:
        for text, many in _packed(rows, first):
            digest.update(text)
            copy.write(text)
            count += many
            progress(count)
    cursor.execute("ANALYZE readings_staged")
    return count, digest.hexdigest()


def _packed(rows: Iterable[Cells], first: int) -> Iterator[tuple[bytes, int]]:
    """Lines as COPY takes them, many together; signs that mean something to it are rare and looked for once a chunk."""
    lines = iter(rows)
    while chunk := list(islice(lines, CHUNK)):
        many = sum(map(any, chunk))
        text = "".join([f"{n}\t{TAB.join(row)}\n" for n, row in enumerate(chunk, first) if any(row)])
        plain = text.count("\t") == 5 * many and text.count("\n") == many
        if not plain or "\\" in text or "\r" in text or "\0" in text:
            text = "".join([f"{n}\t{TAB.join(map(_escaped, row))}\n" for n, row in enumerate(chunk, first) if any(row)])
        yield text.encode("utf-8", "replace"), many
        first += len(chunk)


def _escaped(cell: str) -> str:
    for sign, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"), ("\0", "\ufffd")):
        cell = cell.replace(sign, written)
    return cell


def _keep(cursor: Any, profile: Profile, sending: Sending, now: dt.datetime) -> dict[str, Counter[str]]:
    """Judge and keep: all lines together, or, where a dial stands in several, round by round."""
    values, found = _values(profile, sending.pk, now), dict[str, Counter[str]]()
    cursor.execute(bulk_sql.REPEATS, values)
    tables = ["readings_staged"]
    if cursor.fetchone()[0]:
        cursor.execute(bulk_sql.ROUNDS, values)
        cursor.execute("SELECT max(round) FROM readings_rounds")
        last = cursor.fetchone()[0]
        tables = [f"(SELECT * FROM readings_rounds WHERE round = {n}) AS r" for n in range(1, last + 1)]  # noqa: S608
    for table in tables:
        for state, code, many in _kept(cursor, table, values):
            found.setdefault(state, Counter())[code] += many
    return found


def _kept(cursor: Any, table: str, values: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Looking for what stands already costs a third of the keeping: it is done only once something was met."""
    try:
        with transaction.atomic():
            cursor.execute(bulk_sql.load(table, carefully=False), values)
            found: list[tuple[str, str, int]] = cursor.fetchall()
    except IntegrityError:
        cursor.execute(bulk_sql.load(table, carefully=True), values)
        found = cursor.fetchall()
    return found


def _values(profile: Profile, sending: int, now: dt.datetime) -> dict[str, Any]:
    limits = queries.limits(profile)
    return {
        "blanks": checking.BLANKS, "times": limits.growth_times, "units": list(limits.ordinary_per_day),
        "ordinary": list(limits.ordinary_per_day.values()), "oldest": limits.oldest_days, "still": limits.still_days,
        "over": limits.usual_over_days, "today": now.astimezone(profile.zone).date(), "sending": sending,
    }  # fmt: skip
