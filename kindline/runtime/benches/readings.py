"""bench readings: many readings by file against a bare COPY of the same rows; single ones over the API.

The bare COPY (ADR 67) fills a table with the keys and indexes of ours, without judging anything; a second one, without
any key, says what the disk takes. Ours is the whole of
`kindline readings load`: the bytes of a CSV file, each line judged by the meter, its last reading and the limits,
kept, and told to the journal. Every meter has a reading of the month before. Then a file of which some dials stand
twice, and the file corrected: what was asked back before comes again. Single readings go through the served pages: at
the rate of a month's end and at ten times that, whoever is answered late; then from clients that never rest.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
import os
import random
import statistics
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from kindline.runtime.benches import registry
from kindline.runtime.benches.clients import paced, press, written
from kindline.runtime.benches.product import say
from kindline.runtime.benches.registry import Served

SIZE, CLIENTS = 1_000_000, 8
LIMITS = {"rate_of_copy": 0.25, "p95_ms": 100.0}
PACES = (5.0, 50.0)
"""Readings over the API a second: at the end of a month (`bench month-end`), and ten times that."""
COLUMNS = "id, sending_id, meter_id, zone, value, taken_on, state, code, daily, line, reason, export_fault"
SEED = 20261128


def main(argv: Sequence[str]) -> None:
    """Print one line a measurement, with its limit and whether it holds."""
    options = argparse.ArgumentParser(prog="bench readings", description=__doc__)
    options.add_argument("--size", type=int, default=SIZE, help="readings in the file")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=8)
    options.add_argument("--profile", default="krc")
    chosen = options.parse_args(argv)
    with registry.serving(chosen.profile) as served:
        prepare(chosen.size)
        by_bulk(chosen.profile, chosen.size, chosen.rounds)
        by_hard_files(chosen.profile, chosen.size)
        at_a_pace(served, chosen.size, chosen.seconds)
        singly(served, chosen.size, chosen.seconds)


# --- the file ---
def by_bulk(profile: str, size: int, rounds: int) -> None:
    """In turns: ours, the bare COPY, the COPY without keys; the same rows each time."""
    file = upload(size)
    took: dict[str, list[float]] = {"ours": [], "copy": [], "without_keys": []}
    for _ in range(rounds):
        clear()
        took["ours"].append(ours(profile, file))
        rows = kept_rows()
        took["copy"].append(copied(rows, keyed=True))
        took["without_keys"].append(copied(rows, keyed=False))
    rates = {name: size / statistics.median(found) for name, found in took.items()}
    told = {name: round(rate) for name, rate in rates.items()}
    say(bench="readings", what="rows_per_s", size=size, load=round(os.getloadavg()[0], 1), **told)
    beside = {"of_copy_without_keys": round(rates["ours"] / rates["without_keys"], 3)}
    _value("rate_of_copy", rates["ours"] / rates["copy"], beside)


def by_hard_files(profile: str, size: int) -> None:
    """The same number of lines, every tenth dial twice; then a file with other words for what was asked back before."""
    clear()
    took = ours(profile, upload(size, again=size // 10))
    say(bench="readings", what="rows_per_s", file="every tenth dial twice", value=round(size / took))
    clear()
    ours(profile, upload(size))
    took = ours(profile, upload(size, day="2026-03-20 "))
    say(bench="readings", what="rows_per_s", file="sent before, another file", value=round(size / took))


def upload(size: int, *, again: int = 0, day: str = "2026-03-20") -> bytes:
    """The file as a house manager sends it: one line a meter, some of them to be asked back, some wrong.

    `again`: so many of its last lines are of meters that stand above.
    """
    dice, text = random.Random(SEED), io.StringIO()  # noqa: S311 - the same file every time
    rows = csv.writer(text, delimiter=";")
    for n in range(size):
        value = 1000 + dice.randint(0, 300) if n % 100 else 9000 + n % 7
        meter = n if n < size - again else n - again
        rows.writerow((f"77{meter:08}", f"{meter:08}", "", value if n % 1000 else "?", day))
    return text.getvalue().encode()


def ours(profile: str, file: bytes) -> float:
    """Take the whole file; what it took, seconds."""
    from kindline.readings import filed
    from kindline.readings.lines import Sender
    from kindline.standard import loader

    now = dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC)
    began = time.monotonic()
    filed.take_file(profile=loader.load(profile), content=file, sender=Sender("file"), name="", now=now)
    return time.monotonic() - began


def kept_rows() -> bytes:
    """What ours has kept, as COPY takes it."""
    asked = f"COPY (SELECT {COLUMNS} FROM {KEPT}) TO STDOUT"  # noqa: S608 - names of ours
    with _cursor() as cursor, cursor.copy(asked) as copy:
        return b"".join(bytes(chunk) for chunk in copy)


def copied(rows: bytes, *, keyed: bool) -> float:
    """COPY the same rows into a table of the same shape; what it took, seconds."""
    with _cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_copied")
        like = "INCLUDING ALL" if keyed else "INCLUDING DEFAULTS"
        cursor.execute(f"CREATE TABLE bench_copied (LIKE readings_reading {like})")
        cursor.execute("CHECKPOINT")
        began = time.monotonic()
        with cursor.copy(f"COPY bench_copied ({COLUMNS}) FROM STDIN") as copy:
            for start in range(0, len(rows), 1 << 18):
                copy.write(rows[start : start + (1 << 18)])
        took = time.monotonic() - began
        cursor.execute("DROP TABLE bench_copied")
    return took


KEPT = "readings_reading WHERE taken_on = '2026-03-20'"


def clear() -> None:
    """As it was before the file."""
    with _cursor() as cursor:
        cursor.execute(f"DELETE FROM {KEPT}")  # noqa: S608
        cursor.execute("DELETE FROM readings_refused")
        cursor.execute("DELETE FROM readings_sending WHERE channel = 'file' AND key LIKE 'file %'")
        cursor.execute("VACUUM ANALYZE readings_reading")
        cursor.execute("CHECKPOINT")


# --- one at a time ---
def at_a_pace(served: Served, size: int, seconds: float) -> None:
    """Single readings over the API at fixed rates: p95 from the moment at which each was due."""
    web = served.instance.ports.web
    for n, a_second in enumerate(PACES):
        clear()
        meters = random.Random(SEED + n).sample(range(size), min(size, 200_000))  # noqa: S311
        press(web, CLIENTS, 2, partial(_nth, served, meters[::-1]), 201)
        found = paced(web, a_second, seconds, partial(_nth, served, meters), 201)
        more: dict[str, object] = {"a_second": a_second, "asked": len(found.took_s), "p50_ms": round(found.ms(0.5), 1)}
        _value("p95_ms", found.ms(0.95), more | {"errors": len(found.errors)})


def _nth(served: Served, meters: Sequence[int], n: int) -> bytes:
    return single(served, meters[n])


def singly(served: Served, size: int, seconds: float) -> None:
    """Single readings over the API by several clients: rate, p95, errors."""
    clear()
    web = served.instance.ports.web
    order = random.Random(SEED)  # noqa: S311
    meters = order.sample(range(size), min(size, 200_000))
    press(web, CLIENTS, 2, lambda n: single(served, meters[-1 - n]), 201)
    found = press(web, CLIENTS, seconds, lambda n: single(served, meters[n]), 201)
    _value(
        "p95_ms",
        found.ms(0.95),
        {"clients": CLIENTS, "rate_per_s": round(found.rate), "p50_ms": round(found.ms(0.5), 1)},
    )
    errors = found.errors
    say(bench="readings", what="errors", value=len(errors), limit=0, holds=not errors, examples=errors[:3])


def single(served: Served, meter: int) -> bytes:
    """The request that sends a reading."""
    content = {"account": f"77{meter:08}", "meter": f"{meter:08}", "value": "1234", "taken_on": "2026-03-20"}
    headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
    headers |= {"Authorization": f"Bearer {served.token}"}
    return written("POST", "/api/v1/readings", headers, json.dumps(content).encode())


# --- preparation ---
def prepare(size: int) -> None:
    """As many accounts with a meter each, and a reading of the month before."""
    with _cursor() as cursor:
        for statement in WORLD.split(";"):
            cursor.execute(statement, {"size": size})


WORLD = """
INSERT INTO clients_client (kind, surname, given_name, patronymic, gender, firm_name, address_as, dative_as, language,
    residence, do_not_call, survey_consent, ways, notices, time_zone, words, created_at, changed_at)
