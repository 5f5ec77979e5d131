"""What programs have sent us, so that nothing sent twice is done twice."""

from __future__ import annotations

from django.db import models


class Submission(models.Model):
    """One write by a token under its Idempotency-Key, with the answer that was given (no personal data in it)."""

    token = models.ForeignKey("staff.Token", on_delete=models.CASCADE, related_name="submissions")
    key = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)  # of the method, the address and the body
    appeal = models.ForeignKey("appeals.Appeal", on_delete=models.PROTECT, related_name="submissions")
    is_registration = models.BooleanField(default=False)  # a token may read what it registered itself
    status = models.PositiveSmallIntegerField()
    answer = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="submission_once")]

    def __str__(self) -> str:
        return f"{self.token_id}, {self.key}"
