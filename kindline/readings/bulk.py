"""Very many readings at once: copied into a table of their own, judged by the database, kept; part by part.

While the database judges and keeps one part, the next is read from the file; all of it is one transaction.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import IntegrityError, connection, transaction

from kindline.journal import locking
from kindline.readings import actions, bulk_rounds, bulk_sql, checking, queries
from kindline.readings.errors import KeyReusedError
from kindline.readings.lines import Sender
from kindline.readings.models import Sending
from kindline.standard.profile import Profile

CHUNK, CHUNKS = 5000, 20
"""Lines that are written together; how many of them are judged together."""
TAB = "\t"
SPACES = checking.BLANKS.replace(TAB, "")
Cells = tuple[str, str, str, str, str]
"""Account, meter, zone, value, day: as they were typed."""
Dial = tuple[str, str, str]
Chunk = tuple[bytes, int, set[Dial] | None]
"""Lines as COPY takes them, how many say something, and their dials; None where blanks or hyphens tell them apart."""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that are judged together; `is_simple`: nothing is to be stripped, and no dial stands there twice."""

    texts: list[bytes]
    many: int
    is_simple: bool


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
    locking.in_turn(key)  # the same file twice at once
    with connection.cursor() as cursor:
        if (known := Sending.objects.filter(key=key).first()) is not None:
            return _same(known, rows, first)
        sending = actions.open_sending(key=key, sha256="", lines=0, sender=sender, title=title, now=now)
        found = _take(cursor, rows, first, _values(profile, sending.pk, now), sending, progress)
    sending.save(update_fields=["sha256", "lines"])
    actions.close_counted(sending, found, sender, now)
    return sending


def verdicts(
    *, profile: Profile, rows: Iterable[Cells], now: dt.datetime, is_simple: bool = False
) -> list[tuple[Any, ...]]:
    """What the database says of lines, in their order: state, code, value, day, daily; nothing is kept.

    `is_simple`: they have nothing that is to be stripped.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in bulk_sql.BEGIN:
            cursor.execute(statement)
        texts = [text for text, _, _ in _packed(rows, 1)]
        _copy(cursor, Part(texts, len(texts), is_simple))
        asked = bulk_sql.judged(is_simple=is_simple)
        cursor.execute(
            f"SELECT state, code, value, day, daily FROM ({asked}) AS found ORDER BY line",  # noqa: S608 - a text of ours
            _values(profile, 0, now),
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.execute(bulk_sql.DROP)
        return found


def _same(known: Sending, rows: Iterable[Cells], first: int) -> Sending:
    digest = hashlib.sha256()
    for text, _, _ in _packed(rows, first):
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
            _copy(cursor, part)
            sending.lines += part.many
            for text in part.texts:
                digest.update(text)
            for state, code, many in _kept(cursor, part, values):
                found.setdefault(state, Counter())[code] += many
            progress(sending.lines)
    cursor.execute(bulk_sql.DROP)
    sending.sha256 = digest.hexdigest()
    return found


def _ahead(parts: Iterator[Part]) -> Generator[Part]:
    """The same parts; each is made while the one before is worked with."""
    with ThreadPoolExecutor(1, "readings-file") as other:
        coming = other.submit(next, parts, None)
        while (part := coming.result()) is not None:
            coming = other.submit(next, parts, None)
            yield part


def _parts(rows: Iterable[Cells], first: int) -> Iterator[Part]:
    chunks = _packed(rows, first)
    while found := list(islice(chunks, CHUNKS)):
        many = sum(count for _, count, _ in found)
        dials = [one for _, _, one in found if one is not None]
        is_simple = len(dials) == len(found) and len(set().union(*dials)) == many
        yield Part([text for text, _, _ in found], many, is_simple)


def _packed(rows: Iterable[Cells], first: int) -> Iterator[Chunk]:
    """Lines as COPY takes them, many together; signs that mean something to it are rare and looked for once a chunk."""
    lines = iter(rows)
    while chunk := list(islice(lines, CHUNK)):
        said = [(n, row) for n, row in enumerate(chunk, first) if any(row)]
        text = "".join([f"{n}\t{TAB.join(row)}\n" for n, row in said])
        plain = text.count("\t") == 5 * len(said) and text.count("\n") == len(said)
        if not plain or "\\" in text or "\r" in text or "\0" in text:
            text = "".join([f"{n}\t{TAB.join(map(_escaped, row))}\n" for n, row in said])
        yield text.encode("utf-8", "replace"), len(said), _dials(text, said) if plain else None
        first += len(chunk)


def _dials(text: str, said: list[tuple[int, Cells]]) -> set[Dial] | None:
    if any(sign in text for sign in SPACES) or any("-" in row[0] for _, row in said):
        return None
    return {row[:3] for _, row in said}


def _escaped(cell: str) -> str:
    for sign, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"), ("\0", "\ufffd")):
        cell = cell.replace(sign, written)
    return cell


def _copy(cursor: Any, part: Part) -> None:
    with cursor.copy(bulk_sql.COPY) as copy:
        for text in part.texts:
            copy.write(text)


def _kept(cursor: Any, part: Part, values: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Judge what is staged and keep it. Looking for what somebody else keeps at this moment costs a third of the
    keeping: it is done only once something was met.
    """
    try:
        with transaction.atomic():
            return list(_judged(cursor, part, values, carefully=False))
    except IntegrityError:
        return list(_judged(cursor, part, values, carefully=True))


def _judged(
    cursor: Any, part: Part, values: dict[str, Any], *, carefully: bool
) -> Iterator[tuple[str, str, int]]:  # fmt: skip
    """All lines together; where a dial stands in several, its later ones after it, round by round."""
    rounds = 1
    if not part.is_simple:
        cursor.execute(bulk_sql.judge(), values)
        rounds = _put_off(cursor)
    cursor.execute(bulk_sql.keep("simple" if part.is_simple else "judged", carefully=carefully), values)
    yield from cursor.fetchall()
    for n in range(2, min(rounds, bulk_rounds.ROUNDS) + 1):
        cursor.execute(bulk_sql.keep("round", carefully=carefully), values | {"round": n})
        yield from cursor.fetchall()
    if rounds > bulk_rounds.ROUNDS:  # among them a line may be asked back that was before: it is left out
        bulk_rounds.judge(cursor, values["limits"], values["today"])
        cursor.execute(bulk_sql.keep("judged", carefully=True), values)
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
        "limits": limits,
    }  # fmt: skip
