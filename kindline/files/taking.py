"""A file is taken: looked at in the cage, its content kept and synced, and only then its row."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from django.db import connection, transaction

from kindline.files import cage, documents, facts, limits, metadata, names, queries, tasks
from kindline.files.content import Finding
from kindline.files.errors import MissingObjectError, NotCheckedError, RefusedFileError, TooManyFilesError
from kindline.files.models import Attachment, FileState, Owner, StoredFile
from kindline.files.stores import Stored, store
from kindline.journal.checking import storable
from kindline.staff.models import Employee

OWNERS = 5298
"""The first part of the locks over owners; contents have the other kind of lock, of one number."""
BARED = dict.fromkeys(metadata.STRIPPED, metadata.bared) | dict.fromkeys(documents.KINDS, documents.bared)
"""Who takes the metadata out of what type of file."""
SCAN, PROOF, ANSWER, LETTER, FILE = "scan", "proof", "answer", "letter", "file"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a person gives: its name as it was, and where it lies for now."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that was looked at and whose content the store has; not a row yet.

    `received`: the hash of what came, where the store has it without metadata; `metadata`: what became of those.
    """

    name: str
    stored: Stored
    finding: Finding
    declared: str = ""
    received: str = ""
    metadata: str = ""  # removed | signed, encrypted, unreadable: it is kept as it came


def take_file(
    *, upload: Upload, owner: Owner, role: str = FILE, types: Sequence[str] = (), employee: Employee | None,
    now: dt.datetime,
) -> Attachment:  # fmt: skip
    """Take a file that a person attaches; the same file given twice to the same owner is one.

    `types`: by content, where fewer than the administrator allows fit the place.

    Clause: voe-3-13, voe-7-01.
    Raises: RefusedFileError with the reason, nothing is kept then; TooManyFilesError; StoreError.
    """
    found = looked_at(upload, allowed=types or limits.types())
    while True:
        try:
            return take_looked(found=found, owner=owner, role=role, employee=employee, now=now)
        except MissingObjectError:  # swept away between the two: it was an orphan until now
            found = looked_at(upload, allowed=types or limits.types())


def take_looked(
    *, found: Looked, owner: Owner, role: str = FILE, employee: Employee | None, now: dt.datetime
) -> Attachment:
    """Attach a file that was looked at; the same file given twice to the same owner is one.

    Raises: TooManyFilesError; MissingObjectError when its content was swept away meanwhile: look at it again.
    """
    with transaction.atomic():
        _hold_owner(owner)
        known = _known(owner, found)
        if known is not None:
            return known
        _check_many(owner)
        return keep_files(files=[found], owner=owner, role=role, employee=employee, now=now)[0]


def _check_many(owner: Owner) -> None:
    if queries.of(owner).count() >= limits.many_max():
        raise TooManyFilesError(f"{owner} has {limits.many_max()} files")


def look_at(upload: Upload) -> Looked:
    """Look at a file that is kept whatever it is, and keep its content. Raises: StoreError."""
    return Looked(upload.name, store().put(upload.path), _seen(upload))


def looked_at(upload: Upload, *, allowed: Sequence[str]) -> Looked:
    """Look at a file, and keep its content where it may be taken, without metadata (ADR 48).

    Raises: RefusedFileError; StoreError.
    """
    seen = _seen(upload)
    if not seen.reason and seen.media_type not in allowed:
        seen = Finding(seen.media_type, "type")
    if seen.reason:
        raise RefusedFileError(names.shown(upload.name), seen)
    return _kept_bare(upload, seen) if seen.media_type in BARED else _kept(upload, seen)


def _kept(upload: Upload, seen: Finding, told: str = "") -> Looked:
    return Looked(upload.name, store().put(upload.path), seen, metadata=told)


def _kept_bare(upload: Upload, seen: Finding) -> Looked:
    """A file is kept without place, time, device and author; the hash of what came goes into the facts."""
    with tempfile.TemporaryDirectory(prefix="kindline-bare-") as folder:
        path = Path(folder) / "content"
        told = BARED[seen.media_type](upload.path, seen.media_type, path)
        if told != documents.REMOVED:
            return _kept(upload, seen, told)
        found = _kept(Upload(upload.name, path), seen, told)
        return replace(found, received=sha256(upload.path.read_bytes()).hexdigest())


def _seen(upload: Upload) -> Finding:
    size = upload.path.stat().st_size
    if not size:
        return Finding("application/octet-stream", "empty")
    seen = cage.inspect(upload.path, names.shown(upload.name))
    return Finding(seen.media_type, "size") if size > limits.size_max() else seen


