"""Short messages in both directions: what goes out with its parts, receipts as they came, what people send."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from kindline.notifications import states
from kindline.notifications.gateway_models import SmsGateway
from kindline.notifications.push_models import Push, PushAddress, PushPart, PushSubscription
from kindline.notifications.topic_models import NoticeSource, NoticeSubscription

STATES = [(state, state) for state in states.ORDER]


class Sms(models.Model):
    """A short message of ours: intended first, then handed to a gateway once, whatever happens."""

    key = models.TextField(unique=True)  # idempotency: the same key is the same message
    phone = models.TextField()  # E.164
    text = models.TextField()
    about = models.TextField(blank=True)  # what it is about, by whoever queued it: campaign:3, contact:…
    client = models.ForeignKey("clients.Client", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    employee = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=STATES, default=states.QUEUED)
    reason = models.TextField(blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()  # not handed over after that
    sending_since = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(state__in=("queued", "sending")), name="sms_due"),
            models.Index(fields=["phone", "-queued_at"], name="sms_phone"),
            models.Index(fields=["about"], name="sms_about"),
        ]

    def __str__(self) -> str:
        return f"{self.phone} {self.state}"


class Part(models.Model):
    """One short message of a text, as the gateway takes it; cut once, before the first try."""

    sms = models.ForeignKey(Sms, on_delete=models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    coding = models.CharField(max_length=4)
    state = models.CharField(max_length=10, choices=STATES, default=states.QUEUED)
    gateway = models.TextField(blank=True)
    gateway_id = models.TextField(blank=True)
    sending_since = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sms", "number"], name="sms_part_once")]
        indexes = [
            models.Index(fields=["gateway_id"], condition=~Q(gateway_id=""), name="sms_part_gateway_id"),
            models.Index(fields=["sending_since"], condition=Q(state="sending"), name="sms_part_under_way"),
        ]

    def __str__(self) -> str:
        return f"{self.sms_id}/{self.number} {self.state}"


class Receipt(models.Model):
    """What a gateway told of a message, as it came; it may come before we know the message's id."""

    gateway = models.TextField()
    gateway_id = models.TextField()
    phone = models.TextField(blank=True)
    state = models.CharField(max_length=10)
    said = models.TextField(blank=True)
    came_at = models.DateTimeField()
    part = models.ForeignKey(Part, null=True, blank=True, on_delete=models.SET_NULL, related_name="receipts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gateway", "gateway_id", "phone", "state"], name="sms_receipt_once")
        ]
        indexes = [models.Index(fields=["came_at"], condition=Q(part=None), name="sms_receipt_waiting")]

    def __str__(self) -> str:
        return f"{self.gateway_id} {self.state}"


class Segment(models.Model):
    """A part of a text that somebody sends us; kept until the others are there."""

    phone = models.TextField()
    to = models.TextField(blank=True)
    reference = models.PositiveIntegerField()
    number = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    came_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["phone", "reference", "total"], name="sms_segment")]

    def __str__(self) -> str:
        return f"{self.phone} {self.number}/{self.total}"


class IncomingSms(models.Model):
    """A text that somebody sent to us, whole."""

    phone = models.TextField(blank=True)
    to = models.TextField(blank=True)
    text = models.TextField(blank=True)
    raw = models.TextField(blank=True)  # what could not be read, as it came
    is_partial = models.BooleanField(default=False)  # a part of it never came
    times = models.PositiveSmallIntegerField(default=1)  # the gateway told it again
    came_at = models.DateTimeField()
    contact_id = models.UUIDField(null=True, blank=True)  # what it became; conversations open it
    answered_by = models.TextField(blank=True)  # the service that answered it by itself

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(contact_id=None), name="sms_in_waiting"),
            models.Index(fields=["contact_id"], name="sms_in_contact"),
            models.Index(fields=["phone", "-came_at"], name="sms_in_phone"),
        ]

    def __str__(self) -> str:
        return f"{self.phone} {self.came_at:%Y-%m-%d %H:%M}"


KEPT_KEYS = dt.timedelta(days=7)
"""How long an id of a gateway means the same message: gateways begin anew at some time."""

__all__ = [
    "IncomingSms", "NoticeSource", "NoticeSubscription", "Part", "Push", "PushAddress", "PushPart", "PushSubscription",
    "Receipt", "Segment", "Sms", "SmsGateway",
]  # fmt: skip
