"""Photos of meters: pictures that belong to a reading, kept until the term of the standard after it was settled.

`photo_retention` of a profile is that term; where it has none, photos are kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import BigIntegerField, QuerySet
from django.db.models.functions import Cast, Coalesce

from kindline.clients.models import Client
from kindline.files import content, erasing, limits, queries, taking
from kindline.files.erasing import DRAFT
from kindline.files.errors import TooManyFilesError
from kindline.files.models import Attachment, Owner
from kindline.journal import actions as journal
from kindline.readings.lines import Sender
from kindline.readings.models import PhotoRemoval, Reading, ReadingState
from kindline.staff.models import Employee
from kindline.standard import terms
from kindline.standard.profile import Profile

KIND, VARIABLE = "reading", "photo_retention"
MOST = 3
"""Photos of one reading."""
HEIC = "image/heic"
BATCH = 200


def types() -> tuple[str, ...]:
    """What a photo may be: pictures, of the types that the administrator lets in."""
    return tuple(one for one in limits.types() if one in content.RASTERS or one == HEIC)


def owner_of(reading_id: int) -> Owner:
    """As what a reading owns its photos."""
    return Owner(KIND, str(reading_id))


def of(reading_id: int) -> QuerySet[Attachment]:
    """The photos of a reading, in the order in which they came."""
    return queries.of(owner_of(reading_id))


def of_many(reading_ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """The same of many readings, by their keys, in one query."""
    found: dict[int, list[Attachment]] = {}
    keys = [str(one) for one in reading_ids]
    for row in queries.of_many(KIND).filter(owner_key__in=keys).select_related("file").order_by("pk"):
        found.setdefault(int(row.owner_key), []).append(row)
    return found


@transaction.atomic
def take_draft(*, draft: str, reading_id: int, sender: Sender, now: dt.datetime) -> list[Attachment]:
    """What came with the form of a reading belongs to the reading; asked twice, nothing is left to be done."""
    rows = taking.hand_over(draft=Owner(DRAFT, draft), owner=owner_of(reading_id), employee=None, now=now)
    for row in rows:
        _say(row, reading_id, sender, now)
    return rows


@transaction.atomic
def add_photo(
    *, upload: taking.Upload, reading_id: int, sender: Sender, employee: Employee | None, now: dt.datetime,
    most: int | None = None,
) -> Attachment:  # fmt: skip
    """A photo is added to a reading that is kept already; the same picture again is the same photo.

    `most`: so many a reading may have, where fewer than of any file. Raises: RefusedFileError for what is no picture;
    TooManyFilesError; StoreError.
    """
    Reading.objects.select_for_update().get(pk=reading_id)
    row = taking.take_file(
        upload=upload, owner=owner_of(reading_id), types=types(), employee=employee, now=now
    )  # fmt: skip
    if row.attached_at != now:
        return row
    if most is not None and of(reading_id).count() > most:
        raise TooManyFilesError(f"reading {reading_id} has {most} photos")
    _say(row, reading_id, sender, now)
    return row


def sweep(*, profile: Profile, now: dt.datetime, limit: int = BATCH) -> int:
    """Erase the photos of readings whose term after they were settled is over, with receipt and fact; of how many.

    Clause: krc-5.3-10.
    """
    term = terms.parse(profile.variable(VARIABLE))
    if term is None:
        return 0
    today = now.astimezone(profile.zone).date()
    ends = [
        (one, since)
        for one, since in _settled(limit)
        if term.last_day(since.astimezone(profile.zone).date(), profile.calendar) < today
    ]
    return sum(_remove(one, f"{VARIABLE}: {profile.variable(VARIABLE)}", since, now) for one, since in ends)


def erase_of(*, client: Client, ground: str, now: dt.datetime) -> int:
    """Erase the photos of all readings of a person's meters, whatever their term; of how many readings."""
    mine = Reading.objects.filter(pk__in=_with_photos(), meter__account__client=client).select_related("sending")
    return sum(_remove(one, ground, one.settled_at or one.sending.sent_at, now) for one in list(mine))


def _with_photos() -> QuerySet[Attachment, object]:
    """The keys of readings that have photos."""
    rows = queries.of_many(KIND).annotate(reading=Cast("owner_key", BigIntegerField()))
    return rows.values("reading")


def _settled(limit: int) -> list[tuple[Reading, dt.datetime]]:
    """Readings with photos that wait for nobody's answer, those settled longest ago first."""
    rows = Reading.objects.filter(pk__in=_with_photos()).exclude(state=ReadingState.ASKED_BACK)
    rows = rows.annotate(since=Coalesce("settled_at", "sending__sent_at")).order_by("since", "pk")
    return [(one, one.since) for one in rows[:limit]]


@transaction.atomic
def _remove(reading: Reading, rule: str, since: dt.datetime, now: dt.datetime) -> bool:
    held = Reading.objects.select_for_update().get(pk=reading.pk)
    hashes = sorted(of(held.pk).values_list("file__sha256", flat=True))
    gone = erasing.erase_files(owner=owner_of(held.pk), reason=rule, employee=None, now=now)
    if not gone:
        return False
    PhotoRemoval.objects.create(reading_id=held.pk, sha256=hashes, rule=rule, since=since, removed_at=now)
    data = {"reading": held.pk, "files": gone, "rule": rule}
    journal.record(
        kind="reading_photos_removed", subject_type="readings", subject_id=held.sending_id, data=data, at=now
    )
    return True


def _say(row: Attachment, reading_id: int, sender: Sender, now: dt.datetime) -> None:
    sending = Reading.objects.values_list("sending_id", flat=True).get(pk=reading_id)
    data = {"reading": reading_id, "file": row.file_id, "media_type": row.file.media_type}
    journal.record(
        kind="reading_photo_added", subject_type="readings", subject_id=sending, actor=sender.actor, data=data, at=now
    )  # fmt: skip
