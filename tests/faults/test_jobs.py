"""A worker frozen in the middle of a job (J2), and jobs that cannot be given back. Killed: tests of quality."""

import asyncio
import datetime as dt
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from kindline.conversations.models import Callback, Contact
from kindline.journal.models import Fact
from kindline.quality import rescue
from kindline.recordings.models import Seal
from kindline.runtime import instance
from kindline.standard import loader
from kindline.switchboard.models import Recording
from tests.plugins import wrong_clock
from tests.plugins.postgres import Server
from tests.plugins.product import ROOT

pytestmark = pytest.mark.db(transaction=True)


WRONG = [
    ("+1d", 3600, "open"), ("-1d", -60, "missed"), ("+1h", 1800, "open"), ("-1h", -60, "missed"),
    ("+90s", 75, "open"), ("-90s", -5, "missed"),
]  # fmt: skip
"""How wrong a worker's clock is, in how many seconds something is due, and what it must find."""
OVER = {"succeeded", "aborted"}
"""A job that was given back is done; one whose next of kind waits already is over."""


def wait_for(condition: Callable[[], object], limit_s: float = 60) -> None:
    until = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


class Workers:
    """Workers of our own on the database of this run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.all: list[subprocess.Popen[bytes]] = []

    def start(self, **more: str) -> subprocess.Popen[bytes]:
        """One more."""
        words = [
            sys.executable,
            "-m",
            "kindline.runtime",
            "manage",
            "procrastinate",
            "worker",
            "--queues",
            "default",
        ]
        environment = os.environ | {instance.ENVIRONMENT: str(self.folder), "KINDLINE_PROCESS": "worker"} | more
        with (self.folder / "worker.log").open("ab") as log:
            self.all.append(subprocess.Popen(words, cwd=ROOT, env=environment, stdout=log, stderr=log))
        return self.all[-1]

    def end(self) -> None:
        """None is left."""
        for process in self.all:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    made = Workers(tmp_path)
    yield made
    made.end()


@pytest.fixture
def overdue() -> Callback:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("truncate procrastinate_jobs, procrastinate_workers cascade")
    contact = Contact.objects.create(id=uuid.uuid4(), profile="krc", version="1", channel="phone", started_at=now)
    return Callback.objects.create(contact=contact, phone="+79210000001", due_at=now, promised_at=now)


def job(name: str = "callbacks_overdue") -> ProcrastinateJob:
    found: ProcrastinateJob = ProcrastinateJob.objects.filter(task_name=name).order_by("id")[0]
    return found


def facts_of(callback: Callback) -> int:
    return Fact.objects.filter(kind="callback_overdue", subject_id=str(callback.pk)).count()


class Held:
    """The journal is held, so that the job stops in the middle: the row is changed, its fact is not yet written."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url)
        self.connection.execute("lock table journal_fact in exclusive mode")

    def someone_waits(self) -> bool:
        """Whether a job has come to where it must wait."""
        query = "select 1 from pg_locks where not granted and relation = 'journal_fact'::regclass"
        return self.connection.execute(query).fetchone() is not None

    def release(self) -> None:
        """Let them go on."""
        self.connection.close()


async def _rescue() -> list[int]:
    own = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with own.open_async():
        return await rescue.rescue_stalled(own.job_manager, stalled_s=1)


def rescued() -> list[int]:
    return asyncio.run(_rescue())


def begun_and_stopped(workers: Workers, overdue: Callback, pg: Server, how: signal.Signals) -> subprocess.Popen[bytes]:
    """A worker that was stopped by the signal in the middle of the job."""
    app.tasks["callbacks_overdue"].defer(timestamp=0)
    held = Held(pg.url.replace("/postgres", "/test_kindline"))
    first = workers.start()
    wait_for(held.someone_waits)
    first.send_signal(how)
    held.release()
    assert overdue.state == "open"
    assert job().status == "doing"
    return first


@pytest.mark.fault("J2")
def test_a_frozen_worker_that_wakes_up_does_nothing_twice(workers: Workers, overdue: Callback, pg: Server) -> None:
    first = begun_and_stopped(workers, overdue, pg, signal.SIGSTOP)
    wait_for(rescued)
    workers.start()
    wait_for(lambda: job().status in OVER)
    first.send_signal(signal.SIGCONT)
    wait_for(lambda: facts_of(overdue))
    overdue.refresh_from_db()
    assert overdue.state == "missed"
    assert facts_of(overdue) == 1


@pytest.mark.fault("C2")
@pytest.mark.parametrize(("off", "due_in_s", "state"), WRONG)
def test_a_worker_with_a_wrong_clock_is_neither_early_nor_late(
    workers: Workers, overdue: Callback, off: str, due_in_s: int, state: str
) -> None:
    Callback.objects.filter(pk=overdue.pk).update(due_at=timezone.now() + dt.timedelta(seconds=due_in_s))
    workers.start(**wrong_clock.environment(off))
    app.tasks["callbacks_overdue"].defer(timestamp=0)
    wait_for(lambda: job().status in OVER)
    overdue.refresh_from_db()
    assert overdue.state == state
    told = Fact.objects.filter(kind="callback_overdue", subject_id=str(overdue.pk)).values_list("at", flat=True)
    assert all(abs((at - timezone.now()).total_seconds()) < 60 for at in told)


@pytest.mark.fault("C2", "X5")
@pytest.mark.clause("krc-5.5.2-14")
@pytest.mark.parametrize(("off", "days_left", "kept"), [("+1d", 0, True), ("-1d", -1, False)])
def test_a_worker_with_a_wrong_clock_destroys_no_recording_early(
    workers: Workers, overdue: Callback, off: str, days_left: int, kept: bool
) -> None:
    now = timezone.now()
    at_night = dt.timedelta(minutes=2 if kept else 0)  # its last day is not to end while this is tried
    last = (now + at_night).astimezone(loader.load("krc").zone).date() + dt.timedelta(days=days_left)
    one = Recording.objects.create(
        contact=overdue.contact, leg="client", name=f"c2/{off}", started_at=now, ended_at=now, retention_until=last
    )
    Seal.objects.create(recording=one, sha256="0" * 64, size=1, key=b"key", key_number=1, sealed_at=now)
    workers.start(KINDLINE_PROFILE="krc", **wrong_clock.environment(off))
    app.tasks["recordings_retention"].defer(timestamp=0)
    wait_for(lambda: job("recordings_retention").status in OVER)
    assert (Seal.objects.get(recording=one).key is not None) is kept
    assert Recording.objects.filter(pk=one.pk, removed_at=None).exists() is kept


def test_a_job_whose_next_of_kind_waits_is_over(overdue: Callback) -> None:
    del overdue
    app.tasks["callbacks_overdue"].defer(timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'doing' where id = %s", [job().pk])
    app.tasks["callbacks_overdue"].defer(timestamp=1)
    assert rescued() == [job().pk]
    assert job().status == "aborted"
    assert rescued() == []


@pytest.mark.fault("J8")
def test_a_job_that_keeps_killing_its_worker_is_set_aside(overdue: Callback) -> None:
    del overdue
    app.tasks["callbacks_overdue"].defer(timestamp=0)
    with connection.cursor() as cursor:
        change = "update procrastinate_jobs set status = 'doing', attempts = %s where id = %s"
        cursor.execute(change, [rescue.ATTEMPTS_MAX, job().pk])
    assert rescued() == [job().pk]
    assert job().status == "failed"
