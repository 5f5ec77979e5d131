"""Answers on the site, and what was asked of others for an appeal; read through `models`."""

from __future__ import annotations

from django.db import models


class PublicationState(models.TextChoices):
    DECLINED = "declined"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Publication(models.Model):
    """Whether the answer to an appeal is published, with its public text, which names nobody (krc-5.7.2-17..18)."""

    appeal = models.OneToOneField("appeals.Appeal", on_delete=models.PROTECT, related_name="publication")
    state = models.CharField(max_length=12, choices=PublicationState)
    topic = models.ForeignKey("conversations.Topic", null=True, blank=True, on_delete=models.PROTECT)
    title = models.TextField(blank=True)
    question = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    reason = models.TextField(blank=True)  # why it is not published, or no longer
    decided_by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="proposed_publications")
    decided_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="approved_publications"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    override = models.TextField(blank=True)  # why what looks like a person's data is none, said by who approved
    withdrawn_by = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="withdrawn_publications"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="published") | ~models.Q(approved_by=models.F("decided_by")),
                name="publication_has_two_pairs_of_eyes",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published")
                | models.Q(approved_by__isnull=False, published_at__isnull=False),
                name="publication_is_approved",
            ),
        ]
        indexes = [models.Index(fields=["-published_at"], condition=models.Q(state="published"), name="published")]

    def __str__(self) -> str:
        return self.title or str(self.appeal_id)


class Enquiry(models.Model):
    """A written request for what the executor needs, or an invitation of the applicant (krc-6.1-10, krc-6.1-11)."""

    appeal = models.ForeignKey("appeals.Appeal", on_delete=models.PROTECT, related_name="enquiries")
    employee = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="enquiries"
    )
    addressee = models.TextField(blank=True)  # somebody outside; empty with no employee: the applicant himself
    text = models.TextField()
    due_on = models.DateField()
    by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="made_enquiries")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_on"], condition=models.Q(closed_at=None), name="enquiry_open")]

    @property
    def of_applicant(self) -> bool:
        """Whether it is an invitation of the applicant."""
        return self.employee_id is None and not self.addressee

    def __str__(self) -> str:
        return f"{self.appeal_id}: {self.employee or self.addressee}"


class Disclosure(models.Model):
    """A client's data given to an authority on its official request (krc-6.1-07); never changed afterwards."""

    profile = models.CharField(max_length=16)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="disclosures")
    appeal = models.ForeignKey(
        "appeals.Appeal", null=True, blank=True, on_delete=models.PROTECT, related_name="disclosures"
    )
    requester = models.TextField()
    ground = models.TextField()  # the document: its kind and number, and the law
    ground_on = models.DateField()
    given = models.TextField()
    by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="disclosures")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.requester}, {self.ground}"
