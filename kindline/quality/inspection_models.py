"""Inspections: the objects that are looked at, what was seen, and what is corrected after it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class PlaceKind(models.TextChoices):
    OFFICE = "office"
    CALL_CENTRE = "call_centre"
    WORKPLACE = "workplace"
    STAND = "stand"
    SITE = "site"


class InspectedPlace(models.Model):
    """What can be inspected: an office with what its signs must say, a workplace or stand in it, the site.

    `head` answers for it (krc-5.3-15); `office` is where a workplace or stand is: an office or the call centre.
    """

    profile = models.CharField(max_length=16)
    kind = models.CharField(max_length=12, choices=PlaceKind)
    name = models.TextField()
    address = models.TextField(blank=True)
    hours = models.TextField(blank=True)  # of opening, as the signs say them
    phone = models.TextField(blank=True)
    email = models.TextField(blank=True)
    windows = models.PositiveSmallIntegerField(null=True, blank=True)  # of reception
    participants = models.TextField(blank=True)  # companies that receive clients there as well
    unit = models.ForeignKey("staff.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="inspected")
    office = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    head = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="answered_places")
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)  # since then it is not inspected any more

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "kind", "name", "office"], nulls_distinct=False, name="place_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["workplace", "stand"], office__isnull=False)
                | (~Q(kind__in=["workplace", "stand"]) & Q(office=None)),
                name="place_within_office",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class InspectionDraw(models.Model):
    """A lot over the workplaces or employees of an office: with its seed anybody can draw the same again."""

    checklist = models.CharField(max_length=40)
    place = models.ForeignKey(InspectedPlace, on_delete=models.PROTECT, related_name="draws")
    seed = models.CharField(max_length=32)
    population = ArrayField(models.BigIntegerField())  # the keys from which was drawn, ascending
    drawn_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.checklist}: {self.seed}"


class Inspection(models.Model):
    """One inspection of one object: planned, carried out by one inspector, then never changed."""

    profile = models.CharField(max_length=16)
    version = models.CharField(max_length=32)
    checklist = models.CharField(max_length=40)
    place = models.ForeignKey(InspectedPlace, on_delete=models.PROTECT, related_name="inspections")
    employee = models.ForeignKey(  # who is looked at, where it is a person
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="inspections"
    )
    draw = models.ForeignKey(
        InspectionDraw, null=True, blank=True, on_delete=models.PROTECT, related_name="inspections"
    )
    repeats = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="repetitions")
    items = ArrayField(models.TextField(), default=list, blank=True)  # of a repetition; none: the whole checklist
    since = models.DateField()  # the day of the last look, or on which the object was entered
    due_on = models.DateField()
    made_at = models.DateTimeField()
    overdue_at = models.DateTimeField(null=True, blank=True)
    inspector = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="carried_inspections"
    )
    begun_at = models.DateTimeField(null=True, blank=True)
    answers = models.JSONField(default=dict)  # item -> {"value", "number", "comment", "photos"}
    kept_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)  # of what was finished
    dropped_at = models.DateTimeField(null=True, blank=True)  # the object or the person is not there any more

    class Meta:
        indexes = [
            models.Index(fields=["due_on"], condition=Q(finished_at=None, dropped_at=None), name="inspection_open")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None) | (Q(inspector__isnull=False) & ~Q(sha256="")),
                name="inspection_finished_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(dropped_at=None), name="inspection_finished_or_dropped"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.checklist}: {self.employee or self.place}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be carried out."""
        return self.finished_at is None and self.dropped_at is None


class Correction(models.Model):
    """What is put right after something was not met: by when, by which head; a repeated inspection closes it."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="corrections", db_index=False)
    item = models.TextField()
    title = models.TextField()
    responsible = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="corrections")
    due_on = models.DateField()
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="planned_corrections")
    done_at = models.DateTimeField(null=True, blank=True)
    result = models.TextField(blank=True)
    repetition = models.ForeignKey(  # the inspection that looks whether it is put right
        Inspection, null=True, blank=True, on_delete=models.PROTECT, related_name="looks_at"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inspection", "item"], name="correction_once")]
        indexes = [models.Index(fields=["due_on"], condition=Q(closed_at=None), name="correction_open")]

    def __str__(self) -> str:
        return self.title
