"""What belongs to recordings after the talk: seals, holds, remarks, receipts, troubles."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kindline.recordings.transcript_models import Transcript, TranscriptState


class Seal(models.Model):
    """A recording lies sealed in the store: under which hash, and with which key. Without its key it is noise."""

    recording = models.OneToOneField("switchboard.Recording", on_delete=models.PROTECT, related_name="seal")
    sha256 = models.CharField(max_length=64)  # of the sealed form: its name in the store
    size = models.PositiveBigIntegerField()  # of the content
    key = models.BinaryField(null=True)  # wrapped by the instance key; null once it was destroyed
    key_number = models.PositiveIntegerField()
    sealed_at = models.DateTimeField()
    is_plain_gone = models.BooleanField(default=False)  # the file that the engine wrote is removed

    class Meta:
        indexes = [
            models.Index(fields=["sha256"]),
            models.Index(fields=["id"], condition=Q(is_plain_gone=False), name="seal_with_plain_file"),
        ]

    def __str__(self) -> str:
        return self.sha256


class Hold(models.Model):
    """Recordings of a contact are kept beyond their time, on a ground that a person names."""

    contact = models.ForeignKey("conversations.Contact", on_delete=models.PROTECT, related_name="recording_holds")
    ground = models.TextField()
    placed_by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    released_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact"], condition=Q(released_at=None), name="one_open_hold_a_contact")
        ]

    def __str__(self) -> str:
        return self.ground


class Remark(models.Model):
    """What somebody says about a moment of a talk; it goes with the last recording of the talk."""

    contact = models.ForeignKey("conversations.Contact", on_delete=models.PROTECT, related_name="recording_remarks")
    moment = models.DateTimeField()  # on the time axis of the talk
    text = models.TextField()
    employee = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.text[:60]


class Removal(models.Model):
    """The receipt of a removed recording: what it was, by which rule, who removed it, and that its key is destroyed."""

    recording = models.OneToOneField("switchboard.Recording", on_delete=models.PROTECT, related_name="removal")
    contact = models.ForeignKey("conversations.Contact", on_delete=models.PROTECT, related_name="+")
    leg = models.CharField(max_length=12)
    name = models.TextField()
    started_at = models.DateTimeField()
    duration_s = models.FloatField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)  # of the content
    sealed_sha256 = models.CharField(max_length=64, blank=True)  # of what lay in the store
    retention_until = models.DateField()
    rule = models.TextField()  # the profile's period, as it stood
    was_sealed = models.BooleanField()  # then its data key is destroyed with this row
    removed_at = models.DateTimeField()
    removed_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    object_gone_at = models.DateTimeField(null=True, blank=True)  # the store has let it go

    class Meta:
        indexes = [
            models.Index(fields=["-removed_at"]),
            models.Index(fields=["id"], condition=Q(object_gone_at=None), name="removal_not_done"),
        ]

    def __str__(self) -> str:
        return self.name


class Trouble(models.Model):
    """A recording is not written, moved or readable as it should be: open until it is seen to be well again."""

    kind = models.CharField(max_length=16)  # stalled | unmoved | broken | store
    subject = models.TextField(blank=True)  # the recording's name
    contact = models.ForeignKey(
        "conversations.Contact", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    detail = models.TextField(blank=True)
    gap_s = models.FloatField(null=True, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], condition=Q(closed_at=None), name="one_open_trouble")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


__all__ = ["Hold", "Remark", "Removal", "Seal", "Transcript", "TranscriptState", "Trouble"]
