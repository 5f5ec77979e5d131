"""Questions asked by an operator, and a form that the client fills in himself; who answers is the respondent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from kindline.campaigns import queries, surveys
from kindline.campaigns.models import Campaign
from kindline.clients.models import Client
from kindline.feedback import actions as feedback
from kindline.feedback.models import Rating
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db


@pytest.mark.clause("krc-2-24", "krc-2-37")
def test_primary_data_come_from_an_interview_and_from_a_form_filled_in_alone(
    person: Callable[..., Client],
    survey: Callable[..., Campaign],
    operator: Employee,
    krc: Profile,
    now: dt.datetime,
) -> None:
    asked, silent = person("+79270000001", survey_consent=True), person("+79270000002", survey_consent=True)
    target = surveys.take_next(campaign=survey(), employee=operator, profile=krc, now=now)
    assert target is not None
    called = surveys.open_call(target=target, profile=krc, employee=operator, now=now)
    done = surveys.record_answers(
        target=called, answers={0: "да", 1: "Отвечать быстрее"}, ending="answered", country="RU", employee=operator,
        now=now,
    )  # fmt: skip
    respondents = [one.client for one in done.campaign.targets.exclude(answers={})]
    assert respondents == [done.client]
    assert done.client in (asked, silent)
    assert [tally.given for tally in queries.tallies(done.campaign)] == [1, 1]
    feedback.rate(subject_type="appeal", subject_id=7, answer=4, service=5, words="Удобно", now=now)
    assert Rating.objects.get().words == "Удобно"
    assert facts_of("appeal", 7).get(kind="service_rated").actor == "client", "nobody asked him"
