"""The same quality for everyone: shares of "met" by employee, channel and unit, and how far they lie apart."""

import datetime as dt
import uuid
from collections.abc import Callable

import pytest

from kindline.conversations.models import Contact
from kindline.journal.actions import NewFact
from kindline.quality import comparisons, judging, reviews
from kindline.quality.models import Measurement
from kindline.staff.models import Employee, Role, Unit
from kindline.standard import loader
from tests.quality.conftest import NOW

clause = pytest.mark.clause
pytestmark = pytest.mark.db
VOE = loader.load("voe")
SINCE, UNTIL = NOW - dt.timedelta(days=1), NOW + dt.timedelta(days=1)


def _judged(employee: Employee | None, channel: str, verdicts: str) -> Contact:
    """A contact with verdicts: m met, n not met, u not measurable."""
    contact = Contact.objects.create(
        profile="voe", version=VOE.version, channel=channel, employee=employee, started_at=NOW
    )
    for number, letter in enumerate(verdicts):
        verdict = {"m": "met", "n": "not_met", "u": "not_measurable"}[letter]
        Measurement.objects.create(
            profile="voe", clause=f"voe-5-0{number + 1}", version=VOE.version, subject_type="contact",
            subject_id=str(contact.pk), verdict=verdict, at=NOW, judged_at=NOW,
        )  # fmt: skip
    return contact


def _two() -> tuple[Employee, Employee]:
    north, south = (Unit.objects.create(code=name, name=name) for name in ("north", "south"))
    return (
        Employee.objects.create(username="a", roles=[Role.OPERATOR], unit=north),
        Employee.objects.create(username="b", roles=[Role.COUNTER], unit=south),
    )


@clause("voe-1-03")
def test_each_employee_has_his_share_and_what_could_not_be_measured_counts_for_nobody() -> None:
    one, other = _two()
    _judged(one, "phone", "mmnu")
    _judged(one, "phone", "m")
    _judged(other, "office", "nu")
    _judged(None, "phone", "n")
    found = {row.key: (row.met, row.judged, row.contacts) for row in comparisons.compare(VOE, "employee", SINCE, UNTIL)}
    assert found == {str(one.pk): (3, 4, 2), str(other.pk): (0, 1, 1)}
    assert comparisons.compare(VOE, "employee", UNTIL, UNTIL) == []
    assert comparisons.compare(loader.load("krc"), "employee", SINCE, UNTIL) == []


@clause("voe-2-03")
def test_channels_and_offices_are_compared_with_their_spread() -> None:
    one, other = _two()
    _judged(one, "phone", "mmmn")
    _judged(other, "office", "mn")
    by_channel = comparisons.compare(VOE, "channel", SINCE, UNTIL)
    assert [(row.key, row.share) for row in by_channel] == [("office", 0.5), ("phone", 0.75)]
    assert comparisons.spread(by_channel) == 0.25
    by_unit = comparisons.compare(VOE, "unit", SINCE, UNTIL)
    assert {row.key: row.share for row in by_unit} == {str(one.unit_id): 0.75, str(other.unit_id): 0.5}
    assert comparisons.spread(by_unit[:1]) is None


@clause("voe-1-06")
def test_under_voe_a_closed_call_is_judged_clause_by_clause(
    call: Callable[..., str], under: Callable[[str], None]
) -> None:
    under("voe")
    guided = NewFact(
        "guide_started",
        "contact",
        "",
        "system",
        {"script": "incoming_hotline", "version": "1"},
        NOW + dt.timedelta(seconds=1),
    )
    contact = call("voe", more=(guided,))
    judging.judge_subjects(subjects={("contact", contact)}, now=NOW + dt.timedelta(minutes=10))
    found = Measurement.objects.filter(profile="voe", subject_id=contact)
    verdicts = dict(found.values_list("clause", "verdict"))
    assert verdicts["voe-6-01"] == "not_measurable", "there is no transcript"
    assert "not_met" in verdicts.values(), "the guide was begun and its steps were left out"
    assert all(one.clause in VOE.clauses for one in found)


@clause("voe-1-07")
def test_under_voe_a_reviewer_judges_the_personal_standards_and_they_are_measured(under: Callable[[str], None]) -> None:
    under("voe")
    reviewer = Employee.objects.create(username="r", roles=[Role.SUPERVISOR])
    contact = Contact.objects.create(
        id=uuid.uuid4(), profile="voe", version=VOE.version, channel="phone", started_at=NOW
    )
    form = VOE.forms["call_review"]
    items = [item.id for item in form.items if item.clause in {f"voe-2-0{number}" for number in range(4, 9)}]
    assert len(items) == 5, "the five personal standards are items of the form"
    answers = {name: reviews.Answer("yes") for name in items}
    kept = reviews.review_contact(contact=contact, form=form.id, answers=answers, reviewer=reviewer, now=NOW)
    assert kept == 5