VALUES ('person', 'Коваль', '', '', 'u', '', '', '', '', '', false, false, '{}', '{}', '', '{}', now(), now());
INSERT INTO clients_premise (city, street, house, flat) VALUES ('', '', '', '');
INSERT INTO clients_account (number, client_id, premise_id, service, opened_on, balance)
SELECT '77' || lpad(n::text, 8, '0'), (SELECT max(id) FROM clients_client), (SELECT max(id) FROM clients_premise),
    '', '2020-01-01', 0
FROM generate_series(0, %(size)s - 1) AS n;
INSERT INTO readings_meter (account_id, number, service, unit, digits, decimals, zones, installed_on)
SELECT id, right(number, 8), '', 'kWh', 6, 0, '{""}', '2020-01-01' FROM clients_account
WHERE client_id = (SELECT max(id) FROM clients_client);
INSERT INTO readings_sending (key, sha256, channel, sent_at, network, title, lines)
VALUES ('february', '', 'file', now(), '', '', 0);
INSERT INTO readings_reading
    (sending_id, meter_id, zone, value, taken_on, state, code, daily, line, reason, export_fault)
SELECT (SELECT max(id) FROM readings_sending), id, '', 1000, '2026-02-20', 'accepted', '', 8, 1, '', ''
FROM readings_meter WHERE installed_on = '2020-01-01' AND unit = 'kWh';
VACUUM ANALYZE;
CHECKPOINT
"""


def _cursor() -> Any:
    from django.db import connection

    connection.ensure_connection()
    return connection.connection.cursor()


def _value(what: str, found: float, more: Mapping[str, object] | None = None) -> None:
    at_least = what.startswith("rate")
    holds = found >= LIMITS[what] if at_least else found <= LIMITS[what]
    limit = {"at_least" if at_least else "at_most": LIMITS[what]}
    say(bench="readings", what=what, value=round(found, 3), **limit, holds=holds, **(more or {}))


if __name__ == "__main__":
    main(sys.argv[1:])
