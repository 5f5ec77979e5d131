"""The registry of appeals: number, applicant, stamps, limit with its derivation."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from kindline.appeals import stage_models, template_models  # noqa: F401 - found by Django here; long module
from kindline.appeals.box_models import CameBy, ClientBox, Emptying
from kindline.appeals.letter_models import Digest, JoinedLetter, LetterState, Unjoined
from kindline.appeals.letter_text_models import AnswerVersion, ClientNotice, Extension
from kindline.appeals.link_models import Incident, Recomputation, Relation, SavedView
from kindline.appeals.publication_models import Disclosure, Enquiry, Publication, PublicationState
from kindline.appeals.reason_models import Analysis, AnalysisMonth, Reason
from kindline.files.models import Owner

__all__ = [
    "Analysis",
    "AnalysisMonth",
    "Answer",
    "AnswerVersion",
    "Appeal",
    "AppealMessage",
    "Body",
    "CameBy",
    "ClientBox",
    "ClientNotice",
    "Decision",
    "Digest",
    "Disclosure",
    "Emptying",
    "Enquiry",
    "Extension",
    "Incident",
    "JoinedLetter",
    "LetterState",
    "ManagementNotice",
    "Measure",
    "NumberSeries",
    "Publication",
    "PublicationState",
    "Reason",
    "Recomputation",
    "Relation",
    "SavedView",
    "Unjoined",
]

FILTERED = ("state", "kind", "channel", "topic", "unit", "executor", "answered_at", "target_at", "applicant_kind")
"""What the registry's list is filtered by: in the indexes of its order, so that a page is found without the rows."""

LONG = ("substance", "derivation", "lookup")
"""What a list does not show and need not fetch."""


class NumberSeries(models.Model):
    """The last number given in a profile and year."""

    profile = models.CharField(max_length=16)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "year"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.profile} {self.year}: {self.last}"


