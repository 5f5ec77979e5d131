"""Whose consent a message needs is said by its purpose: service needs none, a survey and news do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from kindline.campaigns import audience, calling, purposes
from kindline.campaigns.audience import Asked
from kindline.campaigns.models import Campaign, Target
from kindline.clients import wishes
from kindline.clients.models import Client
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.campaigns.conftest import NOW

pytestmark = pytest.mark.db
Person = Callable[..., Client]
Made = Callable[..., Campaign]
BY: dict[str, Any] = {"via": "desk", "employee_id": None, "actor": "system", "now": NOW}


def gather(campaign: Campaign, **asked: str) -> audience.Audience:
    """Who would be reached."""
    return audience.gather(campaign=campaign, asked=Asked(**asked), country="RU")


@pytest.mark.clause("krc-6.1-04", "krc-5.5.2-08", "krc-5.7.1-39")
@pytest.mark.parametrize(
    ("purpose", "reached", "left"),
    [
        ("service_notices", "123", {}),
        ("settlements", "123", {}),
        ("service_control", "2", {"no_consent": 2}),
        ("news", "3", {"no_subscription": 2}),
    ],
)
@pytest.mark.parametrize("asked", [{"street": "Лесная"}, {"numbers": "+79270000001\n+79270000002\n+79270000003"}])
def test_the_purpose_says_whose_consent_is_needed(
    person: Person, message: Made, purpose: str, reached: str, left: dict[str, int], asked: dict[str, str]
) -> None:
    person("+79270000001")
    person("+79270000002", survey_consent=True)
    wishes.set_ways(client=person("+79270000003"), ways=[], notices=["voice"], **BY)
    person("+79270000004", do_not_call=True)
    campaign = message(start=False, purpose=purpose)
    found = gather(campaign, **asked)
    assert "".join(one.phone[-1] for one in found.people) == reached
    assert {reason: n for reason, n in found.reasons.items() if reason != "do_not_call"} == {
        reason: n + (reason == "no_subscription" and "street" in asked) for reason, n in left.items()
    }


def test_news_go_by_the_ways_of_the_subscription_alone(person: Person, message: Made) -> None:
    client = person("+79270000001")
    wishes.set_ways(client=client, ways=["voice"], notices=["sms"], **BY)
    campaign = message(start=False, purpose="news", ways=["voice", "sms"])
    assert [one.ways for one in gather(campaign, street="Лесная").people] == [("sms",)]
    assert gather(campaign, numbers="+79270000009").reasons == {"no_subscription": 1}, "nobody knows what he wishes"


def test_who_has_left_meanwhile_is_told_nothing_more(
    person: Person, message: Made, krc: Profile, now: dt.datetime
) -> None:
    client = person("+79270000001")
    wishes.set_ways(client=client, ways=[], notices=["voice"], **BY)
    campaign = message("+79270000001", purpose="news")
    wishes.set_ways(client=client, ways=[], notices=["sms"], **BY)
    assert calling.claim(campaign=campaign, profile=krc, now=now) == []
    target = Target.objects.get()
    assert (target.state, target.reason) == ("skipped", "no_subscription")


@pytest.mark.parametrize("name", ["krc", "court", "yumek", "voe"])
def test_every_standard_says_it_for_each_purpose(name: str) -> None:
    found = purposes.of_messages(loader.load(name))
    assert {one.consent for one in found.values()} == {"none", "surveys", "subscription"}
    assert all(set(one.title) == {"uk", "ru", "en"} for one in found.values())
    assert next(iter(found.values())).consent == "none", "an incident is told under the first"
