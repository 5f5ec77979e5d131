"""The books of the embedded billing system, which stands for an outside one: accounts are texts, no key is foreign."""

from __future__ import annotations

from django.db import models


class Tariff(models.Model):
    """What a unit of a metered service costs from a day on, by the hours' zone of a meter where it tells them apart."""

    service = models.TextField()
    zone = models.TextField(blank=True)
    unit = models.TextField()
    price = models.DecimalField(max_digits=12, decimal_places=4)  # in the organisation's currency
    since = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "zone", "since"], name="billing_tariff_once")]

    def __str__(self) -> str:
        return f"{self.service} {self.price}"


class ChargedRow(models.Model):
    """What is asked of an account for one service in one month."""

    account = models.TextField()
    month = models.DateField()  # its first day
    service = models.TextField()
    amount = models.DecimalField(max_digits=20, decimal_places=2)
    volume = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    unit = models.TextField(blank=True)
    tariff = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "month", "service"], name="billing_charge_once")]

    def __str__(self) -> str:
        return f"{self.account} {self.month:%Y-%m} {self.service}"


class PaidRow(models.Model):
    """Money that came to an account."""

    account = models.TextField()
    paid_on = models.DateField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    way = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["account", "paid_on"], name="billing_paid")]

    def __str__(self) -> str:
        return f"{self.account} {self.paid_on} {self.amount}"


class TakenReading(models.Model):
    """A reading that was handed over; its key is the sender's, so that it is taken once.

    `used`: what was charged for it, since the one before it; None for one that begins the counting, and for one in
    whose place another stands by now.
    """

    key = models.TextField(unique=True)
    account = models.TextField()
    meter = models.TextField()
    zone = models.TextField(blank=True)
    value = models.DecimalField(max_digits=18, decimal_places=6)
    taken_on = models.DateField()
    turn = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)  # where it begins at nought
    is_replaced = models.BooleanField(default=False)
    used = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["account", "meter", "zone", "taken_on"], name="billing_taken")]

    def __str__(self) -> str:
        return self.key
