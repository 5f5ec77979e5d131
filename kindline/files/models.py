"""Files that are kept, and what they belong to."""

from __future__ import annotations

from typing import NamedTuple

from django.db import models
from django.db.models import Q

from kindline.files import names


class Owner(NamedTuple):
    """What a file belongs to, as facts name their subjects: ("appeal", "12"), ("draft", "…")."""

    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.key}"


class FileState(models.TextChoices):
    WAITING = "waiting"  # in quarantine until it is checked; `reason` says what it waits for, where that is trouble
    CLEAN = "clean"
    REFUSED = "refused"
    UNREADABLE = "unreadable"  # it cannot be looked into, or the store has lost it
    ERASED = "erased"  # the content is gone; the row stays as proof


class StoredFile(models.Model):
    """A file that was given to us: its content lies in the store under the hash, never under its name."""

    name = models.TextField()  # as it was given; show `shown_name`
    declared = models.TextField(blank=True)  # the type that the sender named
    media_type = models.TextField()  # by its content
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=FileState, default=FileState.WAITING)
    reason = models.TextField(blank=True)
    stored_at = models.DateTimeField()
    stored_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)  # while it waits: when that was tried last
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="erased", erased_at__isnull=False) | (~Q(state="erased") & Q(erased_at=None)),
                name="file_erased_has_time",
            )
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="waiting"), name="file_waiting"),
            models.Index(fields=["sha256"], condition=~Q(state="erased"), name="file_content"),
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The name so that it can be shown and saved under."""
        return names.shown(self.name, f"file-{self.pk}")


class SealedContent(models.Model):
    """A content lies sealed in the store: how it is named there, and its key. Without this row it is noise."""

    place = models.CharField(max_length=8)  # which store: files | mail
    sha256 = models.CharField(max_length=64)  # of the content
    sealed_sha256 = models.CharField(max_length=64, db_index=True)  # its name in the store
    size = models.PositiveBigIntegerField()  # of the content
    key = models.BinaryField()  # wrapped by the instance key
    key_number = models.PositiveIntegerField()
    sealed_at = models.DateTimeField()
    is_plain_gone = models.BooleanField(default=True)  # False: it once lay open, and may still

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "sha256"], name="sealed_once")]
        indexes = [models.Index(fields=["id"], condition=Q(is_plain_gone=False), name="sealed_with_plain")]

    def __str__(self) -> str:
        return self.sha256


class Given(models.Model):
    """How much a giver gave since a moment: within a day, and within a year."""

    giver = models.CharField(max_length=100, primary_key=True)  # day/… or year/…; day/…/… one sending
    since = models.DateTimeField()
    files = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.giver}: {self.files}"


class OpenedAddress(models.Model):
    """An address on the host of files that was opened, and opens nothing more (ADR 65)."""

    once = models.CharField(max_length=32, primary_key=True)  # what makes the address one of its kind
    until = models.DateTimeField()  # so long it would have worked

    def __str__(self) -> str:
        return self.once


class Attachment(models.Model):
    """A file belongs to an appeal, a letter, or a form that is not sent off yet; one file may belong to several."""

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="attachments")
    owner_kind = models.CharField(max_length=16)
    owner_key = models.CharField(max_length=64)
    role = models.CharField(max_length=8, default="file")  # file | scan | proof | answer | letter
    attached_at = models.DateTimeField()
    attached_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_kind", "owner_key", "file"], name="attachment_once")]
        indexes = [models.Index(fields=["attached_at"], condition=Q(owner_kind="draft"), name="attachment_of_draft")]

    def __str__(self) -> str:
        return f"{self.owner}: {self.file_id}"

    @property
    def owner(self) -> Owner:
        """What the file belongs to."""
        return Owner(self.owner_kind, self.owner_key)
