"""Append-only facts and the readers' cursors."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Fact(models.Model):
    """What happened, to whom, when and by whom.

    Rows live in a table partitioned by month of `at`; a trigger refuses update and delete.
    `xid` is the inserting transaction: readers follow (xid, id) below the snapshot's xmin.
    """

    pk = models.CompositePrimaryKey("id", "at")
    id = models.BigIntegerField(editable=False)
    at = models.DateTimeField()
    kind = models.TextField()
    subject_type = models.TextField()
    subject_id = models.TextField()
    actor = models.TextField(default="system")
    data = models.JSONField(default=dict)
    clauses = ArrayField(models.TextField(), default=list)
    xid = models.BigIntegerField(editable=False)

    class Meta:
        managed = False
        db_table = "journal_fact"
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}/{self.subject_id}"


class Cursor(models.Model):
    """How far a named reader has followed the journal."""

    name = models.TextField(primary_key=True)
    xid = models.BigIntegerField(default=0)
    fact_id = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.xid}/{self.fact_id}"
