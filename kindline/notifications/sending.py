"""Queued short messages handed to the gateway, several at a time; a slow gateway holds back nobody but itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import Executor, as_completed

from kindline.notifications import actions, receiving
from kindline.notifications.errors import RefusedError, UnknownOutcomeError, UnreachableError
from kindline.notifications.wires import Gateway, Piece

BATCH = 20
"""Claimed in one go: all are answered long before a part under way counts as lost (`actions.LOST_AFTER`)."""
AT_ONCE = 10
"""How many wait for the gateway's answer at the same time."""


def send_due(*, gateway: Gateway, pool: Executor, clock: Callable[[], dt.datetime]) -> int:
    """Hand over what is due, a batch; how many parts were claimed."""
    actions.sweep_lost(now=clock())
    pieces = actions.claim(gateway=gateway.name, takes_whole=gateway.takes_whole, limit=BATCH, now=clock())
    asked = {pool.submit(_submitted, gateway, piece): piece for piece in pieces}
    for answer in as_completed(asked):
        answer.result()(asked[answer].key, clock())
    if pieces:
        receiving.join_waiting(now=clock())
    return len(pieces)


Mark = Callable[[int, dt.datetime], object]


def _submitted(gateway: Gateway, piece: Piece) -> Mark:
    """Hand over one part (in a thread without a database); what is to be written down of it."""
    try:
        gateway_id = gateway.submit(piece)
    except RefusedError as error:
        said = str(error)
        return lambda key, now: actions.mark_refused(key=key, reason=said, now=now)
    except UnreachableError as error:
        said = str(error)
        return lambda key, now: actions.put_off(key=key, reason=said, now=now)
    except UnknownOutcomeError as error:
        said = str(error)
        return lambda key, now: actions.mark_unknown(key=key, reason=said, now=now)
    return lambda key, now: actions.mark_submitted(key=key, gateway_id=gateway_id, now=now)
