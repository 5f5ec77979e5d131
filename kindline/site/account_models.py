"""What stands behind the personal account: where its owner is logged in."""

from __future__ import annotations

from django.db import models

from kindline.staff.session_models import OpenSession


class AccountSession(OpenSession):
    """A browser in which somebody is logged in to the account."""

    login = models.ForeignKey("clients.Login", on_delete=models.CASCADE, related_name="sessions", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["login", "-seen_at"], name="account_session_of_login")]

    def __str__(self) -> str:
        return f"{self.login_id} {self.opened_at:%Y-%m-%d %H:%M}"


class EmailChange(models.Model):
    """Another e-mail address that the owner of a log-in wants to enter by: it is his once a code from it is typed."""

    login = models.OneToOneField("clients.Login", on_delete=models.CASCADE, related_name="email_change")
    email = models.EmailField()  # in small letters
    digest = models.CharField(max_length=64)  # of the code; the code itself is kept nowhere
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.login_id}: {self.email}"


class Joining(models.Model):
    """An account came to a log-in: whoever had it before was told, and may say that it was none of his people."""

    login = models.ForeignKey("clients.Login", on_delete=models.CASCADE, related_name="joinings")
    account = models.ForeignKey("clients.Account", on_delete=models.CASCADE, related_name="joinings", db_index=False)
    joined_at = models.DateTimeField()
    disowned_at = models.DateTimeField(null=True, blank=True)  # since then the log-in has lost the account
    appeal = models.ForeignKey(
        "appeals.Appeal", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # with which an employee finds out; until it is closed nobody else comes to the account

    class Meta:
        indexes = [models.Index(fields=["account", "-joined_at"], name="joining_of_account")]

    def __str__(self) -> str:
        return f"{self.login_id}: {self.account_id}"
