"""Queued notices handed to the push services of browsers, several at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import Executor, as_completed

from kindline.notifications import pushing
from kindline.notifications.errors import GoneError, RefusedError, UnreachableError
from kindline.notifications.push_wires import Parcel, Poster

BATCH = 50
"""Claimed in one go: all are answered long before a part under way counts as lost (`actions.LOST_AFTER`)."""
AT_ONCE = 10
"""How many wait for an answer at the same time."""
Mark = Callable[[int, dt.datetime], object]


def send_due(*, poster: Poster, pool: Executor, clock: Callable[[], dt.datetime]) -> int:
    """Hand over what is due, a batch; how many parts were claimed. Clause: krc-5.7.1-39."""
    parcels = pushing.claim(limit=BATCH, now=clock())
    asked = {pool.submit(_posted, poster, parcel, clock()): parcel for parcel in parcels}
    for answer in as_completed(asked):
        answer.result()(asked[answer].key, clock())
    return len(parcels)


def _posted(poster: Poster, parcel: Parcel, at: dt.datetime) -> Mark:
    """Hand over one part (in a thread without a database); what is to be written down of it."""
    try:
        poster.post(parcel, at)
    except GoneError as error:
        said = str(error)
        return lambda key, now: pushing.mark_gone(key=key, reason=said, now=now)
    except RefusedError as error:
        said = str(error)
        return lambda key, now: pushing.mark_refused(key=key, reason=said, now=now)
    except UnreachableError as error:
        said, later_s = str(error), error.later_s
        return lambda key, now: pushing.put_off(key=key, reason=said, later_s=later_s, now=now)
    return lambda key, now: pushing.mark_submitted(key=key, now=now)
