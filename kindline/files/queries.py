"""Files by what they belong to, and what waits."""

from __future__ import annotations

from typing import LiteralString

from django.db.models import Count, Exists, F, OuterRef, QuerySet

from kindline.files.models import Attachment, FileState, Owner, SealedContent, StoredFile
from kindline.journal import prepared

ANY: LiteralString = """
SELECT EXISTS (SELECT FROM files_attachment WHERE owner_kind = %s::text AND owner_key = %s::text)
"""
MISSING, BROKEN = "missing", "broken"
"""Why a content cannot be given any more."""


def of(owner: Owner) -> QuerySet[Attachment]:
    """The files of an owner, in the order in which they came."""
    rows = Attachment.objects.filter(owner_kind=owner.kind, owner_key=owner.key)
    return rows.select_related("file", "attached_by").order_by("pk")


def has_any(owner: Owner) -> bool:
    """Whether an owner has files; asked with every form, so it is planned once."""
    return bool(prepared.rows(ANY, [owner.kind, owner.key])[0][0])


def of_many(kind: str) -> QuerySet[Attachment]:
    """The files of all owners of a kind."""
    return Attachment.objects.filter(owner_kind=kind)


def counted(kind: str, keys: list[str]) -> dict[str, int]:
    """How many files the owners of a kind have, by key."""
    rows = of_many(kind).filter(owner_key__in=keys).values_list("owner_key").annotate(files=Count("pk"))
    return dict(rows)


def not_passed_on() -> QuerySet[StoredFile]:
    """Files that are not passed on: not checked yet, refused, or unreadable; the latest first."""
    rows = StoredFile.objects.exclude(state__in=[FileState.CLEAN, FileState.ERASED])
    return rows.filter(attachments__isnull=False).distinct().prefetch_related("attachments").order_by("-pk")


def lying_open() -> QuerySet[StoredFile]:
    """Files whose contents are not sealed: those of the time before."""
    sealed = SealedContent.objects.filter(place="files", sha256=OuterRef("sha256"))
    return StoredFile.objects.exclude(state=FileState.ERASED).filter(~Exists(sealed)).order_by("pk")


def waiting() -> QuerySet[StoredFile]:
    """Files in quarantine that wait to be checked: those not tried yet, then those tried longest ago."""
    return StoredFile.objects.filter(state=FileState.WAITING).order_by(F("checked_at").asc(nulls_first=True), "pk")
