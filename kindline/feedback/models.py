"""Ratings, each of one subject of the journal; who was asked for one by telephone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Way(models.TextChoices):
    """How a rating was given."""

    PAGE = "page"  # of the state of an appeal: two figures and words
    PHONE = "phone"  # by a key after the talk: the service alone


class Rating(models.Model):
    """What a client thinks of the answer and of the service, 1 to 5 each, and what could be better."""

    subject_type = models.CharField(max_length=16)  # as facts name their subjects: appeal, contact
    subject_id = models.CharField(max_length=64)
    way = models.CharField(max_length=8, choices=Way, default=Way.PAGE)
    answer = models.PositiveSmallIntegerField(null=True)  # none by telephone: one question is enough
    service = models.PositiveSmallIntegerField()
    words = models.TextField(blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id"], name="rating_once"),
            models.CheckConstraint(
                condition=Q(service__range=(1, 5))
                & (Q(answer__isnull=False, answer__range=(1, 5)) | Q(answer=None, way="phone")),
                name="rating_from_one_to_five",
            ),
        ]
        indexes = [models.Index(fields=["made_at"])]

    def __str__(self) -> str:
        return f"{self.subject_type}/{self.subject_id}: {self.answer}, {self.service}"


class Asked(models.Model):
    """A number that was asked for a rating: it is left in peace for a time, and forgotten after it."""

    phone = models.TextField(primary_key=True)
    contact = models.UUIDField()  # after the talk of which
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="feedback_as_at_idx")]

    def __str__(self) -> str:
        return self.phone
