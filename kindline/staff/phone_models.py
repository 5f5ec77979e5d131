"""The link by which a telephone fetches its settings."""

from __future__ import annotations

from django.db import models


class PhoneSetup(models.Model):
    """One telephone's settings, to be fetched once and soon; whoever has the link has the password in it."""

    employee = models.ForeignKey("staff.Employee", on_delete=models.CASCADE, related_name="phone_setups")
    kind = models.CharField(max_length=16)  # switchboard.phone_files.FORMATS
    sha256 = models.CharField(max_length=64, unique=True)  # of the link's secret, which is kept nowhere
    made_by = models.ForeignKey("staff.Employee", null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.kind}"
