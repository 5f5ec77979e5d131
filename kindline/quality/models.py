"""Measurements: what each clause came to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kindline.quality.inspection_models import Correction, InspectedPlace, Inspection, InspectionDraw

__all__ = [
    "Correction",
    "Erasure",
    "InspectedPlace",
    "Inspection",
    "InspectionDraw",
    "Measurement",
    "Monitoring",
    "Rejudging",
    "Sampled",
    "Verdict",
]


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


class Monitoring(models.Model):
    """The review of a quarter by the internal procedure: what was drawn, by which seed, what came of it (voe-1-08)."""

    profile = models.CharField(max_length=16)
    quarter = models.CharField(max_length=7)  # 2026-Q3
    seed = models.CharField(max_length=32)  # with it anybody can draw the same sample again
    population = models.PositiveIntegerField()  # so many contacts there were to choose from
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="drawn_monitorings")
    results = models.JSONField(default=dict)  # numbers only, kept when it is published
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="published_monitorings"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "quarter"], name="monitoring_once")]

    def __str__(self) -> str:
        return f"{self.profile} {self.quarter}"


class Sampled(models.Model):
    """A contact of the sample, and who judged it whole."""

    monitoring = models.ForeignKey(Monitoring, on_delete=models.CASCADE, related_name="sampled", db_index=False)
    contact = models.ForeignKey("conversations.Contact", on_delete=models.PROTECT, related_name="sampled")
    place = models.PositiveSmallIntegerField()  # in the order of the draw, from 1
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewer = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="reviewed_samples"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["monitoring", "contact"], name="sampled_once"),
            models.UniqueConstraint(fields=["monitoring", "place"], name="sampled_in_an_order"),
        ]

    def __str__(self) -> str:
        return f"{self.monitoring_id}: {self.place}"
