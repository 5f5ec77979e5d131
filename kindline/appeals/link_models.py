"""What binds appeals together, and how their list is looked at: relations, incidents, saved views, recomputations."""

from __future__ import annotations

from django.db import models


class Relation(models.Model):
    """Two appeals that belong together in some other way than a repeat, a duplicate or an incident."""

    appeal = models.ForeignKey("appeals.Appeal", on_delete=models.CASCADE, related_name="relations", db_index=False)
    other = models.ForeignKey("appeals.Appeal", on_delete=models.CASCADE, related_name="related_from")
    by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appeal", "other"], name="relation_once"),
            models.CheckConstraint(condition=models.Q(appeal__lt=models.F("other")), name="relation_smaller_first"),
        ]

    def __str__(self) -> str:
        return f"{self.appeal_id} and {self.other_id}"


class SavedView(models.Model):
    """Filters of the registry under a name, an employee's own or shared with a role or a unit."""

    owner = models.ForeignKey("staff.Employee", on_delete=models.CASCADE, related_name="saved_views", db_index=False)
    name = models.CharField(max_length=60)
    query = models.TextField(blank=True)  # as in the address of the list
    role = models.CharField(max_length=24, blank=True)  # who sees it beside the owner
    unit = models.ForeignKey(
        "staff.Unit", null=True, blank=True, on_delete=models.CASCADE, related_name="saved_views"
    )  # the same: everybody in it
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name


class Recomputation(models.Model):
    """Limits to be computed anew, and how far that is: asked for by a head, done by the jobs in batches."""

    profile = models.CharField(max_length=16)
    why = models.TextField()
    asked_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    last_appeal = models.BigIntegerField(default=0)  # where it goes on, should it be interrupted
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile"], condition=models.Q(finished_at=None), name="recomputation_one_at_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.profile}: {self.done} of {self.total}"


class Incident(models.Model):
    """One event that many appeals are about: an accident, a cut; they are given one answer."""

    profile = models.CharField(max_length=16)
    title = models.TextField()
    topic = models.ForeignKey("conversations.Topic", null=True, blank=True, on_delete=models.PROTECT)
    area = models.TextField(blank=True)  # the streets and towns that it concerns, as people say them
    begun_at = models.DateTimeField()
    opened_by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="opened_incidents")
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    notice = models.TextField(blank=True)  # what the site tells everybody; empty: nothing
    expected_end = models.DateTimeField(null=True, blank=True)  # told by site and menu while it lies ahead
    answer = models.TextField(blank=True)  # the substance of the answer, the same for all

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(title=""), name="incident_has_title")]

    def __str__(self) -> str:
        return self.title
