"""Calls of a message campaign: one call a number at a time, only when it may be, and none is forgotten."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from kindline.campaigns import actions, calling, following, loop, placing, writing
from kindline.campaigns.models import Campaign, Target
from kindline.clients import wishes
from kindline.clients.models import Client
from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard.asking import SwitchboardError
from kindline.switchboard.dialling_models import DialAlarm, OutsideCall
from kindline.switchboard.models import Call
from tests.campaigns.conftest import NOW, states
from tests.races import Other

pytestmark = pytest.mark.db
Made = Callable[..., Campaign]
SOON = dt.timedelta(seconds=1)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What the switchboard is asked; it takes everything."""
    found: list[tuple[str, dict[str, Any]]] = []

    def post(path: str, body: dict[str, Any], patience_s: float = 2.0) -> dict[str, Any]:
        found.append((path, body))
        return {}

    monkeypatch.setattr("kindline.switchboard.asking.post", post)
    return found


def refuse(monkeypatch: pytest.MonkeyPatch, path: str, code: str, status: int = 503) -> None:
    """Let the switchboard refuse one thing."""

    def post(asked: str, body: dict[str, Any], patience_s: float = 2.0) -> dict[str, Any]:
        if asked == path:
            raise SwitchboardError(status, code, code)
        return {}

    monkeypatch.setattr("kindline.switchboard.asking.post", post)


def told(target: Target, outcome: str) -> None:
    """The facts that the switchboard writes when such a call ends."""
    subject = ("contact", target.contact_id, "switchboard")
    said = {"about": f"campaign:{target.campaign_id}", "outcome": outcome, "times": 1}
    ended = {"by": "client", "cause": "normal", "outcome": outcome}
    journal.record_many(
        [journal.NewFact("announcement_ended", *subject, said), journal.NewFact("call_ended", *subject, ended)]
    )


@pytest.mark.clause("krc-2-02", "krc-2-42")
def test_as_many_as_may_be_at_once_are_asked_for(
    message: Made, krc: Profile, asked: list[tuple[str, dict[str, Any]]], now: dt.datetime
) -> None:
    campaign = message(*(f"+7927000000{n}" for n in range(5)), at_once=2, ring_limit_s=20)
    assert placing.place_due(profile=krc, now=now) == 2
    assert placing.place_due(profile=krc, now=now) == 0, "two are being called"
    paths = [path for path, _ in asked]
    assert paths.count("/announcements") == 2
    assert paths[0] == "/announcements/prepare"
    body = next(body for path, body in asked if path == "/announcements")
    target = Target.objects.get(contact_id=body["contact"])
    assert (body["number"], body["ring_limit_s"], body["text"]) == (target.phone, 20, campaign.text)
    assert (body["confirm"], body["operator"], body["about"]) == ("1", "9", f"campaign:{campaign.pk}")
    assert dt.datetime.fromisoformat(body["until"]) < now + dt.timedelta(seconds=calling.UNPLACED_S)
    called = facts_of("campaign", campaign.pk).filter(kind="campaign_called")
    assert {fact.data["target"] for fact in called} == set(
        Target.objects.filter(state="calling").values_list("pk", flat=True)
    )


@pytest.mark.parametrize("hour", [5, 17, 23])
def test_nobody_is_called_at_night(
    message: Made, krc: Profile, asked: list[tuple[str, dict[str, Any]]], hour: int
) -> None:
    message("+79270000001")
    assert placing.place_due(profile=krc, now=NOW.replace(hour=hour)) == 0
    assert asked == []


def test_a_paused_campaign_calls_nobody(
    message: Made, krc: Profile, asked: list[Any], supervisor: Employee, now: dt.datetime
) -> None:
    campaign = message("+79270000001")
    actions.pause_campaign(campaign=campaign, employee=supervisor, now=now)
    assert placing.place_due(profile=krc, now=now) == 0
    assert calling.claim(campaign=campaign, profile=krc, now=now) == []


