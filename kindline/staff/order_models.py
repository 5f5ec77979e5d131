"""What orders of the organisation say besides the standard: days that are moved, and who may sign."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class DayKind(models.TextChoices):
    """What an edit makes of a day."""

    WORKING = "working"
    OFF = "off"
    SHORTENED = "shortened"
    STANDARD = "standard"  # again as the standard has it: an earlier edit is withdrawn


DRAFT = models.Q(in_force_at=None, ended_at=None)
STANDING = models.Q(in_force_at__isnull=False, ended_at=None)


class CalendarEdit(models.Model):
    """One day of the working calendar changed by an order: a draft, in force, or ended."""

    profile = models.CharField(max_length=16)
    date = models.DateField()
    kind = models.CharField(max_length=12, choices=DayKind)
    shorter_min = models.PositiveSmallIntegerField(default=0)
    pair = models.DateField(null=True, blank=True)  # the other day of a move
    reason = models.TextField()
    order = models.TextField()  # its number, as it is written
    made_by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True, blank=True)
    in_force_by = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # who put it in force
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "date"], condition=DRAFT, name="calendar_edit_one_draft"),
            models.UniqueConstraint(fields=["profile", "date"], condition=STANDING, name="calendar_edit_one_in_force"),
            models.CheckConstraint(
                condition=models.Q(kind=DayKind.SHORTENED, shorter_min__gt=0)
                | (~models.Q(kind=DayKind.SHORTENED) & models.Q(shorter_min=0)),
                name="calendar_edit_shortened_by_minutes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile} {self.date}: {self.kind}"

    @property
    def is_draft(self) -> bool:
        """Whether it waits to be put in force."""
        return self.in_force_at is None and self.ended_at is None

    @property
    def stands(self) -> bool:
        """Whether it holds now."""
        return self.in_force_at is not None and self.ended_at is None


class FollowedStandard(models.Model):
    """The version of the standard by which the limits of open appeals were computed last."""

    profile = models.CharField(max_length=16, unique=True)
    version = models.TextField()
    sha256 = models.CharField(max_length=64)  # of all in it on which limits hang
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.profile} {self.version}"


class Signer(models.Model):
    """A power to sign answers: whose, from when until when, by which order, for which kinds and units of appeals."""

    profile = models.CharField(max_length=16)
    employee = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="powers")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)  # the last day; none: until it is ended
    order = models.TextField()  # the ground: number of the order or of the power of attorney
    kinds = ArrayField(models.CharField(max_length=24), default=list, blank=True)  # of appeals; none named: all
    units = models.ManyToManyField("staff.Unit", blank=True, related_name="+")  # none named: all
    made_by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    struck_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")),
                name="signer_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.order}"


class Deputy(models.Model):
    """Who signs while one who may sign is away: for whom, from when until when, by which order."""

    profile = models.CharField(max_length=16)
    absent = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    deputy = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)  # the last day; none: until it is ended
    order = models.TextField()  # the ground of deputising
    made_by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    struck_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")),
                name="deputy_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~models.Q(absent=models.F("deputy")), name="deputy_is_somebody_else"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy_id} for {self.absent_id}: {self.order}"
