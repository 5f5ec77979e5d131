"""Campaigns: one message or one set of questions, the people to be called, and how far it has come."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q


class Kind(models.TextChoices):
    MESSAGE = "message"
    SURVEY = "survey"


class CampaignState(models.TextChoices):
    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


class Campaign(models.Model):
    """A message told by the autoinformer (krc-2-02, krc-2-42), or a survey by operators (krc-5.5.2-06..08)."""

    profile = models.CharField(max_length=16)
    kind = models.CharField(max_length=8, choices=Kind)
    purpose = models.SlugField(blank=True)  # a name that the profile gives
    title = models.TextField()
    text = models.TextField(blank=True)  # what is said, or what the survey is about
    questions = models.JSONField(default=list, blank=True)  # [{"text": …, "choices": […]}]
    confirm_key = models.CharField(max_length=1, default="1", blank=True)
    operator_key = models.CharField(max_length=1, default="9", blank=True)
    state = models.CharField(max_length=8, choices=CampaignState, default=CampaignState.DRAFT)
    reason = models.TextField(blank=True)  # why it is paused
    at_once = models.PositiveSmallIntegerField(default=2)
    ring_limit_s = models.PositiveSmallIntegerField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=3)
    pause_s = models.PositiveIntegerField(default=1800)  # between two tries
    hours_from = models.TimeField(default=dt.time(9))  # of the organisation's zone
    hours_until = models.TimeField(default=dt.time(20))
    created_by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="campaigns")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirm_key="") | ~Q(confirm_key=F("operator_key")), name="campaign_keys_differ"
            ),
            models.CheckConstraint(condition=Q(kind=Kind.SURVEY) | ~Q(text=""), name="campaign_message_says_something"),
            models.CheckConstraint(condition=~Q(kind=Kind.SURVEY) | ~Q(purpose=""), name="campaign_survey_has_purpose"),
            models.CheckConstraint(condition=Q(tries__gte=1, at_once__gte=1), name="campaign_calls_somebody"),
            models.CheckConstraint(condition=Q(hours_from__lt=F("hours_until")), name="campaign_hours_in_order"),
        ]

    def __str__(self) -> str:
        return self.title


class TargetState(models.TextChoices):
    WAITING = "waiting"
    CALLING = "calling"
    REACHED = "reached"
    CONFIRMED = "confirmed"
    TO_OPERATOR = "to_operator"
    NOT_REACHED = "not_reached"
    SKIPPED = "skipped"


class Target(models.Model):
    """One number to be called in a campaign, once at a time."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="targets")
    client = models.ForeignKey("clients.Client", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    phone = models.TextField()  # E.164
    state = models.CharField(max_length=12, choices=TargetState, default=TargetState.WAITING)
    reason = models.TextField(blank=True)  # why it was skipped
    outcome = models.TextField(blank=True)  # of the last call
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    contact_id = models.UUIDField(null=True, blank=True)  # of the last call; the switchboard opens it
    called_at = models.DateTimeField(null=True, blank=True)
    employee = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    taken_until = models.DateTimeField(null=True, blank=True)  # on the screen of that employee
    answers = models.JSONField(default=dict, blank=True)  # of a survey: number of the question -> what was said

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "phone"], name="phone_once_a_campaign"),
            models.UniqueConstraint(fields=["contact_id"], name="target_contact_once"),
            models.CheckConstraint(
                condition=~Q(state=TargetState.CALLING) | Q(contact_id__isnull=False), name="target_called_has_contact"
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "next_at", "id"], condition=Q(state="waiting"), name="target_waiting"),
            models.Index(fields=["called_at"], condition=Q(state="calling"), name="target_calling"),
        ]

    def __str__(self) -> str:
        return f"{self.phone} {self.state}"
