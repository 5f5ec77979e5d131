"""Campaigns: one message or one set of questions, the people to be called, and how far it has come."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Kind(models.TextChoices):
    MESSAGE = "message"
    SURVEY = "survey"


class Way(models.TextChoices):
    VOICE = "voice"
    SMS = "sms"
    EMAIL = "email"
    PUSH = "push"


class OnMachine(models.TextChoices):
    """What is done where a machine answers the telephone."""

    TELL = "tell"  # leave the message after its greeting
    LATER = "later"  # hang up, and try again later
    ALIKE = ""  # it is not told from a person


def by_voice() -> list[str]:
    """The ways of a campaign unless others are chosen."""
    return [Way.VOICE]


class CampaignState(models.TextChoices):
    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


class Campaign(models.Model):
    """A message told by the autoinformer (krc-2-02, krc-2-42), or a survey by operators (krc-5.5.2-06..08).

    A message goes by several ways in order: each client is tried by the ways that he prefers, the next when one fails.
    """

    profile = models.CharField(max_length=16)
    kind = models.CharField(max_length=8, choices=Kind)
    purpose = models.SlugField(blank=True)  # a name that the profile gives
    incident = models.ForeignKey(
        "appeals.Incident", null=True, blank=True, on_delete=models.PROTECT, related_name="campaigns"
    )  # of which it tells; it is stopped when that is over
    title = models.TextField()
    text = models.TextField(blank=True)  # what is said, or what the survey is about
    ways = ArrayField(
        models.CharField(max_length=8, choices=Way), default=by_voice
    )  # in the order for who prefers none
    questions = models.JSONField(default=list, blank=True)  # [{"text": …, "choices": […]}]
    confirm_key = models.CharField(max_length=1, default="1", blank=True)
    operator_key = models.CharField(max_length=1, default="9", blank=True)
    state = models.CharField(max_length=8, choices=CampaignState, default=CampaignState.DRAFT)
    reason = models.TextField(blank=True)  # why it is paused
    at_once = models.PositiveSmallIntegerField(default=2)
    per_operator = models.PositiveSmallIntegerField(
        null=True, blank=True
    )  # calls for each free operator; none: unpaced
    on_machine = models.CharField(max_length=5, choices=OnMachine, default=OnMachine.TELL, blank=True)
    ring_limit_s = models.PositiveSmallIntegerField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=3)
    pause_s = models.PositiveIntegerField(default=1800)  # between two tries
    hours_from = models.TimeField(default=dt.time(9))  # of the person's zone, else of the organisation's
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
            models.CheckConstraint(condition=Q(ways__len__gte=1), name="campaign_has_a_way"),
            models.CheckConstraint(condition=~Q(kind="survey") | Q(ways=["voice"]), name="campaign_survey_by_voice"),
        ]

    def __str__(self) -> str:
        return self.title


class TargetState(models.TextChoices):
    WAITING = "waiting"
    CALLING = "calling"
    WRITTEN = "written"  # a short message or letter is on its way: news of it is awaited
    SENT = "sent"  # it was taken, and whether it arrived nobody tells
    REACHED = "reached"
    CONFIRMED = "confirmed"
    TO_OPERATOR = "to_operator"
    NOT_REACHED = "not_reached"
    SKIPPED = "skipped"


class Target(models.Model):
    """One person of a campaign: told by one way after the other, by one at a time."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="targets")
    client = models.ForeignKey("clients.Client", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    phone = models.TextField(blank=True)  # E.164
    email = models.TextField(blank=True)
    ways = ArrayField(models.CharField(max_length=8, choices=Way), default=by_voice)  # in the order of this person
    way = models.CharField(max_length=8, choices=Way, default=Way.VOICE)  # which is tried, or has reached him
    zone = models.TextField(blank=True)  # by whose clock the hours hold; empty: the organisation's
    sms_id = models.BigIntegerField(null=True, blank=True)  # of `notifications`
    letter_id = models.BigIntegerField(null=True, blank=True)  # of `correspondence`
    push_id = models.BigIntegerField(null=True, blank=True)  # of `notifications`
    browser_id = models.BigIntegerField(null=True, blank=True)  # of who has no account
    written_at = models.DateTimeField(null=True, blank=True)
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
            models.UniqueConstraint(fields=["campaign", "phone"], condition=~Q(phone=""), name="phone_once_a_campaign"),
            models.UniqueConstraint(
                fields=["campaign", "email"], condition=Q(phone="") & ~Q(email=""), name="email_once_a_campaign"
            ),
            models.UniqueConstraint(
                fields=["campaign", "browser_id"], condition=Q(browser_id__isnull=False), name="browser_once_a_campaign"
            ),
            models.UniqueConstraint(fields=["contact_id"], name="target_contact_once"),
            models.CheckConstraint(
                condition=~Q(state=TargetState.CALLING) | Q(contact_id__isnull=False), name="target_called_has_contact"
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "next_at", "id"], condition=Q(state="waiting"), name="target_waiting"),
            models.Index(fields=["called_at"], condition=Q(state="calling"), name="target_calling"),
            models.Index(fields=["sms_id"], condition=Q(sms_id__isnull=False), name="target_sms"),
            models.Index(fields=["letter_id"], condition=Q(letter_id__isnull=False), name="target_letter"),
            models.Index(fields=["push_id"], condition=Q(push_id__isnull=False), name="target_push"),
            models.Index(fields=["written_at"], condition=Q(state="written"), name="target_written"),
        ]

    def __str__(self) -> str:
        return f"{self.phone or self.email} {self.state}"
