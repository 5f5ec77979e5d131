"""A request for a service that follows its passport: the set of documents, and the stages with their days."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ServiceRequest(models.Model):
    """An appeal that asks for a service of the profile's `services.yaml`, with the documents that belong to it."""

    appeal = models.OneToOneField("appeals.Appeal", on_delete=models.PROTECT, related_name="service_request")
    service = models.SlugField()
    marks = models.JSONField(default=dict)  # document: there | faulty | missing | not_needed
    due_on = models.DateField(null=True, blank=True)  # until when what is missing or faulty is awaited
    followed_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    completed_at = models.DateTimeField(null=True, blank=True)  # nothing is awaited any more

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(completed_at=None) | Q(due_on=None), name="service_request_complete_or_awaited"
            )
        ]

    def __str__(self) -> str:
        return f"{self.appeal_id}: {self.service}"

    def marked(self, *marks: str) -> list[str]:
        """The documents with one of these marks."""
        return [document for document, mark in self.marks.items() if mark in marks]


class Stage(models.Model):
    """A stage of a service that was asked for: to come, going on until its day, done."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT, related_name="stages", db_index=False)
    position = models.PositiveSmallIntegerField()
    stage = models.SlugField()  # of the passport
    begun_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["request", "position"]
        constraints = [
            models.UniqueConstraint(fields=["request", "position"], name="stage_place_once"),
            models.UniqueConstraint(
                fields=["request"], condition=Q(begun_at__isnull=False, done_at=None), name="stage_one_at_once"
            ),
            models.CheckConstraint(condition=Q(done_at=None) | Q(begun_at__isnull=False), name="stage_done_was_begun"),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(begun_at__isnull=False, done_at=None), name="stage_going_on")
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.stage}"
