"""A reading that was asked back and not answered in time is asked about once more, where its client wants notices."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kindline.campaigns import readings_asked_again
from kindline.correspondence.models import Outgoing
from kindline.journal import strain
from kindline.journal.models import Fact
from kindline.notifications.models import Sms
from kindline.readings import actions
from kindline.readings.lines import Sender
from kindline.readings.models import Reading, Sending
from kindline.standard import loader
from tests.campaigns.test_reading_reminders import subscriber
from tests.readings.conftest import NOW, Household, household

__all__ = ["household", "subscriber"]
pytestmark = [pytest.mark.db, pytest.mark.clause("krc-5.7.3-06")]
LATER = NOW + dt.timedelta(days=1, minutes=1)


def swept(here: Household, now: dt.datetime = LATER) -> int:
    return readings_asked_again.sweep(profile=here.profile, now=now)


@pytest.fixture
def asked(subscriber: Household) -> Household:
    """Two readings that wait for an answer."""
    lines = subscriber.line("900"), subscriber.line("70,5", zone="", meter="W-1")
    _sending, outcomes = subscriber.send(*lines, channel="web")
    assert [one.state for one in outcomes] == ["asked_back"] * 2
    return subscriber


def test_it_is_asked_once_about_all_of_an_account_by_the_way_that_he_prefers(asked: Household) -> None:
    assert swept(asked, NOW + dt.timedelta(hours=1)) == 0, "he may still answer"
    assert [swept(asked), swept(asked), swept(asked, LATER + dt.timedelta(days=2))] == [2, 0, 0]
    sms = Sms.objects.get()
    assert sms.phone == "+79271112233"
    assert "1234567" in sms.text
    assert "E-1: 900, W-1: 70,5" in sms.text
    assert not Outgoing.objects.exists()
    facts = Fact.objects.filter(kind="reading_asked_again")
    assert [fact.data["way"] for fact in facts] == ["sms", "sms"]
    assert {fact.data["reading"] for fact in facts} == set(
        Reading.objects.filter(state="asked_back").values_list("pk", flat=True)
    )


def test_an_account_is_asked_once_about_readings_that_came_minutes_apart_and_beyond_the_limit_of_a_round(
    asked: Household,
) -> None:
    later = Sending.objects.latest("pk").sent_at + dt.timedelta(minutes=10)
    _sending, [one] = asked.send(asked.line("71", zone="", meter="W-1"), channel="web", now=later)
    assert one.state == "asked_back"
    assert readings_asked_again.sweep(profile=asked.profile, now=LATER, limit=1) == 3
    assert [swept(asked), swept(asked, LATER + dt.timedelta(hours=1))] == [0, 0]
    assert "E-1: 900, W-1: 70,5, W-1: 71" in Sms.objects.get().text
    assert Fact.objects.filter(kind="reading_asked_again").count() == 3


def test_by_e_mail_where_there_is_no_gateway(asked: Household, settings: Any) -> None:
    settings.SMS = {**settings.SMS, "gateway": ""}
    swept(asked)
    assert Outgoing.objects.get().recipient == "elkin@example.com"
    assert "W-1: 70,5" in Outgoing.objects.get().text


def test_what_was_answered_or_waits_for_long_is_not_asked_about(asked: Household) -> None:
    one, two = Reading.objects.filter(state="asked_back").order_by("pk")
    actions.confirm_reading(reading_id=one.pk, sender=Sender("account", login_id=1), now=NOW)
    assert swept(asked) == 1
    later = asked.send(asked.line("901"))[0]
    Sending.objects.filter(pk=later.pk).update(sent_at=LATER - dt.timedelta(days=31))
    assert swept(asked, LATER) == 0
    assert two.state == "asked_back"


@pytest.mark.parametrize("wish", [{"notices": []}, {"do_not_call": True}])
def test_who_has_not_subscribed_or_wants_none_is_left_alone(asked: Household, wish: dict[str, Any]) -> None:
    client = asked.account.client
    for name, value in wish.items():
        setattr(client, name, value)
    client.save()
    assert swept(asked) == 0


@pytest.mark.parametrize("hour", [3, 18])
def test_at_no_other_hour_and_not_while_requests_wait(
    asked: Household, hour: int, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert swept(asked, LATER.replace(hour=hour) + dt.timedelta(days=1)) == 0
    settings.STRAIN_FOLDER = tmp_path / "strain"
    monkeypatch.setattr(strain, "clock", lambda: LATER)
    strain.tell(60)
    assert swept(asked) == 0


def test_a_standard_without_the_text_or_without_a_term_asks_nobody(asked: Household) -> None:
    whole = asked.profile
    asked.profile = replace(whole, messages={})
    assert swept(asked) == 0
    asked.profile = replace(whole, variables={**whole.variables, "readings": {}})
    assert swept(asked) == 0


@pytest.mark.parametrize("profile", ["krc", "yumek", "voe"])
def test_every_standard_that_takes_readings_has_the_texts(profile: str) -> None:
    assert {readings_asked_again.EMAIL, readings_asked_again.SMS} <= set(loader.load(profile).messages)
