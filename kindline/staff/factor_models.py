"""What is kept of a second factor, whoever's it is: an employee's here, a client's beside his account."""

from __future__ import annotations

from typing import Any

from django.db import models


class AppFactor(models.Model):
    """An app on somebody's telephone that shows six figures, asked for at each entry once it is confirmed."""

    seed = models.CharField(max_length=64)  # the secret comes of it and of the installation's key: it is kept nowhere
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0)  # half-minutes since 1970: an earlier or the same one is not taken
    codes: Any

    class Meta:
        abstract = True


class PaperCode(models.Model):
    """A code that stands in for the app, once."""

    digest = models.CharField(max_length=64)  # the code itself is kept nowhere
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class EmployeeFactor(AppFactor):
    """The app of an employee."""

    employee = models.OneToOneField("staff.Employee", on_delete=models.CASCADE, related_name="second_factor")

    def __str__(self) -> str:
        return f"{self.employee_id}"


class EmployeeCode(PaperCode):
    """A code of an employee's that stands in for his app."""

    factor = models.ForeignKey(EmployeeFactor, on_delete=models.CASCADE, related_name="codes", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["factor", "digest"], name="employee_code_once")]

    def __str__(self) -> str:
        return f"{self.factor_id}"
