"""Boxes for letters in places where clients come, and when each was emptied, by whom (krc-2-16)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class CameBy(models.TextChoices):
    """How a letter on paper came."""

    POST = "post"
    COURIER = "courier"
    BOX = "client_box"
    HANDED = "handed_over"  # in the office


class ClientBox(models.Model):
    """A box for letters and questionnaires where clients can reach it."""

    profile = models.CharField(max_length=16)
    place = models.TextField()
    unit = models.ForeignKey("staff.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="boxes")
    put_up_at = models.DateTimeField()
    taken_down_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "place"], condition=Q(taken_down_at=None), name="client_box_once_a_place"
            )
        ]

    def __str__(self) -> str:
        return self.place


class Emptying(models.Model):
    """A box was emptied: at what time, by whom, how many letters lay in it."""

    box = models.ForeignKey(ClientBox, on_delete=models.PROTECT, related_name="emptyings", db_index=False)
    key = models.UUIDField(unique=True)  # of the form: sent twice it is one emptying
    emptied_at = models.DateTimeField()
    employee = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    letters = models.PositiveSmallIntegerField()
    note = models.TextField(blank=True)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["box", "-emptied_at"], name="emptying_latest")]

    def __str__(self) -> str:
        return f"{self.box_id}, {self.emptied_at:%F %T}"
