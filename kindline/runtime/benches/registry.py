"""bench registry: appeals created over the API against one row written by a bare Django, in the same run.

Both are served by granian with the product's workers and threads, on the same PostgreSQL with synchronous commit. An
appeal is the whole of it: token, scope, rate, form, key, limit by the standard, number, words to be found by, facts.
Processor time is that of the pages' processes and of PostgreSQL. The judging of contacts is not started: `bench judge`
measures that.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kindline.runtime import cli, parts, ports, postgres
from kindline.runtime import instance as instances
from kindline.runtime.benches.clients import Connection, Outcome, press, written
from kindline.runtime.benches.product import family_cpu_s, say
from kindline.runtime.instance import Instance
from kindline.runtime.launch import Launch

CLIENTS, MANY = 8, 32
LIMITS = {"rate_of_bare": 0.25, "cpu_ms": 8.0, "p95_ms": 100.0, "rate_at_32_of_8": 0.9, "card_p50_ms": 6.0}
SUBSTANCE = (
    "Прошу пересчитать плату за отопление за февраль: счётчик показывал {n}, а в квитанции стоит другое число. "
    "Показания передаю вовремя, последний раз двадцать пятого числа. Прошу объяснить, откуда взялась разница, "
    "и вернуть лишнее."
)
APPLICANT = {
    "surname": "Коваль", "given_name": "Ольга", "patronymic": "Петровна", "residence": "ул. Лесная, 1",
    "phone": "+79210000001", "email": "koval@example.org",
}  # fmt: skip


@dataclass
class Served:
    """A database, the product's pages, and the bare application."""

    instance: Instance
    database: int
    web: int
    bare: int
    bare_port: int
    token: str = ""


def main(argv: Sequence[str]) -> None:
    """Print one line a measurement, with its limit and whether it holds."""
    options = argparse.ArgumentParser(prog="bench registry", description=__doc__)
    options.add_argument("--seconds", type=float, default=8)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--profile", default="krc")
    chosen = options.parse_args(argv)
    with serving(chosen.profile) as served:
        measure(served, chosen.seconds, chosen.rounds)


def measure(served: Served, seconds: float, rounds: int) -> None:
    """Warm up, then in turns the bare row, the appeal with 8 clients, the appeal with 32; then the card."""
    web = served.instance.ports.web
    press(served.bare_port, CLIENTS, 1.5, row, 201)
    press(web, CLIENTS, 2.5, lambda n: appeal(served, n), 201)
    bare, few, many, cpu_ms, bare_ms = [], [], [], [], []
    for _ in range(rounds):
        found, used = counted(served, served.bare, lambda: press(served.bare_port, CLIENTS, seconds, row, 201))
        bare.append(found)
        bare_ms.append(used)
        found, used = counted(
            served, served.web, lambda: press(web, CLIENTS, seconds, lambda n: appeal(served, n), 201)
        )
        few.append(found)
        cpu_ms.append(used)
        many.append(press(web, MANY, seconds, lambda n: appeal(served, n), 201))
    report(bare, few, many, statistics.median(cpu_ms), statistics.median(bare_ms))
    value("card_p50_ms", card(served, 400), more={"requests": 400})


def report(bare: list[Outcome], few: list[Outcome], many: list[Outcome], cpu_ms: float, bare_ms: float) -> None:
    """Say what the rounds came to."""
    rates = [statistics.median(one.rate for one in group) for group in (bare, few, many)]
    errors = [error for one in (*bare, *few, *many) for error in one.errors]
    load = {"load": round(os.getloadavg()[0], 1)}
    say(bench="registry", what="rates_per_s", bare=round(rates[0]), at_8=round(rates[1]), at_32=round(rates[2]), **load)
    value("rate_of_bare", rates[1] / rates[0])
    value("cpu_ms", cpu_ms, more={"pages_and_database_ms": few[0].split_ms, "bare_ms": round(bare_ms, 2)})
    value("p95_ms", statistics.median(one.ms(0.95) for one in few), more={"clients": CLIENTS})
    value("rate_at_32_of_8", rates[2] / rates[1], more={"p95_ms": round(statistics.median(m.ms(0.95) for m in many))})
    say(bench="registry", what="errors", value=len(errors), limit=0, holds=not errors, examples=errors[:3])


def value(what: str, found: float, more: dict[str, object] | None = None) -> None:
    """Say one measured value, its limit, and whether it holds."""
    at_least = what.startswith("rate")
    holds = found >= LIMITS[what] if at_least else found <= LIMITS[what]
    limit = {"at_least" if at_least else "at_most": LIMITS[what]}
    say(bench="registry", what=what, value=round(found, 3), **limit, holds=holds, **(more or {}))


