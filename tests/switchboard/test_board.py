"""The board: what is written before it is sent, and what may go at once."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from kindline.standard import loader
from kindline.switchboard import board as boards
from kindline.switchboard import committing, sending
from kindline.switchboard.ari import Answer
from kindline.switchboard.board import Board
from kindline.switchboard.committing import Desk, Transition
from kindline.switchboard.machine import destinations
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.state import CallState, Phase
from tests.switchboard.calls import CALLER, CONTACT, PLAN, Call


class Engine:
    """Remembers what it was asked, and answers that it is done."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, method: str, path: str, *_: Any, **__: Any) -> Answer:
        self.asked.append(f"{method} {path}")
        return Answer(200)

    def joined(self) -> bool:
        return any(one.endswith("/addChannel") for one in self.asked)

    def listens(self) -> bool:
        return any("/snoop/" in one for one in self.asked)


class Database:
    """A database that takes its time until it is let go."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.ours = True
        self.written: list[str] = []

    def write(self, _desk: Desk, batch: Sequence[Transition], _results: Any = (), **_: Any) -> set[str]:
        assert self.free.wait(10)
        self.written += [note.kind for one in batch for note in one.notes]
        return {one.contact for one in batch} if self.ours else set()


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    made = Database()
    monkeypatch.setattr(committing, "write", made.write)
    return made


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def board(engine: Engine) -> Board:
    profile = loader.load("krc")
    return Board(ari=engine, desk=Desk("sb-test", profile), plan=PLAN, wire=sending.Wire("sb-test"))  # type: ignore[arg-type]


def ringing(board: Board) -> str:
    """A call that rings at an operator, in hand; gives the channel of his phone."""
    call = Call().arrives().plays_out().presses("0").after(4).offered().rings()
    board.take(CONTACT, call.state)
    assert call.state.operator is not None
    assert call.state.channel == CALLER
    return call.state.operator.channel


async def comes(true: Any) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.005)


async def test_an_answer_is_heard_before_it_is_written_and_recorded_after(
    board: Board, engine: Engine, database: Database
) -> None:
    leg = ringing(board)
    work = asyncio.create_task(board.run())
    board.feed(CONTACT, e.Up(at=boards.utc_now(), channel=leg))
    await comes(engine.joined)
    assert database.written == []
    assert not engine.listens()
    database.free.set()
    await comes(engine.listens)
    assert "call_answered" in database.written
    assert sum(one.endswith("/addChannel") for one in engine.asked) == 1
    work.cancel()


async def test_old_news_waits_until_it_is_known_whose_call_it_is(
    board: Board, engine: Engine, database: Database
) -> None:
    leg = ringing(board)
    database.ours = False
    work = asyncio.create_task(board.run())
    board.feed(CONTACT, e.Up(at=boards.utc_now() - dt.timedelta(seconds=5), channel=leg))
    database.free.set()
    await comes(lambda: database.written)
    await comes(lambda: CONTACT not in board.calls)
    assert engine.asked == []
    work.cancel()


async def test_nothing_overtakes_what_still_waits_to_be_written(
    board: Board, engine: Engine, database: Database
) -> None:
    leg = ringing(board)
    work = asyncio.create_task(board.run())
    board.feed(CONTACT, e.Up(at=boards.utc_now(), channel=leg))
    asked = asyncio.create_task(board.ask(CONTACT, e.HoldCaller(at=boards.utc_now(), employee=1, consent=True)))
    await comes(engine.joined)
    assert board.calls[CONTACT].state.phase is Phase.HELD
    assert not any(one.endswith("/removeChannel") for one in engine.asked), "the ears are not told yet"
    database.free.set()
    assert await asked is None
    await comes(lambda: any(one.endswith("/removeChannel") for one in engine.asked))
    order = [one for one in engine.asked if "/snoop/" in one or one.endswith("/removeChannel")]
    assert order[-1].endswith("/removeChannel")
    work.cancel()


async def test_the_place_that_is_told_counts_those_who_went_away_and_keep_theirs(board: Board) -> None:
    call = Call().arrives("direct").plays_out()
    board.take(CONTACT, call.state)
    waiting = call.state.waiting
    assert waiting is not None
    before, after = waiting.since.timestamp() - 1, waiting.since.timestamp() + 1
    found = []
    for kept in ([], [("general", after), ("billing", before)], [("general", before)]):
        board.kept_places = kept
        found.append(board.position(CONTACT))
    assert found == [1, 1, 2]


@pytest.mark.fault("X6")
async def test_a_number_that_may_not_be_called_is_not_told_as_busy(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    facts: list[tuple[str, Any]] = []
    results: list[str] = []

    def write(_desk: Desk, batch: Sequence[Transition], told: Any = (), **_: Any) -> set[str]:
        facts.extend((note.kind, note.data.get("outcome")) for one in batch for note in one.notes)
        results.extend(one.error for one in told)
        return {one.contact for one in batch}

    monkeypatch.setattr(committing, "write", write)
    profile = loader.load("krc")
    wire = sending.Wire("sb-test", destinations=destinations.of(profile))
    board = Board(ari=engine, desk=Desk("sb-test", profile), plan=PLAN, wire=wire)  # type: ignore[arg-type]
    board.take(CONTACT, CallState(CONTACT, CALLER, boards.utc_now()))
    work = asyncio.create_task(board.run())
    said = {"about": "campaign:1", "media": "sound:/told", "duration_s": 3.0, "confirm": "1", "operator": "9"}
    await board.ask(CONTACT, e.Announce(at=boards.utc_now(), number="+442071234567", **said))  # type: ignore[arg-type]
    await comes(lambda: ("announcement_ended", "forbidden") in facts)
    assert not any("channels" in one for one in engine.asked), "nothing left through the trunk"
    assert results == ["abroad"]
    work.cancel()