def test_who_has_asked_meanwhile_not_to_be_called_is_left_out(
    message: Made, krc: Profile, asked: list[Any], now: dt.datetime
) -> None:
    campaign = message("+79270000001", "+79270000002")
    bar = {"country": "RU", "via": "desk", "employee_id": None, "actor": "system", "now": now}
    wishes.bar_number(phone="+79270000001", **bar)  # type: ignore[arg-type]
    placing.place_due(profile=krc, now=now)
    assert states(campaign) == {"+79270000001": "skipped", "+79270000002": "calling"}
    assert Target.objects.get(phone="+79270000001").reason == "do_not_call"


@pytest.mark.db(transaction=True)
@pytest.mark.clause("krc-2-42")
@pytest.mark.parametrize(
    ("outcome", "state"),
    [("confirmed", "confirmed"), ("heard", "reached"), ("to_operator", "to_operator"), ("no_answer", "waiting")],
)
def test_the_journal_says_what_became_of_a_call(
    message: Made, krc: Profile, asked: list[Any], now: dt.datetime, outcome: str, state: str
) -> None:
    campaign = message("+79270000001", pause_s=600)
    placing.place_due(profile=krc, now=now)
    told(Target.objects.get(), outcome)
    assert following.follow(profile=krc, now=now + SOON) > 0
    target = Target.objects.get()
    assert (target.state, target.outcome, target.tries) == (state, outcome, 1)
    assert (target.next_at == now + SOON + dt.timedelta(seconds=600)) == (state == "waiting")
    kept = facts_of("campaign", campaign.pk).get(kind="campaign_outcome")
    assert (kept.data["state"], kept.data["outcome"]) == (state, outcome)
    assert following.follow(profile=krc, now=now) in (0, 1), "its own fact at most"
    assert Fact.objects.filter(kind="campaign_outcome").count() == 1


@pytest.mark.db(transaction=True)
def test_who_is_never_reached_is_given_up_and_the_campaign_ends(
    message: Made, krc: Profile, asked: list[Any], now: dt.datetime
) -> None:
    campaign = message("+79270000001", tries=2, pause_s=60)
    for minute in range(2):
        at = now + dt.timedelta(minutes=2 * minute)
        assert placing.place_due(profile=krc, now=at) == 1
        told(Target.objects.get(), "busy")
        following.follow(profile=krc, now=at)
    assert states(campaign) == {"+79270000001": "not_reached"}
    placing.place_due(profile=krc, now=now + dt.timedelta(hours=1))
    campaign.refresh_from_db()
    assert campaign.state == "done"


@pytest.mark.db(transaction=True)
def test_a_call_that_ends_after_the_campaign_was_stopped_is_not_tried_again(
    message: Made, krc: Profile, asked: list[Any], supervisor: Employee, now: dt.datetime
) -> None:
    campaign = message("+79270000001")
    placing.place_due(profile=krc, now=now)
    actions.stop_campaign(campaign=campaign, employee=supervisor, now=now)
    told(Target.objects.get(), "no_answer")
    following.follow(profile=krc, now=now)
    assert states(campaign) == {"+79270000001": "skipped"}


# --- in trouble ---
def test_without_a_switchboard_nobody_is_taken(
    message: Made, krc: Profile, monkeypatch: pytest.MonkeyPatch, now: dt.datetime
) -> None:
    campaign = message("+79270000001")
    refuse(monkeypatch, "/announcements/prepare", "not_ready")
    assert placing.place_due(profile=krc, now=now) == 0
    assert states(campaign) == {"+79270000001": "waiting"}


def test_a_message_that_no_voice_can_say_pauses_the_campaign(
    message: Made, krc: Profile, monkeypatch: pytest.MonkeyPatch, now: dt.datetime
) -> None:
    campaign = message("+79270000001")
    refuse(monkeypatch, "/announcements/prepare", "no_voice")
    placing.place_due(profile=krc, now=now)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.reason) == ("paused", "no_voice")


