"""What is kept of a second factor and of passkeys: an employee's here, a client's beside his account."""

from __future__ import annotations

from typing import Any

from django.db import models

KEY_MAX = 1400
"""So long an authenticator's name of a passkey may be, in base64url: the 1023 bytes of WebAuthn and some more."""


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


class Passkey(models.Model):
    """A key pair that somebody's device or security key holds; what is kept here opens nothing (`staff.passkeys`)."""

    credential = models.CharField(max_length=KEY_MAX, unique=True)  # by which the authenticator knows it, in base64url
    public_key = models.BinaryField()  # COSE
    handle = models.CharField(
        max_length=64
    )  # by which authenticators tell people apart: the same for all of one person
    host = models.CharField(max_length=253)  # the name of the site that it belongs to
    counter = models.BigIntegerField(default=0)  # of its signatures; an authenticator that keeps none says nought
    name = models.CharField(max_length=60)  # given by its owner
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    doubted_at = models.DateTimeField(null=True, blank=True)  # its counter went back: there may be a copy

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


class EmployeePasskey(Passkey):
    """A passkey of an employee."""

    employee = models.ForeignKey("staff.Employee", on_delete=models.CASCADE, related_name="passkeys")

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.name}"


class SpentChallenge(models.Model):
    """A challenge that an authenticator's answer was shown for: none is shown twice."""

    digest = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField(db_index=True)  # it was of use

    def __str__(self) -> str:
        return self.digest
