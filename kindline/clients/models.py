"""People, firms, their premises, accounts and ways to reach them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Func

from kindline.clients.login_models import Entry, Login, Ticket


class ClientKind(models.TextChoices):
    PERSON = "person"
    FIRM = "firm"
    SOLE_TRADER = "sole_trader"
    EXECUTOR = "executor"
    SUPPLIER = "supplier"


class Client(models.Model):
    """One person or organisation, served on any channel (krc-2-01, krc-2-14, voe-1-05)."""

    kind = models.CharField(max_length=16, choices=ClientKind, default=ClientKind.PERSON)
    surname = models.TextField(blank=True)
    given_name = models.TextField(blank=True)
    patronymic = models.TextField(blank=True)
    gender = models.CharField(max_length=1, default="u")  # f, m, u
    firm_name = models.TextField(blank=True)
    address_as = models.TextField(blank=True)  # a person's own override of the form of address
    dative_as = models.TextField(blank=True)  # the same on the address line of a letter: to whom
    language = models.CharField(max_length=2, blank=True)
    residence = models.TextField(blank=True)
    do_not_call = models.BooleanField(default=False)  # asked not to be called by campaigns, on any number
    survey_consent = models.BooleanField(default=False)  # agreed to be asked in surveys (krc-5.5.2-06..08)
    ways = ArrayField(models.CharField(max_length=8), default=list, blank=True)  # voice, sms, email: the dearest first
    time_zone = models.TextField(blank=True)  # where he lives, if elsewhere than the organisation
    notices = ArrayField(models.CharField(max_length=8), default=list, blank=True)  # ways of his subscriptions
    words = ArrayField(models.TextField(), default=list, editable=False)  # what the client is found by, folded
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [GinIndex(Func("words", function="array_to_tsvector"), name="client_words")]

    def __str__(self) -> str:
        return self.firm_name or " ".join(p for p in (self.surname, self.given_name, self.patronymic) if p)


class ContactPoint(models.Model):
    """A phone number (E.164) or e-mail address of a client."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="points", db_index=False)
    kind = models.CharField(max_length=8)  # phone | email
    value = models.TextField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "kind", "value"], name="contact_point_once")]
        indexes = [models.Index(fields=["kind", "value"])]

    def __str__(self) -> str:
        return self.value


class BarredNumber(models.Model):
    """A number whose owner asked not to be called by campaigns, whoever he is."""

    phone = models.TextField(primary_key=True)  # E.164
    barred_at = models.DateTimeField()
    employee_id = models.BigIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return self.phone


class Premise(models.Model):
    """A place of supply."""

    city = models.TextField()
    street = models.TextField()
    house = models.TextField()
    flat = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["city", "street", "house"])]

    def __str__(self) -> str:
        return ", ".join(p for p in (self.city, self.street, self.house, self.flat) if p)


class Account(models.Model):
    """A personal account (лицевой счёт, особовий рахунок)."""

    number = models.TextField(unique=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="accounts")
    premise = models.ForeignKey(Premise, on_delete=models.PROTECT, related_name="accounts")
    service = models.TextField()
    opened_on = models.DateField()
    balance = models.DecimalField(max_digits=12, decimal_places=2, default=0)  # debt is negative
    balance_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.number


__all__ = [
    "Account", "BarredNumber", "Client", "ClientKind", "ContactPoint", "Entry", "Login", "Premise", "Ticket",
]  # fmt: skip
