"""Raw messages, as they came, below the instance folder: apart from files, since nothing of them is ever let go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from kindline.files.stores import Disk, workbench


def folder() -> Path:
    """Where everything lies."""
    return Path(settings.KINDLINE["paths"]["correspondence"])


def raw() -> Disk:
    """The store of raw messages."""
    return Disk(folder() / "raw")


@contextmanager
def bench() -> Iterator[Path]:
    """A folder for work under way."""
    with workbench(folder()) as path:
        yield path
