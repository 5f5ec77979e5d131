"""Facts are written whole, checked and in order, or not at all."""

import datetime as dt
import uuid

import pytest
from django.db import connection, transaction

from kindline.journal import actions, checking, queries
from kindline.journal.actions import NewFact
from kindline.journal.models import Fact

pytestmark = pytest.mark.db

AT = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)


def _ended(subject: str, **data: object) -> NewFact:
    return NewFact("call_ended", "contact", subject, data=data, at=AT)


def test_a_fact_is_kept_as_it_was_said() -> None:
    contact = uuid.uuid4()
    id_ = actions.record(
        kind="call_answered",
        subject_type="contact",
        subject_id=contact,
        actor="employee:7",
        data={"employee": 7, "rings": 2, "ring_s": 8, "queue": "общая", "wait_s": None},
        at=AT,
        clauses=["krc-5.6.4-03"],
    )
    fact = queries.facts_of("contact", contact).get()
    assert (fact.id, fact.at, fact.actor, fact.clauses) == (id_, AT, "employee:7", ["krc-5.6.4-03"])
    assert fact.data == {"employee": 7, "rings": 2, "ring_s": 8.0, "queue": "общая"}


def test_the_database_says_when_unless_told() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        before = cursor.fetchone()[0]
    actions.record(kind="call_ended", subject_type="contact", subject_id="c")
    assert queries.facts_of("contact", "c").get().at >= before


def test_many_facts_keep_their_order() -> None:
    ids = actions.record_many([_ended(f"c{n}", wait_s=n) for n in range(4500)])
    assert ids == sorted(ids)
    assert Fact.objects.filter(id__in=ids).count() == 4500
    assert queries.facts_by_id(ids[-1:])[ids[-1]].data["wait_s"] == 4499


@pytest.mark.parametrize(
    ("fact", "error", "says"),
    [
        (NewFact("call_eaten", "contact", "c"), checking.UnknownKindError, "call_eaten"),
        (NewFact("call_ended", "appeal", "c"), checking.WrongSubjectError, "about a contact"),
        (_ended("c", speed=3), checking.WrongFieldError, "no field speed"),
        (_ended("c", wait_s="long"), checking.WrongFieldError, "call_ended.wait_s must be float"),
        (_ended("c", wait_s=float("nan")), checking.WrongFieldError, "wait_s"),
        (_ended("c", estimated=1), checking.WrongFieldError, "estimated must be bool"),
        (_ended("c", by=3), checking.WrongFieldError, "by must be text"),
        (NewFact("call_offered", "contact", "c", data={"employee": True}), checking.WrongFieldError, "must be int"),
        (
            NewFact("callback_promised", "contact", "c", data={"due_at": "2026-03-02T10:00:00"}),
            checking.WrongFieldError,
            "due_at must be time",
        ),
        (NewFact("callback_promised", "contact", "c", data={"fields": "phone"}), checking.WrongFieldError, "list"),
    ],
)
def test_what_the_vocabulary_does_not_know_is_refused(fact: NewFact, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        actions.record_many([_ended("good"), fact])
    assert not Fact.objects.filter(subject_id="good").exists(), "all or none"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        actions.record_many([NewFact("call_ended", "contact", "c", at=dt.datetime(2026, 3, 2))])  # noqa: DTZ001


def test_times_and_sets_become_plain() -> None:
    data = {"due_at": AT, "fields": {"phone", "name"}, "task": 3}
    actions.record(kind="callback_promised", subject_type="contact", subject_id="c", data=data)
    kept = queries.facts_of("contact", "c").get().data
    assert kept == {"due_at": "2026-03-02T10:00:00+00:00", "fields": ["name", "phone"], "task": 3}


def test_what_a_line_sends_cannot_break_a_fact() -> None:
    actions.record(
        kind="call_arrived",
        subject_type="contact",
        subject_id="c",
        data={"caller": "+7\x00\ud800'; DROP--", "line": ""},
    )
    assert queries.facts_of("contact", "c").get().data["caller"] == "+7\ufffd?'; DROP--"


def test_a_fact_shares_the_fate_of_its_transaction() -> None:
    with transaction.atomic():
        actions.record(kind="call_ended", subject_type="contact", subject_id="c")
        transaction.set_rollback(True)
    assert not queries.facts_of("contact", "c").exists()


def test_facts_of_several_subjects_and_of_a_time() -> None:
    later = AT + dt.timedelta(hours=1)
    actions.record_many([_ended("a"), _ended("b"), NewFact("call_answered", "contact", "a", at=later)])
    assert [f.kind for f in queries.facts_of_many("contact", ["a", "b"])] == [
        "call_ended",
        "call_ended",
        "call_answered",
    ]
    assert [f.subject_id for f in queries.facts_between(AT, later)] == ["a", "b"]
    assert queries.facts_between(AT, later + dt.timedelta(1), kind="call_answered").count() == 1
