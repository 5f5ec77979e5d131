"""Queued short messages handed to the gateway, several at a time; a slow gateway holds back nobody but itself."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, field

from kindline.notifications import actions, circuits, receiving
from kindline.notifications.errors import RefusedError, UnknownOutcomeError, UnreachableError
from kindline.notifications.wires import Gateway, Piece

BATCH = 20
"""Claimed in one go: all are answered long before a part under way counts as lost (`actions.LOST_AFTER`)."""
AT_ONCE = 10
"""How many wait for the gateway's answer at the same time."""
SLOW_S = 10.0
"""An answer that took longer counts against a gateway as a failure does."""
Mark = Callable[[int, dt.datetime], object]


@dataclass
class Batch:
    """What is handed over in one go, and how the gateway did: the faults one by one, "" for a message it dealt with."""

    gateway: Gateway
    has_other: bool = False
    """Whether another gateway could take what this one surely did not: then it waits for nothing."""
    faults: list[str] = field(default_factory=list)

    def has_failed(self) -> bool:
        """Whether so much went wrong that the rest is kept for the other gateway."""
        last = self.faults[-circuits.FAILURES_MAX :]
        return self.has_other and len(last) == circuits.FAILURES_MAX and all(last)


def send_due(
    *,
    gateway: Gateway,
    pool: Executor,
    clock: Callable[[], dt.datetime],
    limit: int = BATCH,
    others: Collection[str] = (),
    begun: bool = False,
    batch: Batch | None = None,
) -> int:
    """Hand over what is due, a batch; how many parts were claimed. `others`, `begun`: see `actions.claim`."""
    batch = batch or Batch(gateway)
    actions.sweep_lost(now=clock())
    pieces = actions.claim(
        gateway=gateway.name, takes_whole=gateway.takes_whole, limit=limit, now=clock(), others=others, begun=begun
    )
    asked = {pool.submit(_submitted, batch, piece): piece for piece in pieces}
    for answer in as_completed(asked):
        answer.result()(asked[answer].key, clock())
    if pieces:
        receiving.join_waiting(now=clock())
    return len(pieces)


def _submitted(batch: Batch, piece: Piece) -> Mark:
    """Hand over one part (in a thread without a database); what is to be written down of it."""
    if batch.has_failed():
        return lambda key, now: actions.put_off(key=key, reason=batch.faults[-1], now=now, at_once=True)
    begun = time.monotonic()
    try:
        gateway_id = batch.gateway.submit(piece)
    except RefusedError as error:
        said = str(error)
        batch.faults.append("")
        return lambda key, now: actions.mark_refused(key=key, reason=said, now=now)
    except UnreachableError as error:
        said = str(error)
        batch.faults.append(said)
        return lambda key, now: actions.put_off(key=key, reason=said, now=now, at_once=batch.has_other)
    except UnknownOutcomeError as error:
        said = str(error)
        batch.faults.append(said)
        return lambda key, now: actions.mark_unknown(key=key, reason=said, now=now)
    took = time.monotonic() - begun
    batch.faults.append(f"it answers after {took:.0f} s" if took > SLOW_S else "")
    return lambda key, now: actions.mark_submitted(key=key, gateway_id=gateway_id, now=now)
