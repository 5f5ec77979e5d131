"""Letters that belong to appeals, news of them put aside, and the daily digest."""

from __future__ import annotations

from django.db import models


class LetterState(models.TextChoices):
    CAME = "came"
    ON_ITS_WAY = "on_its_way"  # handed over: it waits to be sent, or to be printed and posted
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    CAME_BACK = "came_back"
    RECALLED = "recalled"  # what it carries was taken back before it had gone


GONE_RECALLED = "gone_recalled"
"""The reason of a letter that was taken back and had gone all the same: nothing follows from it for the appeal."""


class JoinedLetter(models.Model):
    """A letter of `correspondence` that belongs to an appeal, in or out; each letter belongs to one appeal, once."""

    appeal = models.ForeignKey("appeals.Appeal", on_delete=models.PROTECT, related_name="letters")
    incoming = models.OneToOneField(
        "correspondence.Incoming", null=True, blank=True, on_delete=models.PROTECT, related_name="joined"
    )
    outgoing = models.OneToOneField(
        "correspondence.Outgoing", null=True, blank=True, on_delete=models.PROTECT, related_name="joined"
    )
    paper = models.OneToOneField(
        "correspondence.Paper", null=True, blank=True, on_delete=models.PROTECT, related_name="joined"
    )
    is_first = models.BooleanField(default=False)  # the letter that became the appeal
    answer = models.ForeignKey(
        "appeals.Answer", null=True, blank=True, on_delete=models.PROTECT, related_name="letters"
    )
    notice = models.ForeignKey(
        "appeals.ClientNotice", null=True, blank=True, on_delete=models.PROTECT, related_name="letters"
    )
    channel = models.CharField(max_length=16)  # email | paper
    state = models.CharField(max_length=10, choices=LetterState, default=LetterState.CAME)
    reason = models.TextField(blank=True)  # why it did not arrive
    by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(incoming__isnull=False, outgoing=None, paper=None)
                | models.Q(incoming=None, outgoing__isnull=False, paper=None)
                | models.Q(incoming=None, outgoing=None, paper__isnull=False),
                name="joined_letter_is_one_letter",
            ),
            models.UniqueConstraint(
                fields=["answer"], condition=models.Q(state="on_its_way"), name="answer_on_its_way_once"
            ),
            models.UniqueConstraint(
                fields=["notice"], condition=models.Q(state="on_its_way"), name="notice_on_its_way_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appeal_id}: {self.channel}, {self.state}"

    @property
    def is_gone_recalled(self) -> bool:
        """Whether the applicant has it though it was taken back."""
        return self.reason == GONE_RECALLED


class Unjoined(models.Model):
    """News of a letter on which the program stumbled: it stops no other, and is tried again."""

    kind = models.TextField()  # of the fact
    subject_type = models.TextField()
    subject_id = models.TextField()
    fact_id = models.BigIntegerField(unique=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=1)
    error = models.TextField()
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}/{self.subject_id}"


class Digest(models.Model):
    """That an employee was sent the summary of a day, or that there was nothing to say."""

    employee = models.ForeignKey("staff.Employee", on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    made_at = models.DateTimeField()
    outgoing = models.ForeignKey(
        "correspondence.Outgoing", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employee", "day"], name="digest_once_a_day")]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.day}"
