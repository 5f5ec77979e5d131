"""News of phones: which address speaks of the phone as it is now."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from kindline.switchboard import lead
from kindline.switchboard.house import House
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.state import CallState, Leg, Phase

START = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
OLD, NEW = "sip:op1s@127.0.0.1:5001", "sip:op1s@127.0.0.1:5002"


@pytest.fixture
def house(settings: Any) -> House:
    """A switchboard that only hears of phones."""
    described = {"id": "test", "ari_user": "kindline", "ari_password": "x", "profile": "krc", "internal_token": "t"}
    ports = {**settings.KINDLINE["ports"], "asterisk_http": 1}
    settings.KINDLINE = {**settings.KINDLINE, **described, "ports": ports}
    made = lead.build("sb-test")
    made.reception.on_phones = lambda _online: None
    return made


def tell(house: House, status: str, uri: str) -> None:
    """What the engine says of an address of the telephone of employee 1."""
    house.reception.hear(
        {
            "type": "ContactStatusChange",
            "endpoint": {"resource": "op1s", "state": "online"},
            "contact_info": {"uri": uri, "contact_status": status, "aor": "op1s"},
        }
    )


@pytest.mark.parametrize("status", ["Unreachable", "Removed"])
def test_an_address_that_is_no_longer_used_says_nothing_of_the_phone(house: House, status: str) -> None:
    """A question to the old address may run out seconds after the phone has come back under a new one."""
    tell(house, "Reachable", OLD)
    tell(house, "Reachable", NEW)
    tell(house, status, OLD)
    assert house.presence.is_there(1)


@pytest.mark.parametrize("status", ["Unreachable", "Removed"])
def test_the_address_in_use_does(house: House, status: str) -> None:
    tell(house, "Reachable", NEW)
    tell(house, status, NEW)
    assert not house.presence.is_there(1)
    tell(house, "Reachable", NEW)
    assert house.presence.is_there(1)


def test_a_phone_that_lost_its_sound_and_not_its_registration_is_called_again(house: House) -> None:
    """A network gone for some seconds may leave the registration whole: then no news says that the phone is back."""
    leg = Leg("", 1, "op1s", START)
    lost = CallState("c1", "channel", START, Phase.LOST, operator=leg, lost_at=START)
    house.board.open_calls = lambda: [("c1", lost)]  # type: ignore[method-assign]
    fed: list[e.Event] = []
    house.board.feed = lambda _contact, event: fed.append(event)  # type: ignore[method-assign, assignment]
    asyncio.run(house.others.phones_back())
    assert fed == [], "nobody is there to be called"
    tell(house, "Reachable", NEW)
    fed.clear()
    asyncio.run(house.others.phones_back())
    assert [(one.employee, one.endpoint) for one in fed if isinstance(one, e.PhoneBack)] == [(1, "op1s")]
    lost.operator = replace(leg, channel="ringing again")
    fed.clear()
    asyncio.run(house.others.phones_back())
    assert fed == []
