"""What a client does in his account, or with his log-in, is a fact about the log-in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from kindline.journal import actions as journal


def note(kind: str, login: int, data: Mapping[str, object], now: dt.datetime) -> None:
    """Write it down as the client's doing; `login`: its key."""
    journal.record(kind=kind, subject_type="login", subject_id=login, actor="client", data=dict(data), at=now)
