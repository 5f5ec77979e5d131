"""What has changed since the last look, and whom it concerns."""

import threading
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from kindline.conversations.models import Contact
from kindline.desk import news
from kindline.journal import actions as journal
from kindline.quality.models import Measurement
from kindline.staff.models import Employee
from kindline.switchboard.models import Call, Operator
from tests.desk.conftest import Talk

pytestmark = pytest.mark.db


@pytest.fixture
def watch(krc: Any, operator: Employee, other: Employee, talk: Talk) -> news.Watch:
    """One that knows how things are: an operator talks, another one is ready."""
    talk()
    made = news.Watch()
    made.look()
    return made


def _fact(subject_type: str, subject: object, kind: str) -> None:
    journal.record(kind=kind, subject_type=subject_type, subject_id=subject)


def test_the_first_look_tells_of_every_operator_and_call(
    krc: Any, operator: Employee, other: Employee, talk: Talk
) -> None:
    talk()
    found = news.Watch().look()
    assert found.of(operator.pk) >= {"operator", "call", "queue"}
    assert found.of(other.pk) == {"operator", "queue"}


def test_where_nothing_happened_nothing_is_told(watch: news.Watch) -> None:
    assert watch.look().all == set()


def test_an_operator_s_state_concerns_him_and_those_in_charge(
    watch: news.Watch, operator: Employee, other: Employee
) -> None:
    Operator.objects.filter(employee=other).update(state="paused", reason="lunch")
    found = watch.look()
    assert (found.all, found.of(other.pk), found.of(operator.pk)) == ({"operator"}, {"operator"}, set())


def test_a_call_that_comes_to_wait_is_told_to_all(watch: news.Watch, operator: Employee, other: Employee) -> None:
    Call.objects.update(state="queued")
    found = watch.look()
    assert found.of(other.pk) == {"queue"}
    assert found.of(operator.pk) == {"queue", "call"}


def test_a_fact_of_a_contact_concerns_those_who_serve_it_or_have_served_it(
    watch: news.Watch, operator: Employee, other: Employee
) -> None:
    contact = Contact.objects.get()
    Operator.objects.filter(employee=operator).update(contact_id=None, state="ready")
    watch.look()
    _fact("contact", contact.pk, "recording_stored")
    found = watch.look()
    assert (found.all, found.of(operator.pk), found.of(other.pk)) == ({"contact"}, {"contact"}, set())
    assert watch.look().all == set(), "told once"


def test_a_promised_call_is_told_to_those_in_charge(watch: news.Watch) -> None:
    _fact("callback", 1, "callback_created")
    assert watch.look().all == {"callbacks"}


def test_a_verdict_concerns_who_served_the_contact(
    watch: news.Watch, operator: Employee, other: Employee, krc: Any
) -> None:
    for clause in ("krc-5.6.4-03", "krc-5.6.4-25"):
        Measurement.objects.create(
            profile="krc", clause=clause, version=krc.version, subject_type="contact",
            subject_id=str(Contact.objects.get().pk), verdict="met", observed="1", limit="3", unit="rings",
            evidence=[], at=timezone.now(), judged_at=timezone.now(),
        )  # fmt: skip
        found = watch.look()
    assert (found.of(operator.pk), found.of(other.pk)) == ({"verdicts"}, set())


@pytest.mark.db(transaction=True)
def test_a_fact_that_is_committed_late_is_told_all_the_same(watch: news.Watch, operator: Employee) -> None:
    contact, written, may_commit = Contact.objects.get().pk, threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            _fact("contact", contact, "recording_stored")
            written.set()
            may_commit.wait(10)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(10)
    _fact("contact", contact, "recording_started")
    assert watch.look().of(operator.pk) == {"contact"}, "the later fact, committed first"
    may_commit.set()
    thread.join(10)
    assert watch.look().of(operator.pk) == {"contact"}, "the earlier one"
    assert watch.look().all == set()
