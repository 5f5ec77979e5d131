"""Letters and e-mail: what came in, its attachments, what goes out, and paper in both directions."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from kindline.files.models import Owner


class Thread(models.Model):
    """Letters that belong together; its number stands in the subject of our answers."""

    number = models.TextField(unique=True)
    subject = models.TextField(blank=True)
    started_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.number


class MailState(models.TextChoices):
    STORED = "stored"  # the raw message is ours, nothing of it was read
    READ = "read"
    UNREADABLE = "unreadable"  # a piece of work for a person; the raw message is kept


class MailKind(models.TextChoices):
    MESSAGE = "message"
    AUTOMATIC = "automatic"  # by a program, but perhaps somebody's work: a notice of another system
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    DELAY = "delay"
    LOOP = "loop"


class Incoming(models.Model):
    """A message as it came: known by its mailbox and the SHA-256 of its raw bytes, whatever it calls itself."""

    mailbox = models.TextField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    stored_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=MailState, default=MailState.STORED)
    kind = models.CharField(max_length=12, choices=MailKind, blank=True)
    fault = models.TextField(blank=True)  # why it cannot be read
    tries = models.PositiveSmallIntegerField(default=0)  # how often it was begun to be read
    read_at = models.DateTimeField(null=True, blank=True)
    sender = models.TextField(blank=True)
    sender_name = models.TextField(blank=True)
    recipients = ArrayField(models.TextField(), default=list, blank=True)
    reply_to = models.TextField(blank=True)
    subject = models.TextField(blank=True)
    text = models.TextField(blank=True)
    message_id = models.TextField(blank=True)  # a hint, never a key
    sent_at = models.DateTimeField(null=True, blank=True)  # as the sender says
    headers = models.JSONField(default=dict, blank=True)
    thread = models.ForeignKey(Thread, null=True, blank=True, on_delete=models.PROTECT, related_name="incoming")
    client = models.ForeignKey("clients.Client", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    outgoing = models.ForeignKey(
        "Outgoing", null=True, blank=True, on_delete=models.PROTECT, related_name="echoes"
    )  # what it answers or reports on
    status = models.TextField(blank=True)  # of a bounce: 5.1.1
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "sha256"], name="incoming_once")]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="stored"), name="incoming_stored"),
            models.Index(fields=["stored_at"], condition=Q(handled_at=None), name="incoming_waiting"),
            models.Index(fields=["message_id"], name="incoming_message_id"),
        ]

    def __str__(self) -> str:
        return self.subject or self.sha256[:12]

    @property
    def owner(self) -> Owner:
        """As what it owns its files."""
        return Owner("mail", str(self.pk))


class Sighting(models.Model):
    """Where on the server a stored message was seen; so it need not be fetched again to be known."""

    mailbox = models.TextField()
    folder = models.TextField()
    validity = models.BigIntegerField()
    uid = models.BigIntegerField()
    incoming = models.ForeignKey(Incoming, on_delete=models.CASCADE, related_name="sightings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "folder", "validity", "uid"], name="sighting_once")]

    def __str__(self) -> str:
        return f"{self.folder} {self.validity}/{self.uid}"


class OutgoingState(models.TextChoices):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"


CALLED_OFF = "called_off"
"""The reason of a letter that was not to be sent any more: nothing failed."""


class Outgoing(models.Model):
    """An e-mail of ours: intended first, then sent under one Message-ID however often it is tried."""

    key = models.TextField(unique=True)  # idempotency: the same key is the same letter
    message_id = models.TextField(unique=True)
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="outgoing")
    answers = models.ForeignKey(Incoming, null=True, blank=True, on_delete=models.PROTECT, related_name="answered_by")
    about = models.TextField(blank=True)  # what it is about, by whoever queued it: appeal:12
    client = models.ForeignKey("clients.Client", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recipient = models.TextField()
    recipient_name = models.TextField(blank=True)
    subject = models.TextField()
    text = models.TextField()
    language = models.CharField(max_length=2)
    template = models.TextField(blank=True)
    template_version = models.TextField(blank=True)
    is_automatic = models.BooleanField(default=False)
    leave_at = models.TextField(blank=True)  # of a notice: by which address one leaves them all
    state = models.CharField(max_length=8, choices=OutgoingState, default=OutgoingState.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    uncertain = models.PositiveSmallIntegerField(default=0)  # tries of which nobody knows whether they arrived
    reason = models.TextField(blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField()
    sending_since = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    employee = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(state="sent") | Q(sent_at__isnull=False), name="outgoing_sent_has_time")
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(state="queued"), name="outgoing_due"),
            models.Index(fields=["sending_since"], condition=Q(state="sending"), name="outgoing_under_way"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def owner(self) -> Owner:
        """As what it owns its files."""
        return Owner("outgoing", str(self.pk))


class LetterRemoval(models.Model):
    """The receipt of a letter that was removed: which, by which rule, and what of it stays (its row, without words)."""

    kind = models.CharField(max_length=8)  # mail | outgoing | paper
    key = models.BigIntegerField()  # of the row of that kind
    sha256 = models.CharField(max_length=64, blank=True)  # of the raw message: its key is destroyed
    files = models.PositiveIntegerField()  # how many of its files were erased or let go
    rule = models.TextField()  # the profile's class and term as it stood, or the ground of an erasure
    since = models.DateTimeField()  # from when the term was counted
    removed_at = models.DateTimeField()
    removed_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="letter_removed_once")]
        indexes = [models.Index(fields=["-removed_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Answered(models.Model):
    """When an address was last answered by itself: never twice within a day."""

    address = models.TextField(primary_key=True)
    answered_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.address


class PaperState(models.TextChoices):
    RECEIVED = "received"
    TO_PRINT = "to_print"
    PRINTED = "printed"
    POSTED = "posted"
    DELIVERED = "delivered"
    RETURNED = "returned"


class PrintBatch(models.Model):
    """Letters that one person printed at one moment in one file, which can be fetched again."""

    made_at = models.DateTimeField()
    employee = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M} by {self.employee_id}"


class Paper(models.Model):
    """A letter on paper, in or out, with its number in the register of its direction."""

    direction = models.CharField(max_length=3)  # in | out
    number = models.TextField(unique=True)
    key = models.TextField(unique=True)
    state = models.CharField(max_length=10, choices=PaperState)
    registered_at = models.DateTimeField()
    written_on = models.DateField(null=True, blank=True)  # the date on an incoming letter
    received_on = models.DateField(null=True, blank=True)
    surname = models.TextField(blank=True)
    given_name = models.TextField(blank=True)
    patronymic = models.TextField(blank=True)
    firm_name = models.TextField(blank=True)
    address = models.TextField(blank=True)
    subject = models.TextField()
    text = models.TextField(blank=True)
    language = models.CharField(max_length=2)
    answers = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="answered_by")
    about = models.TextField(blank=True)
    client = models.ForeignKey("clients.Client", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    employee = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    executor = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signer = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    batch = models.ForeignKey(PrintBatch, null=True, blank=True, on_delete=models.PROTECT, related_name="papers")
    tracking_number = models.TextField(blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True)  # who took it, or why it came back

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(direction__in=["in", "out"]), name="paper_goes_one_way"),
            models.CheckConstraint(
                condition=~Q(state__in=["posted", "delivered"]) | Q(posted_at__isnull=False),
                name="paper_posted_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def owner(self) -> Owner:
        """As what it owns its files."""
        return Owner("paper", str(self.pk))


class PaperSeries(models.Model):
    """The last number given in a profile, year and direction."""

    profile = models.CharField(max_length=16)
    year = models.PositiveSmallIntegerField()
    direction = models.CharField(max_length=3)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "year", "direction"], name="paper_series_once")]

    def __str__(self) -> str:
        return f"{self.profile} {self.year} {self.direction}: {self.last}"
