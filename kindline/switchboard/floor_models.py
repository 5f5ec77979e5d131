"""What those in charge are told of on the floor, and what they tell callers from it at once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class TerminationNotice(models.Model):
    """An operator ended a talk on a ground of the standard: somebody in charge is told of it, once."""

    contact = models.ForeignKey("conversations.Contact", on_delete=models.CASCADE, related_name="+", db_index=False)
    operator = models.ForeignKey("staff.Employee", null=True, on_delete=models.SET_NULL, related_name="+")
    ground = models.CharField(max_length=40)  # a ground of the standard's guides
    ended_at = models.DateTimeField()
    employee = models.ForeignKey("staff.Employee", on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "employee"], name="termination_told_once")]
        indexes = [models.Index(fields=["employee", "-ended_at"], condition=Q(seen_at=None), name="termination_unseen")]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.ground} for {self.employee_id}"


class EmergencyMessage(models.Model):
    """What callers hear at once, beside the menu: typed by somebody in charge, until it is turned off or is over."""

    profile = models.CharField(max_length=16)
    line = models.TextField(blank=True)  # a line of the menu; empty: all of them
    text = models.TextField()
    closes = models.BooleanField(default=False)  # nobody is put through to operators meanwhile
    by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "line"], condition=Q(ended_at=None), name="one_emergency_a_line")
        ]

    def __str__(self) -> str:
        return f"{self.line or 'all lines'} until {self.until:%F %T}"


class CrossingLetters(models.Model):
    """Who gets an e-mail when a figure of the wallboard goes beyond its threshold, and how often at most."""

    profile = models.CharField(max_length=16, unique=True)
    people = models.ManyToManyField("staff.Employee", related_name="+")
    alarms_only = models.BooleanField(default=False)  # what only asks for attention is not written
    quiet_min = models.PositiveSmallIntegerField(default=15)  # so long at least between two letters
    written_at = models.DateTimeField(null=True, blank=True)  # the last letter
    by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()  # since when somebody is written to

    def __str__(self) -> str:
        return f"{self.profile}: every {self.quiet_min} min at most"
