"""The beat of a switchboard: who is not heard takes no calls, and puts right what came of the silence."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from kindline.switchboard import lead, nodes, pulse, watch
from kindline.switchboard.machine.state import CallState, Phase
from kindline.switchboard.models import Call, Operator, Switchboard
from kindline.switchboard.pulse import Pulse
from tests.switchboard.people import operator, waiting


class House:
    """As much of a switchboard as the beat needs; the database may be away."""

    ready = True

    def __init__(self) -> None:
        self.away = False
        self.came_back = 0
        self.before_its_turn: Callable[[], None] = lambda: None
        self.board: Any = SimpleNamespace(
            desk=SimpleNamespace(app="sb-test"), ari=SimpleNamespace(connected=asyncio.Event()), healthy=True,
            in_database=self._in_database, start=lambda work, _: self.started.append(work),
        )  # fmt: skip
        self.started: list[Any] = []

    async def aside(self, *_: Any) -> None:
        """Nothing goes beside."""

    async def come_back(self) -> None:
        self.came_back += 1

    async def _in_database(self, action: Any, *args: Any) -> Any:
        if self.away:
            raise OperationalError("it is away")
        self.before_its_turn()
        return 0.0 if action is pulse.beat else action(*args)


async def beaten(house: House, clock: list[float], monkeypatch: pytest.MonkeyPatch) -> Pulse:
    """One that has beaten once."""
    monkeypatch.setattr(pulse, "monotonic", lambda: clock[0])
    made = Pulse(house)  # type: ignore[arg-type]
    made.entry = Switchboard(app="sb-test")
    await made.beat()
    return made


async def on(made: Pulse, clock: list[float], seconds: float) -> None:
    """So long it beats on and is heard."""
    until = clock[0] + seconds
    while clock[0] < until:
        clock[0] += pulse.BEAT_S
        await made.beat()


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
    await on(made, clock, pulse.ALL_BACK_S + 1)
    assert made.may_judge()


async def test_who_is_not_heard_judges_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    house, clock = House(), [0.0]
    monkeypatch.setattr(pulse, "monotonic", lambda: clock[0])
    assert not Pulse(house).may_judge(), "it has never been heard"  # type: ignore[arg-type]
    made = await beaten(house, clock, monkeypatch)
    clock[0] = watch.DEAD_AFTER_S + 0.1
    assert not made.may_judge(), "its beat hangs"
    await made.beat()
    await on(made, clock, pulse.ALL_BACK_S + 1)
    assert made.may_judge()
    house.away = True
    with pytest.raises(OperationalError):
        await made.beat()
    assert not made.may_judge(), "its beat has failed"
    await asyncio.gather(*house.started)


async def test_whose_first_beat_fails_is_back_like_others(monkeypatch: pytest.MonkeyPatch) -> None:
    house, clock = House(), [0.0]
    monkeypatch.setattr(pulse, "monotonic", lambda: clock[0])
    made = Pulse(house)  # type: ignore[arg-type]
    made.entry, house.away = Switchboard(app="sb-test"), True
    with pytest.raises(OperationalError):
        await made.beat()
    assert not made.may_judge()
    house.away, clock[0] = False, watch.DEAD_AFTER_S + 0.1
    await made.beat()
    await asyncio.gather(*house.started)
    assert (house.came_back, made.may_judge()) == (1, False)


async def test_it_is_asked_in_the_turn_itself_whether_others_may_be_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    house, clock = House(), [0.0]
    made = await beaten(house, clock, monkeypatch)
    assert await made.judged(lambda found: [found], "dead") == ["dead"]
    assert made.may_judge()

    def cut() -> None:
        clock[0] = nodes.LOST_AFTER_S + 1

    house.before_its_turn = cut
    assert await made.judged(lambda found: [found], "dead") == []


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


def described(settings: Any) -> None:
    """An instance whose switchboard can be built; no engine is asked."""
    told = {"id": "test", "ari_user": "kindline", "ari_password": "x", "profile": "krc", "internal_token": "t"}
    settings.KINDLINE = settings.KINDLINE | told | {"ports": settings.KINDLINE["ports"] | {"asterisk_http": 1}}


@pytest.mark.db(transaction=True)
def test_after_all_were_cut_off_the_first_who_is_back_gives_up_nobody(settings: Any) -> None:
    """T14: calls at the other engine live on, and so do its phones."""
    described(settings)
    long_ago = timezone.now() - dt.timedelta(seconds=nodes.LOST_AFTER_S + 5)
    told = {"host": "elsewhere", "pid": 1, "started_at": long_ago, "beat_at": long_ago}
    Switchboard.objects.create(app="sb-far", node="2", serving=True, sip="127.0.0.1:5062", **told)
    contact, anna = waiting(app="sb-far"), operator()
    Call.objects.filter(pk=contact).update(node="2")
    Operator.objects.filter(pk=anna.pk).update(phones=["op1s@2"])
    assert asyncio.run(looked_round(unheard=True)) == []
    assert (Call.objects.get(pk=contact).owner, Operator.objects.get(pk=anna.pk).registered) == ("sb-far", True)
    assert asyncio.run(looked_round(unheard=False)) == [contact]
    assert not Operator.objects.get(pk=anna.pk).registered


@pytest.mark.db(transaction=True)
def test_whose_call_others_have_ended_says_so(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    described(settings)
    contact = waiting(app="sb-test")
    Call.objects.filter(pk=contact).update(ended_at=timezone.now())

    async def let_go() -> bool:
        house = lead.build("sb-test")
        house.board.take(contact, CallState(contact, "c", timezone.now(), Phase.QUEUED))
        await house.stock._let_go()
        await house.close()
        return contact in house.board.calls

    assert not asyncio.run(let_go())
    assert f"call {contact} was ended by another switchboard" in caplog.text


async def looked_round(*, unheard: bool) -> list[str]:
    """One look of a switchboard at the others; the calls that it took from them."""
    house = lead.build("sb-test")
    entry = Switchboard(app="sb-test", host="here", pid=1, started_at=timezone.now())
    try:
        house.pulse.entry = None if unheard else entry
        await house.pulse.beat()
        await house.others.look()
        return [one.contact for one in await house.stock._adopted("sb-test")]
    finally:
        await house.close()
