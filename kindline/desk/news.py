"""What has changed since the last look, and whom it concerns."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection

from kindline.quality.models import Measurement
from kindline.switchboard.models import Call, Operator

NEW_FACTS = """
SELECT id, subject_type, subject_id FROM journal_fact
WHERE at > now() - interval '10 minutes' AND xid >= %s ORDER BY id
"""
HORIZON = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
KEPT = 20_000
CONTACTS_KEPT = 5_000


@dataclass(slots=True)
class Changed:
    """News by employee, and all of it for those in charge."""

    all: set[str] = field(default_factory=set)
    by_employee: dict[int, set[str]] = field(default_factory=dict)

    def of(self, employee: int) -> set[str]:
        """What concerns one employee."""
        return self.by_employee.get(employee, set()) | (self.all & {"queue"})

    def add(self, what: str, *employees: int) -> None:
        """Note a change and whom it concerns."""
        self.all.add(what)
        for employee in employees:
            self.by_employee.setdefault(employee, set()).add(what)


class Watch:
    """Remembers what it has seen; a look costs four small queries, however many pages listen."""

    def __init__(self) -> None:
        self._operators: dict[int, tuple[object, ...]] = {}
        self._contacts: dict[str, set[int]] = {}
        self._living: dict[object, tuple[object, ...]] = {}
        self._judged = 0
        self._horizon: int | None = None
        self._seen: set[int] = set()

    def look(self) -> Changed:
        """What has changed since the last look; the first one tells of every operator and every living call."""
        changed = Changed()
        self._look_at_operators(changed)
        self._look_at_calls(changed)
        self._look_at_facts(changed)
        self._look_at_verdicts(changed)
        return changed

    def _look_at_operators(self, changed: Changed) -> None:
        fields = ("employee_id", "state", "reason", "contact_id", "registered", "until", "epoch")
        rows = {row[0]: row[1:] for row in Operator.objects.values_list(*fields, "employee__phone_page")}
        for employee, row in rows.items():
            if self._operators.get(employee) != row:
                changed.add("operator", employee)
            if row[2] is not None:
                self._contacts.setdefault(str(row[2]), set()).add(employee)
        self._operators = rows
        for contact in list(self._contacts)[:-CONTACTS_KEPT]:
            del self._contacts[contact]

    def _look_at_calls(self, changed: Changed) -> None:
        living = Call.objects.filter(ended_at=None).values_list("pk", "state", "queue", "changed_at")
        calls: dict[object, tuple[object, ...]] = {row[0]: row[1:] for row in living}
        for call, row in calls.items():
            if self._living.get(call) != row:
                changed.add("call", *self._contacts.get(str(call), ()))
        if {call: row[:2] for call, row in calls.items()} != {call: row[:2] for call, row in self._living.items()}:
            changed.add("queue")
        self._living = calls

    def _look_at_facts(self, changed: Changed) -> None:
        with connection.cursor() as cursor:
            cursor.execute(HORIZON)
            horizon = int(cursor.fetchone()[0])
            if self._horizon is None:
                self._horizon = horizon
            cursor.execute(NEW_FACTS, [self._horizon])
            rows = cursor.fetchall()
        self._horizon = horizon
        for id_, subject_type, subject_id in rows:
            if id_ not in self._seen:
                self._note_fact(changed, subject_type, subject_id)
        self._seen = {row[0] for row in rows[-KEPT:]}

    def _note_fact(self, changed: Changed, subject_type: str, subject_id: str) -> None:
        if subject_type == "contact":
            changed.add("contact", *self._contacts.get(subject_id, ()))
        elif subject_type == "callback":
            changed.add("callbacks")

    def _look_at_verdicts(self, changed: Changed) -> None:
        newest = Measurement.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if newest != self._judged:
            subjects = Measurement.objects.filter(pk__gt=self._judged, subject_type="contact").order_by("-pk")
            for subject in set(subjects.values_list("subject_id", flat=True)[:200]) if self._judged else ():
                changed.add("verdicts", *self._contacts.get(subject, ()))
        self._judged = newest
