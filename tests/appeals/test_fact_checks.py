"""The check of a breach of quality: a task of the executor with a day of its own, whose outcome is the record."""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.appeals import actions, complaints, enquiries
from kindline.appeals.models import Appeal, Decision, Enquiry
from kindline.journal.queries import facts_of
from tests.appeals.registry import DAY, NOW, Registry, registry

pytestmark = [pytest.mark.db, pytest.mark.clause("krc-6.1-23")]
QUALITY = {"kind": "complaint", "subject": "utility_quality"}


def assigned(here: Registry, **more: str) -> Appeal:
    """Given to the executor by the head."""
    given = here.register(**QUALITY | more)
    return actions.assign_appeal(
        appeal=given, unit=None, executor=here.people["executor"], employee=here.people["unit_head"], now=NOW
    )


def test_it_is_due_by_a_day_of_its_own_before_the_answer(krc: Registry) -> None:
    appeal = assigned(krc)
    check = Enquiry.objects.get(appeal=appeal)
    assert appeal.limit_at is not None
    assert (check.employee, check.due_on) == (krc.people["executor"], dt.date(2026, 3, 3))
    assert check.due_on < appeal.limit_at.date()
    assert list(enquiries.asked_of(krc.people["executor"])) == [check]
    assert facts_of("appeal", appeal.pk).get(kind="enquiry_made").clauses == ["krc-6.1-23"]
    assert list(enquiries.overdue("krc", dt.date(2026, 3, 4))) == [check]


def test_another_executor_gets_the_same_task_and_no_second_one(krc: Registry) -> None:
    appeal, other = assigned(krc), krc.people["counter"]
    actions.assign_appeal(appeal=appeal, unit=None, executor=other, employee=krc.people["unit_head"], now=NOW + DAY)
    assert Enquiry.objects.get(appeal=appeal).employee == other


def test_what_came_of_it_is_the_record_of_the_decision(krc: Registry) -> None:
    appeal = assigned(krc)
    enquiries.close_enquiry(
        enquiry=Enquiry.objects.get(appeal=appeal), outcome="Замер: 42 градуса", employee=krc.people["executor"],
        now=NOW + DAY,
    )  # fmt: skip
    finding = complaints.Finding(grounded=True, reasons="Вода холоднее нормы")
    complaints.decide(appeal=appeal, finding=finding, employee=krc.people["executor"], now=NOW + DAY)
    assert Decision.objects.get(appeal=appeal).check_record == "Замер: 42 градуса"
    typed = complaints.Finding(grounded=True, reasons="Вода холоднее нормы", check_record="Акт 5")
    complaints.decide(appeal=appeal, finding=typed, employee=krc.people["executor"], now=NOW + DAY)
    assert Decision.objects.get(appeal=appeal).check_record == "Акт 5"


def test_a_record_typed_at_the_decision_ends_the_check(krc: Registry) -> None:
    appeal = assigned(krc)
    typed = complaints.Finding(grounded=False, reasons="Норма", check_record="Акт 6")
    complaints.decide(appeal=appeal, finding=typed, employee=krc.people["executor"], now=NOW + 3 * DAY)
    check = Enquiry.objects.get(appeal=appeal)
    assert (check.closed_at, check.outcome) == (NOW + 3 * DAY, "Акт 6")
    assert facts_of("appeal", appeal.pk).get(kind="enquiry_closed").data["in_time"] is False


def test_nothing_is_awaited_of_an_appeal_that_has_left(krc: Registry) -> None:
    appeal = assigned(krc)
    Appeal.objects.filter(pk=appeal.pk).update(state="closed", end="no_substance", closed_at=NOW)
    assert not enquiries.asked_of(krc.people["executor"]).exists()
    assert not enquiries.overdue("krc", dt.date(2026, 3, 9)).exists()


def test_others_have_no_such_task(krc: Registry) -> None:
    assigned(krc, kind="application")
    actions.take_over(appeal=krc.register(kind="complaint"), employee=krc.people["specialist"], now=NOW)
    assert not Enquiry.objects.exists()


@pytest.mark.parametrize("name", ["court", "voe", "yumek"])
def test_where_the_standard_has_no_check_nothing_is_ordered(name: str) -> None:
    assigned(registry(name))
    assert not Enquiry.objects.exists()
