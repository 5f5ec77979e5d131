"""One card of a client over all channels, and the figures that are made of what stands on it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from kindline.clients.models import Client
from kindline.conversations.models import Contact, Topic
from kindline.desk import card
from kindline.quality import goals
from tests.appeals.registry import Registry
from tests.desk.test_registry import here

__all__ = ["here"]
pytestmark = pytest.mark.db


@pytest.mark.clause("krc-2-49")
def test_whatever_way_a_client_came_it_stands_on_his_card_and_is_counted(here: Registry, client_card: Any) -> None:
    now, topic = timezone.now(), Topic.objects.create(profile="krc", code="bill", title="Квитанция")
    for number, channel in enumerate(("phone", "office", "web")):
        at = now - dt.timedelta(seconds=60 * (9 - number))
        Contact.objects.create(
            profile="krc", version="1", channel=channel, client=client_card, topic=topic, started_at=at, answered_at=at,
            ended_at=at + dt.timedelta(seconds=30), closed_at=at,
        )  # fmt: skip
    appeal = here.register("web", "info_request")
    appeal.client = client_card
    appeal.save(update_fields=["client"])
    present = Contact.objects.create(
        profile="krc", version="1", channel="phone", client=client_card, started_at=now, direction="out"
    )
    shown = card.card(client_card, present, here.profile, now)
    assert {one["channel"] for one in shown["contacts"]} >= {"phone", "office", "web"}
    assert [one["number"] for one in shown["appeals"]] == [appeal.number]
    (effort,) = [
        one
        for one in goals.follow(here.profile, now.astimezone(here.profile.zone).date())
        if one.metric == "client_effort"
    ]
    counted = effort.series[0].known
    assert counted, "what stands on the card can be analysed"


@pytest.fixture
def client_card(here: Registry) -> Any:
    """A client of this organisation."""
    now = timezone.now()
    return Client.objects.create(surname="Ёлкин", given_name="Пётр", created_at=now, changed_at=now)
