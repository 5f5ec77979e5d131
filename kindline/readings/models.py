"""Meters, what was sent of them, and the readings that came of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Meter(models.Model):
    """A meter of an account; each of its zones (one without a name, or day and night) has its own row of digits."""

    account = models.ForeignKey("clients.Account", on_delete=models.PROTECT, related_name="meters", db_index=False)
    number = models.TextField()
    service = models.TextField()
    unit = models.CharField(max_length=8)  # kWh | m3 | Gcal
    digits = models.PositiveSmallIntegerField()  # before the point: one more and it begins at nought again
    decimals = models.PositiveSmallIntegerField(default=0)  # after the point
    zones = ArrayField(models.CharField(max_length=12, blank=True))
    installed_on = models.DateField()
    removed_on = models.DateField(null=True, blank=True)
    verified_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="meter_once"),
            models.CheckConstraint(condition=Q(digits__range=(1, 12), decimals__lte=6), name="meter_digits"),
            models.CheckConstraint(condition=Q(zones__len__gte=1), name="meter_has_zone"),
            models.CheckConstraint(
                condition=Q(removed_on=None) | Q(removed_on__gte=models.F("installed_on")), name="meter_removed_later"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Sending(models.Model):
    """Readings that were sent together: by one form, call, request or file. It is the subject of their facts."""

    key = models.CharField(max_length=300, unique=True)  # the same key again is the same sending
    sha256 = models.CharField(max_length=64)  # of what was sent
    channel = models.CharField(max_length=12)
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    contact_id = models.UUIDField(null=True, blank=True)  # of a call or visit
    login_id = models.BigIntegerField(null=True, blank=True)  # of the personal account
    employee_id = models.BigIntegerField(null=True, blank=True)
    network = models.CharField(
        max_length=64, blank=True
    )  # a keyed hash of the browser or telephone, to hold back floods
    title = models.TextField(blank=True)  # the name of a file
    lines = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["network", "-sent_at"], condition=~Q(network=""), name="sending_network"),
            models.Index(fields=["channel", "-sent_at"], name="sending_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.sent_at:%Y-%m-%d %H:%M}"


class Upload(models.Model):
    """A large file on its way: kept until a job has gone through it; the sending with its key is what came of it."""

    key = models.CharField(max_length=300, unique=True)
    title = models.TextField(blank=True)  # the name of the file
    content = models.BinaryField(null=True)  # compressed; gone once it was gone through
    lines = models.PositiveIntegerField(default=0)  # about so many; 0: not known before
    done = models.PositiveIntegerField(default=0)
    employee_id = models.BigIntegerField()
    sent_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=24, blank=True)  # why nothing came of it

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(finished_at=None), name="upload_waiting")]

    def __str__(self) -> str:
        return self.title or self.key


class ReadingState(models.TextChoices):
    ACCEPTED = "accepted"
    ASKED_BACK = "asked_back"  # it may be right: whoever sent it is asked
    CORRECTED = "corrected"  # another one has taken its place
    DECLINED = "declined"  # asked back, and found wrong


class Reading(models.Model):
    """What a meter showed in one zone on a day. `daily` is what is used a day as a rule, as it was known then."""

    sending = models.ForeignKey(Sending, on_delete=models.PROTECT, related_name="readings", db_constraint=False)
    meter = models.ForeignKey(Meter, on_delete=models.PROTECT, related_name="readings", db_constraint=False)
    zone = models.CharField(max_length=12, blank=True)
    value = models.DecimalField(max_digits=18, decimal_places=6)
    taken_on = models.DateField()
    state = models.CharField(max_length=10, choices=ReadingState)
    code = models.CharField(max_length=24, blank=True)  # why it was asked back, or what is special about it
    daily = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    line = models.PositiveIntegerField(default=1)
    settled_at = models.DateTimeField(null=True, blank=True)  # when somebody said that it is right, or corrected it
    reason = models.TextField(blank=True)  # of a correction, in words
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by", db_constraint=False
    )
    exported_at = models.DateTimeField(null=True, blank=True)
    export_fault = models.TextField(blank=True)  # why the billing system would not have it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meter", "zone", "taken_on"], condition=Q(state="accepted"), include=["value", "daily"],
                name="reading_stands_once",
            ),
            models.UniqueConstraint(
                fields=["meter", "zone", "taken_on", "value"], condition=Q(state="asked_back"),
                name="reading_asked_back_once",
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="reading_not_negative"),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state="accepted", exported_at=None, export_fault=""),
                name="reading_to_export",
            ),
            models.Index(fields=["id"], condition=Q(state="asked_back"), name="reading_asked_back"),
        ]

    def __str__(self) -> str:
        return f"{self.meter_id} {self.zone} {self.value} ({self.taken_on})"


class Refused(models.Model):
    """A line that could not become a reading, as it was typed: nothing that was sent is lost."""

    sending = models.ForeignKey(Sending, on_delete=models.PROTECT, related_name="refused", db_index=False)
    line = models.PositiveIntegerField()
    code = models.CharField(max_length=24)
    typed = models.JSONField()  # account, meter, zone, value, taken_on

    class Meta:
        indexes = [models.Index(fields=["sending", "line"], name="refused_of_sending")]

    def __str__(self) -> str:
        return f"{self.line}: {self.code}"


class PhotoRemoval(models.Model):
    """Photos of a reading were erased: by which rule, of which contents."""

    reading_id = models.BigIntegerField(db_index=True)
    sha256 = ArrayField(models.CharField(max_length=64))
    rule = models.TextField()
    since = models.DateTimeField()  # from when the term was counted
    removed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.reading_id}: {self.rule}"


class ReadingReminder(models.Model):
    """A client was to be reminded, on a day, of an account with a reading still to come; by which way, if by any."""

    account_id = models.BigIntegerField()
    day = models.DateField()
    way = models.CharField(max_length=8, blank=True)  # sms | email; empty: he could not be told
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "day"], name="reading_reminder_once")]

    def __str__(self) -> str:
        return f"{self.account_id}, {self.day}"
