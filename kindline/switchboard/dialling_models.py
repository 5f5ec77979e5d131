"""Short numbers of the house, employees' mobiles, how often somebody has called outside, and alarms of that."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

IN_FIGURES = RegexValidator(r"^[0-9]{1,5}$", "An extension has one to five figures.")
WITH_PLUS = RegexValidator(r"^\+[0-9]{7,15}$", "Write the number with its country: +380501112233.")


class Extension(models.Model):
    """A short number that is dialled inside the house: a person's, or a department's; a person has his own besides."""

    number = models.CharField(max_length=5, unique=True, validators=[IN_FIGURES])
    employee = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.CASCADE, related_name="extensions"
    )
    unit = models.ForeignKey("staff.Unit", null=True, blank=True, on_delete=models.CASCADE, related_name="extensions")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(employee=None, unit__isnull=False) | Q(employee__isnull=False, unit=None),
                name="extension_of_one",
            )
        ]

    def __str__(self) -> str:
        return self.number


class Mobile(models.Model):
    """An employee's mobile: it rings for him through the trunk, so that his talk there is recorded like any other."""

    employee = models.OneToOneField("staff.Employee", primary_key=True, on_delete=models.CASCADE, related_name="mobile")
    number = models.CharField(max_length=16, unique=True, validators=[WITH_PLUS])
    rings = models.BooleanField(default=True)  # called for him while none of his telephones is there

    def __str__(self) -> str:
        return self.number


class OutsideCall(models.Model):
    """Somebody called outside, or tried to; whom is not kept here. Nobody: the house itself. Forgotten after a day."""

    employee = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    refused = models.CharField(max_length=12, blank=True)  # no_number | premium | abroad | off_hours | ...

    class Meta:
        indexes = [models.Index(fields=["employee", "-at"], name="outside_call_lately")]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.at:%F %T} {self.refused}"


class DialAlarm(models.Model):
    """Somebody calls outside as in a fraud (X6): work of a person in charge until he has found out why.

    Nobody: the house itself was to call there, for a campaign, a callback or a transfer.
    """

    employee = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=12)  # premium | abroad | no_number | too_many | no_token
    count = models.PositiveSmallIntegerField()  # calls of the last hour that were refused for it
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    finding = models.TextField(blank=True)  # why it was so, and what was done

    class Meta:
        indexes = [models.Index(fields=["-at"], condition=Q(settled_at=None), name="dial_alarm_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["reason"], condition=Q(employee=None, settled_at=None), name="dial_alarm_of_the_house_once"
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None, finding="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(finding="")),
                name="dial_alarm_settled_with_finding",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.reason} {self.at:%F %T}"
