"""Log-ins of employees that were refused: counted, so that guessing is held back."""

from __future__ import annotations

from django.db import models


class RefusedEntry(models.Model):
    """A wrong password, the name of nobody, a wrong second factor, or a passkey that was not taken."""

    employee = models.ForeignKey(
        "staff.Employee", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    address = models.TextField(blank=True)
    is_known_browser = models.BooleanField(default=False)  # in which this employee was logged in before
    at = models.DateTimeField()
    way = models.CharField(max_length=8, default="password")  # password, second, passkey: each counted for itself

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="refused_entry_at"),
            models.Index(fields=["address", "at"], name="refused_entry_address"),
            models.Index(fields=["employee", "at"], name="refused_entry_employee"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id or 'nobody'} {self.at}"
