"""Calls of campaigns are judged like any other: by what they are, and by nothing that they are not."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import pytest

from kindline.conversations import actions as conversations
from kindline.journal import actions as journal
from kindline.quality import judging
from kindline.quality.models import Measurement
from kindline.standard import loader
from tests.quality.conftest import NOW

pytestmark = pytest.mark.db
Told = tuple[float, str, dict[str, Any]]


def judged(profile: str, facts: Sequence[Told], outcome: str) -> dict[str, str]:
    """The verdicts on an outgoing contact with these facts."""
    contact = conversations.open_contact(
        profile=loader.load(profile), channel="phone", direction="out", called="+79001112233", contact_id=uuid.uuid4(),
        now=NOW,
    )  # fmt: skip
    subject = ("contact", contact.pk, "switchboard")
    journal.record_many(
        [journal.NewFact(kind, *subject, data, NOW + dt.timedelta(seconds=at)) for at, kind, data in facts]
    )
    conversations.close_unserved(contact=contact, outcome=outcome, now=NOW + dt.timedelta(seconds=90))
    judging.judge_subjects(subjects={("contact", str(contact.pk))}, now=NOW + dt.timedelta(minutes=5))
    return dict(Measurement.objects.values_list("clause", "verdict"))


ANNOUNCED: list[Told] = [
    (0, "announcement_dialled", {"number": "+79001112233", "about": "campaign:7"}),
    (6, "announcement_dial_ended", {"outcome": "answered", "rings": 2, "ring_s": 6.0}),
    (8, "notice_played", {"notice": "recording", "duration_s": 2.0}),
    (20, "announcement_key", {"digit": "1", "valid": True}),
    (20, "announcement_ended", {"about": "campaign:7", "outcome": "confirmed", "times": 1}),
    (22, "call_ended", {"by": "system", "cause": "normal", "outcome": "confirmed"}),
]


@pytest.mark.clause("krc-2-42")
def test_a_message_that_was_told_breaks_nothing(db: None) -> None:
    found = judged("krc", ANNOUNCED, "confirmed")
    assert found["krc-2-42"] == "met"
    assert {clause for clause, verdict in found.items() if verdict == "not_met"} == set()


@pytest.mark.clause("krc-5.5.2-06", "krc-5.5.2-07", "krc-5.5.2-08")
@pytest.mark.parametrize("permitted", [True, False])
def test_a_survey_s_call_without_permission_is_a_breach(db: None, permitted: bool) -> None:
    purpose = "survey_service_development"
    found = judged(
        "krc",
        [
            (0, "survey_opened", {"campaign": 1, "purpose": purpose}),
            (0, "survey_permission_checked", {"purpose": purpose, "permitted": permitted}),
            (5, "client_dialled", {"number": "+79001112233"}),
            (20, "client_dial_ended", {"outcome": "no_answer", "rings": 3}),
        ],
        "not_reached",
    )
    assert found["krc-5.5.2-07"] == ("met" if permitted else "not_met")
    assert not {"krc-5.5.2-06", "krc-5.5.2-08"} & set(found)
