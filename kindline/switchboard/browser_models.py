"""What the telephone in an operator's browser registers with."""

from __future__ import annotations

from django.db import models


class BrowserPhone(models.Model):
    """The telephone of the page that took it last: it goes with the session in which that page was opened."""

    operator = models.OneToOneField(
        "switchboard.Operator", primary_key=True, on_delete=models.CASCADE, related_name="browser_phone"
    )
    session = models.ForeignKey("staff.EmployeeSession", on_delete=models.CASCADE, related_name="+")
    password = models.TextField()
    made_at = models.DateTimeField()  # of the password

    def __str__(self) -> str:
        return f"{self.operator_id} {self.made_at:%F %T}"
