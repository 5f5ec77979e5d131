"""What is written to applicants: versions of the answer, notices, extensions that a notice tells of."""

from __future__ import annotations

import hashlib

from django.db import models


class AnswerVersion(models.Model):
    """A draft as it was at one saving; of one that was signed and recalled also what was signed."""

    answer = models.ForeignKey("appeals.Answer", on_delete=models.CASCADE, related_name="versions", db_index=False)
    version = models.PositiveIntegerField()
    subject = models.TextField(blank=True)
    text = models.TextField()
    author = models.ForeignKey("staff.Employee", on_delete=models.PROTECT)
    made_at = models.DateTimeField()
    frozen = models.TextField(blank=True)  # as it was signed, where the signature was taken back
    signed_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "version"], name="answer_version_once")]

    def __str__(self) -> str:
        return f"{self.answer_id}, {self.version}"

    @property
    def sha256(self) -> str:
        """The hash of what was signed and recalled, as the journal has it; empty where nothing was."""
        return hashlib.sha256(self.frozen.encode()).hexdigest() if self.frozen else ""


class ClientNotice(models.Model):
    """Something that the applicant is told in writing: an end without an answer, an extension, data that is missing."""

    appeal = models.ForeignKey("appeals.Appeal", on_delete=models.PROTECT, related_name="client_notices")
    about = models.CharField(max_length=32)  # an end of the workflow, extension, request_data
    text = models.TextField()
    bodies = models.ManyToManyField("appeals.Body", blank=True)
    author = models.ForeignKey("staff.Employee", on_delete=models.PROTECT)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(max_length=16, blank=True)
    proof = models.TextField(blank=True)
    recalled_at = models.DateTimeField(null=True, blank=True)  # taken back before it had gone: it is not sent

    def __str__(self) -> str:
        return f"{self.appeal_id}: {self.about}"


class Extension(models.Model):
    """A limit put off on a ground; it holds once the applicant was told in time (krc-6.1-14, krc-6.1-15)."""

    appeal = models.ForeignKey("appeals.Appeal", on_delete=models.PROTECT, related_name="extensions")
    ground = models.TextField()
    old_limit_at = models.DateTimeField()
    until_at = models.DateTimeField()
    notice = models.OneToOneField(ClientNotice, on_delete=models.PROTECT, related_name="extension")
    by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT)
    made_at = models.DateTimeField()
    effective_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.appeal_id} until {self.until_at:%Y-%m-%d}"
