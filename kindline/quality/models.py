"""Measurements: what each clause came to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Verdict(models.TextChoices):
    MET = "met"
    NOT_MET = "not_met"
    NOT_MEASURABLE = "not_measurable"


class Measurement(models.Model):
    """A clause's verdict on a subject, with the facts that prove it."""

    profile = models.CharField(max_length=16)
    clause = models.TextField()
    version = models.CharField(max_length=32)
    subject_type = models.TextField()
    subject_id = models.TextField()
    verdict = models.CharField(max_length=16, choices=Verdict)
    observed = models.TextField(blank=True)
    limit = models.TextField(blank=True)
    unit = models.TextField(blank=True)
    evidence = ArrayField(models.BigIntegerField(), default=list)
    at = models.DateTimeField()  # when the matter was settled
    judged_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clause", "version", "subject_type", "subject_id"], name="measurement_once")
        ]
        indexes = [
            models.Index(fields=["profile", "clause", "-at"]),
            models.Index(fields=["subject_type", "subject_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.clause} {self.subject_type}/{self.subject_id}: {self.verdict}"


class Rejudging(models.Model):
    """A subject whose verdicts change by the clock alone: a promise that falls due without a further fact."""

    subject_type = models.TextField()
    subject_id = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject_type", "subject_id"], name="rejudging_once")]
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.subject_type}/{self.subject_id} at {self.at:%F %T}"


class Erasure(models.Model):
    """The receipt of an erasure: on which ground, what was erased, and what is kept, until when and why."""

    client_id = models.BigIntegerField()
    profile = models.CharField(max_length=16)
    ground = models.TextField()
    erased = models.JSONField(default=dict)  # what -> how many rows
    kept = models.JSONField(default=list)  # [{"what", "rows", "until", "law"}]
    by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="erasures")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["client_id"])]

    def __str__(self) -> str:
        return f"{self.client_id}: {self.ground}"
