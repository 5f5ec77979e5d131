"""Reasons of complaints: named, counted, analysed every month, removed by measures that belong to a reason."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kindline.appeals import complaints, frequency, measuring, moves, reasons, reminding
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.frequency import Span
from kindline.appeals.models import Appeal, Decision, Measure, Reason
from kindline.conversations import errors
from kindline.correspondence.models import Outgoing
from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.quality import judging
from kindline.quality.models import Measurement
from kindline.staff.models import Unit
from tests.appeals.registry import DAY, NOW, Registry

clause = pytest.mark.clause
SPAN = Span(dt.date(2026, 2, 1), dt.date(2026, 3, 31))
pytestmark = pytest.mark.db


def _reason(krc: Registry, title: str) -> Reason:
    return reasons.add_reason(profile=krc.profile, title=title, employee=krc.people["director"], now=NOW)


def _complaint(krc: Registry, reason: Reason | None, at: dt.datetime = NOW) -> Appeal:
    appeal = krc.at("assigned", kind="complaint")
    Appeal.objects.filter(pk=appeal.pk).update(reason=reason, registered_at=at)
    return appeal


class TestCounting:
    @clause("krc-6.2-06")
    def test_the_most_frequent_come_first_with_their_running_share(self, krc: Registry) -> None:
        cold, bills = _reason(krc, "Холодно"), _reason(krc, "Начисления")
        for reason, times in ((cold, 3), (bills, 6), (None, 1)):
            made = [_complaint(krc, reason) for _ in range(times)]
            krc.decide(made[0])
        krc.register(kind="application")
        found = frequency.top(krc.profile, SPAN)
        assert [(one.title, one.complaints, one.grounded) for one in found] == [
            ("Начисления", 6, 1), ("Холодно", 3, 1), ("", 1, 1),
        ]  # fmt: skip
        assert [round(one.running, 2) for one in found] == [0.6, 0.9, 1.0]

    def test_filters_leave_what_they_say(self, krc: Registry) -> None:
        cold = _reason(krc, "Холодно")
        mine, other = _complaint(krc, cold), _complaint(krc, cold)
        elsewhere = Unit.objects.create(code="else", name="Другой")
        Appeal.objects.filter(pk=other.pk).update(unit=elsewhere, control_unit=elsewhere)
        only = Span(SPAN.since, SPAN.until, unit=elsewhere)
        assert list(frequency.complaints(krc.profile, only)) == [other]
        assert mine in frequency.complaints(krc.profile, SPAN)
        assert not frequency.complaints(krc.profile, Span(dt.date(2026, 3, 3), SPAN.until))

    def test_a_day_begins_at_the_organisation_s_midnight(self, krc: Registry) -> None:
        late = dt.datetime(2026, 3, 31, 22, 30, tzinfo=dt.UTC)  # already April in Moscow
        _complaint(krc, None, late)
        assert not frequency.complaints(krc.profile, SPAN)
        assert frequency.trend(krc.profile, Span(dt.date(2026, 4, 1), dt.date(2026, 4, 30)), "month").rows[0][1] == [1]

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(days=st.lists(st.integers(0, 58), max_size=12), step=st.sampled_from(["week", "month"]))
    def test_a_trend_loses_no_complaint(self, krc: Registry, days: list[int], step: Any) -> None:
        Decision.objects.all().delete()
        Appeal.objects.update(kind="application", kinds_voiced=["application"])
        for day in days:
            _complaint(krc, None, dt.datetime(2026, 2, 1, 9, tzinfo=dt.UTC) + day * DAY)
        found = frequency.trend(krc.profile, SPAN, step)
        assert sum(sum(counts) for _, counts in found.rows) == len(days)
        assert all(len(counts) == len(found.starts) for _, counts in found.rows)


class TestNaming:
    def test_who_works_with_the_complaint_names_the_reason(self, krc: Registry) -> None:
        cold, appeal = _reason(krc, "Холодно"), krc.at("closed", kind="complaint")
        reasons.set_reason(appeal=appeal, reason=cold, employee=krc.people["executor"], now=NOW)
        reasons.set_reason(appeal=appeal, reason=cold, employee=krc.people["executor"], now=NOW)
        appeal.refresh_from_db()
        assert appeal.reason == cold
        assert facts_of("appeal", appeal.pk).filter(kind="reason_set").count() == 1, "nothing differed the second time"
        with pytest.raises(moves.NotYoursError) as refused:
            reasons.set_reason(appeal=appeal, reason=None, employee=krc.people["administrator"], now=NOW)
        assert refused.value.clauses == ("krc-6.2-06",)

    def test_the_list_is_the_director_s(self, krc: Registry) -> None:
        cold = _reason(krc, "Холодно")
        with pytest.raises(reasons.KnownReasonError):
            _reason(krc, " Холодно ")
        with pytest.raises(EmptyTextError):
            _reason(krc, " ")
        with pytest.raises(moves.NotYoursError):
            reasons.retire_reason(reason=cold, employee=krc.people["unit_head"], now=NOW)
        appeal = _complaint(krc, cold)
        reasons.retire_reason(reason=cold, employee=krc.people["director"], now=NOW)
        assert not frequency.reasons(krc.profile)
        assert frequency.top(krc.profile, SPAN)[0].reason == cold, f"{appeal} keeps it"


class TestAnalysis:
    @clause("krc-6.2-06")
    def test_a_month_without_an_analysis_is_a_miss(self, krc: Registry) -> None:
        assert reasons.sweep_months(now=NOW) == 1
        assert reasons.sweep_months(now=NOW + DAY) == 0, "opened once"
        assert self._verdict(NOW + 20 * DAY) == "none"
        assert self._verdict(NOW + 40 * DAY) == "not_met"

    @clause("krc-6.2-06")
    def test_a_conclusion_written_in_the_month_meets_it(self, krc: Registry) -> None:
        reasons.sweep_months(now=NOW)
        cold = _reason(krc, "Холодно")
        _complaint(krc, cold)
        made = self._analyse(krc, NOW + 3 * DAY)
        assert made.counts == [["Холодно", 1, 0]], "the numbers of that day"
        _complaint(krc, cold)
        made.refresh_from_db()
        assert made.counts == [["Холодно", 1, 0]]
        assert self._verdict(NOW + 40 * DAY) == "met"

    def test_only_a_director_analyses_and_says_something(self, krc: Registry) -> None:
        with pytest.raises(moves.NotYoursError):
            self._analyse(krc, NOW, who="unit_head")
        with pytest.raises(EmptyTextError):
            self._analyse(krc, NOW, conclusion=" \n")

    def test_other_standards_ask_for_none(self, court: Registry) -> None:
        reasons.sweep_months(now=NOW)
        assert not Fact.objects.filter(subject_type="analysis", actor="system", data__profile=court.profile.id)

    @staticmethod
    def _analyse(krc: Registry, now: dt.datetime, who: str = "director", conclusion: str = "Холод в домах") -> Any:
        return reasons.record_analysis(
            profile=krc.profile, span=SPAN, conclusion=conclusion, employee=krc.people[who], now=now
        )

    @staticmethod
    def _verdict(now: dt.datetime) -> str:
        judging.judge_subjects(subjects={("analysis", "2026-03")}, now=now)
        found = Measurement.objects.filter(clause="krc-6.2-06").first()
        return found.verdict if found else "none"


class TestMeasures:
    def _plan(self, krc: Registry, reason: Reason, days: int = 5, who: str = "director") -> Measure:
        return reasons.plan_measure(
            reason=reason, title="Заменить насосы", responsible=krc.people["unit_head"], units=list(Unit.objects.all()),
            due_on=(NOW + days * DAY).date(), employee=krc.people[who], now=NOW,
        )  # fmt: skip

    @clause("krc-6.2-07")
    def test_a_head_answers_for_it(self, krc: Registry) -> None:
        cold = _reason(krc, "Холодно")
        with pytest.raises(measuring.NotHeadError):
            reasons.plan_measure(
                reason=cold, title="Заменить", responsible=krc.people["operator"], units=[], due_on=NOW.date(),
                employee=krc.people["director"], now=NOW,
            )  # fmt: skip
        assert not cold.measures.exists()

    @clause("krc-6.2-07")
    def test_planned_carried_out_and_controlled(self, krc: Registry) -> None:
        cold = _reason(krc, "Холодно")
        measure, director, head = self._plan(krc, cold), krc.people["director"], krc.people["unit_head"]
        assert list(measure.units.values_list("code", flat=True)) == ["clients"]
        assert frequency.top(krc.profile, SPAN) == []
        with pytest.raises(measuring.FinishedError):
            reasons.check_measure(measure=measure, good=True, employee=director, now=NOW)
        reasons.finish_measure(measure=measure, result="заменены", employee=head, now=NOW + 6 * DAY)
        fact = facts_of("reason", cold.pk).get(kind="reason_measure_finished")
        assert fact.data["in_time"] is False, "a day late"
        again = reasons.check_measure(measure=measure, good=False, employee=director, now=NOW)
        assert again.finished_at is None, "to be done again"
        reasons.finish_measure(measure=measure, result="заменены", employee=head, now=NOW)
        done = reasons.check_measure(measure=measure, good=True, employee=director, now=NOW)
        assert Measure.objects.get(pk=done.pk).checked_by == director

    @clause("krc-6.2-07")
    def test_it_is_the_directors_to_plan_and_to_control(self, krc: Registry) -> None:
        cold = _reason(krc, "Холодно")
        with pytest.raises(moves.NotYoursError) as refused:
            self._plan(krc, cold, who="unit_head")
        assert refused.value.clauses == ("krc-6.2-07",)
        measure = self._plan(krc, cold)
        with pytest.raises(moves.NotYoursError):
            reasons.finish_measure(measure=measure, result="да", employee=krc.people["operator"], now=NOW)
        reasons.finish_measure(measure=measure, result="да", employee=krc.people["unit_head"], now=NOW)
        with pytest.raises(moves.NotYoursError):
            reasons.check_measure(measure=measure, good=True, employee=krc.people["unit_head"], now=NOW)

    def test_who_answers_for_it_may_always_say_that_it_is_done(self, krc: Registry) -> None:
        measure = self._plan(krc, _reason(krc, "Холодно"))
        Measure.objects.filter(pk=measure.pk).update(responsible=krc.people["specialist"])
        measure.refresh_from_db()
        reasons.finish_measure(measure=measure, result="да", employee=krc.people["specialist"], now=NOW)
        assert Measure.objects.get(pk=measure.pk).finished_at == NOW

    def test_a_past_day_is_refused_and_the_two_kinds_are_not_mixed(self, krc: Registry) -> None:
        cold = _reason(krc, "Холодно")
        with pytest.raises(errors.PastDayError):
            self._plan(krc, cold, days=-1)
        with pytest.raises(moves.WrongStateError):
            complaints.finish_measure(
                measure=self._plan(krc, cold), result="да", employee=krc.people["unit_head"], now=NOW
            )


class TestConfirmedFault:
    @clause("court-2-09")
    def test_nothing_is_closed_before_a_measure_is_planned(self, court: Registry) -> None:
        for state, act in (("sent", "close"), ("assigned", "answer_orally")):
            appeal = court.at(state, kind="complaint", channel="phone")
            court.decide(appeal, fault_confirmed=True)
            with pytest.raises(moves.NeedError) as refused:
                court.perform(act, appeal, court.people["unit_head"])
            assert refused.value.need == "measure_of_fault"
            assert "court-2-09" in refused.value.clauses
            court.perform("plan_measure", appeal, court.people["unit_head"])
            assert court.perform(act, appeal, court.people["unit_head"]).closed_at == NOW

    @clause("court-2-09")
    def test_a_fault_confirmed_in_the_talk_counts_too(self, court: Registry) -> None:
        appeal = court.at("assigned", kind="complaint", channel="phone")
        assert appeal.contact is not None
        journal.record(
            kind="fault_confirmed", subject_type="contact", subject_id=appeal.contact.pk, actor="system",
            data={"by": "operator", "finding": "не перезвонили"}, at=NOW,
        )  # fmt: skip
        court.decide(appeal)
        with pytest.raises(moves.NeedError) as refused:
            court.perform("answer_orally", appeal, court.people["unit_head"])
        assert refused.value.need == "measure_of_fault"
        court.perform("plan_measure", appeal, court.people["unit_head"])
        assert court.perform("answer_orally", appeal, court.people["unit_head"]).closed_at == NOW

    def test_without_a_fault_no_measure_is_asked_for(self, court: Registry) -> None:
        appeal = court.at("sent", kind="complaint")
        court.decide(appeal, fault_confirmed=False)
        assert court.perform("close", appeal, court.people["unit_head"]).closed_at == NOW


class TestReminder:
    """Before the month ends those who analyse are asked for it, once; not where it is done."""

    LATE = dt.datetime(2026, 3, 25, 8, 0, tzinfo=dt.UTC)  # Wednesday: five working days are left

    @pytest.fixture(autouse=True)
    def relay(self, place: Any, settings: Any) -> None:
        described = {
            "class": "kindline.connectors.mail.smtp.Smtp",
            "url": "smtp://127.0.0.1:1",
            "sender": "a@b.example",
        }
        settings.MAIL = {**settings.MAIL, "relay": described}

    @clause("krc-6.2-06")
    def test_goes_once_to_those_who_analyse_in_their_language(self, krc: Registry) -> None:
        reasons.sweep_months(now=NOW)
        assert reminding.sweep(now=self.LATE - DAY) == 0, "not yet"
        assert reminding.sweep(now=self.LATE) == 1
        assert reminding.sweep(now=self.LATE + DAY) == 0
        letter = Outgoing.objects.get()
        assert letter.recipient == "director@example.org"
        assert letter.subject.startswith("Причини скарг слід проаналізувати до 31.03.2026")
        told = facts_of("analysis", "2026-03").get(kind="analysis_reminded")
        assert told.data["employees"] == [krc.people["director"].pk]
        assert reminding.wanting(krc.profile, self.LATE) is not None

    def test_not_where_it_is_done(self, krc: Registry) -> None:
        reasons.record_analysis(
            profile=krc.profile, span=SPAN, conclusion="меньше ошибок", employee=krc.people["director"], now=NOW
        )
        assert reminding.sweep(now=self.LATE) == 0
        assert reminding.wanting(krc.profile, self.LATE) is None

    def test_without_mail_it_stands_on_the_page_alone(self, krc: Registry, settings: Any) -> None:
        settings.MAIL = {**settings.MAIL, "relay": {}}
        reasons.sweep_months(now=NOW)
        assert reminding.sweep(now=self.LATE) == 1
        assert not Outgoing.objects.exists()

    def test_not_where_no_norm_asks_for_it(self, court: Registry) -> None:
        assert reminding.wanting(court.profile, self.LATE) is None
