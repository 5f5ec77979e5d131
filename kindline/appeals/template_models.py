"""Templates of answers with their versions, and in which answers they were used."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class AnswerTemplate(models.Model):
    """A text from which answers are made: offered from the approval of its first version until it is withdrawn."""

    profile = models.CharField(max_length=16)
    language = models.CharField(max_length=2)
    in_force = models.OneToOneField(
        "appeals.TemplateVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # the version that is offered
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_why = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["profile"],
                condition=models.Q(withdrawn_at=None, in_force__isnull=False),
                name="answer_template_offered",
            )
        ]

    def __str__(self) -> str:
        return f"{self.profile} {self.pk}"


class TemplateVersion(models.Model):
    """A wording of a template. A draft is written over until it is approved; what was approved never changes."""

    template = models.ForeignKey(AnswerTemplate, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    title = models.TextField()
    topics = ArrayField(models.SlugField(), default=list, blank=True)  # codes of topics; empty: for any
    kinds = ArrayField(models.CharField(max_length=24), default=list, blank=True)  # of appeals; empty: for any
    is_whole = models.BooleanField(default=True)  # a whole letter; else a passage that is put into one
    text = models.TextField()
    words = ArrayField(models.TextField(), default=list)  # what it is found by, in dictionary forms
    revision = models.PositiveIntegerField(default=1)  # of the draft: who saw an older one overwrites nothing
    author = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    approved_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="template_version_once"),
            models.UniqueConstraint(
                fields=["template"], condition=models.Q(approved_at=None), name="template_has_one_draft"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_at=None, approved_by=None)
                | models.Q(approved_at__isnull=False, approved_by__isnull=False),
                name="template_approved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TemplateUse(models.Model):
    """An answer was made of a template: once an appeal, however often its draft was kept."""

    template = models.ForeignKey(AnswerTemplate, on_delete=models.PROTECT, related_name="uses", db_index=False)
    version = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="+")
    appeal = models.ForeignKey("appeals.Appeal", on_delete=models.PROTECT, related_name="+")
    employee = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "appeal"], name="template_used_once_an_appeal")]
        indexes = [models.Index(fields=["template", "at"], name="template_used_last")]

    def __str__(self) -> str:
        return f"{self.template_id}: {self.appeal_id}"
