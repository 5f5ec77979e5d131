"""Judging survives the death of its workers and of the database (faults J1, J3)."""

import json
import signal

import pytest

from tests.plugins.rude import Rude, until

LIMIT_S = 240
"""Far beyond what is needed, for machines that do ten things at once; every wait ends with its condition."""
WORKER = ("-m", "django", "procrastinate", "worker", "--concurrency", "2")
CALL: tuple[tuple[float, str, dict[str, object]], ...] = (
    (0, "contact_opened", {"channel": "phone", "direction": "in", "profile": "mini", "version": "1"}),
    (1, "call_offered", {"employee": 1, "queue": "general"}),
    (6, "call_answered", {"employee": 1, "rings": 1}),
    (60, "call_ended", {"by": "client", "outcome": "answered"}),
    (90, "contact_closed", {"outcome": "answered"}),
)
FACT = """
INSERT INTO journal_fact (at, kind, subject_type, subject_id, data)
VALUES (now() + %s * interval '1 second', %s, 'contact', %s, %s)
"""
DEFER = """
import django; django.setup()
from kindline.quality import tasks
from procrastinate.exceptions import AlreadyEnqueued
try:
    tasks.judge.defer(timestamp=0)
except AlreadyEnqueued:
    pass
"""
RESCUE = """
import django; django.setup()
import asyncio
from procrastinate.contrib.django import app
from kindline.quality import rescue
async def main():
    worker = app.with_connector(app.connector.get_worker_connector())
    async with worker.open_async():
        assert await rescue.rescue_stalled(worker.job_manager, stalled_s=0.1)
asyncio.run(main())
"""


def _record_call(rude: Rude, contact: str) -> None:
    with rude.connect() as connection, connection.transaction():
        for seconds, kind, data in CALL:
            connection.execute(FACT, [seconds, kind, contact, json.dumps(data)])


def _jobs(rude: Rude) -> list[tuple[object, ...]]:
    return rude.ask("SELECT status::text, attempts FROM procrastinate_jobs WHERE task_name = 'judge' ORDER BY id")


def _verdicts(rude: Rude, contact: str) -> int:
    return len(rude.ask("SELECT 1 FROM quality_measurement WHERE subject_id = %s", contact))


def _statuses(rude: Rude) -> set[str]:
    """Of all jobs: where the facts are not settled yet when the first one looks, a later one does the work."""
    return {str(row[0]) for row in _jobs(rude)}


def _stuck_in_the_effect(rude: Rude) -> bool:
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE %s"
    return bool(rude.ask(waiting, "%INSERT INTO quality_measurement%"))


def _finished(rude: Rude) -> list[tuple[object, ...]]:
    return [row for row in _jobs(rude) if row[0] == "succeeded"]


def _supervised(rude: Rude, words: tuple[str, ...]) -> bool:
    """Start the worker again when it has ended, and see to it that it has a job."""
    worker = rude.processes[-1]
    if worker.poll() is not None:
        rude.start(*words)
    if not any(row[0] in ("todo", "doing") for row in _jobs(rude)):
        rude.run("-c", DEFER)
    return True


@pytest.mark.fault("J1")
def test_a_worker_killed_in_the_middle_leaves_one_whole_effect(rude: Rude) -> None:
    """J1: the job is begun twice, what it does is there once."""
    _record_call(rude, "a")
    with rude.connect() as outside:
        outside.autocommit = False
        outside.execute("LOCK TABLE quality_measurement IN SHARE ROW EXCLUSIVE MODE")
        rude.run("-c", DEFER)
        worker = rude.start(*WORKER)
        until(lambda: _stuck_in_the_effect(rude), LIMIT_S, "the job does not begin")
        worker.kill()
        worker.wait(10)
        outside.rollback()
    until(
        lambda: not rude.ask("SELECT 1 FROM pg_stat_activity WHERE query ILIKE %s", "%INTO quality_measurement%"),
        LIMIT_S,
    )
    assert _verdicts(rude, "a") == 0, "half an effect was kept"
    assert rude.ask("SELECT count(*) FROM journal_cursor WHERE xid > 0 AND name = 'quality'") == [(0,)]
    assert "doing" in _statuses(rude), "nobody gives a job back by itself"
    rude.run("-c", RESCUE)
    rude.start(*WORKER)
    until(lambda: _verdicts(rude, "a"), LIMIT_S, "the job is not done again")
    until(lambda: "doing" not in _statuses(rude), LIMIT_S, "the job does not end")
    doubles = (
        "SELECT clause FROM quality_measurement GROUP BY clause, version, subject_type, subject_id HAVING count(*) > 1"
    )
    assert _verdicts(rude, "a") > 0
    assert rude.ask(doubles) == []
    assert rude.ask("SELECT max(fact_id) FROM journal_cursor") == rude.ask("SELECT max(id) FROM journal_fact")


@pytest.mark.fault("J3")
def test_the_judge_and_the_worker_come_back_after_the_database(rude: Rude) -> None:
    """J3: the judge lives on; a worker that ends is started again by the supervisor and finds its jobs."""
    judge = rude.start("-m", "kindline.runtime.lasting", "kindline.quality.loop")
    rude.start(*WORKER)
    _record_call(rude, "before")
    until(lambda: _verdicts(rude, "before"), LIMIT_S, "the judge does not judge")
    rude.server.stop(signal.SIGINT)
    began = rude.server.process
    assert began.poll() is not None
    rude.revive()
    _record_call(rude, "after")
    until(lambda: _verdicts(rude, "after"), LIMIT_S, "the judge does not come back")
    assert judge.poll() is None, "the judge did not have to be started again"
    finished = len(_finished(rude))
    until(
        lambda: _supervised(rude, WORKER) and len(_finished(rude)) > finished, LIMIT_S, "the worker does not come back"
    )
    judge.send_signal(signal.SIGTERM)
    assert judge.wait(10) == 0, "a judge that is told to stop ends well"