def counted(served: Served, pid: int, work: Callable[[], Outcome]) -> tuple[Outcome, float]:
    """The outcome, and the processor time a request, milliseconds; `found.split_ms` says whose."""
    before = family_cpu_s(pid), family_cpu_s(served.database)
    found = work()
    after = family_cpu_s(pid), family_cpu_s(served.database)
    used = [1000 * (now - then) / max(1, len(found.took_s)) for then, now in zip(before, after, strict=True)]
    found.split_ms = (round(used[0], 2), round(used[1], 2))
    return found, sum(used)


def row(n: int) -> bytes:
    """The bare application's request."""
    body = json.dumps({"substance": SUBSTANCE.format(n=n)}, ensure_ascii=False).encode()
    return written("POST", "/rows", {"Content-Type": "application/json"}, body)


def appeal(served: Served, n: int) -> bytes:
    """The request that registers an appeal."""
    content = {"kind": "application", "substance": SUBSTANCE.format(n=n), "applicant": APPLICANT}
    body = json.dumps(content, ensure_ascii=False).encode()
    more = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex, "Accept-Language": "ru"}
    return written("POST", "/api/v1/appeals", more | {"Authorization": f"Bearer {served.token}"}, body)


def card(served: Served, requests: int) -> float:
    """One client reads cards: the median time, milliseconds."""
    connection = Connection(served.instance.ports.web)
    headers = {"Authorization": f"Bearer {served.token}"}
    _, body = connection.ask(written("GET", "/api/v1/appeals?limit=100", headers))
    paths = [f"/api/v1/appeals/{one['id']}" for one in json.loads(body)["items"]]
    found = Outcome()
    for n in range(requests):
        began = time.monotonic()
        status, body = connection.ask(written("GET", paths[n % len(paths)], headers))
        found.took_s.append(time.monotonic() - began)
        if status != 200:
            raise RuntimeError(f"{status} {body[:200]!r}")
    return found.ms(0.5)


# --- preparation ---
@contextlib.contextmanager
def serving(profile: str) -> Iterator[Served]:
    """Everything served, in a folder of its own, for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="kl-bench-"))
    folder.chmod(0o755)
    started: list[subprocess.Popen[bytes]] = []
    try:
        instance = instances.prepare(folder, profile=profile)
        postgres.initialise(instance.postgres_folder, instance.secrets.database_password)
        database = parts.database(instance)
        started.append(start(database.launch, database.log, database.environment))
        wait_until(database.probe, "PostgreSQL")
        postgres.ensure_database(instance.embedded_url)
        cli.setup_django(folder)
        token = _prepare()
        web = parts.web(instance)
        started.append(start(web.launch, web.log, web.environment))
        bare_port = ports.choose()
        started.append(start(_bare(instance, bare_port), folder / "bare.log", parts.environment(instance, "bare")))
        wait_until(web.probe, f"the pages, see {web.log}")
        wait_until(lambda: Connection(bare_port), "the bare application")
        yield Served(instance, started[0].pid, started[1].pid, started[2].pid, bare_port, token)
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGINT if process is started[0] else signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
        shutil.rmtree(folder, ignore_errors=True)


def _bare(instance: Instance, port: int) -> Launch:
    """The bare application, served as the product's pages are."""
    words = parts.web(instance).launch.program[:-1]
    places = {str(instance.ports.web): str(port), "/static": "/none"}
    application = "kindline.runtime.benches.bare:application"
    return Launch([*(places.get(word, word) for word in words), application], nice=parts.PAGES)


def start(launch: Launch, log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a part; what it says goes into the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as said:
        return subprocess.Popen(
            launch.words(), stdout=said, stderr=said, env=environment, cwd=Path(__file__).parents[3]
        )


def _prepare() -> str:
    """The tables, an employee, his token."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from kindline.journal import partitions
    from kindline.runtime.benches.bare import TABLE
    from kindline.staff import tokens
    from kindline.staff.models import Employee, Scope

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    partitions.make_ahead(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    clerk = Employee.objects.create(username="bench", roles=["specialist"])
    _, text = tokens.issue_token(
        employee=clerk, title="bench", scopes=[Scope.CREATE, Scope.READ, Scope.READINGS], days=1,
        requests_a_minute=tokens.RATE_MAX, by=None, now=timezone.now(),
    )  # fmt: skip
    connection.close()
    return text


def wait_until(ready: Callable[[], object], what: str, limit_s: float = 60) -> None:
    """Wait until it is there. Raises: RuntimeError."""
    until = time.monotonic() + limit_s
    while True:
        try:
            ready()
        except (OSError, RuntimeError, parts.NotYetError, urllib.request.HTTPError) as error:
            if time.monotonic() > until:
                raise RuntimeError(f"{what} is not there: {error}") from error
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
