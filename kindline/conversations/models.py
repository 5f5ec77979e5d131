"""One contact of a client on any channel, led by a guide, and the callbacks promised in it."""

from __future__ import annotations

import uuid

from django.db import models


class Topic(models.Model):
    """What contacts are about; a topic belongs to a profile and says whose competence it is."""

    profile = models.CharField(max_length=16)
    code = models.SlugField()
    title = models.TextField()
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    competence = models.CharField(max_length=16, default="own")  # own | other_body | outside
    services = models.TextField(blank=True)  # additional services worth offering, a line each

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "code"], name="topic_code_once")]

    def __str__(self) -> str:
        return self.title


class Contact(models.Model):
    """A contact from arrival to closing (krc-5.5.2-17..18, yumek-9.3-02)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    profile = models.CharField(max_length=16)
    version = models.CharField(max_length=32)
    channel = models.CharField(max_length=16)  # phone | office | paper | email | web | account
    direction = models.CharField(max_length=3, default="in")
    line = models.CharField(max_length=32, blank=True)
    caller = models.TextField(blank=True)  # E.164 where known
    called = models.TextField(blank=True)
    client = models.ForeignKey(
        "clients.Client", null=True, blank=True, on_delete=models.PROTECT, related_name="contacts", db_index=False
    )
    account = models.ForeignKey("clients.Account", null=True, blank=True, on_delete=models.PROTECT)
    employee = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="contacts", db_index=False
    )
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # the talk is over
    closed_at = models.DateTimeField(null=True, blank=True)  # wrap-up done, or nothing to wrap up
    identified_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=32, blank=True)
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.PROTECT)
    language = models.CharField(max_length=2, blank=True)
    summary = models.TextField(blank=True)
    guide = models.JSONField(
        default=dict
    )  # script, branch, menu_named_company, done: {step: at}, fields: {field: value}

    class Meta:
        indexes = [  # a foreign key that one of them begins with has none of its own
            models.Index(fields=["client", "-started_at"]),
            models.Index(fields=["-started_at"]),
            models.Index(fields=["employee", "-started_at"]),
            models.Index(fields=["ended_at"], condition=models.Q(closed_at=None), name="contact_not_closed"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.caller or self.id}"

    @property
    def number(self) -> str:
        """The client's number: the one that called, or the one that was called."""
        return self.called if self.direction == "out" else self.caller


class DocumentSet(models.Model):
    """The documents of a service that a visitor brought: what is there, what is missing, until when it is awaited."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="document_sets", db_index=False)
    employee = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    service = models.SlugField()  # of the profile's services.yaml
    marks = models.JSONField(default=dict)  # document: there | faulty | missing | not_needed
    due_on = models.DateField(null=True, blank=True)
    checked_at = models.DateTimeField()
    number = models.TextField(blank=True)  # once it was accepted
    accepted_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)  # nothing is awaited any more

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "service"], name="document_set_once")]
        indexes = [
            models.Index(fields=["due_on"], condition=models.Q(completed_at=None), name="document_set_awaited"),
        ]

    def __str__(self) -> str:
        return self.number or self.service

    def marked(self, *marks: str) -> list[str]:
        """The documents with one of these marks."""
        return [document for document, mark in self.marks.items() if mark in marks]


class CallbackState(models.TextChoices):
    OPEN = "open"
    KEPT = "kept"
    MISSED = "missed"
    CANCELLED = "cancelled"


class CallbackOrigin(models.TextChoices):
    PROMISED = "promised"  # by an operator
    QUEUE = "queue"  # asked for while waiting: the place in the queue is kept
    ABANDONED = "abandoned"  # he hung up while waiting
    SITE = "site"  # asked for by a form of the site


class Callback(models.Model):
    """A call promised to a client: by whom, to whom, by when; one from the queue keeps its place there."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="callbacks")
    employee = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT)
    client = models.ForeignKey("clients.Client", null=True, blank=True, on_delete=models.PROTECT)
    phone = models.TextField()
    name = models.TextField(blank=True)
    matter = models.TextField(blank=True)
    promised_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=CallbackState, default=CallbackState.OPEN)
    attempts = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    origin = models.CharField(max_length=10, choices=CallbackOrigin, default=CallbackOrigin.PROMISED)
    queue = models.TextField(blank=True)  # in which he waited
    priority = models.SmallIntegerField(default=0)
    waits_since = models.DateTimeField(null=True, blank=True)  # his place; none: it is called by hand only
    try_after = models.DateTimeField(null=True, blank=True)  # not given to an operator before
    refused = models.JSONField(default=dict)  # operator: when he did not take it
    call = models.UUIDField(null=True, blank=True)  # the contact of the call under way
    given_at = models.DateTimeField(null=True, blank=True)
    sender = models.TextField(blank=True)  # from which address the form came, as a hash

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="open"), name="callback_open_due"),
            models.Index(
                fields=["waits_since"],
                condition=models.Q(state__in=("open", "missed"), waits_since__isnull=False),
                name="callback_in_queue",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["phone"],
                condition=models.Q(state__in=("open", "missed"), origin__in=("queue", "abandoned", "site"))
                & ~models.Q(phone=""),
                name="one_callback_a_number",
            )
        ]

    def __str__(self) -> str:
        return f"{self.phone} by {self.due_at:%F %T}"
