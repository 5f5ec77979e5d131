"""The rules of the queues as those in charge read them where they move an operator."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import translation

from kindline.desk import queue_rules
from kindline.standard import loader
from tests.switchboard.people import operator as at_the_phone

pytestmark = pytest.mark.db


@pytest.mark.parametrize("profile", loader.profile_ids())
def test_every_queue_tells_whom_it_rings_and_when_it_sends_on(house: Any, profile: str) -> None:
    house(profile)
    menu = loader.load(profile).menu
    assert menu is not None
    with translation.override("en"):
        told = queue_rules.of(loader.load(profile))
    assert len(told) == len(menu.queues)
    for queue in told:
        rules = "\n".join(queue.rules)
        assert queue.title
        assert "Who talked within 30:00 waits up to 0:15 for the same operator" in rules
        assert "Where more than 200 wait, at once: a voice message" in rules
        assert "Where more than 30:00 are expected, at once: a voice message" in rules


def test_a_queue_names_its_skills_and_its_head_start(krc: Any) -> None:
    with translation.override("en"):
        told = {queue.title: queue.rules for queue in queue_rules.of(loader.load("krc"))}
        assert told["General questions"][0] == "Asks for no skill"
        assert told["Quality of utilities"][:2] == (
            "Skills with their least levels: quality (1)", "Head start before other queues: 5:00",
        )  # fmt: skip


def test_they_stand_where_an_operator_is_moved(as_supervisor: Browser) -> None:
    row = at_the_phone("anna")
    page = as_supervisor.get(reverse("floor-operator", args=[row.pk])).content.decode()
    assert 'id="queue-rules"' in page
