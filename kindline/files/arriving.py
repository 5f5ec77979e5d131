"""A file on its way in over HTTP: cut off where it is too large, counted, laid on the disk to be looked at."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from kindline.files import limits, quota, taking, warders
from kindline.files.errors import BusyError


class Quota(FileUploadHandler):
    """Lets no file grow beyond the limit while it arrives; the form is told which ones were cut off."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a piece on, as long as the file is not too large."""
        if start + len(raw_data) > limits.size_max() and self.request is not None:
            _cut(self.request).append((self.field_name or "", self.file_name or ""))
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next ones."""


def cut_off(request: HttpRequest, field: str = "") -> list[str]:
    """The names of files that were too large to be taken in: those of a field, or of the whole form."""
    return [name for of, name in _cut(request) if not field or of == field]


def _cut(request: HttpRequest) -> list[tuple[str, str]]:
    """Field and name of each."""
    found: list[tuple[str, str]] = request.__dict__.setdefault("too_large", [])
    return found


def sha256_of(given: UploadedFile[Any]) -> str:
    """The hash of a file as it came."""
    found = hashlib.sha256()
    for chunk in given.chunks():
        found.update(chunk)
    return found.hexdigest()


@contextmanager
def upload_of(
    given: UploadedFile[Any], giver: quota.Giver, now: dt.datetime, *, once: str = ""
) -> Iterator[taking.Upload]:
    """A file of a form on the disk, counted with what this giver gave (`once`: see there); its name plays no part.

    Raises: OverQuotaError. Looking at it within raises BusyError where too many wait for the cages: it counts for
    nothing then. Of those who share an address each browser has a cage of its own.
    """
    size = given.size or 0
    is_counted = quota.charge(giver=giver, size=size, now=now, once=once)
    with tempfile.TemporaryDirectory(prefix="kindline-upload-") as folder:
        path = Path(folder) / "content"
        with path.open("wb") as file:
            for chunk in given.chunks():
                file.write(chunk)
        try:
            with warders.given_by(giver.one or giver.name):
                yield taking.Upload(given.name or "", path)
        except BusyError:
            if is_counted:
                quota.give_back(giver=giver, size=size, once=once)
            raise
