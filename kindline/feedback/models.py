"""Ratings, each of one subject of the journal."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Rating(models.Model):
    """What a client thinks of the answer and of the service, 1 to 5 each, and what could be better."""

    subject_type = models.CharField(max_length=16)  # as facts name their subjects: appeal
    subject_id = models.CharField(max_length=64)
    answer = models.PositiveSmallIntegerField()
    service = models.PositiveSmallIntegerField()
    words = models.TextField(blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id"], name="rating_once"),
            models.CheckConstraint(
                condition=Q(answer__range=(1, 5), service__range=(1, 5)), name="rating_from_one_to_five"
            ),
        ]
        indexes = [models.Index(fields=["made_at"])]

    def __str__(self) -> str:
        return f"{self.subject_type}/{self.subject_id}: {self.answer}, {self.service}"
