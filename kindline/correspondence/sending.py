"""Queued letters handed to the relay, one after the other; what is not known is tried again under the same name."""

from __future__ import annotations

import datetime as dt
import logging
import threading

from kindline.correspondence import actions, composing
from kindline.correspondence.errors import RefusedError, UnknownOutcomeError, UnreachableError
from kindline.correspondence.models import Outgoing, OutgoingState
from kindline.correspondence.wires import Relay
from kindline.files.errors import StoreError
from kindline.standard.profile import Profile

log = logging.getLogger(__name__)
BATCH = 5
"""Taken in one go: all are sent long before a letter under way counts as lost (`actions.LOST_AFTER`)."""


def send_due(*, relay: Relay, profile: Profile, now: dt.datetime, stop: threading.Event | None = None) -> int:
    """Send what is due, a few letters; how many the server took. When it cannot be reached the others wait."""
    actions.sweep_lost(now=now)
    count = 0
    for _ in range(BATCH):
        row = actions.claim_next(now=now) if stop is None or not stop.is_set() else None
        if row is None:
            break
        row = send_one(outgoing=row, relay=relay, profile=profile, now=now)
        count += row.state == OutgoingState.SENT
        if row.state == OutgoingState.QUEUED:
            log.warning("letter %s waits to be sent again: %s", row.pk, row.reason)
            break
    return count


def send_one(*, outgoing: Outgoing, relay: Relay, profile: Profile, now: dt.datetime) -> Outgoing:
    """Hand over one claimed letter and write down what came of it.

    An automatic letter goes with an empty return path: nothing that answers by itself answers it.
    """
    path = "" if outgoing.is_automatic else relay.sender
    try:
        content = composing.composed(outgoing, profile, relay.sender)
        said = relay.send(sender=path, recipient=outgoing.recipient, content=content)
    except RefusedError as error:
        return actions.mark_failed(outgoing=outgoing, reason=str(error), now=now)
    except ValueError as error:  # the queue goes on without it
        return actions.mark_failed(outgoing=outgoing, reason=f"cannot be written as a letter: {error}", now=now)
    except UnknownOutcomeError as error:
        return actions.put_off(outgoing=outgoing, reason=str(error), uncertain=True, now=now)
    except (UnreachableError, StoreError) as error:
        return actions.put_off(outgoing=outgoing, reason=str(error), uncertain=False, now=now)
    return actions.mark_sent(outgoing=outgoing, said=said, now=now)
