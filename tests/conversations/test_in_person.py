"""Service in person: a visit at the counter, led as the standard says; and every way of contact has its rules."""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.conversations import actions
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard import deadlines, loader

clause = pytest.mark.clause
pytestmark = pytest.mark.db


@clause("krc-2-22")
def test_a_visit_is_served_by_an_employee_from_its_first_moment(employee: Employee, now: dt.datetime) -> None:
    visit = actions.open_visit(profile=loader.load("krc"), employee=employee, now=now)
    assert (visit.channel, visit.employee, visit.answered_at) == ("office", employee, now)
    assert [fact.kind for fact in facts_of("contact", visit.pk)][:2] == ["contact_opened", "guide_started"]


@clause("krc-3-01")
@pytest.mark.parametrize(
    ("channel", "direction", "purpose"),
    [("phone", "in", None), ("phone", "out", None), ("office", "in", None), ("phone", "out", "survey_satisfaction")],
)
def test_every_talk_is_led_by_a_written_procedure(channel: str, direction: str, purpose: str | None) -> None:
    krc = loader.load("krc")
    script = krc.script(channel=channel, direction=direction, purpose=purpose)
    assert script is not None
    assert [step for step in script.steps if step.required]
    assert script.outcomes


@clause("krc-3-01")
def test_every_kind_of_appeal_has_its_way_and_its_term(employee: Employee, now: dt.datetime) -> None:
    krc = loader.load("krc")
    assert krc.workflow is not None
    kinds = krc.clauses["krc-2-20"].value["appeal_kind"] + krc.clauses["krc-2-17"].value["appeal_kind"]
    for kind in {*kinds, "review"}:
        for channel in ("phone", "office", "paper", "email", "web"):
            found = deadlines.derive(
                krc, kind=kind, subject=None, channel=channel, sent=now, received=now, registered=now
            )
            assert found.limit is not None, (kind, channel)
