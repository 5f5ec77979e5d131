"""What the site keeps of its own: which appeal came of which form."""

from __future__ import annotations

from django.db import models


class Submission(models.Model):
    """A form of the internet reception that was sent: once, however often the button was pressed."""

    key = models.UUIDField(primary_key=True)  # made with the empty form; who knows it may see the appeal's state
    appeal = models.OneToOneField("appeals.Appeal", on_delete=models.PROTECT, related_name="submission")
    sender = models.CharField(max_length=64, blank=True)  # a keyed hash of the network address, to hold back floods
    made_at = models.DateTimeField()
    consented_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sender", "-made_at"])]

    def __str__(self) -> str:
        return str(self.key)
