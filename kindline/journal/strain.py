"""How long requests wait on this machine, as its processes tell each other: by the times of files, which ask nobody.

A web process that meets a request which has waited too long marks the files of all that is put off at such a wait;
every process looks at them before it begins something of that sort. A mark holds for some seconds: when requests wait
no longer nobody marks any more, and what was put off goes on by itself.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from django.conf import settings
from django.utils import timezone

REPORTS, EXPORTS, BULK, TALKS = "reports", "exports", "bulk", "talks"
WAITED_S = {REPORTS: 0.5, EXPORTS: 0.75, BULK: 1.0, TALKS: 1.5}
"""What is put off once requests wait longer than that, the first first (faults O1); nothing else ever is."""
HOLDS_S = 5.0
"""So long after the last such wait."""
clock = timezone.now
"""The machine's own: marks are times of its files, and a sweep's moment is by the clock of the database."""


def tell(waited_s: float) -> None:
    """A request has waited so long: everybody puts off what goes before it. A disk that is full changes nothing."""
    for sort, limit_s in WAITED_S.items():
        if waited_s > limit_s:
            with contextlib.suppress(OSError):
                _mark(_file(sort), clock().timestamp())


def holds(sort: str) -> bool:
    """Whether this is put off now."""
    try:
        since_s = clock().timestamp() - _file(sort).stat().st_mtime
    except OSError:
        return False
    return 0 <= since_s < HOLDS_S


def _mark(file: Path, at: float) -> None:
    file.parent.mkdir(exist_ok=True)
    file.touch()
    os.utime(file, (at, at))


def _file(sort: str) -> Path:
    return Path(settings.STRAIN_FOLDER) / sort
