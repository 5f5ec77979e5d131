"""Who calls again gets the operator he talked with, within the window of the queue, and else anybody."""

from __future__ import annotations

import uuid

import pytest

from kindline.conversations.models import Contact
from kindline.standard.menus import Menu, Queue
from kindline.switchboard import dispatcher, returning
from kindline.switchboard.models import Call, Operator
from kindline.switchboard.returning import Returning, Window
from tests.switchboard.people import APP, at, operator, waiting

pytestmark = pytest.mark.db
NUMBER = "+79001112233"


def contact(id_: str, **fields: object) -> None:
    """A contact of the caller."""
    given = {"profile": "krc", "version": "1", "channel": "phone", "direction": "in", "language": "ru"} | fields
    Contact.objects.create(id=id_, caller=NUMBER, **given)


def talked(with_: Operator, ended_s: float) -> None:
    """The caller had a talk that ended so many seconds after the beginning."""
    contact(
        str(uuid.uuid4()), started_at=at(ended_s - 90), answered_at=at(ended_s - 60), ended_at=at(ended_s),
        employee_id=with_.pk,
    )  # fmt: skip


def again(since_s: float = 0) -> str:
    """The caller waits."""
    made = waiting("general", since_s=since_s)
    contact(made, started_at=at(since_s))
    return made


def matched(seconds: float, memory: Returning) -> list[tuple[str, int]]:
    found = dispatcher.match(app=APP, needs={}, now=at(seconds), returning=memory)
    return [(one.contact, one.employee) for one in found]


@pytest.fixture
def memory() -> Returning:
    return Returning({"general": Window(within_s=600, wait_s=30)})


def test_the_operator_who_knows_him_is_asked_before_who_is_idle_longer(memory: Returning) -> None:
    operator("boris", idle_s=-900)
    anna = operator("anna", idle_s=-10)
    talked(anna, -300)
    caller = again()
    assert matched(1, memory) == [(caller, anna.pk)]


def test_while_that_operator_is_busy_he_is_waited_for_as_long_as_the_queue_says(memory: Returning) -> None:
    anna, boris = operator("anna", state="talking"), operator("boris")
    talked(anna, -300)
    caller = again()
    assert matched(1, memory) == []
    assert matched(29, memory) == []
    assert matched(30, memory) == [(caller, boris.pk)]


def test_once_he_is_free_he_gets_his_caller_and_others_go_on_meanwhile(memory: Returning) -> None:
    anna, boris = operator("anna", state="talking"), operator("boris")
    talked(anna, -300)
    caller, other = again(), waiting("general", since_s=5)
    assert matched(6, memory) == [(other, boris.pk)]
    Operator.objects.filter(pk=anna.pk).update(state="ready", idle_since=at(7))
    assert matched(8, memory) == [(caller, anna.pk)]


@pytest.mark.parametrize(("ended_s", "state"), [(-700, "talking"), (-300, "offline"), (-300, "paused")])
def test_long_ago_or_with_somebody_who_is_not_at_work_counts_nothing(
    ended_s: float, state: str, memory: Returning
) -> None:
    anna, boris = operator("anna", state=state), operator("boris")
    talked(anna, ended_s)
    caller = again()
    assert matched(1, memory) == [(caller, boris.pk)]


def test_a_queue_without_the_setting_keeps_nobody_waiting() -> None:
    anna, boris = operator("anna", state="talking"), operator("boris")
    talked(anna, -300)
    caller = again()
    assert matched(1, Returning()) == [(caller, boris.pk)]


def test_the_past_of_a_caller_is_looked_up_once_and_forgotten_when_he_is_gone(memory: Returning) -> None:
    anna = operator("anna", state="talking")
    operator("boris", state="ready")
    talked(anna, -300)
    caller = again()
    matched(1, memory)
    assert memory.known == {caller: anna.pk}
    Call.objects.filter(pk=caller).update(state="ended", ended_at=at(2))
    waiting("general", since_s=3)
    matched(4, memory)
    assert caller not in memory.known


def test_the_window_is_a_setting_of_the_queue() -> None:
    queues = {"a": Queue("a", {}, returns={"within_s": 3600, "wait_s": 40}), "b": Queue("b", {})}
    menu = Menu.__new__(Menu)
    object.__setattr__(menu, "queues", queues)
    assert returning.windows(menu) == {"a": Window(3600.0, 40.0)}
    assert returning.windows(None) == {}
