"""Who enters the personal account: log-ins of clients, the codes sent to them, and their entries."""

from __future__ import annotations

from django.db import models


class Login(models.Model):
    """Whoever uses the personal account: several accounts a person, several people a firm's account."""

    email = models.EmailField(unique=True)  # in small letters
    password = models.CharField(max_length=128, blank=True)  # hashed; empty until the owner sets one
    accounts = models.ManyToManyField("clients.Account", related_name="logins")
    reads = models.ManyToManyField("clients.Account", related_name="readers")  # for these it sends readings, no more
    former_email = models.EmailField(blank=True)  # before it was changed; how long it is kept: emails.KEPT
    disabled_at = models.DateTimeField(null=True, blank=True)  # an employee shut it: nobody enters by it
    made_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["former_email"], condition=~models.Q(former_email=""), name="login_former_email")
        ]

    def __str__(self) -> str:
        return self.email


class Ticket(models.Model):
    """A code that went by e-mail: it lets in once, and shows that the address is the person's own."""

    digest = models.CharField(max_length=64, primary_key=True)  # the code itself is kept nowhere
    email = models.EmailField()
    account = models.ForeignKey("clients.Account", null=True, on_delete=models.CASCADE, related_name="+")
    sender = models.CharField(max_length=64, blank=True)
    about = models.CharField(
        max_length=64, blank=True
    )  # a keyed hash of the account's number, whether it is one or not
    asked = models.CharField(max_length=64, blank=True)  # a keyed hash of the browser that asked, and for what
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["email", "-made_at"]), models.Index(fields=["sender", "-made_at"]),
            models.Index(fields=["about", "-made_at"], condition=~models.Q(about=""), name="ticket_about"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.email


class Entry(models.Model):
    """An attempt to enter the personal account; its owner sees the list."""

    login = models.ForeignKey(Login, null=True, on_delete=models.CASCADE, related_name="entries", db_index=False)
    at = models.DateTimeField()
    way = models.CharField(max_length=8)  # password | code
    entered = models.BooleanField()
    known_device = models.BooleanField(default=False)
    sender = models.CharField(max_length=64, blank=True)
    browser = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["login", "-at"]), models.Index(fields=["sender", "-at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.way}"
