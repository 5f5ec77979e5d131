"""What stands behind the personal account: where its owner is logged in."""

from __future__ import annotations

from django.db import models


class AccountSession(models.Model):
    """A browser in which somebody is logged in: seen and ended by its owner; gone when it is over."""

    token = models.CharField(max_length=32, unique=True)  # named by the browser's session; nobody is shown it
    login = models.ForeignKey("clients.Login", on_delete=models.CASCADE, related_name="sessions")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # when something was last done in it
    browser = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["login", "-seen_at"], name="account_session_of_login")]

    def __str__(self) -> str:
        return f"{self.login_id} {self.opened_at:%Y-%m-%d %H:%M}"
