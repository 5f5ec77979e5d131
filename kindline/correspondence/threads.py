"""Which letters belong together: by ids of letters, by our number in the subject; never by a stranger's word alone."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Sequence

from kindline.correspondence.models import Incoming, Outgoing, Thread

NUMBER = re.compile(r"\[(K-[0-9A-Z]{10})\]")
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O, U: people read the number aloud."""


def begin(*, subject: str, now: dt.datetime) -> Thread:
    """A new thread with a number that cannot be guessed."""
    number = "K-" + "".join(secrets.choice(SIGNS) for _ in range(10))
    return Thread.objects.create(number=number, subject=subject[:500], started_at=now)


def answered(ids: Sequence[str]) -> Outgoing | None:
    """The letter of ours that is answered or reported on."""
    return Outgoing.objects.filter(message_id__in=list(ids)).select_related("thread").order_by("-pk").first()


def of(*, sender: str, subject: str, ids: Sequence[str]) -> Thread | None:
    """The thread of a letter: by an id of ours, else by another id or our number if the sender takes part in it."""
    ours = answered(ids)
    if ours is not None:
        return ours.thread
    known = Incoming.objects.filter(message_id__in=[one for one in ids if one], thread__isnull=False)
    threads = [row.thread for row in known.select_related("thread").order_by("-pk")[:5]]
    threads += list(Thread.objects.filter(number__in=NUMBER.findall(subject)))
    return next((thread for thread in threads if thread is not None and takes_part(thread, sender)), None)


def takes_part(thread: Thread, address: str) -> bool:
    """Whether letters of the thread came from this address or went to it."""
    return bool(address) and (
        thread.incoming.filter(sender=address).exists() or thread.outgoing.filter(recipient=address).exists()
    )


def marked(subject: str, thread: Thread) -> str:
    """The subject with the thread's number in it, once."""
    return subject if thread.number in subject else f"{subject} [{thread.number}]"
