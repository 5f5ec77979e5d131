"""Many at once on a real database: numbers without gaps and doubles, one winner where two do the same."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction

from kindline.appeals import actions, complaints, enquiries, escalation, moves
from kindline.appeals.models import Answer, Appeal, Body, Enquiry
from kindline.conversations.models import Contact
from kindline.journal.queries import facts_of
from tests.appeals.registry import NOW, Registry, registry
from tests.races import Other

THREADS, EACH = 4, 8


@pytest.fixture
def krc(transactional_db: None) -> Iterator[Registry]:
    """The settlement centre, visible to every connection."""
    yield registry("krc")
    connection.close()


def _together(work: Callable[[int], None], count: int) -> list[BaseException]:
    """Run it in so many threads that begin at one moment; what they raised."""
    raised: list[BaseException] = []
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait(30)
        try:
            work(number)
        except Exception as error:  # noqa: BLE001 - counted by the test
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.django_db(transaction=True)
def test_appeals_registered_at_once_have_numbers_without_gaps_and_doubles(krc: Registry) -> None:
    def work(number: int) -> None:
        for n in range(EACH):
            with transaction.atomic():
                krc.register(channel="web" if n % 2 else "paper")
                if (number + n) % 4 == 0:
                    transaction.set_rollback(True)

    assert _together(work, THREADS) == []
    kept = Appeal.objects.count()
    assert 0 < kept < THREADS * EACH
    numbers = sorted(Appeal.objects.values_list("number", flat=True))
    assert numbers == [f"krc-2026/{n:05}" for n in range(1, kept + 1)]


@pytest.mark.django_db(transaction=True)
def test_of_several_who_sign_at_once_one_does(krc: Registry) -> None:
    appeal = krc.at("sign")
    raised = _together(lambda _number: krc.perform("sign", appeal, krc.people["director"]), THREADS)
    assert [type(error) for error in raised] == [moves.WrongStateError] * (THREADS - 1)
    assert facts_of("appeal", appeal.pk).filter(kind="answer_signed").count() == 1
    assert Answer.objects.get(appeal=appeal).sha256


@pytest.mark.clause("krc-6.1-23")
@pytest.mark.django_db(transaction=True)
def test_a_check_that_ends_as_the_complaint_is_decided_ends_once(krc: Registry) -> None:
    """Its executor says what came of it, while the decision brings a record of its own."""
    executor, head = krc.people["executor"], krc.people["unit_head"]
    given = krc.register(kind="complaint", subject="utility_quality")
    appeal = actions.assign_appeal(appeal=given, unit=None, executor=executor, employee=head, now=NOW)
    check = Enquiry.objects.get(appeal=appeal)
    finding = complaints.Finding(grounded=True, reasons="Холоднее нормы", check_record="Акт 5")
    with transaction.atomic():
        enquiries.close_enquiry(enquiry=check, outcome="Замер: 42 градуса", employee=executor, now=NOW)
        other = Other(lambda: complaints.decide(appeal=appeal, finding=finding, employee=executor, now=NOW))
        other.wait_or_end()
    other.end()
    check.refresh_from_db()
    assert check.outcome == "Замер: 42 градуса"
    assert facts_of("appeal", appeal.pk).filter(kind="enquiry_closed").count() == 1


@pytest.mark.clause("court-1-34")
@pytest.mark.django_db(transaction=True)
def test_what_an_employee_forwards_at_that_moment_holds_back_no_other(transactional_db: None) -> None:
    here = registry("court")
    body = Body.objects.create(profile="court", name="Апеляційний суд")
    first, second = (here.register(channel="phone", receipt=actions.Receipt(body=body)) for _ in range(2))
    Contact.objects.update(ended_at=NOW)
    with transaction.atomic():
        actions.forward_appeal(appeal=first, body=body, employee=here.people["operator"], now=NOW)
        other = Other(lambda: [one.pk for one in actions.sweep_forwarding(now=NOW)])
        other.wait_or_end()
    assert other.end() == [second.pk]


def overdue(krc: Registry) -> tuple[Appeal, dt.datetime]:
    """An appeal that was not answered, and the moment at which its limit has just passed."""
    appeal = krc.at("assigned")
    assert appeal.limit_at is not None
    return appeal, appeal.limit_at + dt.timedelta(minutes=1)


@pytest.mark.clause("krc-6.2-01")
@pytest.mark.django_db(transaction=True)
def test_two_runs_of_the_ladder_at_once_tell_of_a_rung_once(krc: Registry) -> None:
    appeal, late = overdue(krc)
    with transaction.atomic():
        first = escalation.sweep(now=late)
        other = Other(lambda: escalation.sweep(now=late))
        other.wait_or_end()
    assert (first > 0, other.end()) == (True, 0)
    told = facts_of("appeal", appeal.pk).filter(kind="appeal_escalated")
    rungs = [one.data["rung"] for one in told]
    assert sorted(rungs) == sorted(set(rungs))


@pytest.mark.clause("krc-6.2-01")
@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_of_the_term_of_what_is_answered_in_this_moment(krc: Registry) -> None:
    appeal, late = overdue(krc)
    with transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(answered_at=late)
        other = Other(lambda: escalation.sweep(now=late))
        other.wait_or_end()
    assert other.end() == 0
    assert not facts_of("appeal", appeal.pk).filter(kind="appeal_escalated").exists()
