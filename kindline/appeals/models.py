"""The registry of appeals: number, applicant, stamps, limit with its derivation."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class NumberSeries(models.Model):
    """The last number given in a profile and year."""

    profile = models.CharField(max_length=16)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "year"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.profile} {self.year}: {self.last}"


class Body(models.Model):
    """Another body that is competent where we are not (court-1-35, krc-6.1-17)."""

    profile = models.CharField(max_length=16)
    name = models.TextField()
    competence = models.TextField()
    phone = models.TextField(blank=True)
    email = models.TextField(blank=True)
    address = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class AppealState(models.TextChoices):
    REGISTERED = "registered"
    ASSIGNED = "assigned"
    FORWARDED = "forwarded"
    ANSWERED = "answered"


class Appeal(models.Model):
    """A registered appeal. Stamps are kept apart: sent, received, registered (krc notes, reading 4)."""

    profile = models.CharField(max_length=16)
    version = models.CharField(max_length=32)
    number = models.TextField(unique=True)
    contact = models.ForeignKey(
        "conversations.Contact", null=True, blank=True, on_delete=models.PROTECT, related_name="appeals"
    )
    client = models.ForeignKey(
        "clients.Client", null=True, blank=True, on_delete=models.PROTECT, related_name="appeals"
    )
    kind = models.CharField(max_length=24)  # names of `kindline deadline --kind`; further kinds of the profile
    kinds_voiced = ArrayField(models.CharField(max_length=24), default=list)  # court-1-26: several at once
    subject = models.CharField(max_length=24, blank=True)
    topic = models.ForeignKey("conversations.Topic", null=True, blank=True, on_delete=models.PROTECT)
    channel = models.CharField(max_length=16)
    form = models.CharField(max_length=16, default="oral_phone")
    surname = models.TextField(blank=True)
    given_name = models.TextField(blank=True)
    patronymic = models.TextField(blank=True)
    residence = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    email = models.TextField(blank=True)
    none_fields = ArrayField(models.CharField(max_length=24), default=list)  # explicitly answered "has none"
    substance = models.TextField()
    sent_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    registered_at = models.DateTimeField()
    target_at = models.DateTimeField(null=True, blank=True)
    limit_at = models.DateTimeField(null=True, blank=True)
    derivation = models.JSONField(default=list)  # steps in words, as shown to the user
    limit_clauses = ArrayField(models.TextField(), default=list)
    state = models.CharField(max_length=12, choices=AppealState, default=AppealState.REGISTERED)
    unit = models.ForeignKey("staff.Unit", null=True, blank=True, on_delete=models.PROTECT)
    executor = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT)
    forwarded_to = models.ForeignKey(Body, null=True, blank=True, on_delete=models.PROTECT)
    forwarded_at = models.DateTimeField(null=True, blank=True)
    forwarding_told_at = models.DateTimeField(null=True, blank=True)
    management_notified_at = models.DateTimeField(null=True, blank=True)
    taken_over_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "limit_at"]), models.Index(fields=["client", "-registered_at"])]

    def __str__(self) -> str:
        return self.number


class ManagementNotice(models.Model):
    """A registered appeal brought to the notice of one person in charge (court-1-29)."""

    appeal = models.ForeignKey(Appeal, on_delete=models.CASCADE, related_name="notices")
    employee = models.ForeignKey("staff.Employee", on_delete=models.CASCADE, related_name="notices")
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["appeal", "employee"], name="management_notice_once")]
        indexes = [models.Index(fields=["employee"], condition=models.Q(seen_at=None), name="notice_unseen")]

    def __str__(self) -> str:
        return f"{self.appeal_id} to {self.employee_id}"
