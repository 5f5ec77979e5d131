"""What programs have sent us, so that nothing sent twice is done twice; and what they want to be told."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Submission(models.Model):
    """One write by a token under its Idempotency-Key, with the answer that was given (no personal data in it)."""

    # No index of its own: until the table is analysed it looks as good as `submission_once`, and reads all of a token.
    token = models.ForeignKey("staff.Token", on_delete=models.CASCADE, related_name="submissions", db_index=False)
    key = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)  # of the method, the address and the body
    appeal = models.ForeignKey("appeals.Appeal", on_delete=models.PROTECT, related_name="submissions")
    is_registration = models.BooleanField(default=False)  # a token may read what it registered itself
    status = models.PositiveSmallIntegerField()
    answer = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="submission_once")]

    def __str__(self) -> str:
        return f"{self.token_id}, {self.key}"


class Allowance(models.Model):
    """When a token's bucket of requests will be full again. Not logged by the database: a crash fills all buckets."""

    token_id = models.BigIntegerField(primary_key=True)
    full_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.token_id}: {self.full_at}"


class Subscription(models.Model):
    """Where a program wants to be told of what happens to appeals. Its secret is derived, not kept."""

    token = models.ForeignKey("staff.Token", on_delete=models.CASCADE, related_name="subscriptions")
    url = models.TextField()
    events = ArrayField(models.CharField(max_length=24))
    salt = models.CharField(max_length=32)
    made_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token", "url"], condition=models.Q(stopped_at=None), name="subscription_once"
            )
        ]

    def __str__(self) -> str:
        return self.url


class DeliveryState(models.TextChoices):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(models.Model):
    """One piece of news for one subscription: written first, sent later, again until it is taken."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    fact = models.BigIntegerField()
    event = models.CharField(max_length=24)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    reason = models.TextField(blank=True)  # why it was not taken the last time
    made_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "fact"], name="delivery_once")]
        indexes = [models.Index(fields=["next_at"], condition=models.Q(state="waiting"), name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.event} to {self.subscription_id}"
