"""Subscribers are reminded of readings on the days of the profile, once a day, by their way."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from kindline.campaigns import reading_reminders, tasks
from kindline.clients.models import ContactPoint
from kindline.correspondence.models import Outgoing
from kindline.journal import strain, sweeping
from kindline.journal.models import Fact
from kindline.notifications.models import Sms
from kindline.readings.models import ReadingReminder
from tests.readings.conftest import Household, household

__all__ = ["household"]
pytestmark = pytest.mark.db
DAY = dt.datetime(2026, 3, 20, 9, 0, tzinfo=dt.UTC)
"""A day that the profile names, at noon in Moscow."""


@pytest.fixture
def subscriber(household: Household, settings: Any) -> Household:
    """A client who wants notices by e-mail and SMS, the latter rather; both can be sent."""
    client = household.account.client
    client.notices, client.ways = ["email", "sms"], ["voice", "sms"]
    client.save()
    ContactPoint.objects.create(client=client, kind="phone", value="+79271112233")
    ContactPoint.objects.create(client=client, kind="email", value="elkin@example.com")
    settings.SMS = {**settings.SMS, "gateway": "kindline.connectors.sms.kannel.Kannel"}
    settings.MAIL = {**settings.MAIL, "relay": {"host": "localhost"}}
    return household


def swept(here: Household, now: dt.datetime = DAY) -> int:
    """The sweep."""
    return reading_reminders.sweep(profile=here.profile, now=now)


def test_once_a_day_by_the_way_that_he_prefers(subscriber: Household) -> None:
    assert [swept(subscriber), swept(subscriber)] == [1, 0]
    sms = Sms.objects.get()
    assert sms.phone == "+79271112233"
    assert "1234567" in sms.text
    assert not Outgoing.objects.exists()
    assert Fact.objects.get(kind="reading_reminded").data == {"account": "1234567", "way": "sms"}
    assert swept(subscriber, DAY + dt.timedelta(days=4)) == 1, "the next day of the profile"


def test_by_e_mail_where_there_is_no_gateway(subscriber: Household, settings: Any) -> None:
    settings.SMS = {**settings.SMS, "gateway": ""}
    swept(subscriber)
    assert Outgoing.objects.get().recipient == "elkin@example.com"
    assert "1234567" in Outgoing.objects.get().text
    assert ReadingReminder.objects.get().way == "email"


@pytest.mark.parametrize("now", [DAY + dt.timedelta(days=1), DAY.replace(hour=3), DAY.replace(hour=18)])
def test_on_no_other_day_and_at_no_other_hour(subscriber: Household, now: dt.datetime) -> None:
    assert swept(subscriber, now) == 0


@pytest.mark.parametrize("wish", [{"notices": []}, {"do_not_call": True}])
def test_who_has_not_subscribed_or_wants_none_is_left_alone(subscriber: Household, wish: dict[str, Any]) -> None:
    client = subscriber.account.client
    for name, value in wish.items():
        setattr(client, name, value)
    client.save()
    assert swept(subscriber) == 0


def test_who_has_sent_all_readings_is_not_reminded(subscriber: Household) -> None:
    subscriber.send(
        subscriber.line("1200"), subscriber.line("600", zone="night"), subscriber.line("80", zone="", meter="W-1")
    )
    assert swept(subscriber) == 0


def test_who_cannot_be_told_is_tried_once_and_it_is_kept(subscriber: Household) -> None:
    ContactPoint.objects.all().delete()
    assert [swept(subscriber), swept(subscriber)] == [1, 0]
    assert ReadingReminder.objects.get().way == ""


def test_reminders_wait_while_requests_wait_on_the_machine(
    subscriber: Household, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STRAIN_FOLDER = tmp_path / "strain"
    monkeypatch.setattr(strain, "clock", lambda: DAY)
    strain.tell(60)
    assert swept(subscriber, DAY + dt.timedelta(minutes=10)) == 0
    monkeypatch.setattr(strain, "clock", lambda: DAY + dt.timedelta(minutes=1))
    assert swept(subscriber) == 1


def test_a_job_that_lasts_longer_than_the_hours_reminds_nobody_after_them(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([DAY.replace(hour=16, minute=59), DAY.replace(hour=17), DAY.replace(hour=18)])
    seen: list[dt.datetime] = []

    def batch(*, profile: Any, now: dt.datetime) -> int:
        seen.append(now)
        return 0 if now.hour > 16 else reading_reminders.BATCH

    monkeypatch.setattr(reading_reminders, "sweep", batch)
    monkeypatch.setattr(sweeping, "of_database", lambda: next(moments))
    tasks.reading_reminders(0)
    assert [one.hour for one in seen] == [16, 17]
