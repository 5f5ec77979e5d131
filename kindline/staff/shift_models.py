"""When employees are planned to work, and what is planned within it instead of calls."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value


class BreakKind(models.TextChoices):
    """What may be planned within a shift: the reasons of a pause that are known beforehand."""

    BREAK = "break"
    LUNCH = "lunch"
    TRAINING = "training"
    MEETING = "meeting"


def _whole(field: str) -> Func:
    """A key as a range of itself alone: ranges are compared by the index that the database has of its own."""
    return Func(F(field), F(field), Value("[]"), function="int8range", output_field=BigIntegerRangeField())


def _span() -> Func:
    return Func(F("start_at"), F("end_at"), Value("[)"), function="tstzrange", output_field=DateTimeRangeField())


def _one_at_a_time(field: str, name: str) -> ExclusionConstraint:
    return ExclusionConstraint(
        name=name, expressions=[(_whole(field), RangeOperators.OVERLAPS), (_span(), RangeOperators.OVERLAPS)]
    )


class Shift(models.Model):
    """Planned work of an employee, in UTC; shifts of one person never overlap. Who entered it is said by its facts."""

    employee = models.ForeignKey("staff.Employee", on_delete=models.CASCADE, related_name="shifts", db_index=False)
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(end_at__gt=F("start_at")), name="shift_ends_after_it_begins"),
            _one_at_a_time("employee", "shift_one_at_a_time"),
        ]
        indexes = [
            models.Index(fields=["employee", "start_at"], name="shift_of_employee"),
            models.Index(fields=["start_at"], name="shift_by_start"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.start_at:%F %H:%M} – {self.end_at:%H:%M}"


class ShiftBreak(models.Model):
    """A part of a shift in which something else than calls is planned."""

    shift = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="breaks")
    kind = models.CharField(max_length=8, choices=BreakKind)
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(end_at__gt=F("start_at")), name="shift_break_ends_after_it_begins"),
            _one_at_a_time("shift", "shift_break_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.start_at:%H:%M} – {self.end_at:%H:%M}"
