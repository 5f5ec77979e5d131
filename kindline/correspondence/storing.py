"""Files of correspondence below the instance folder, outside every web root, under names of our own."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

BLOCK = 1024 * 1024
RAW, ATTACHMENTS = "raw", "attachments"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is surely on the disk."""

    sha256: str
    size: int


def folder() -> Path:
    """Where everything lies; made at the first use, for the owner only."""
    path = Path(settings.KINDLINE["paths"]["correspondence"])
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def path_of(kind: str, sha256: str) -> Path:
    """The file of that content. Raises: ValueError for what is no hash."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("not a SHA-256")
    return folder() / kind / sha256[:2] / sha256


@contextmanager
def workbench() -> Iterator[Path]:
    """A folder for work under way, on the same disk; it is gone afterwards, and what a kill leaves is harmless."""
    with tempfile.TemporaryDirectory(prefix="work-", dir=folder(), ignore_cleanup_errors=True) as path:
        yield Path(path)


def keep(source: Path, kind: str) -> Stored:
    """Move a file to its place by its content and wait until it is on the disk, name and all; twice does no harm."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
        os.fsync(file.fileno())
    target = path_of(kind, digest.hexdigest())
    for made in (target.parent.parent, target.parent):
        made.mkdir(mode=0o700, exist_ok=True)
    source.replace(target)
    for made in (target.parent, target.parent.parent, target.parent.parent.parent):
        _sync(made)
    return Stored(digest.hexdigest(), size)


def keep_bytes(content: bytes, kind: str) -> Stored:
    """Keep a content that is in memory already."""
    with workbench() as bench:
        path = bench / "content"
        path.write_bytes(content)
        return keep(path, kind)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
