"""The beat of a switchboard: who is not heard takes no calls, and puts right what came of the silence."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError

from kindline.switchboard import pulse, watch
from kindline.switchboard.models import Switchboard
from kindline.switchboard.pulse import Pulse


class House:
    """As much of a switchboard as the beat needs; the database may be away."""

    ready = True

    def __init__(self) -> None:
        self.away = False
        self.came_back = 0
        self.board: Any = SimpleNamespace(
            desk=SimpleNamespace(app="sb-test"), ari=SimpleNamespace(connected=asyncio.Event()), healthy=True,
            in_database=self._in_database, start=lambda work, _: self.started.append(work),
        )  # fmt: skip
        self.started: list[Any] = []

    async def aside(self, *_: Any) -> None:
        """Nothing goes beside."""

    async def come_back(self) -> None:
        self.came_back += 1

    async def _in_database(self, *_: Any) -> float:
        if self.away:
            raise OperationalError("it is away")
        return 0.0


async def beaten(house: House, clock: list[float], monkeypatch: pytest.MonkeyPatch) -> Pulse:
    """One that has beaten once."""
    monkeypatch.setattr(pulse, "monotonic", lambda: clock[0])
    made = Pulse(house)  # type: ignore[arg-type]
    made.entry = Switchboard(app="sb-test")
    await made.beat()
    return made


@pytest.mark.parametrize(("silent_s", "back"), [(watch.DEAD_AFTER_S - 0.1, 0), (watch.DEAD_AFTER_S + 0.1, 1)])
async def test_who_was_not_heard_for_long_puts_right_what_came_of_it(
    monkeypatch: pytest.MonkeyPatch, silent_s: float, back: int
) -> None:
    house, clock = House(), [0.0]
    made = await beaten(house, clock, monkeypatch)
    house.away = True
    with pytest.raises(OperationalError):
        await made.beat()
    house.away, clock[0] = False, silent_s
    await made.beat()
    await asyncio.gather(*house.started)
    assert house.came_back == back


async def test_who_was_not_heard_judges_nobody_until_all_are_back(monkeypatch: pytest.MonkeyPatch) -> None:
    house, clock = House(), [0.0]
    made = await beaten(house, clock, monkeypatch)
    assert made.may_judge(), "who has just started takes over what a dead one left"
    clock[0] = watch.DEAD_AFTER_S + 1
    await made.beat()
    await asyncio.gather(*house.started)
    assert not made.may_judge()
    clock[0] += pulse.ALL_BACK_S + 0.1
    assert made.may_judge()


async def test_who_cannot_beat_takes_no_calls_until_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    made = await beaten(house, [0.0], monkeypatch)
    house.away = True
    with pytest.raises(OperationalError):
        await made.beat()
    assert not house.board.healthy
    house.away = False
    await made.beat()
    assert house.board.healthy


async def test_calls_that_cannot_be_written_count_although_beats_can(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    made = await beaten(house, [0.0], monkeypatch)
    house.board.healthy = False
    await made.beat()
    assert not house.board.healthy
