"""Campaigns by short message and e-mail: each person by his ways, the next when one fails, nobody twice or at night."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kindline.campaigns import actions, following, queries, writing
from kindline.campaigns.models import Campaign, Target
from kindline.clients import wishes
from kindline.clients.models import Client
from kindline.correspondence import actions as letters
from kindline.correspondence import queries as mail
from kindline.correspondence.errors import WrongStateError
from kindline.correspondence.models import Outgoing
from kindline.journal import strain
from kindline.journal.queries import facts_of
from kindline.notifications import actions as notifications
from kindline.notifications import receiving
from kindline.notifications.models import Part, Sms
from kindline.notifications.wires import Told
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from tests.campaigns.conftest import NOW, states

pytestmark = pytest.mark.db(transaction=True)
Made = Callable[..., Campaign]
HALF = dt.timedelta(minutes=31)


@pytest.fixture(autouse=True)
def outboxes(settings: Any) -> None:
    """A gateway and a relay are set; the tests play them."""
    settings.SMS = {"gateway": {"class": "not.asked"}}
    settings.MAIL = {**settings.MAIL, "relay": {"class": "not.asked"}, "own": ["info@example.org"]}


def hand_over(now: dt.datetime, *, taken: bool = True) -> list[int]:
    """The gateway takes everything that waits, or nobody knows."""
    pieces = notifications.claim(gateway="g", takes_whole=True, limit=100, now=now)
    for piece in pieces:
        if taken:
            notifications.mark_submitted(key=piece.key, gateway_id=f"{piece.key:X}", now=now)
        else:
            notifications.mark_unknown(key=piece.key, reason="the line was cut", now=now)
    return [piece.key for piece in pieces]


def told(key: int, state: str, now: dt.datetime) -> None:
    """A receipt."""
    phone = Part.objects.get(pk=key).sms.phone
    receiving.take_receipt(told=Told(f"{key:X}", state, phone), gateway="g", country="RU", now=now)


def follow(krc: Profile, now: dt.datetime) -> None:
    """Campaigns hear the news."""
    while following.follow(profile=krc, now=now):
        continue


@pytest.mark.clause("krc-2-42", "krc-2-57")
def test_who_is_reached_by_sms_and_who_by_the_next_way(
    message: Made, krc: Profile, now: dt.datetime, supervisor: Employee
) -> None:
    campaign = message("+79270000001", "+79270000002", "a@example.com", ways=["sms", "voice", "email"])
    assert writing.write_due(profile=krc, now=now) == 3
    assert writing.write_due(profile=krc, now=now) == 0
    assert set(states(campaign).values()) == {"written"}
    assert {row.text for row in Sms.objects.all()} == {campaign.text}
    first, second = hand_over(now)
    told(first, "delivered", now)
    told(second, "failed", now)
    letters.mark_sent(outgoing=Outgoing.objects.get(), now=now)
    follow(krc, now)
    by_phone = {one.phone: one for one in campaign.targets.all()}
    assert (by_phone["+79270000001"].state, by_phone["+79270000001"].way) == ("reached", "sms")
    assert (by_phone["+79270000002"].state, by_phone["+79270000002"].way) == ("waiting", "voice")
    assert (by_phone[""].state, by_phone[""].outcome) == ("sent", "sent")
    assert ("sms", "reached", "delivered", 1) in queries.by_way(campaign)
    outcomes = [fact.data for fact in facts_of("campaign", campaign.pk) if fact.kind == "campaign_outcome"]
    assert {(one["way"], one["outcome"]) for one in outcomes} == {
        ("sms", "delivered"), ("sms", "failed"), ("email", "sent"),
    }  # fmt: skip
    standing = queries.progress([campaign])[campaign.pk]
    assert (standing.reached, standing.done, standing.total) == (1, 2, 3)


def test_unknown_is_not_failed_and_silence_ends_by_the_next_way(message: Made, krc: Profile, now: dt.datetime) -> None:
    campaign = message("+79270000001", ways=["sms", "voice"])
    only = message("+79270000002", ways=["sms"])
    writing.write_due(profile=krc, now=now)
    hand_over(now, taken=False)
    follow(krc, now)
    assert states(campaign) == {"+79270000001": "written"}
    assert writing.sweep(profile=krc, now=now) == 0
    assert writing.sweep(profile=krc, now=now + HALF) == 2
    assert writing.sweep(profile=krc, now=now + HALF) == 0
    assert (campaign.targets.get().way, states(campaign)) == ("voice", {"+79270000001": "waiting"})
    assert states(only) == {"+79270000002": "sent"}, "not failed: nobody knows"
    late = Part.objects.get(sms__phone="+79270000002")
    receiving.take_receipt(told=Told("x", "delivered", "", key=late.pk), gateway="g", country="RU", now=now)
    follow(krc, now + HALF)
    assert states(only) == {"+79270000002": "reached"}
    assert Sms.objects.count() == 2, "nobody was written to twice"


def test_a_letter_that_comes_back_is_followed_by_the_next_way(message: Made, krc: Profile, now: dt.datetime) -> None:
    campaign = message("a@example.com", ways=["email"])
    writing.write_due(profile=krc, now=now)
    letters.mark_failed(outgoing=Outgoing.objects.get(), reason="550", now=now)
    follow(krc, now)
    target = campaign.targets.get()
    assert (target.state, target.outcome) == ("not_reached", "failed")
    assert actions.finish_if_done(campaign=campaign, now=now)


def test_nobody_is_written_to_at_night_by_his_own_clock(message: Made, krc: Profile, person: Any) -> None:
    client = person("+79270000009")
    Client.objects.filter(pk=client.pk).update(time_zone="Asia/Kamchatka")
    campaign = message("+79270000001", "+79270000009", ways=["sms"])
    noon = NOW  # in Moscow; nine in the evening in Kamchatka
    assert writing.write_due(profile=krc, now=noon) == 1
    sleeps = Target.objects.get(phone="+79270000009")
    assert (sleeps.state, sleeps.zone) == ("waiting", "Asia/Kamchatka")
    assert sleeps.next_at is not None
    assert sleeps.next_at.hour == 21, "nine in the morning there"
    evening = dt.datetime(2026, 3, 2, 17, 30, tzinfo=dt.UTC)
    assert notifications.claim(gateway="g", takes_whole=True, limit=9, now=evening) == [], "the hours are over"
    follow(krc, evening)
    waits = campaign.targets.get(phone="+79270000001")
    assert (waits.state, waits.outcome) == ("waiting", "not_handed")
    assert waits.next_at == dt.datetime(2026, 3, 3, 6, tzinfo=dt.UTC)


def test_who_has_asked_for_no_more_is_left_out(
    message: Made, krc: Profile, person: Any, now: dt.datetime
) -> None:  # fmt: skip
    client = person("+79270000001")
    campaign = message("+79270000001", "+79270000002", ways=["sms"])
    wishes.set_call_wishes(
        client=client, do_not_call=True, survey_consent=False, via="desk", employee_id=None, actor="system", now=now
    )
    assert writing.write_due(profile=krc, now=now) == 1
    assert states(campaign) == {"+79270000001": "skipped", "+79270000002": "written"}


def test_without_gateway_and_relay_the_next_way_is_tried_at_once(
    message: Made, krc: Profile, now: dt.datetime, settings: Any
) -> None:
    settings.SMS, settings.MAIL = {"gateway": {}}, {**settings.MAIL, "relay": {}}
    campaign = message("+79270000001", ways=["sms", "voice"])
    lost = message("a@example.com", ways=["email"])
    assert writing.write_due(profile=krc, now=now) == 0
    assert (campaign.targets.get().way, campaign.targets.get().outcome) == ("voice", "no_gateway")
    assert (lost.targets.get().state, lost.targets.get().outcome) == ("not_reached", "no_relay")
    assert not Sms.objects.exists()


def test_a_stop_calls_off_what_was_not_handed_over(
    message: Made, krc: Profile, now: dt.datetime, supervisor: Employee
) -> None:
    campaign = message("+79270000001", ways=["sms", "voice"])
    writing.write_due(profile=krc, now=now)
    actions.stop_campaign(campaign=campaign, employee=supervisor, now=now)
    assert hand_over(now) == []
    follow(krc, now)
    assert states(campaign) == {"+79270000001": "skipped"}


def test_a_stop_calls_off_letters_too_and_the_report_says_so(
    message: Made, krc: Profile, now: dt.datetime, supervisor: Employee
) -> None:
    campaign = message("a@example.com", "b@example.com", "c@example.com", ways=["email"])
    writing.write_due(profile=krc, now=now)
    first, second, third = Outgoing.objects.order_by("pk")
    letters.claim_next(now=now)  # under way: it is not called back
    letters.claim_next(now=now)
    letters.put_off(outgoing=second, reason="cut in the midst", uncertain=True, now=now)
    actions.stop_campaign(campaign=campaign, employee=supervisor, now=now)
    assert letters.claim_next(now=now + dt.timedelta(days=1)) is None
    letters.mark_sent(outgoing=first, now=now)
    follow(krc, now)
    said = {one.letter_id: (one.state, one.outcome) for one in campaign.targets.all()}
    assert said == {first.pk: ("sent", "sent"), second.pk: ("sent", "sent"), third.pk: ("skipped", "called_off")}
    third.refresh_from_db()
    assert (third.state, third.reason) == ("failed", "called_off")
    assert mail.waiting().failed == 0, "nothing failed"
    with pytest.raises(WrongStateError):
        letters.send_again(outgoing=third, employee=supervisor, now=now)


def test_a_letter_that_waits_for_its_server_is_not_sent_at_night_but_on_another_day(
    message: Made, krc: Profile, now: dt.datetime
) -> None:
    campaign = message("a@example.com", ways=["email"], tries=2)
    writing.write_due(profile=krc, now=now)
    letters.claim_next(now=now)
    letters.put_off(outgoing=Outgoing.objects.get(), reason="nobody there", uncertain=False, now=now)
    evening = dt.datetime(2026, 3, 2, 17, 30, tzinfo=dt.UTC)
    writing.sweep(profile=krc, now=evening - dt.timedelta(hours=2))
    assert Outgoing.objects.get().state == "queued", "the hours are not over"
    writing.sweep(profile=krc, now=evening)
    assert letters.claim_next(now=evening + dt.timedelta(hours=1)) is None
    follow(krc, evening)
    target = campaign.targets.get()
    assert (target.state, target.outcome) == ("waiting", "not_handed")
    morning = dt.datetime(2026, 3, 3, 6, tzinfo=dt.UTC)
    assert target.next_at == morning
    assert writing.write_due(profile=krc, now=morning) == 1
    assert letters.claim_next(now=morning)


@pytest.fixture
def strained(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests wait on this machine."""
    settings.STRAIN_FOLDER = tmp_path / "strain"
    monkeypatch.setattr(strain, "clock", lambda: NOW)
    strain.tell(60)


def test_bulk_mail_waits_while_requests_wait_and_goes_on_afterwards(
    message: Made, krc: Profile, strained: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = message("+79270000001", "a@example.com", ways=["sms", "email"])
    assert writing.write_due(profile=krc, now=NOW) == 0
    assert set(states(campaign).values()) == {"waiting"}
    monkeypatch.setattr(strain, "clock", lambda: NOW + dt.timedelta(seconds=strain.HOLDS_S))
    assert writing.write_due(profile=krc, now=NOW) == 2


def test_few_letters_of_a_campaign_wait_in_the_outbox_so_that_answers_are_not_behind_all_of_them(
    message: Made, krc: Profile, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "QUEUED_MOST", 2)
    message(*(f"{n}@example.com" for n in range(5)), ways=["email"])
    assert [writing.write_due(profile=krc, now=now), writing.write_due(profile=krc, now=now)] == [2, 0]
    letters.mark_sent(outgoing=Outgoing.objects.order_by("pk")[0], now=now)
    assert writing.write_due(profile=krc, now=now) == 1
