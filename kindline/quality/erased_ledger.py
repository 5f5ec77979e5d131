"""Which cards were erased, in a file beside the database: a copy of the database from before knows nothing of it.

No name stands there: only keys and moments. The table of receipts is the truth, the file follows it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from kindline.clients.models import Client
from kindline.quality.models import Erasure


@dataclass(frozen=True, slots=True)
class Line:
    """An erasure; when the card was made tells it from another one that got its key later. Moments are of ISO 8601."""

    client: int
    made_at: str
    erased_at: str
    profile: str
    by: int

    @property
    def erased(self) -> dt.datetime:
        """When it was erased."""
        return dt.datetime.fromisoformat(self.erased_at)


def path() -> Path:
    """Where the file lies: in the instance folder, to be copied with the keys."""
    return Path(settings.KINDLINE["paths"]["erasures"])


def read() -> list[Line]:
    """What is noted, the first erasure first; nothing where nobody was erased yet."""
    try:
        return _lines(path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []


def note() -> int:
    """Note every erasure of the table that is not noted yet; how many. Run it as often as you like.

    Two processes take turns; what is noted is on the disk. Raises: OSError where the folder cannot be written.
    """
    with os.fdopen(os.open(path(), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = file.read()
        known = {(one.client, one.erased_at) for one in _lines(text)}
        fresh = [one for one in _of_table() if (one.client, one.erased_at) not in known]
        cut_off = "\n" if text and not text.endswith("\n") else ""
        file.write(cut_off + "".join(f"{json.dumps(asdict(one))}\n" for one in fresh))
        file.flush()
        os.fsync(file.fileno())
    return len(fresh)


def _lines(text: str) -> list[Line]:
    """The lines that are whole: one that a kill cut off is noted anew."""
    found = []
    for raw in text.splitlines():
        with contextlib.suppress(ValueError, TypeError):
            found.append(Line(**json.loads(raw)))
    return found


def _of_table() -> list[Line]:
    rows = list(Erasure.objects.order_by("made_at", "pk"))
    made = dict(Client.objects.filter(pk__in=[one.client_id for one in rows]).values_list("pk", "created_at"))
    return [
        Line(one.client_id, made[one.client_id].isoformat(), one.made_at.isoformat(), one.profile, one.by_id)
        for one in rows
        if one.client_id in made
    ]
