"""Notices in browsers: who has agreed to them and where, and what goes out, a part for each browser."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from kindline.notifications import states

STATES = [(state, state) for state in states.ORDER]


class PushAddress(models.Model):
    """A browser in which somebody has agreed to notices (krc-5.7.1-39): where its push service takes them."""

    endpoint = models.TextField(blank=True)  # empty, like the keys, once it is over
    p256dh = models.TextField(blank=True)
    auth = models.TextField(blank=True)
    language = models.CharField(max_length=2)
    browser = models.TextField(blank=True)  # as its owner knows it: Firefox, Windows
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=8, blank=True)  # left, gone, erased

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint"], condition=~Q(endpoint=""), name="push_endpoint_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(endpoint="", p256dh="", auth=""), name="push_ended_knows_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.browser} {self.made_at:%Y-%m-%d}"


class PushSubscription(models.Model):
    """What is wanted in a browser: the notices of a client, or of a place; of no place in particular: all."""

    address = models.ForeignKey(PushAddress, on_delete=models.CASCADE, related_name="subscriptions", db_index=False)
    client = models.ForeignKey("clients.Client", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    street = models.TextField(blank=True)
    house = models.TextField(blank=True)
    topics = ArrayField(models.SlugField(), default=list, blank=True)  # of a place, as the profile names them
    made_at = models.DateTimeField()  # or when the topics were chosen anew

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address", "client", "street", "house"], nulls_distinct=False, name="push_subscription_once"
            ),
            models.CheckConstraint(condition=Q(house="") | ~Q(street=""), name="push_house_of_a_street"),
        ]

    def __str__(self) -> str:
        return f"{self.client_id or ''} {self.street} {self.house}".strip()


class Push(models.Model):
    """A notice of ours to the browsers of one client, or to one browser."""

    key = models.TextField(unique=True)  # idempotency: the same key is the same notice
    title = models.TextField()
    text = models.TextField()
    about = models.TextField(blank=True)
    urgency = models.CharField(max_length=8, default="normal")
    client = models.ForeignKey("clients.Client", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=STATES, default=states.QUEUED)
    reason = models.TextField(blank=True)
    queued_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # not handed over, and not kept by the push service, after that
    submitted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["about"], name="push_about"),
            models.Index(fields=["-queued_at"], name="push_queued"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"


class PushPart(models.Model):
    """The notice for one browser."""

    push = models.ForeignKey(Push, on_delete=models.CASCADE, related_name="parts", db_index=False)
    address = models.ForeignKey(PushAddress, on_delete=models.CASCADE, related_name="parts")
    code = models.UUIDField(unique=True, default=uuid.uuid4)  # the address of its page; by it the browser says: shown
    state = models.CharField(max_length=10, choices=STATES, default=states.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    sending_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["push", "address"], name="push_part_once")]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(state="queued"), name="push_due"),
            models.Index(fields=["sending_since"], condition=Q(state="sending"), name="push_under_way"),
        ]

    def __str__(self) -> str:
        return f"{self.push_id} {self.state}"
