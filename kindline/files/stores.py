"""Where contents lie: under their SHA-256, in a store that is a folder of the instance, or another one by setting."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from django.conf import settings

from kindline.files.errors import BrokenObjectError, MissingObjectError, StoreError
from kindline.files.named import made

if TYPE_CHECKING:
    from kindline.files.sealed import Sealed

BLOCK = 1024 * 1024
WORK = "work-"


@dataclass(frozen=True, slots=True)
class Stored:
    """A content that the store surely has."""

    sha256: str
    size: int


class Store(Protocol):
    """Keeps contents by their hash; the same content twice is one object."""

    def put(self, source: Path) -> Stored:
        """Keep the content of a file, and return once it is surely kept. Raises: StoreError."""

    def holds(self, sha256: str) -> bool:
        """Whether the store has the content. Raises: StoreError."""

    def opened(self, sha256: str) -> BinaryIO:
        """The content, found to be what was stored. Raises: MissingObjectError; BrokenObjectError; StoreError."""

    def remove(self, sha256: str, *, untouched_since: dt.datetime | None = None) -> bool:
        """Forget a content, but not one that was put since; whether it is gone. Raises: StoreError."""

    def untouched(self, since: dt.datetime) -> Iterator[str]:
        """The hashes of contents that nobody has put since then. Raises: StoreError."""


def store() -> Sealed:
    """The store of the settings, in which contents lie sealed: a folder of the instance, or the spool of a far one."""
    from kindline.files.sealed import Sealed  # noqa: PLC0415 - which is a store, over one of these

    other: Store | None = made(settings.FILES.get("store"))
    folder = Path(settings.KINDLINE["paths"]["files"])
    return Sealed(other or spooled(folder, settings.FILES.get("far")), place="files", folder=folder)


def spooled(folder: Path, far: Mapping[str, Any] | None) -> Store:
    """A folder, or a folder from which a job carries contents to the store that is described."""
    there: Store | None = made(far)
    return Spooled(Disk(folder), there) if there is not None else Disk(folder)


class Disk:
    """A store in a folder, outside every web root, for the owner's eyes only."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    def path(self, sha256: str) -> Path:
        """Where a content lies. Raises: ValueError for what is no hash."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError("not a SHA-256")
        return self.folder / sha256[:2] / sha256

    def put(self, source: Path) -> Stored:
        """Copy beside, wait for the disk, rename, wait for the names; a kill leaves only a work folder."""
        try:
            with workbench(self.folder) as bench:
                kept = _copied(source, bench / "content")
                target = self.path(kept.sha256)
                target.parent.mkdir(mode=0o700, exist_ok=True)
                (bench / "content").replace(target)
                for folder in (target.parent, self.folder):
                    _sync(folder)
            return kept
        except OSError as error:
            raise StoreError(f"{self.folder}: {error}") from error

    def holds(self, sha256: str) -> bool:
        """Whether the file is there."""
        return self.path(sha256).is_file()

    def opened(self, sha256: str) -> BinaryIO:
        """The file, read once through before it is given."""
        try:
            file = self.path(sha256).open("rb")
        except FileNotFoundError as error:
            raise MissingObjectError(sha256) from error
        except OSError as error:
            raise StoreError(f"{self.folder}: {error}") from error
        try:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise BrokenObjectError(sha256)
            file.seek(0)
        except OSError as error:
            file.close()
            raise StoreError(f"{self.folder}: {error}") from error
        except BrokenObjectError:
            file.close()
            raise
        return file

    def remove(self, sha256: str, *, untouched_since: dt.datetime | None = None) -> bool:
        """Delete the file, unless it was put since."""
        path = self.path(sha256)
        try:
            if untouched_since is not None and path.stat().st_mtime > untouched_since.timestamp():
                return False
            path.unlink(missing_ok=True)
        except FileNotFoundError:
            return True
        except OSError as error:
            raise StoreError(f"{self.folder}: {error}") from error
        return True

    def untouched(self, since: dt.datetime) -> Iterator[str]:
        """Old files by their names; work that a kill left behind is thrown away on the way."""
        for place in sorted(self.folder.glob("*")):
            if place.name.startswith(WORK):
                if place.stat().st_mtime < since.timestamp():
                    shutil.rmtree(place, ignore_errors=True)
                continue
            for path in place.glob("*"):
                if path.stat().st_mtime < since.timestamp():
                    yield path.name

    def names(self) -> Iterator[str]:
        """The hashes of all contents; work under way is left alone."""
        for place in sorted(self.folder.glob("*")):
            if not place.name.startswith(WORK):
                yield from (path.name for path in place.glob("*"))


class Spooled:
    """A folder first, another store later: what is put is surely here at once, and is carried there by a job."""

    def __init__(self, near: Disk, far: Store) -> None:
        self.near, self.far = near, far

    def put(self, source: Path) -> Stored:
        """Keep it here."""
        return self.near.put(source)

    def holds(self, sha256: str) -> bool:
        """Whether it is here or there."""
        return self.near.holds(sha256) or self.far.holds(sha256)

    def opened(self, sha256: str) -> BinaryIO:
        """The content from here, else from there."""
        try:
            return self.near.opened(sha256)
        except (MissingObjectError, BrokenObjectError):
            return self.far.opened(sha256)

    def remove(self, sha256: str, *, untouched_since: dt.datetime | None = None) -> bool:
        """Forget it here and there; what was put here since stays in both."""
        if not self.near.remove(sha256, untouched_since=untouched_since):
            return False
        return self.far.remove(sha256, untouched_since=untouched_since)

    def untouched(self, since: dt.datetime) -> Iterator[str]:
        """Old contents of both."""
        here = list(self.near.untouched(since))
        yield from here
        yield from (one for one in self.far.untouched(since) if one not in here)

    def carry(self, *, limit: int = 500) -> int:
        """Carry what lies here there, and let it go here once it was read there and found whole; how many.

        Killed at any moment it loses nothing: what is here still is carried again. Raises: StoreError.
        """
        waiting = list(islice(self.near.names(), limit))
        for sha256 in waiting:
            self.near.opened(sha256).close()
            self.far.put(self.near.path(sha256))
            self.far.opened(sha256).close()
            self.near.remove(sha256)
        return len(waiting)


def carry(where: Store) -> int:
    """Carry what waits in the spool of a store, where it has one; how many. Raises: StoreError."""
    spool = getattr(where, "inner", where)  # what lies sealed is carried as it lies
    return spool.carry() if isinstance(spool, Spooled) else 0


@contextmanager
def workbench(folder: Path) -> Iterator[Path]:
    """A folder for work under way, on the same disk; it is gone afterwards, and what a kill leaves is harmless."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=WORK, dir=folder, ignore_cleanup_errors=True) as path:
        yield Path(path)


def put_bytes(where: Store, content: bytes) -> Stored:
    """Keep a content that is in memory already. Raises: StoreError."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "content"
        path.write_bytes(content)
        return where.put(path)


def _copied(source: Path, target: Path) -> Stored:
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as given, target.open("wb") as copy:
        while block := given.read(BLOCK):
            digest.update(block)
            size += copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    return Stored(digest.hexdigest(), size)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
