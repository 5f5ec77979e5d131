"""Queued letters handed to the relay, one after the other; what is not known is tried again under the same name."""

from __future__ import annotations

import datetime as dt
import threading

from kindline.correspondence import actions, composing
from kindline.correspondence.errors import RefusedError, UnknownOutcomeError, UnreachableError
from kindline.correspondence.models import Outgoing
from kindline.correspondence.wires import Relay
from kindline.standard.profile import Profile

BATCH = 50


def send_due(*, relay: Relay, profile: Profile, now: dt.datetime, stop: threading.Event | None = None) -> int:
    """Send what is due; how many letters the server took."""
    actions.sweep_lost(now=now)
    count = 0
    for _ in range(BATCH):
        row = actions.claim_next(now=now) if stop is None or not stop.is_set() else None
        if row is None:
            break
        count += send_one(outgoing=row, relay=relay, profile=profile, now=now)
    return count


def send_one(*, outgoing: Outgoing, relay: Relay, profile: Profile, now: dt.datetime) -> bool:
    """Hand over one claimed letter and write down what came of it; whether it was taken.

    An automatic letter goes with an empty return path: nothing that answers by itself answers it.
    """
    path = "" if outgoing.is_automatic else relay.sender
    try:
        content = composing.composed(outgoing, profile, relay.sender)
        said = relay.send(sender=path, recipient=outgoing.recipient, content=content)
    except RefusedError as error:
        actions.mark_failed(outgoing=outgoing, reason=str(error), now=now)
    except ValueError as error:  # the queue goes on without it
        actions.mark_failed(outgoing=outgoing, reason=f"cannot be written as a letter: {error}", now=now)
    except UnknownOutcomeError as error:
        actions.put_off(outgoing=outgoing, reason=str(error), uncertain=True, now=now)
    except UnreachableError as error:
        actions.put_off(outgoing=outgoing, reason=str(error), uncertain=False, now=now)
    else:
        actions.mark_sent(outgoing=outgoing, said=said, now=now)
        return True
    return False
