"""Raw messages, as they came, below the instance folder: apart from files, kept by a rule of their own."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from kindline.correspondence.models import Incoming, LetterRemoval
from kindline.files.models import SealedContent
from kindline.files.sealed import Sealed
from kindline.files.stores import Disk, workbench

PLACE = "mail"
ORPHAN_AFTER = dt.timedelta(hours=24)


def folder() -> Path:
    """Where everything lies."""
    return Path(settings.KINDLINE["paths"]["correspondence"])


def raw() -> Sealed:
    """The store of raw messages, each sealed under a key of its own."""
    return Sealed(Disk(folder() / "raw"), place=PLACE, folder=folder())


@contextmanager
def bench() -> Iterator[Path]:
    """A folder for work under way."""
    with workbench(folder()) as path:
        yield path


def laid_open(incoming: Incoming, bench: Path) -> Path:
    """The raw message as a file for the cage, which is gone with the bench. Raises: StoreError."""
    path = bench / "raw-message"
    with raw().opened(incoming.sha256) as content, path.open("wb") as file:
        shutil.copyfileobj(content, file)
    return path


def kept() -> QuerySet[Incoming]:
    """Messages whose raw form was not removed."""
    return Incoming.objects.exclude(pk__in=LetterRemoval.objects.filter(kind=PLACE).values("key"))


def seal_open() -> int:
    """Seal raw messages of the time before they were sealed; how many. Raises: StoreError."""
    sealed = SealedContent.objects.filter(place=PLACE, sha256=OuterRef("sha256"))
    open_ones = kept().filter(~Exists(sealed)).values_list("sha256", flat=True)
    where, count = raw(), 0
    for sha256 in open_ones:
        count += where.holds(sha256) and where.adopt(sha256)
    where.sweep_plain()
    return count


def sweep_orphans(*, now: dt.datetime) -> int:
    """Remove raw messages that belong to no row: fetched by a process that was killed before it wrote one; how many."""
    since, where = now - ORPHAN_AFTER, raw()
    names = [one for one in where.untouched(since) if not kept().filter(sha256=one).exists()]
    return sum(where.remove(one, untouched_since=since) for one in names)