def _known(owner: Owner, found: Looked) -> Attachment | None:
    same = queries.of(owner).filter(file__sha256=found.stored.sha256, file__name=_kept_name(found.name))
    return same.exclude(file__state=FileState.ERASED).first()


def keep_files(
    *, files: Sequence[Looked], owner: Owner, role: str = FILE, employee: Employee | None = None, now: dt.datetime
) -> list[Attachment]:
    """Write down files whose content is kept; to be called within the transaction of what they belong to.

    Raises: MissingObjectError when a content was swept away meanwhile: put it again.
    """
    for one in sorted(files, key=lambda file: file.stored.sha256):
        hold_content(one.stored.sha256)
        if not store().holds(one.stored.sha256):
            raise MissingObjectError(one.stored.sha256)
    made = [_row(one, employee, now) for one in files]
    if any(one.state == FileState.WAITING for one in made):
        tasks.check_soon()
    return [attach(file=one, owner=owner, role=role, employee=employee, now=now) for one in made]


def keep_ours(*, stored: Stored, name: str, owner: Owner, employee: Employee | None, now: dt.datetime) -> Attachment:
    """Write down a file that we made ourselves (a letter of ours): it need not be checked."""
    hold_content(stored.sha256)
    finding = Finding("application/pdf")
    file = _stored(Looked(name, stored, finding), FileState.CLEAN, employee, now)
    return attach(file=file, owner=owner, role=LETTER, employee=employee, now=now)


def _row(found: Looked, employee: Employee | None, now: dt.datetime) -> StoredFile:
    return _stored(found, _state(found.finding.reason), employee, now)


def _state(reason: str) -> FileState:
    if reason:
        return FileState.UNREADABLE if reason in cage.FAULTS else FileState.REFUSED
    return FileState.CLEAN if limits.scanner() is None else FileState.WAITING


def _stored(found: Looked, state: FileState, employee: Employee | None, now: dt.datetime) -> StoredFile:
    file = StoredFile.objects.create(
        name=_kept_name(found.name), declared=storable(found.declared)[:200], media_type=found.finding.media_type,
        size=found.stored.size, sha256=found.stored.sha256, state=state, reason=found.finding.reason, stored_at=now,
        stored_by=employee, checked_at=None if state == FileState.WAITING else now,
    )  # fmt: skip
    data = {"media_type": file.media_type, "size": file.size, "sha256": file.sha256, "state": state}
    more = {"metadata": found.metadata, "received_sha256": found.received} if found.metadata else {}
    facts.keep("file_stored", file, data | {"reason": file.reason} | more, now=now, employee=employee)
    return file


def _kept_name(name: str) -> str:
    return storable(name)[: names.KEPT_MAX]


@transaction.atomic
def attach(
    *, file: StoredFile, owner: Owner, role: str = FILE, employee: Employee | None, now: dt.datetime
) -> Attachment:
    """Say that a file belongs to something, beside what it belongs to already; twice does no harm."""
    row, made = Attachment.objects.get_or_create(
        file=file, owner_kind=owner.kind, owner_key=owner.key,
        defaults={"role": role, "attached_at": now, "attached_by": employee},
    )  # fmt: skip
    if made:
        facts.keep("file_attached", file, {"owner": str(owner), "role": role}, now=now, employee=employee)
    return row


def send_along(*, files: Sequence[StoredFile], owner: Owner, employee: Employee | None, now: dt.datetime) -> None:
    """Attach files to a letter of ours; only such as were found clean. Raises: NotCheckedError."""
    for one in files:
        if one.state != FileState.CLEAN:
            raise NotCheckedError(f"{one} is {one.state}: it is not passed on")
        attach(file=one, owner=owner, role=ANSWER, employee=employee, now=now)


def hand_over(*, draft: Owner, owner: Owner, employee: Employee | None, now: dt.datetime) -> list[Attachment]:
    """What was uploaded for a form belongs to what the form became; asked twice, nothing is left to be done."""
    return _hand_over(draft, owner, employee, now) if queries.has_any(draft) else []


@transaction.atomic
def _hand_over(draft: Owner, owner: Owner, employee: Employee | None, now: dt.datetime) -> list[Attachment]:
    rows = list(queries.of(draft).select_for_update(of=("self",)))
    found = [attach(file=one.file, owner=owner, role=one.role, employee=employee, now=now) for one in rows]
    for row in rows:
        row.delete()
    return found


def _hold_owner(owner: Owner) -> None:
    """Let nobody else add a file that a person gives to the owner until the transaction ends: then the count holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [OWNERS, str(owner)])


def hold_content(sha256: str) -> None:
    """Let nobody sweep or erase the content until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(sha256[:15], 16)])
