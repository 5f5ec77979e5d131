"""What is kept of a browser in which somebody is logged in: an employee's here, a client's beside his account."""

from __future__ import annotations

from django.db import models


class OpenSession(models.Model):
    """Seen and ended by its owner; gone when it is over."""

    token = models.CharField(max_length=32, unique=True)  # named by the browser's session; nobody is shown it
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # when something was last done in it
    browser = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True


class EmployeeSession(OpenSession):
    """A browser in which an employee is logged in."""

    employee = models.ForeignKey("staff.Employee", on_delete=models.CASCADE, related_name="sessions", db_index=False)
    address = models.TextField(blank=True)  # from which he came in
    proof = models.CharField(max_length=16, blank=True)  # of his password and second factor; empty: of before

    class Meta:
        indexes = [models.Index(fields=["employee", "-seen_at"], name="session_of_employee")]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.opened_at:%Y-%m-%d %H:%M}"
