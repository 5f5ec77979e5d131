"""What callers choose in the menu, where they hang up, and what belongs on the first level."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from kindline.conversations.models import Contact, Topic
from kindline.journal import actions as journal
from kindline.standard import loader
from kindline.standard.menus import Menu
from kindline.switchboard import menu_use
from kindline.switchboard.menu_use import MenuUse
from tests.switchboard.people import at

pytestmark = pytest.mark.db
KRC = loader.load("krc")


@pytest.fixture
def menu() -> Menu:
    """The menu of krc."""
    assert KRC.menu is not None
    return KRC.menu


def call(
    menu: Menu, keys: str, outcome: str, *, topic: Topic | None = None, seconds: float = 0, wrong: int = 0
) -> None:
    """A caller who pressed keys and whose call ended somehow."""
    contact = str(uuid.uuid4())
    Contact.objects.create(id=contact, profile="krc", version="1", channel="phone", started_at=at(seconds), topic=topic)
    node, level = menu.nodes["main"], 1
    said: list[tuple[str, dict[str, Any]]] = [("menu_entered", {"node": "main", "level": 1})]
    said += [("menu_digit", {"node": "main", "digit": "8", "valid": False})] * wrong
    for digit in keys:
        option = node.options[digit]
        data = {"node": node.id, "digit": digit, "action": option.action, "target": option.target or ""}
        said.append(("menu_choice", data))
        if option.action == "goto":
            node, level = menu.nodes[option.target or ""], level + 1
            said.append(("menu_entered", {"node": node.id, "level": level}))
    said.append(("call_ended", {"by": "client", "outcome": outcome}))
    journal.record_many(
        [
            journal.NewFact(kind, "contact", contact, "switchboard", data, at(seconds) + dt.timedelta(seconds=index))
            for index, (kind, data) in enumerate(said)
        ]
    )


def used(menu: Menu, *, since: float = -1000, until: float = 1000) -> MenuUse:
    """The use over a time around the calls."""
    return menu_use.use_of(KRC, menu, at(since), at(until))


def test_each_branch_is_counted_with_those_who_hung_up_after_it(menu: Menu) -> None:
    call(menu, "1", "answered")
    call(menu, "1", "abandoned")
    call(menu, "2", "menu")
    call(menu, "22", "menu", wrong=2)
    call(menu, "", "menu")
    call(menu, "1", "answered", seconds=5000)
    found = used(menu)
    assert found.callers == 5
    assert (found.options["main", "1"].chosen, found.options["main", "1"].left) == (2, 1)
    assert (found.options["main", "2"].chosen, found.options["main", "2"].left) == (2, 1)
    assert (found.options["bills", "2"].chosen, found.options["bills", "2"].left_share) == (1, 1.0)
    assert found.options["main", "3"].left_share is None
    assert (found.levels["main"].entered, found.levels["main"].left, found.levels["main"].wrong) == (5, 1, 2)
    assert (found.levels["bills"].entered, found.levels["bills"].left) == (2, 1)
    assert used(menu, since=2000, until=9000).options["main", "1"].chosen == 1


def test_a_key_that_meant_something_else_then_is_not_counted_as_what_it_is_now(menu: Menu) -> None:
    contact = str(uuid.uuid4())
    data = {"node": "main", "digit": "1", "action": "queue", "target": "billing"}
    journal.record(kind="menu_choice", subject_type="contact", subject_id=contact, data=data, at=at(0))
    found = used(menu)
    assert found.options["main", "1"].chosen == 0
    assert found.gone == [("main", "1", "billing", 1)]


@pytest.mark.clause("krc-5.6.6-17")
def test_what_is_asked_most_often_and_lies_deep_is_proposed_for_the_first_level(menu: Menu) -> None:
    topics = {
        code: Topic.objects.create(profile="krc", code=code, title=code) for code in ("pay", "read", "staff", "rare")
    }
    for _ in range(4):
        call(menu, "22", "answered", topic=topics["pay"])
    for _ in range(5):
        call(menu, "1", "answered", topic=topics["read"])
    for _ in range(3):
        call(menu, "0", "answered", topic=topics["staff"])
    call(menu, "31", "answered", topic=topics["rare"])
    found = used(menu)
    assert [(one.title, one.count) for one in found.topics] == [("read", 5), ("pay", 4), ("staff", 3), ("rare", 1)]
    said = [(one.title, one.reason, one.place, one.level) for one in menu_use.proposed(found, menu)]
    assert said == [("pay", "deep", ("bills", "2"), 2), ("staff", "no_key", ("main", "0"), 1)]
    assert found.topics[0].share == pytest.approx(5 / 13)


def test_nothing_is_proposed_where_nobody_called(menu: Menu) -> None:
    found = used(menu)
    assert (found.callers, found.topics, menu_use.proposed(found, menu)) == (0, [], [])
