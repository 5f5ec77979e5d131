"""Why people complain, and the months in which that was analysed (krc-6.2-06); read through `models`."""

from __future__ import annotations

from django.db import models


class Reason(models.Model):
    """Why people complain: a word of the organisation's own list, put on a complaint by a person."""

    profile = models.CharField(max_length=16)
    title = models.TextField()
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)  # no longer chosen; what has it keeps it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "title"], name="reason_title_once")]

    def __str__(self) -> str:
        return self.title


class AnalysisMonth(models.Model):
    """A month in which the reasons are to be analysed at least once; opened by a sweep."""

    profile = models.CharField(max_length=16)
    month = models.CharField(max_length=7)  # 2026-03
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "month"], name="analysis_month_once")]

    def __str__(self) -> str:
        return self.month


class Analysis(models.Model):
    """A director looked at the reasons of a period and wrote down what follows; the numbers of that day are kept."""

    month = models.ForeignKey(AnalysisMonth, on_delete=models.PROTECT, related_name="analyses")
    since = models.DateField()
    until = models.DateField()
    counts = models.JSONField(default=list)  # [title, complaints, grounded] of each reason, the most frequent first
    conclusion = models.TextField()
    by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="analyses")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.month_id}: {self.since} – {self.until}"
