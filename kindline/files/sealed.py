"""A store whose contents lie sealed, each under a key of its own; known outside by what they are, not by how they lie.

A content is removed by its key: the row with it goes first, and what a disk or a backup of the store has of it still
is noise (ADR 31). What was kept before contents were sealed is read as it lies until a job seals it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from kindline.files import keys, sealing
from kindline.files.errors import StoreError
from kindline.files.models import SealedContent
from kindline.files.stores import Store, Stored, workbench

log = logging.getLogger(__name__)


class Sealed:
    """Another store, in which nothing lies open; `place` tells its contents from those of others of its kind."""

    def __init__(self, inner: Store, *, place: str, folder: Path) -> None:
        self.inner, self.place, self.folder = inner, place, folder

    def rows(self) -> QuerySet[SealedContent]:
        """What is sealed here."""
        return SealedContent.objects.filter(place=self.place)

    def put(self, source: Path) -> Stored:
        """Seal a content and keep it; given anew it is sealed anew, and the older form is swept once it is old."""
        return self._sealed(source, was_plain=False)

    def _sealed(self, source: Path, *, was_plain: bool) -> Stored:
        known, key = _measured(source), sealing.new_key()
        number, wrapped = keys.wrap(key)
        kept = self._laid(source, key, known.sha256)
        values: dict[str, Any] = {
            "sealed_sha256": kept.sha256,
            "size": known.size,
            "key": wrapped,
            "key_number": number,
        }
        values["sealed_at"] = timezone.now()
        first = {**values, "is_plain_gone": not was_plain}
        self.rows().update_or_create(place=self.place, sha256=known.sha256, defaults=values, create_defaults=first)
        return known

    def _laid(self, source: Path, key: bytes, sha256: str) -> Stored:
        try:
            with workbench(self.folder) as bench:
                with source.open("rb") as plain, (bench / "sealed").open("wb") as target:
                    sealing.seal(plain, target, key=key, bound=sha256.encode())
                return self.inner.put(bench / "sealed")
        except OSError as error:
            raise StoreError(f"{self.folder}: {error}") from error

    def holds(self, sha256: str) -> bool:
        """Whether the content is there, sealed or as it once lay."""
        row = self.rows().filter(sha256=sha256).first()
        return self.inner.holds(row.sealed_sha256 if row else sha256)

    def opened(self, sha256: str) -> BinaryIO:
        """The content, opened as it is read; a change is found before, or at its piece. Raises: LostKeyError."""
        row = self.rows().filter(sha256=sha256).first()
        if row is None:
            return self.inner.opened(sha256)
        key = keys.unwrap(row.key_number, bytes(row.key))
        return cast(BinaryIO, io.BufferedReader(Opened(self.inner.opened(row.sealed_sha256), key, row), sealing.PIECE))

    def remove(self, sha256: str, *, untouched_since: dt.datetime | None = None) -> bool:
        """Destroy the key of a content and forget what is left of it, unless it was put since."""
        with transaction.atomic():
            row = self.rows().select_for_update().filter(sha256=sha256).first()
            if row is None:
                named = self.rows().filter(sealed_sha256=sha256).exists()
                return not named and self.inner.remove(sha256, untouched_since=untouched_since)
            if untouched_since is not None and not self.inner.remove(
                row.sealed_sha256, untouched_since=untouched_since
            ):  # fmt: skip
                return False
            row.delete()
        self._let_go(row)
        return True

    def forget(self, sha256: str) -> None:
        """Destroy the key of a content in the caller's transaction; what the store has of it goes after that."""
        row = self.rows().select_for_update().filter(sha256=sha256).first()
        if row is None:
            transaction.on_commit(partial(self.remove, sha256), robust=True)
            return
        row.delete()
        transaction.on_commit(partial(self._let_go, row), robust=True)

    def _let_go(self, row: SealedContent) -> None:
        """What the store has is noise now: where it does not let go of it, the sweep of orphans will."""
        try:
            self.inner.remove(row.sealed_sha256)
            if not row.is_plain_gone:
                self.inner.remove(row.sha256)
        except StoreError as error:
            log.warning("the store did not let %s go: %s", row.sealed_sha256, error)

    def untouched(self, since: dt.datetime) -> Iterator[str]:
        """Old contents by what they are; what is sealed under no key any more, by how it lies."""
        for name in self.inner.untouched(since):
            row = self.rows().filter(sealed_sha256=name).values_list("sha256", flat=True).first()
            yield row or name

    def adopt(self, sha256: str) -> bool:
        """Seal a content that lies open from the time before; whether it was. Raises: StoreError."""
        if self.rows().filter(sha256=sha256).exists():
            return False
        with workbench(self.folder) as bench, self.inner.opened(sha256) as plain:
            path = bench / "plain"
            with path.open("wb") as copy:
                while block := plain.read(sealing.PIECE):
                    copy.write(block)
            self._sealed(path, was_plain=True)
        return True

    def sweep_plain(self) -> None:
        """Remove open copies of what is sealed. Killed in between it is done again. Raises: StoreError."""
        for row in self.rows().filter(is_plain_gone=False):
            self.inner.remove(row.sha256)
            self.rows().filter(pk=row.pk).update(is_plain_gone=True)


class Opened(io.RawIOBase):
    """A sealed content as a file: each piece is opened when it is read."""

    def __init__(self, file: BinaryIO, key: bytes, row: SealedContent) -> None:
        super().__init__()
        self._file, self._key, self._bound = file, key, row.sha256.encode()
        self._size, self._at = row.size, 0
        self._begins, self._piece = -1, b""

    def readinto(self, buffer: Any) -> int:
        """The next bytes, to the end of a piece at the most. Raises: BrokenObjectError."""
        if self._at >= self._size:
            return 0
        within = self._at % sealing.PIECE
        found = self._piece_from(self._at - within)[within : within + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _piece_from(self, begins: int) -> bytes:
        """A piece, opened once however small the bites."""
        if begins != self._begins:
            asked = {"first": begins, "length": min(sealing.PIECE, self._size - begins)}
            pieces = sealing.unsealed(self._file, key=self._key, bound=self._bound, size=self._size, **asked)
            self._begins, self._piece = begins, b"".join(pieces)
        return self._piece

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go on elsewhere."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
        super().close()


def _measured(source: Path) -> Stored:
    try:
        with source.open("rb") as file:
            return Stored(hashlib.file_digest(file, "sha256").hexdigest(), source.stat().st_size)
    except OSError as error:
        raise StoreError(f"{source}: {error}") from error
