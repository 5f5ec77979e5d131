"""A closed call is judged whole, once in effect, and again when more becomes known."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from kindline.journal import actions as journal
from kindline.journal import cursor
from kindline.journal.actions import NewFact
from kindline.journal.models import Cursor, Fact
from kindline.quality import judging, queries, rejudging
from kindline.quality.models import Measurement, Rejudging
from kindline.standard import loader
from tests.quality.conftest import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("few_clauses")]
Call = Callable[..., str]
RINGS = "krc-5.6.4-03"
CALLBACK = "krc-5.6.4-12"
NAMED_TIME = "krc-5.5.2-05"


def _judge(after_s: float = 200) -> dt.datetime:
    now = NOW + dt.timedelta(seconds=after_s)
    while judging.judge_new(now=now):
        continue
    return now


def _verdict(contact: str, clause: str) -> str:
    row = Measurement.objects.filter(subject_type="contact", subject_id=contact, clause=clause).first()
    return row.verdict if row else ""


@pytest.mark.clause("krc-5.6.4-03", "yumek-9.4-44")
def test_a_closed_call_is_judged_with_its_proof(call: Call) -> None:
    good, bad = call("krc", rings=2), call("krc", rings=5)
    now = _judge()
    assert (_verdict(good, RINGS), _verdict(bad, RINGS)) == ("met", "not_met")
    row = Measurement.objects.get(subject_id=bad, clause=RINGS)
    assert (row.profile, row.version, row.judged_at) == ("krc", loader.load("krc").version, now)
    assert row.observed
    assert row.limit
    assert [fact.kind for fact in queries.evidence(row)] == ["call_offered", "call_answered"]


def test_an_open_call_waits_until_it_is_closed(call: Call) -> None:
    contact = call("krc", closed=False)
    _judge()
    assert not Measurement.objects.exists()
    journal.record(kind="contact_closed", subject_type="contact", subject_id=contact, data={"outcome": "answered"})
    _judge()
    assert _verdict(contact, RINGS) == "met", "the facts read before the closing count too"


def test_judging_again_changes_nothing(call: Call) -> None:
    call("krc")
    _judge()
    before = list(Measurement.objects.order_by("pk").values_list("pk", "clause", "verdict"))
    Cursor.objects.filter(name=judging.CURSOR).update(xid=0, fact_id=0)
    _judge()
    assert list(Measurement.objects.order_by("pk").values_list("pk", "clause", "verdict")) == before


def test_a_judge_that_dies_leaves_nothing_half_done(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    contact = call("krc")

    def die(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(rejudging, "expect_dues", die)
        with pytest.raises(RuntimeError, match="killed"):
            judging.judge_new(now=NOW)
    assert not Measurement.objects.exists()
    assert not Cursor.objects.filter(name=judging.CURSOR, xid__gt=0).exists()
    _judge()
    assert _verdict(contact, RINGS) == "met"


def test_a_second_judge_goes_away(call: Call) -> None:
    call("krc")
    counts: list[int] = []

    def second() -> None:
        counts.append(judging.judge_new(now=NOW))
        connection.close()

    with transaction.atomic(), cursor.reading(judging.CURSOR):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert counts == [0]


def test_a_late_fact_judges_the_call_anew(call: Call) -> None:
    contact = call("krc")
    _judge()
    reviewed = next(item for item in loader.load("krc").forms["call_review"].items if item.clause == "krc-5.6.4-07")
    assert _verdict(contact, reviewed.clause or "") == "not_measurable"
    data = {"form": "call_review", "item": reviewed.id, "clause": reviewed.clause, "verdict": "not_met", "reviewer": 1}
    journal.record(kind="item_judged", subject_type="contact", subject_id=contact, data=data)
    _judge()
    assert _verdict(contact, reviewed.clause or "") == "not_met"


def test_a_verdict_that_no_longer_applies_goes(call: Call) -> None:
    contact = call("krc")
    _judge()
    Measurement.objects.create(
        profile="krc", clause="krc-0-00", version=loader.load("krc").version, subject_type="contact",
        subject_id=contact, verdict="met", at=NOW, judged_at=NOW,
    )  # fmt: skip
    other = Measurement.objects.create(
        profile="krc", clause="krc-0-00", version="older", subject_type="contact",
        subject_id=contact, verdict="met", at=NOW, judged_at=NOW,
    )  # fmt: skip
    journal.record(kind="rating_given", subject_type="contact", subject_id=contact, data={"score": 5, "of": 5})
    _judge(300)
    assert list(Measurement.objects.filter(clause="krc-0-00")) == [other], "an older version's verdicts stay"


class TestDues:
    """A promise falls due by the clock alone."""

    def _promising(self, call: Call, due: dt.datetime) -> str:
        data = {"task": 1, "due_at": due, "phone": "+79271112233", "fields": ["phone"]}
        at = NOW + dt.timedelta(seconds=60)
        return call("krc", more=(NewFact("callback_promised", "contact", "", "employee:1", data, at),))

    @pytest.mark.clause("krc-5.6.4-12")
    def test_it_is_missed_without_a_further_fact(self, call: Call) -> None:
        closing_time = NOW.replace(hour=17)
        contact = self._promising(call, NOW + dt.timedelta(hours=3))
        _judge()
        assert _verdict(contact, CALLBACK) == "", "open and not due: no verdict"
        assert judging.judge_due(now=NOW + dt.timedelta(minutes=5)) == 1, "only the month's averages"
        due = Rejudging.objects.get(subject_type="contact", subject_id=contact)
        assert due.at == NOW + dt.timedelta(hours=3, seconds=1)
        judging.judge_due(now=due.at)
        assert _verdict(contact, NAMED_TIME) == "not_met"
        assert _verdict(contact, CALLBACK) == "", "the named time has passed, the day has not"
        judging.judge_due(now=closing_time + dt.timedelta(seconds=2))
        assert _verdict(contact, CALLBACK) == "not_met"
        assert not Rejudging.objects.filter(subject_type="contact").exists(), "nothing more to wait for"

    def test_a_kept_promise_is_met_and_forgotten(self, call: Call) -> None:
        contact = self._promising(call, NOW + dt.timedelta(hours=3))
        _judge()
        journal.record(
            kind="callback_made", subject_type="contact", subject_id=contact, at=NOW + dt.timedelta(hours=1),
            data={"task": 1, "outcome": "reached", "in_time": True},
        )  # fmt: skip
        _judge(3700)
        assert _verdict(contact, CALLBACK) == "met"
        assert not Rejudging.objects.filter(subject_type="contact").exists()


class TestPeriods:
    """Averages and shares are judged a month at a time, some seconds after news."""

    @pytest.mark.clause("yumek-9.4-27")
    def test_a_month_is_judged_once_for_many_calls(self, call: Call, under: Callable[[str], None]) -> None:
        under("yumek")
        for outcome in ("answered", "callback", "callback"):
            call("yumek", outcome=outcome)
        _judge()
        assert not Measurement.objects.filter(subject_type="period").exists()
        assert list(Rejudging.objects.values_list("subject_type", "subject_id")) == [("period", "2026-03")]
        assert judging.judge_due(now=NOW + dt.timedelta(seconds=230)) == 1
        rows = {row.clause: row for row in Measurement.objects.filter(subject_type="period")}
        assert rows
        assert {row.subject_id[:7] for row in rows.values()} == {"2026-03"}
        known = {fact.id for fact in Fact.objects.all()}
        row = rows["yumek-9.4-27"]
        assert row.verdict == "not_met"
        assert len(row.evidence) > 1
        assert set(row.evidence) <= known, "each fact by its own number"
        first = {clause: row.pk for clause, row in rows.items()}
        judging.judge_period(period="2026-03", now=NOW + dt.timedelta(seconds=260))
        again = Measurement.objects.filter(subject_type="period")
        assert {row.clause: row.pk for row in again} == first


def test_a_call_led_by_another_standard_is_judged_by_that(call: Call) -> None:
    contact = call("court")
    _judge()
    clauses = set(Measurement.objects.filter(subject_id=contact).values_list("clause", flat=True))
    assert clauses
    assert all(clause.startswith("court-") for clause in clauses)