@pytest.mark.parametrize(("code", "state", "tries"), [("not_ready", "waiting", 0), ("unreachable", "calling", 1)])
def test_a_call_that_was_refused_waits_and_one_that_may_have_been_taken_does_not(
    message: Made, krc: Profile, monkeypatch: pytest.MonkeyPatch, now: dt.datetime, code: str, state: str, tries: int
) -> None:
    message("+79270000001")
    refuse(monkeypatch, "/announcements", code)
    placing.place_due(profile=krc, now=now)
    target = Target.objects.get()
    assert (target.state, target.tries) == (state, tries)


@pytest.mark.parametrize("path", ["/announcements", "/announcements/prepare"])
def test_a_switchboard_that_does_not_know_the_token_is_asked_ever_more_seldom_and_it_is_said_once(
    message: Made, krc: Profile, monkeypatch: pytest.MonkeyPatch, now: dt.datetime, path: str
) -> None:
    message("+79270000001", "+79270000002", at_once=2)
    message("+79270000003")
    asked: list[str] = []

    def post(place: str, body: dict[str, Any], patience_s: float = 2.0) -> dict[str, Any]:
        asked.append(place)
        if place == path:
            raise SwitchboardError(401, "unauthorised", "the token is missing or wrong")
        return {}

    with monkeypatch.context() as refusing:
        refusing.setattr("kindline.switchboard.asking.post", post)
        for minute in range(3 * 60):
            assert placing.place_due(profile=krc, now=now + dt.timedelta(minutes=minute)) == 0
    assert 3 <= asked.count(path) <= 24, "not each minute of each target"
    alarm = DialAlarm.objects.get()
    assert (alarm.reason, alarm.settled_at) == ("no_token", None)
    assert Fact.objects.filter(kind="trunk_alarm").count() == 1, "said once"
    assert set(Target.objects.values_list("state", "tries")) == {("waiting", 0)}, "nobody is lost by it"
    monkeypatch.setattr("kindline.switchboard.asking.post", lambda *_args: {})
    later = now + dt.timedelta(minutes=3 * 60 + 15)
    assert placing.place_due(profile=krc, now=later) == 3, "it lets in again: nobody has to do anything"


@pytest.mark.parametrize(("code", "status"), [("too_late", 409), ("unauthorised", 401), ("not_ready", 503)])
def test_what_is_not_the_number_s_fault_is_no_try_and_waits_a_while(
    message: Made, krc: Profile, monkeypatch: pytest.MonkeyPatch, now: dt.datetime, code: str, status: int
) -> None:
    campaign = message("+79270000001", tries=1)
    with monkeypatch.context() as refusing:
        refuse(refusing, "/announcements", code, status)
        assert placing.place_due(profile=krc, now=now) == 0
        target = Target.objects.get()
        assert (target.state, target.tries, target.outcome) == ("waiting", 0, "")
        assert dt.timedelta(seconds=calling.REST_S) <= (target.next_at or now) - now < 2 * calling.REST_S * SOON
    monkeypatch.setattr("kindline.switchboard.asking.post", lambda *_args: {})
    assert placing.place_due(profile=krc, now=now + SOON) == 0, "not at once again"
    assert placing.place_due(profile=krc, now=now + 2 * calling.REST_S * SOON) == 1
    campaign.refresh_from_db()
    assert campaign.state == "running"


def test_however_long_the_voice_and_the_others_take_each_call_has_its_time_to_begin(
    message: Made, krc: Profile, monkeypatch: pytest.MonkeyPatch, now: dt.datetime
) -> None:
    message(*(f"+7927000000{n}" for n in range(5)), at_once=5)
    passed, late = 0.0, list[float]()

    def post(path: str, body: dict[str, Any], patience_s: float = 2.0) -> dict[str, Any]:
        nonlocal passed
        if path == "/announcements":
            left = dt.datetime.fromisoformat(body["until"]) - (now + passed * SOON)
            late.append(left.total_seconds())
            asked = Target.objects.get(contact_id=body["contact"])
            assert asked.called_at == now + passed * SOON, "the sweep waits from now on"
        passed += 45 if path == "/announcements/prepare" else 2 * calling.VALID_S
        return {}

    monkeypatch.setattr("kindline.switchboard.asking.post", post)
    monkeypatch.setattr("kindline.journal.sweeping.monotonic", lambda: passed)
    assert placing.place_due(profile=krc, now=now) == 5
    assert late == [calling.VALID_S] * 5
    assert Target.objects.filter(tries=1, state="calling").count() == 5


