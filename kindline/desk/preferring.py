"""By which ways a client prefers to be told, as the operator's screen shows it and the client says it in a talk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kindline.clients import wishes
from kindline.clients.models import Client
from kindline.desk.bodies import list_of
from kindline.desk.campaigning import WAYS
from kindline.desk.turns import Said, Turn, client_of
from kindline.desk.wording import titled
from kindline.staff.actions import actor


def shown(client: Client) -> dict[str, Any]:
    """His order, and the ways that there are, in words."""
    return {"ways": client.ways, "ways_known": [[way, titled(WAYS, way)] for way in wishes.WAYS]}


def _ways(turn: Turn) -> None:
    """Keep the order as he says it now; to what he subscribes stays as it was."""
    client = client_of(turn)
    ways = [way for way in list_of(turn.body, "ways") if way in wishes.WAYS]
    wishes.set_ways(
        client=client, ways=ways, notices=client.notices, via="desk", employee_id=turn.me.pk, actor=actor(turn.me),
        now=turn.now,
    )  # fmt: skip


DEEDS: dict[str, Callable[[Turn], Said | None]] = {"ways": _ways}
