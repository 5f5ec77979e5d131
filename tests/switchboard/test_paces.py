"""Two switchboards with one order of callers: each knows the pace at which all of them are served."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator

import pytest

from kindline.conversations import actions as conversations
from kindline.journal import actions as journal
from kindline.standard import loader
from kindline.switchboard import sending
from kindline.switchboard.ari import Ari
from kindline.switchboard.board import Board
from kindline.switchboard.committing import Desk
from kindline.switchboard.house import House
from kindline.switchboard.machine import events as e
from kindline.switchboard.waits import FRESH_S
from tests.switchboard.people import Kept, at, operator, plan_of

pytestmark = pytest.mark.db
KRC = loader.load("krc")
GAP_S, WAITED_S = 10.0, 100.0


@pytest.fixture
def houses() -> Iterator[tuple[House, House]]:
    """Two switchboards' houses on one database."""

    def built(app: str) -> House:
        ari = Ari(url="http://127.0.0.1:1", app=app, user="u", password="p")
        board = Board(ari=ari, desk=Desk(app, KRC), plan=plan_of(KRC), wire=sending.Wire(app))
        return House(board, KRC, instance="test", token="t")

    made = built("sb-first"), built("sb-second")
    yield made
    for one in made:
        asyncio.run(one.close())


def answered(moment_s: float, *, queue: str = "general", here_s: float = WAITED_S) -> None:
    """Somebody who had waited is served; by which switchboard, nobody can see."""
    contact = conversations.open_contact(profile=KRC, channel="phone", caller="+79001112233", now=at(moment_s))
    data = {"queue": queue, "outcome": "answered", "wait_s": 6 * WAITED_S, "here_s": here_s}
    journal.record(kind="queue_left", subject_type="contact", subject_id=contact.pk, data=data, at=at(moment_s))


def told(house: House, position: int, now_s: float) -> float | None:
    house.paces.look(at(now_s))
    return house.waits.expected_s("general", position, at(now_s).timestamp())


def test_both_know_the_pace_of_what_both_serve(houses: tuple[House, House]) -> None:
    for n in range(20):
        answered(n * GAP_S)
    now_s = 20 * GAP_S
    assert [told(house, 6, now_s) for house in houses] == [60.0, 60.0]
    answered(now_s)
    assert [told(house, 6, now_s + 1) for house in houses] == [60.0, 60.0], "a fact that is read again counts once"


def test_who_has_just_come_from_another_queue_did_not_wait_at_the_step_before(houses: tuple[House, House]) -> None:
    """He waited for minutes elsewhere: that nobody was served here meanwhile says nothing of the pace here."""
    house, _ = houses
    for n in range(20):
        answered(n * GAP_S)
    answered(20 * GAP_S + 480, here_s=5.0)
    assert told(house, 6, 20 * GAP_S + 481) == 60.0


def test_a_pace_is_known_after_a_start_and_forgotten_when_it_is_old(houses: tuple[House, House]) -> None:
    for n in range(20):
        answered(n * GAP_S)
    first, second = houses
    assert told(first, 1, 19 * GAP_S + FRESH_S - 1) is not None
    assert told(second, 1, 19 * GAP_S + FRESH_S + 1) is None


def test_what_is_told_late_does_not_turn_the_clock_back(houses: tuple[House, House]) -> None:
    house, _ = houses
    for n in range(0, 20, 2):
        answered(n * GAP_S)
    assert told(house, 1, 190.0) == 20.0
    answered(175.0)
    answered(200.0)
    assert told(house, 1, 201.0) == 20.0


def test_a_kept_place_that_is_served_is_a_step_and_one_that_nobody_took_is_none(houses: tuple[House, House]) -> None:
    house, _ = houses
    anna = operator("anna")
    for n in range(4):
        answered(n * 2 * GAP_S)
        called_from_its_place(anna.pk, (n * 2 + 1) * GAP_S, taken=True)
    assert told(house, 6, 71.0) == 60.0
    called_from_its_place(anna.pk, 75.0, taken=False)
    answered(80.0)
    assert told(house, 6, 81.0) == 60.0


def called_from_its_place(employee: int, moment_s: float, *, taken: bool) -> None:
    """An operator is given the call of one who keeps a place since long ago."""
    call = Kept("krc")
    call.at = at(moment_s)
    call.channels.clear()  # nobody has called
    since = call.at - dt.timedelta(seconds=WAITED_S)
    call.happens(
        e.DialOut(
            at=call.at,
            employee=employee,
            endpoint="op1s",
            number="+79001112233",
            callback=None,
            line="hotline",
            queue="general",
            since=since,
        )
    )
    leg = call.state.operator
    assert leg is not None
    call.happens(e.Up(at=call.at, channel=leg.channel) if taken else e.Gone(at=call.at, channel=leg.channel))
