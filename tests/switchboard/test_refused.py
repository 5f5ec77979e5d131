"""Calls that an engine refused: kept once each, across its starts, and never in the way of its heartbeat."""

from __future__ import annotations

import asyncio
import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.switchboard import refused
from kindline.switchboard.pulse import Pulse
from tests.switchboard.people import at

FIRST, AGAIN = at(0), at(600)


@pytest.mark.db
def test_whoever_says_so_each_refusal_counts_once() -> None:
    assert [refused.keep("1", total, FIRST, at(10)) for total in (3, 3, 5)] == [3, 0, 2]
    assert refused.keep("2", 4, FIRST, at(20)) == 4, "every engine has its own count"


@pytest.mark.db
@pytest.mark.parametrize("total", [2, 5, 9])
def test_an_engine_that_was_started_anew_counts_from_nought(total: int) -> None:
    refused.keep("1", 5, FIRST, at(10))
    assert refused.keep("1", total, AGAIN, at(700)) == total
    assert refused.keep("1", total, AGAIN, at(710)) == 0
    assert Fact.objects.filter(kind="calls_blocked").count() == 2


@pytest.mark.db
def test_what_was_kept_before_starts_were_told_is_not_counted_again() -> None:
    data = {"node": "1", "count": 5, "total": 5}
    journal.record(kind="calls_blocked", subject_type="system", subject_id="1", data=data, at=at(0))
    assert refused.keep("1", 7, FIRST, at(10)) == 2


class Engine:
    """One that answers what a beat asks; it has refused so many."""

    app = "sb-test"

    def __init__(self, total: str) -> None:
        self.total = total
        self.said: list[str] = []
        self.connected = asyncio.Event()
        self.connected.set()

    async def ask(self, method: str, path: str, query: dict[str, Any], **_: Any) -> Any:
        if method == "POST":
            self.said.append(query["variable"])
        if path == "asterisk/info":
            return SimpleNamespace(ok=True, body={"status": {"startup_time": "2026-11-30T07:00:00.000+0200"}})
        told = self.total if query["variable"] == refused.COUNT else ""
        return SimpleNamespace(ok=True, body={"value": told})


def house(engine: Engine, aside: Any) -> Any:
    board = SimpleNamespace(ari=engine, desk=SimpleNamespace(app="sb-test", node="1"))
    return SimpleNamespace(ready=True, board=board, aside=aside)


async def test_a_lost_database_does_not_keep_the_engine_from_hearing_that_we_live() -> None:
    """The dialplan counts a switchboard as dead three seconds after its last beat; a lost database takes ten."""
    engine = Engine("5")

    async def aside(*_: Any) -> None:
        raise AssertionError("the beat waits for the database")

    made = Pulse(house(engine, aside))
    await made.beat_at_engine()
    assert engine.said == ["KINDLINE_HEARTBEAT", "KINDLINE_APP"]


async def test_it_is_kept_when_it_is_news_with_the_start_of_the_engine() -> None:
    engine = Engine("5")
    kept: list[tuple[str, int, dt.datetime]] = []

    async def aside(_action: Any, node: str, total: int, since: dt.datetime, _now: dt.datetime) -> None:
        kept.append((node, total, since))

    made = Pulse(house(engine, aside))
    for engine.total in ("5", "5", "", "5"):  # in between it was started anew, and refused as many
        await made.count_refused()
    assert kept == [("1", 5, dt.datetime(2026, 11, 30, 5, tzinfo=dt.UTC))] * 2