def test_the_loop_goes_by_the_clock_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dt.datetime] = []

    def part(*, profile: Profile, now: dt.datetime) -> int:
        told.append(now)
        return 0

    for module, name in (
        (following, "follow"), (calling, "sweep"), (writing, "sweep"), (writing, "write_due"), (placing, "place_due"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, part)
    monkeypatch.setattr(loop, "of_database", lambda: NOW)
    loop.work(threading.Event())
    assert told == [NOW] * 5


def test_a_call_that_was_taken_back_meanwhile_is_not_asked_for(message: Made, krc: Profile, now: dt.datetime) -> None:
    message("+79270000001")
    [target] = calling.claim(campaign=Campaign.objects.get(), profile=krc, now=now)
    assert calling.still_claimed(target=target, now=now)
    calling.release(target=target, now=now)
    assert not calling.still_claimed(target=target, now=now)


def test_a_target_left_behind_by_a_dead_switchboard_is_swept_back(
    message: Made, krc: Profile, asked: list[Any], now: dt.datetime
) -> None:
    campaign = message("+79270000001")
    placing.place_due(profile=krc, now=now)
    assert calling.sweep(profile=krc, now=now + dt.timedelta(seconds=calling.UNPLACED_S - 1)) == 0
    after = now + dt.timedelta(seconds=calling.UNPLACED_S + 1)
    assert calling.sweep(profile=krc, now=after) == 1
    assert calling.sweep(profile=krc, now=after) == 0
    target = Target.objects.get()
    assert (target.state, target.tries, target.next_at) == ("waiting", 0, after)
    assert facts_of("campaign", campaign.pk).filter(kind="campaign_swept").count() == 1


def test_a_call_that_goes_on_is_left_alone_and_one_that_ended_silently_is_not(
    message: Made, krc: Profile, asked: list[Any], now: dt.datetime
) -> None:
    message("+79270000001")
    placing.place_due(profile=krc, now=now)
    contact = Target.objects.get().contact_id
    row = {"state": "announcing", "owner": "sb-dead", "started_at": now, "changed_at": now}
    call = Call.objects.create(id=str(contact), **row)
    later = now + dt.timedelta(hours=1)
    assert calling.sweep(profile=krc, now=later) == 0
    call.ended_at = now
    call.save()
    assert calling.sweep(profile=krc, now=later) == 1
    assert Target.objects.get().outcome == "lost"


def test_the_sweep_believes_the_journal_before_it_gives_a_call_up(
    message: Made, krc: Profile, asked: list[Any], now: dt.datetime
) -> None:
    message("+79270000001")
    placing.place_due(profile=krc, now=now)
    target = Target.objects.get()
    row = {"state": "ended", "owner": "sb-dead", "started_at": now, "changed_at": now, "ended_at": now}
    Call.objects.create(id=str(target.contact_id), **row)
    told(target, "confirmed")
    assert calling.sweep(profile=krc, now=now + dt.timedelta(hours=1)) == 1
    assert Target.objects.get().state == "confirmed"


def test_an_outcome_of_nobody_s_call_changes_nothing(krc: Profile, now: dt.datetime) -> None:
    assert calling.note_outcome(contact=str(uuid.uuid4()), outcome="confirmed", profile=krc, now=now) is None


@pytest.mark.clause("krc-2-42")
@pytest.mark.db(transaction=True)
def test_two_callers_never_take_the_same_number(message: Made, krc: Profile, now: dt.datetime) -> None:
    campaign = message(*(f"+79270000{n:03}" for n in range(60)), at_once=20)
    taken: list[str] = []
    start = threading.Barrier(4)

    def take() -> None:
        start.wait(10)
        for _ in range(5):
            taken.extend(target.phone for target in calling.claim(campaign=campaign, profile=krc, now=now))
        connection.close()

    callers = [threading.Thread(target=take) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert len(taken) == len(set(taken)) == 20, "never one twice, and never more than may be at once"


# --- what cannot come about ends ---
@pytest.mark.parametrize("state", ["waiting", "calling", "written"])
@pytest.mark.db(transaction=True)
def test_who_is_erased_during_a_campaign_is_tried_no_more_and_it_ends(
    person: Callable[..., Client], message: Made, krc: Profile, asked: list[Any], now: dt.datetime, state: str
) -> None:
    client = person("+79270000001")
    campaign = message("+79270000001")
    if state != "waiting":
        placing.place_due(profile=krc, now=now)
        Target.objects.update(state=state)
    data = {"erasure": 1, "kept": []}
    journal.record(kind="client_erased", subject_type="client", subject_id=client.pk, data=data, at=now)
    following.follow(profile=krc, now=now)
    if state == "calling":
        told(Target.objects.get(), "busy")
        following.follow(profile=krc, now=now)
    target = Target.objects.get()
    assert (target.state, target.reason, target.client, target.next_at) == ("skipped", "client_erased", None, None)
    placing.place_due(profile=krc, now=now + dt.timedelta(hours=1))
    campaign.refresh_from_db()
    assert campaign.state == "done"


def test_a_call_that_the_switchboard_refuses_is_not_asked_for_without_end(
    message: Made, krc: Profile, monkeypatch: pytest.MonkeyPatch, now: dt.datetime
) -> None:
    campaign = message("+79270000001", tries=2, pause_s=60)
    refuse(monkeypatch, "/announcements", "number", status=422)
    for minute in range(4):
        placing.place_due(profile=krc, now=now + dt.timedelta(minutes=minute))
    target = Target.objects.get()
    assert (target.state, target.outcome, target.tries) == ("not_reached", "not_placed", 2)
    assert not OutsideCall.objects.exists(), "nobody was dialled"
    assert facts_of("campaign", campaign.pk).filter(kind="campaign_called").count() == 2
    campaign.refresh_from_db()
    assert campaign.state == "done"


@pytest.mark.fault("X6")
@pytest.mark.db(transaction=True)
def test_a_number_that_may_not_be_called_is_tried_once_and_then_the_next_way(
    message: Made, krc: Profile, asked: list[Any], now: dt.datetime
) -> None:
    campaign = message("+79270000001;a@example.com", ways=["voice", "email"], tries=3)
    placing.place_due(profile=krc, now=now)
    told(Target.objects.get(), "forbidden")
    following.follow(profile=krc, now=now)
    target = Target.objects.get()
    assert (target.state, target.way, target.outcome) == ("waiting", "email", "forbidden")
    other = message("+79270000002", tries=3)
    placing.place_due(profile=krc, now=now)
    told(Target.objects.get(campaign=other), "forbidden")
    following.follow(profile=krc, now=now)
    assert states(other) == {"+79270000002": "not_reached"}
    assert campaign.targets.get().tries == 0


# --- a campaign that is stopped while an outcome is written ---
@pytest.mark.db(transaction=True)
def test_nobody_is_left_waiting_in_a_campaign_that_was_stopped_at_that_moment(
    message: Made, krc: Profile, supervisor: Employee, asked: list[Any], now: dt.datetime
) -> None:
    campaign = message("+79270000001", tries=3)
    placing.place_due(profile=krc, now=now)
    target = Target.objects.get()
    with transaction.atomic():
        calling.note_outcome(contact=str(target.contact_id), outcome="busy", profile=krc, now=now)
        Other(lambda: actions.stop_campaign(campaign=campaign, employee=supervisor, now=now)).end()
    for _ in range(2):
        calling.sweep(profile=krc, now=now)
    target.refresh_from_db()
    assert (target.state, target.reason, target.outcome, target.next_at) == ("skipped", "stopped", "busy", None)
    told_of = facts_of("campaign", campaign.pk).filter(kind="campaign_outcome")
    assert [fact.data["state"] for fact in told_of] == ["waiting", "skipped"]