class Body(models.Model):
    """Another body that is competent where we are not (court-1-35, krc-6.1-17)."""

    profile = models.CharField(max_length=16)
    name = models.TextField()
    competence = models.TextField()
    phone = models.TextField(blank=True)
    email = models.TextField(blank=True)
    address = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class Appeal(models.Model):
    """A registered appeal. Stamps are kept apart: sent, received, registered (krc notes, reading 4)."""

    profile = models.CharField(max_length=16)
    version = models.CharField(max_length=32)
    number = models.TextField(unique=True)
    contact = models.ForeignKey(
        "conversations.Contact", null=True, blank=True, on_delete=models.PROTECT, related_name="appeals"
    )
    client = models.ForeignKey(
        "clients.Client", null=True, blank=True, on_delete=models.PROTECT, related_name="appeals", db_index=False
    )
    kind = models.CharField(max_length=24)  # names of `kindline deadline --kind`; further kinds of the profile
    kinds_voiced = ArrayField(models.CharField(max_length=24), default=list)  # court-1-26: several at once
    subject = models.CharField(max_length=24, blank=True)
    topic = models.ForeignKey("conversations.Topic", null=True, blank=True, on_delete=models.PROTECT)
    reason = models.ForeignKey(
        Reason, null=True, blank=True, on_delete=models.PROTECT, related_name="appeals", db_index=False
    )  # why it is complained (krc-6.2-06)
    channel = models.CharField(max_length=16)
    form = models.CharField(max_length=16, default="oral_phone")
    applicant_kind = models.CharField(max_length=16, default="person")  # see `applying.KINDS`
    firm_name = models.TextField(blank=True)  # of an applicant that is no person; the names are its representative's
    surname = models.TextField(blank=True)
    given_name = models.TextField(blank=True)
    patronymic = models.TextField(blank=True)
    residence = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    email = models.TextField(blank=True)
    none_fields = ArrayField(models.CharField(max_length=24), default=list)  # explicitly answered "has none"
    substance = models.TextField()
    sent_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    registered_at = models.DateTimeField()
    target_at = models.DateTimeField(null=True, blank=True)
    limit_at = models.DateTimeField(null=True, blank=True)
    derivation = models.JSONField(default=list)  # steps in words, as shown to the user
    limit_clauses = ArrayField(models.TextField(), default=list)
    limit_rule = models.TextField(blank=True)  # of the profile's deadlines.yaml: the limit is a rule and its result
    requester = models.CharField(max_length=24, blank=True)
    named_at = models.DateTimeField(null=True, blank=True)  # a date that an authority named: the earlier wins
    in_court = models.BooleanField(default=False)
    against = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="complained_of"
    )
    earlier = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="repeats")
    original = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="duplicates")
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="appeals")
    answer_by = models.CharField(max_length=16, blank=True)  # the channel that the client chose for the answer
    came_by = models.CharField(max_length=16, choices=CameBy, blank=True)  # how a letter on paper came
    emptying = models.ForeignKey(
        Emptying, null=True, blank=True, on_delete=models.PROTECT, related_name="appeals"
    )  # of the client box in which it lay (krc-2-16)
    state = models.CharField(max_length=24, default="registered")  # of the profile's workflow
    end = models.CharField(max_length=32, blank=True)  # the end of the workflow on which it leaves, chosen or reached
    closed_at = models.DateTimeField(null=True, blank=True)
    control_unit = models.ForeignKey(
        "staff.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="controlled_appeals"
    )  # the unit that received it controls the term (krc-6.2-01)
    data_due_at = models.DateTimeField(null=True, blank=True)  # by when the client sends what was asked for
    lookup = SearchVectorField(null=True, editable=False)  # lemmas of what is said in it, number, name, phone
    unit = models.ForeignKey("staff.Unit", null=True, blank=True, on_delete=models.PROTECT)
    executor = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT)
    forwarded_to = models.ForeignKey(Body, null=True, blank=True, on_delete=models.PROTECT)
    forwarded_at = models.DateTimeField(null=True, blank=True)
    forwarding_told_at = models.DateTimeField(null=True, blank=True)
    management_notified_at = models.DateTimeField(null=True, blank=True)
    taken_over_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)  # grows with every act: who saw an older one overwrites nothing

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at=None) | ~models.Q(end=""), name="appeal_closed_only_on_an_end"
            )
        ]
        indexes = [
            models.Index(fields=["state", "limit_at"]),
            models.Index(fields=["client", "-registered_at"]),
            models.Index(
                fields=["profile", "limit_at", "id"],
                include=["registered_at", *FILTERED],
                condition=models.Q(closed_at=None),
                name="appeal_open_limit",
            ),
            models.Index(fields=["executor", "limit_at"], condition=models.Q(closed_at=None), name="appeal_open_of"),
            models.Index(fields=["reason", "registered_at"], name="appeal_reason"),
            models.Index(
                fields=["profile", "-registered_at", "-id"],
                include=["limit_at", "closed_at", *FILTERED],
                name="appeal_latest",
            ),
            GinIndex(fields=["lookup"], name="appeal_lookup"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def owner(self) -> Owner:
        """As what it owns its files."""
        return Owner("appeal", str(self.pk))

    @property
    def applicant(self) -> str:
        """The firm, else surname, given name and patronymic, as far as there are any."""
        return self.firm_name or self.person_name

    @property
    def person_name(self) -> str:
        """Surname, given name and patronymic: of the person who applies, or of who speaks for a firm."""
        return " ".join(filter(None, [self.surname, self.given_name, self.patronymic]))

    @property
    def asks_as(self) -> str:
        """Who asks, where a limit depends on it: what was said of the request, else who applies."""
        return self.requester or self.applicant_kind


class AppealMessage(models.Model):
    """What is written about an appeal after its registration: by the applicant, or to him."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="messages")
    text = models.TextField()
    is_ours = models.BooleanField(default=False)  # written to the applicant
    key = models.UUIDField(null=True, blank=True, unique=True)  # of the form: sent twice it is one message
    author = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT
    )  # who wrote it, or passed it on; nobody: the applicant himself, on the site
    token = models.ForeignKey("staff.Token", null=True, blank=True, on_delete=models.SET_NULL)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.appeal_id}, {self.made_at:%F %T}"

    @property
    def owner(self) -> Owner:
        """As what it owns its files, beside the appeal."""
        return Owner("message", str(self.pk))


class ManagementNotice(models.Model):
    """An appeal brought to the notice of one person: registered (court-1-29), a rung of the ladder, a threat.

    A measure against a reason belongs to no appeal; that of an appeal, and an enquiry, name both.
    """

    appeal = models.ForeignKey(
        Appeal, null=True, blank=True, on_delete=models.CASCADE, related_name="notices", db_index=False
    )
    measure = models.ForeignKey("Measure", null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    enquiry = models.ForeignKey(Enquiry, null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    employee = models.ForeignKey("staff.Employee", on_delete=models.CASCADE, related_name="notices")
    reason = models.CharField(max_length=64, default="registered")
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    outgoing = models.ForeignKey(
        "correspondence.Outgoing", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # the e-mail by which the employee was told as well

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appeal", "employee", "reason"], name="management_notice_once"),
            models.UniqueConstraint(
                fields=["measure", "employee", "reason"], condition=models.Q(appeal=None), name="measure_notice_once"
            ),
            models.CheckConstraint(
                condition=models.Q(appeal__isnull=False) | models.Q(measure__isnull=False),
                name="notice_is_about_something",
            ),
        ]
        indexes = [models.Index(fields=["employee"], condition=models.Q(seen_at=None), name="notice_unseen")]

    def __str__(self) -> str:
        return f"{self.appeal_id} to {self.employee_id}: {self.reason}"


class Answer(models.Model):
    """The written answer: a draft with versions, then signed and frozen (krc-5.8-10, krc-6.1-44)."""

    appeal = models.OneToOneField(Appeal, on_delete=models.PROTECT, related_name="answer")
    subject = models.TextField(blank=True)
    text = models.TextField()
    version = models.PositiveIntegerField(default=1)
    author = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="drafted_answers")
    checked_by = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="checked_answers"
    )
    checked_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="signed_answers"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_for = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_as = models.TextField(blank=True)  # who was away and by what power, as the letter says it
    frozen = models.TextField(blank=True)  # subject and text as they were signed
    sha256 = models.CharField(max_length=64, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_channel = models.CharField(max_length=16, blank=True)
    proof = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(signed_at=None, sha256="")
                | (models.Q(signed_at__isnull=False) & ~models.Q(sha256="")),
                name="answer_signed_is_frozen",
            )
        ]

    def __str__(self) -> str:
        return f"{self.appeal_id}, {self.version}"


class Decision(models.Model):
    """Whether a complaint is grounded, why, and what follows (krc-6.1-47..53)."""

    appeal = models.OneToOneField(Appeal, on_delete=models.PROTECT, related_name="decision")
    grounded = models.BooleanField()
    reasons = models.TextField()
    rights = models.TextField(blank=True)
    order = models.TextField(blank=True)  # in what order the rights are restored
    check_record = models.TextField(blank=True)  # how the fact of the breach was checked (krc-6.1-23)
    fault_confirmed = models.BooleanField(default=False)
    measures_needed = models.BooleanField(default=False)
    by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(reasons=""), name="decision_has_reasons")]

    def __str__(self) -> str:
        return f"{self.appeal_id}: {'grounded' if self.grounded else 'ungrounded'}"


class Measure(models.Model):
    """A corrective measure with its day and the head who answers for it; controlled after the answer too.

    It belongs to one appeal, or to a reason for which many complain (krc-6.2-07).
    """

    appeal = models.ForeignKey(Appeal, null=True, blank=True, on_delete=models.PROTECT, related_name="measures")
    reason = models.ForeignKey(Reason, null=True, blank=True, on_delete=models.PROTECT, related_name="measures")
    units = models.ManyToManyField("staff.Unit", blank=True)  # the units concerned
    title = models.TextField()
    responsible = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="measures")
    due_on = models.DateField()
    planned_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    result = models.TextField(blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="checked_measures"
    )

    class Meta:
        indexes = [models.Index(fields=["due_on"], condition=models.Q(finished_at=None), name="measure_open")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(appeal=None) ^ models.Q(reason=None), name="measure_of_appeal_or_reason"
            )
        ]

    def __str__(self) -> str:
        return self.title
