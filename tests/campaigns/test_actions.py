"""The life of a campaign: each step is a fact, and what cannot be is refused with what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from kindline.campaigns import actions, errors, queries
from kindline.campaigns.audience import Asked
from kindline.campaigns.models import Campaign, Target
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from tests.campaigns.conftest import QUESTIONS, states

pytestmark = pytest.mark.db
Made = Callable[..., Campaign]
MESSAGE = {"kind": "message", "purpose": "service_notices"}


@pytest.mark.clause("krc-2-02")
def test_from_draft_to_done(message: Made, supervisor: Employee, now: dt.datetime) -> None:
    campaign = message("+79270000001", start=False)
    assert not actions.finish_if_done(campaign=campaign, now=now)
    by: dict[str, Any] = {"employee": supervisor, "now": now}
    actions.start_campaign(campaign=campaign, **by)
    actions.pause_campaign(campaign=campaign, **by)
    actions.start_campaign(campaign=campaign, **by)
    Target.objects.update(state="confirmed")
    assert actions.finish_if_done(campaign=campaign, now=now)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.ended_at) == ("done", now)
    kinds = [fact.kind for fact in facts_of("campaign", campaign.pk)]
    assert kinds == [
        "campaign_created", "campaign_filled", "campaign_started", "campaign_paused", "campaign_started",
        "campaign_finished",
    ]  # fmt: skip
    assert facts_of("campaign", campaign.pk).get(kind="campaign_finished").data == {"targets": 1, "reached": 1}


def test_stopping_is_for_good(message: Made, supervisor: Employee, now: dt.datetime) -> None:
    campaign = message("+79270000001", "+79270000002")
    Target.objects.filter(phone="+79270000001").update(state="confirmed")
    actions.stop_campaign(campaign=campaign, employee=supervisor, now=now)
    assert states(campaign) == {"+79270000001": "confirmed", "+79270000002": "skipped"}
    with pytest.raises(errors.WrongStateError):
        actions.start_campaign(campaign=campaign, employee=supervisor, now=now)
    with pytest.raises(errors.WrongStateError):
        actions.fill(campaign=campaign, asked=Asked(), country="RU", employee=supervisor, now=now)
    with pytest.raises(errors.WrongStateError):
        actions.stop_campaign(campaign=campaign, employee=supervisor, now=now)


def test_nobody_is_no_campaign(message: Made, supervisor: Employee, now: dt.datetime) -> None:
    with pytest.raises(errors.NobodyError):
        actions.start_campaign(campaign=message(), employee=supervisor, now=now)
    with pytest.raises(errors.WrongStateError):
        actions.pause_campaign(campaign=message(), employee=supervisor, now=now)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"kind": "message", "title": "a", "text": "a", "purpose": "advertising"}, "purpose"),
        ({"kind": "message", "title": "a", "text": "a", "purpose": ""}, "purpose"),
        ({"title": "a", "text": " "}, "text"),
        ({"title": "", "text": "a"}, "title"),
        ({"title": "a", "text": "a" * 1501}, "text"),
        ({"title": "a", "text": "a", "confirm_key": "#"}, "confirm_key"),
        ({"title": "a", "text": "a", "at_once": 1000}, "at_once"),
        ({"kind": "survey", "title": "a", "purpose": "survey_weather", "questions": QUESTIONS}, "purpose"),
        ({"kind": "survey", "title": "a", "purpose": "survey_satisfaction"}, "questions"),
        ({"title": "a", "text": "a", "state": "running"}, "state"),
    ],
)
@pytest.mark.clause("krc-6.1-04")
def test_what_cannot_stand_is_said_field_by_field(
    fields: dict[str, Any], wrong: str, krc: Profile, supervisor: Employee, now: dt.datetime
) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.create_campaign(profile=krc, fields=MESSAGE | fields, employee=supervisor, now=now)
    assert wrong in refused.value.message_dict
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"confirm_key": "9"}, {"tries": 0}, {"at_once": 0}, {"hours_from": dt.time(21)}], ids=str
)
def test_the_tables_themselves_hold_what_must_hold(message: Made, fields: dict[str, Any]) -> None:
    campaign = message(start=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(**fields)


def test_progress_counts_whom_it_has_reached(message: Made) -> None:
    campaign = message(*(f"+7927000000{n}" for n in range(5)))
    for phone, state in {"0": "confirmed", "1": "to_operator", "2": "not_reached", "3": "skipped"}.items():
        Target.objects.filter(phone__endswith=phone).update(state=state)
    found = queries.progress([campaign])[campaign.pk]
    assert (found.total, found.done, found.reached, found.share) == (4, 3, 2, 75.0)
    assert queries.progress([]) == {}
