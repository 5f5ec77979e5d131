"""Complaints: no closing before the decision; measures with days and heads, controlled after the answer too."""

import datetime as dt

import pytest

from kindline.appeals import complaints, measuring, moves
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Appeal, Decision, Measure
from kindline.conversations.errors import PastDayError
from kindline.journal.queries import facts_of
from tests.appeals.registry import DAY, NOW, Registry

clause = pytest.mark.clause


def _plan(krc: Registry, appeal: Appeal, days: int = 5) -> Measure:
    return complaints.plan_measure(
        appeal=appeal, title="Поверить прибор", responsible=krc.people["unit_head"],
        due_on=(NOW + days * DAY).date(), employee=krc.people["unit_head"], now=NOW,
    )  # fmt: skip


def _given_to(here: Registry, who: str) -> Measure:
    return complaints.plan_measure(
        appeal=here.at("assigned", kind="complaint"), title="Поверить", responsible=here.people[who],
        due_on=(NOW + DAY).date(), employee=here.people["unit_head"], now=NOW,
    )  # fmt: skip


@pytest.mark.db
class TestWhoAnswers:
    @clause("krc-6.2-04")
    def test_a_head_where_the_standard_says_so(self, krc: Registry) -> None:
        with pytest.raises(measuring.NotHeadError, match="unit_head"):
            _given_to(krc, "specialist")
        assert not Measure.objects.exists()
        assert _given_to(krc, "director").pk

    def test_anybody_where_there_is_no_norm(self, court: Registry) -> None:
        assert _given_to(court, "specialist").pk


@pytest.mark.db
class TestDecision:
    @clause("krc-6.1-47", "krc-6.1-49")
    def test_it_is_not_signed_or_closed_before_it_is_decided(self, krc: Registry) -> None:
        for state, act in (("sign", "sign"), ("sent", "close")):
            appeal = krc.at(state, kind="complaint")
            with pytest.raises(moves.NeedError) as refused:
                krc.perform(act, appeal, krc.people["unit_head"])
            assert refused.value.need == "decision"
            assert "krc-6.1-47" in refused.value.clauses
        decided = krc.at("sent", kind="complaint")
        krc.decide(decided, grounded=False)
        assert krc.perform("close", decided, krc.people["unit_head"]).closed_at == NOW

    @clause("krc-6.1-47", "krc-6.1-49", "court-1-26")
    def test_a_complaint_voiced_beside_another_kind_is_decided_too(self, krc: Registry) -> None:
        appeal = krc.at("sent", kind=["application", "complaint"])
        with pytest.raises(moves.NeedError) as refused:
            krc.perform("close", appeal, krc.people["unit_head"])
        assert refused.value.need == "decision"
        krc.decide(appeal, grounded=False)
        assert krc.perform("close", appeal, krc.people["unit_head"]).closed_at == NOW

    @clause("krc-6.1-48")
    def test_measures_that_are_needed_are_planned_before_the_closing(self, krc: Registry) -> None:
        appeal = krc.at("sent", kind="complaint")
        krc.decide(appeal, measures_needed=True)
        with pytest.raises(moves.NeedError):
            krc.perform("close", appeal, krc.people["unit_head"])
        _plan(krc, appeal)
        assert krc.perform("close", appeal, krc.people["unit_head"]).closed_at == NOW

    @clause("krc-6.1-23")
    def test_a_complaint_of_quality_needs_a_record_of_the_check(self, krc: Registry) -> None:
        appeal = krc.at("sent", kind="complaint", subject="utility_quality")
        made = krc.decide(appeal, grounded=False)
        with pytest.raises(moves.NeedError) as refused:
            krc.perform("close", appeal, krc.people["unit_head"])
        assert "krc-6.1-23" in refused.value.clauses
        made.check_record = "акт замера № 3"
        made.save()
        assert krc.perform("close", appeal, krc.people["unit_head"]).closed_at == NOW

    def test_reasons_are_never_empty(self, krc: Registry) -> None:
        with pytest.raises(EmptyTextError):
            complaints.decide(
                appeal=krc.at("draft", kind="complaint"), finding=complaints.Finding(grounded=True, reasons=" "),
                employee=krc.people["unit_head"], now=NOW,
            )  # fmt: skip

    @clause("court-2-07")
    def test_it_is_decided_anew_until_the_check(self, krc: Registry) -> None:
        appeal = krc.at("draft", kind="complaint")
        for grounded in (False, True):
            finding = complaints.Finding(
                grounded=grounded, reasons="замер", check_record="акт № 3", fault_confirmed=grounded
            )
            complaints.decide(appeal=appeal, finding=finding, employee=krc.people["executor"], now=NOW)
        made = Decision.objects.get(appeal=appeal)
        assert (made.grounded, made.check_record, made.fault_confirmed) == (True, "акт № 3", True)
        assert facts_of("appeal", appeal.pk).filter(kind="complaint_decided").count() == 2


@pytest.mark.db
class TestMeasures:
    @clause("krc-6.2-04", "krc-6.2-05")
    def test_carried_out_and_controlled_after_the_answer(self, krc: Registry) -> None:
        appeal = krc.at("closed", kind="complaint")
        measure = _plan(krc, appeal)
        with pytest.raises(complaints.FinishedError):
            complaints.check_measure(measure=measure, good=True, employee=krc.people["director"], now=NOW)
        complaints.finish_measure(
            measure=measure, result="поверен", employee=krc.people["unit_head"], now=NOW + 6 * DAY
        )
        finished = facts_of("appeal", appeal.pk).get(kind="measure_finished")
        assert finished.data["in_time"] is False, "a day late"
        with pytest.raises(complaints.FinishedError):
            complaints.finish_measure(measure=measure, result="ещё", employee=krc.people["unit_head"], now=NOW)
        again = complaints.check_measure(measure=measure, good=False, employee=krc.people["director"], now=NOW)
        assert again.finished_at is None, "to be done again"
        complaints.finish_measure(measure=measure, result="поверен", employee=krc.people["unit_head"], now=NOW)
        done = complaints.check_measure(measure=measure, good=True, employee=krc.people["director"], now=NOW)
        assert done.checked_by == krc.people["director"]

    def test_a_day_that_is_past_is_refused(self, krc: Registry) -> None:
        with pytest.raises(PastDayError):
            _plan(krc, krc.at("assigned", kind="complaint"), days=-1)
        assert _plan(krc, krc.at("assigned", kind="complaint"), days=0).due_on == dt.date(2026, 3, 2)
