"""The quarterly report as it was published: words, numbers and file, version by version."""

from __future__ import annotations

from django.db import models


class QuarterReport(models.Model):
    """A version of a quarter's report: a draft until it is approved, then frozen; a correction is the next version."""

    profile = models.CharField(max_length=16)
    quarter = models.CharField(max_length=7)  # 2026-Q3
    version = models.PositiveSmallIntegerField(default=1)
    revision = models.PositiveIntegerField(default=0)  # of the draft: so nobody approves what he has not seen
    foreword = models.TextField(blank=True)
    correction = models.TextField(blank=True)  # from the second version on: what was wrong, as readers are told
    written_by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="written_reports")
    written_at = models.DateTimeField()
    figures = models.JSONField(default=dict)  # numbers alone, kept when it is published
    pdf = models.BinaryField(default=bytes)
    sha256 = models.CharField(max_length=64, blank=True)  # of the PDF
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="published_reports"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "quarter", "version"], name="report_version_once"),
            models.CheckConstraint(
                condition=models.Q(published_at=None) | (~models.Q(sha256="") & models.Q(published_by__isnull=False)),
                name="published_report_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(published_at=None) | models.Q(version=1) | ~models.Q(correction=""),
                name="corrected_report_says_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile} {self.quarter}/{self.version}"
