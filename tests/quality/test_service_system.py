"""The system of service: a written process, the people who keep it and the information they work with, linked."""

from __future__ import annotations

import dataclasses
import datetime as dt
from types import SimpleNamespace

import pytest

from kindline.conversations import actions
from kindline.conversations.models import Topic
from kindline.journal.queries import facts_by_id, facts_of
from kindline.quality import judging
from kindline.quality.models import Measurement
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from tests.quality.conftest import NOW

pytestmark = pytest.mark.db


@pytest.mark.clause("krc-2-40")
def test_a_step_of_the_guide_by_an_employee_becomes_a_fact_and_the_facts_a_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = loader.load("krc")
    few = dataclasses.replace(whole, clauses={"krc-5.4.3-06": whole.clauses["krc-5.4.3-06"]})
    monkeypatch.setattr(judging, "loader", SimpleNamespace(load=lambda _name: few, profile_ids=loader.profile_ids))
    employee = Employee.objects.create(username="counter1", roles=[Role.COUNTER])
    topic = Topic.objects.create(profile="krc", code="bill", title="Квитанция")
    visit = actions.open_visit(profile=whole, employee=employee, now=NOW)
    later = NOW + dt.timedelta(seconds=30)
    actions.set_topic(contact=visit, topic=topic, employee=employee, now=later)
    script = whole.script(channel="office", direction="in")
    assert script is not None
    for step in script.steps:
        if (step.required and step.done_by is None) or step.done_by == "answer_given":
            phrase = step.phrases[0] if step.phrases else ""
            actions.mark_step(contact=visit, step=step.id, phrase=phrase, employee=employee, now=later)
    actions.close_contact(contact=visit, outcome="answered", employee=employee, now=later + dt.timedelta(minutes=5))
    judging.judge_subjects(subjects=[("contact", str(visit.pk))], now=later + dt.timedelta(minutes=6))
    verdict = Measurement.objects.get(clause="krc-5.4.3-06")
    assert verdict.verdict == "met"
    evidence = facts_by_id(verdict.evidence).values()
    assert {fact.actor for fact in evidence} >= {f"employee:{employee.pk}"}
    assert facts_of("contact", visit.pk).filter(kind="topic_set").exists()
