"""What is known of the gateways for short messages, shared by all processes that send and shown to people."""

from __future__ import annotations

from django.db import models

from kindline.notifications import circuits

STATES = [(state, state) for state in (circuits.WORKS, circuits.RESTS)]


class SmsGateway(models.Model):
    """One gateway of the settings: whether it is asked, and why not."""

    name = models.TextField(unique=True)
    place = models.PositiveSmallIntegerField()  # 1 = the first, 2 = the one that takes over; 0 = set no more
    state = models.CharField(max_length=5, default=circuits.WORKS, choices=STATES)
    failures = models.PositiveIntegerField(default=0)  # one after the other
    rests = models.PositiveIntegerField(default=0)  # without a success between
    since = models.DateTimeField()
    retry_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.name} {self.state}"

    @property
    def circuit(self) -> circuits.Circuit:
        """As the rules see it."""
        return circuits.Circuit(self.since, self.state, self.failures, self.rests, self.retry_at, self.reason)
