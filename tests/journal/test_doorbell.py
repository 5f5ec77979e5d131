"""Listeners hear of new facts soon, and the bell is rung rarely however much is written."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction

from kindline.journal import actions, doorbell, links

pytestmark = pytest.mark.django_db(transaction=True)


def _record(subject: str = "c") -> None:
    actions.record(kind="call_ended", subject_type="contact", subject_id=subject)


def _until(condition: Callable[[], bool], limit_s: float = 5) -> bool:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return False


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    yield
    doorbell.hush()


def test_a_commit_wakes_the_listener_at_once() -> None:
    bells = doorbell.listen(poll_s=30)
    assert next(bells) is True, "first look without waiting"
    started = time.monotonic()
    _record()
    assert next(bells) is True
    assert time.monotonic() - started < 2
    bells.close()


def test_silence_still_lets_the_listener_look() -> None:
    bells = doorbell.listen(poll_s=0.05)
    next(bells)
    assert next(bells) is False
    bells.close()


def test_a_burst_rings_few_times_and_the_last_fact_is_heard() -> None:
    with links.connect() as line:
        line.execute(f"LISTEN {doorbell.CHANNEL}")
        started = time.monotonic()
        for n in range(200):
            _record(f"c{n}")
        took = time.monotonic() - started
        ended = time.monotonic()
        rings = list(line.notifies(timeout=0.5))
    assert 2 <= len(rings) <= took * doorbell.RINGS_A_SECOND + 3
    assert ended - started < 30


def test_what_is_rolled_back_does_not_ring() -> None:
    with links.connect() as line:
        line.execute(f"LISTEN {doorbell.CHANNEL}")
        with transaction.atomic():
            _record()
            transaction.set_rollback(True)
        assert list(line.notifies(timeout=0.2)) == []


def test_a_cut_line_is_made_anew() -> None:
    stop = threading.Event()
    bells = doorbell.listen(poll_s=30, stop=stop)
    next(bells)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = %s", ["LISTEN kindline_facts"]
        )
    assert next(bells) is False, "woken to look while the line is lost"
    assert next(bells) is True, "and again when it is back"
    _record()
    assert next(bells) is True
    bells.close()


def test_an_event_loop_listens_too() -> None:
    async def heard() -> bool:
        bells = doorbell.listen_async(poll_s=30)
        assert await anext(bells)
        await asyncio.to_thread(_record_and_close)
        return await asyncio.wait_for(anext(bells), 5)

    assert asyncio.run(heard())


def _record_and_close() -> None:
    _record()
    connection.close()


def test_the_bell_frees_its_connection_when_hushed() -> None:
    _record()
    assert _until(lambda: doorbell._bell.rung > 0)
    doorbell.hush()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE query = 'NOTIFY kindline_facts'")
        assert cursor.fetchone()[0] == 0
