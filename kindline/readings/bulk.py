"""Very many readings at once: copied into a table of their own, judged by the database, kept; part by part.

While the database judges and keeps one part, the next is read from the file; all of it is one transaction.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import Any

from django.db import IntegrityError, connection, transaction

from kindline.readings import actions, bulk_sql, checking, queries
from kindline.readings.errors import KeyReusedError
from kindline.readings.lines import Sender
from kindline.readings.models import Sending
from kindline.standard.profile import Profile

CHUNK, CHUNKS = 5000, 20
"""Lines that are written together; how many of them are judged together."""
TAB = "\t"
Cells = tuple[str, str, str, str, str]
"""Account, meter, zone, value, day: as they were typed."""
Part = list[tuple[bytes, int]]
"""Lines as COPY takes them, and how many of them say something."""


@transaction.atomic
def load_readings(
    *, profile: Profile, key: str, rows: Iterable[Cells], sender: Sender, title: str, now: dt.datetime,
    progress: Callable[[int], None] = lambda _done: None, first: int = 1,
) -> Sending:  # fmt: skip
    """Take the readings of a file, each with the verdict that it would get by itself; the same file again is known.

    A line is judged after those above it. Its number, counted from `first`, stands on its reading or on what was
    refused; lines without anything are counted and left out. `rows` are read in another thread, without a database.
    `progress` is told how many lines are kept so far.
    Raises: KeyReusedError.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])  # the same file twice at once
        if (known := Sending.objects.filter(key=key).first()) is not None:
            return _same(known, rows, first)
        sending = actions.open_sending(key=key, sha256="", lines=0, sender=sender, title=title, now=now)
        found = _take(cursor, rows, first, _values(profile, sending.pk, now), sending, progress)
    sending.save(update_fields=["sha256", "lines"])
    actions.close_counted(sending, found, sender, now)
    return sending


def verdicts(*, profile: Profile, rows: Iterable[Cells], now: dt.datetime) -> list[tuple[Any, ...]]:
    """What the database says of lines, in their order: state, code, value, day, daily; nothing is kept."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in bulk_sql.BEGIN:
            cursor.execute(statement)
        _copy(cursor, list(_packed(rows, 1)))
        asked = bulk_sql.judged("readings_staged")
        cursor.execute(
            f"SELECT state, code, value, day, daily FROM ({asked}) AS found ORDER BY line",  # noqa: S608 - a text of ours
            _values(profile, 0, now),
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.execute(bulk_sql.DROP)
        return found


def _same(known: Sending, rows: Iterable[Cells], first: int) -> Sending:
    digest = hashlib.sha256()
    for text, _ in _packed(rows, first):
        digest.update(text)
    if digest.hexdigest() != known.sha256:
        raise KeyReusedError
    return known


def _take(
    cursor: Any, rows: Iterable[Cells], first: int, values: dict[str, Any], sending: Sending,
    progress: Callable[[int], None],
) -> dict[str, Counter[str]]:  # fmt: skip
    """Judge and keep part by part; what the lines came to, by state and code. Fills in the sending's lines and hash."""
    digest, found = hashlib.sha256(), dict[str, Counter[str]]()
    for statement in bulk_sql.BEGIN:
        cursor.execute(statement)
    with closing(_ahead(_parts(rows, first))) as parts:
        for part in parts:
            cursor.execute(bulk_sql.EMPTY)
            sending.lines += _copy(cursor, part)
            for text, _ in part:
                digest.update(text)
            for state, code, many in _kept(cursor, values):
                found.setdefault(state, Counter())[code] += many
            progress(sending.lines)
    cursor.execute(bulk_sql.DROP)
    sending.sha256 = digest.hexdigest()
    return found


def _ahead(parts: Iterator[Part]) -> Iterator[Part]:
    """The same parts; each is made while the one before is worked with."""
    with ThreadPoolExecutor(1, "readings-file") as other:
        coming = other.submit(next, parts, None)
        while (part := coming.result()) is not None:
            coming = other.submit(next, parts, None)
            yield part


def _parts(rows: Iterable[Cells], first: int) -> Iterator[Part]:
    chunks = _packed(rows, first)
    while part := list(islice(chunks, CHUNKS)):
        yield part


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


def _copy(cursor: Any, part: Part) -> int:
    with cursor.copy(bulk_sql.COPY) as copy:
        for text, _ in part:
            copy.write(text)
    return sum(many for _, many in part)


def _kept(cursor: Any, values: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Judge what is staged and keep it. Looking for what somebody else keeps at this moment costs a third of the
    keeping: it is done only once something was met.
    """
    try:
        with transaction.atomic():
            return list(_judged(cursor, values, carefully=False))
    except IntegrityError:
        return list(_judged(cursor, values, carefully=True))


def _judged(cursor: Any, values: dict[str, Any], *, carefully: bool) -> Iterator[tuple[str, str, int]]:
    """All lines together; where a dial stands in several, its later ones after it, round by round."""
    cursor.execute(bulk_sql.judge(), values)
    rounds = _put_off(cursor)
    cursor.execute(bulk_sql.keep(carefully=carefully), values)
    yield from cursor.fetchall()
    for n in range(2, rounds + 1):
        cursor.execute(bulk_sql.keep(carefully=carefully, later=True), values | {"round": n})
        yield from cursor.fetchall()


def _put_off(cursor: Any) -> int:
    """Take back the lines of dials that stand above already; how many rounds it takes."""
    cursor.execute(bulk_sql.REPEATS)
    if not cursor.fetchone()[0]:
        return 1
    cursor.execute("DROP TABLE IF EXISTS readings_later")
    cursor.execute(bulk_sql.LATER)
    cursor.execute("SELECT max(round) FROM readings_later")
    return int(cursor.fetchone()[0])


def _values(profile: Profile, sending: int, now: dt.datetime) -> dict[str, Any]:
    limits = queries.limits(profile)
    return {
        "blanks": checking.BLANKS, "times": limits.growth_times, "units": list(limits.ordinary_per_day),
        "ordinary": list(limits.ordinary_per_day.values()), "oldest": limits.oldest_days, "still": limits.still_days,
        "over": limits.usual_over_days, "today": now.astimezone(profile.zone).date(), "sending": sending,
    }  # fmt: skip
