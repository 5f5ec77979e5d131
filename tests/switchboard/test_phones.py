"""News of phones: which address speaks of the phone as it is now."""

from __future__ import annotations

from typing import Any

import pytest

from kindline.switchboard import lead
from kindline.switchboard.house import House

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
