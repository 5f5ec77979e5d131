"""Short numbers of the house, employees' mobiles, and how often somebody has called outside."""

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
    """Somebody called outside, or tried to; whom is not kept here. Forgotten after a day."""

    employee = models.ForeignKey("staff.Employee", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    refused = models.CharField(max_length=12, blank=True)  # no_number | premium | abroad | off_hours | ...

    class Meta:
        indexes = [models.Index(fields=["employee", "-at"], name="outside_call_lately")]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.at:%F %T} {self.refused}"
