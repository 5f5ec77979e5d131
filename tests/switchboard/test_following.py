"""What follows from what happened to calls: for all of them, whatever becomes of one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from kindline.standard import loader
from kindline.switchboard import afterwards
from kindline.switchboard.following import Following
from kindline.switchboard.machine.commands import Note
from kindline.switchboard.machine.state import CallState
from tests.switchboard.people import at

KIND = "call_answered"


async def aside(action: Any, *args: Any) -> None:
    action(*args)


@pytest.fixture
async def following() -> Following:
    return Following(loader.load("krc"), aside)


def happens(following: Following, *contacts: str) -> None:
    """All of these calls are answered in one moment."""
    for one in contacts:
        following.note(CallState(one, one, at(0)), Note(KIND, at(0), {}))


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The contacts whose consequences were drawn; the one named `bad` cannot be followed."""
    done: list[str] = []

    def follow(_profile: Any, calls: afterwards.Happened) -> None:
        if any(state.contact == "bad" for state, _ in calls):
            raise ValueError("this one cannot be followed")
        done.extend(state.contact for state, _ in calls)

    monkeypatch.setattr(afterwards, "AFTER", {KIND: follow})
    return done


async def test_one_call_that_cannot_be_followed_does_not_hold_up_the_others(
    following: Following, followed: list[str]
) -> None:
    happens(following, "one", "bad", "two")
    await following.follow()
    assert followed == ["one", "two"]


async def test_what_is_being_drawn_still_waits() -> None:
    seen: list[bool] = []

    async def looks(_action: Any, *_args: Any) -> None:
        seen.append(made.waits)

    made = Following(loader.load("krc"), looks)
    happens(made, "one")
    await made.follow()
    assert (seen, made.waits) == ([True], False)


async def test_what_follows_waits_for_a_database_that_is_away(
    following: Following, followed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    working = afterwards.AFTER

    def away(*_: Any) -> None:
        raise OperationalError("the server is away")

    happens(following, "one")
    monkeypatch.setattr(afterwards, "AFTER", {KIND: away})
    await following.follow()
    monkeypatch.setattr(afterwards, "AFTER", working)
    happens(following, "two")
    await following.follow()
    assert followed == ["one", "two"]


async def test_who_stops_draws_first_what_has_happened(following: Following, followed: list[str]) -> None:
    """lead.lead: the round that follows is ended by then."""
    happens(following, "one")
    await following.draw()
    assert followed == ["one"]
    await following.draw()
    assert followed == ["one"]
