"""How often a token may ask: one bucket for all processes, and most requests ask the database nothing of it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, connections

from kindline.api import limits
from kindline.api.limits import Handfuls
from tests.api.calling import Program

TOKEN = 4_000_000_001
A_MINUTE = 1_200
BURST = int(A_MINUTE / 60 * limits.BURST_S)
pytestmark = pytest.mark.db


def admitted(here: Handfuls, most: int) -> int:
    """How many requests a process lets in before the first that must wait."""
    return next((n for n in range(most) if limits.take(TOKEN, A_MINUTE, here)), most)


def stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's clock does not move for the statements of limits."""
    for name in ("DRAW", "WAIT"):
        still = getattr(limits, name).replace("clock_timestamp()", "timestamptz '2026-03-02 09:00Z'")
        monkeypatch.setattr(limits, name, still)


def test_two_processes_together_let_in_what_one_would(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    one, other = Handfuls(), Handfuls()
    assert admitted(one, BURST // 2) == BURST // 2
    assert admitted(other, BURST) == BURST // 2
    wait_s = limits.take(TOKEN, A_MINUTE, one)
    assert wait_s == pytest.approx(60 / A_MINUTE)


def test_what_a_process_holds_is_given_out_to_the_last_and_not_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    holder, other = Handfuls(), Handfuls()
    limits.take(TOKEN, A_MINUTE, holder)
    held = BURST // limits.PARTS - 1
    assert admitted(other, BURST) == BURST - held - 1
    assert admitted(holder, BURST) == held


def test_what_was_not_given_out_soon_is_forgotten() -> None:
    here = Handfuls()
    here.add(TOKEN, 3, 100.0)
    assert here.take(TOKEN, 100.0 + limits.BURST_S)
    assert not here.take(TOKEN, 100.1 + limits.BURST_S)
    assert not here.take(TOKEN, 100.0)


def test_a_slow_token_has_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    here = Handfuls()
    assert limits.take(TOKEN, 1, here) == 0
    assert limits.take(TOKEN, 1, here) == pytest.approx(60)


@pytest.mark.db(transaction=True)
def test_many_at_once_are_never_let_in_beyond_the_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch)
    ledger: list[int] = []

    def process() -> None:
        try:
            ledger.append(admitted(Handfuls(), BURST))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=process) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(ledger) == BURST


def test_most_registrations_ask_nothing_of_the_limit(site: Program) -> None:
    limits.handfuls.left.clear()
    asked: list[str] = []

    def note(execute: Any, sql: Any, values: Any, many: Any, context: Any) -> Any:
        asked.append(str(sql))
        return execute(sql, values, many, context)

    found = []
    for _ in range(4):
        with connection.execute_wrapper(note):
            assert site.post().status_code == 201
        found.append(sum("api_allowance" in sql for sql in asked))
        asked.clear()
    assert found == [1, 0, 0, 0]
