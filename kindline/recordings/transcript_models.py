"""What was said in a recording, as a program heard it: sealed, and gone with its recording."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q


class TranscriptState(models.TextChoices):
    WAITING = "waiting"  # tried, and to be tried again
    DONE = "done"
    FAILED = "failed"  # tried often enough
    ERASED = "erased"  # the person was erased: it is not made again


class Transcript(models.Model):
    """The transcript of one recording, or how far it is; a recording without a row waits for its first try."""

    recording = models.OneToOneField("switchboard.Recording", on_delete=models.PROTECT, related_name="transcript")
    state = models.CharField(max_length=8, choices=TranscriptState, default=TranscriptState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    again_at = models.DateTimeField()  # not before; a try under way is held by it
    trouble = models.TextField(blank=True)  # why the last try failed
    content = models.BinaryField(null=True)  # segments as JSON, sealed under a key of their own
    size = models.PositiveIntegerField(default=0)  # of the content
    key = models.BinaryField(null=True)  # wrapped by the instance key
    key_number = models.PositiveIntegerField(null=True)
    engine = models.CharField(max_length=32, blank=True)
    model = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=8, blank=True)  # given to the engine
    words = models.PositiveIntegerField(default=0)
    low_share = models.FloatField(null=True)  # of its words, recognised with low confidence
    level_db = models.FloatField(null=True)  # of its speech, below full scale
    marks = ArrayField(models.CharField(max_length=16), default=list)  # lemmas under a secret key: search without text
    made_at = models.DateTimeField(null=True)
    is_judged = models.BooleanField(default=False)  # the norms of speech were looked for in it

    class Meta:
        indexes = [
            GinIndex(fields=["marks"], name="transcript_marks"),
            models.Index(fields=["state", "again_at"]),
            models.Index(fields=["id"], condition=Q(state="done", is_judged=False), name="transcript_to_judge"),
        ]

    def __str__(self) -> str:
        return f"{self.recording_id}: {self.state}"
