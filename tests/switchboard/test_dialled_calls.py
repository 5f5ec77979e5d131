"""Real calls over SIP that begin on employees' own telephones: outside, to colleagues, to departments and mobiles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kindline.runtime import ports
from kindline.runtime.demo_calls import handset, sound
from kindline.runtime.demo_calls.handset import Handset
from kindline.standard import loader
from kindline.standard.rules import judge
from tests.plugins.postgres import Server
from tests.standard.conftest import Facts, facts
from tests.switchboard import rig as rigs
from tests.switchboard.rig import Rig, Telephones, until

__all__ = ["facts"]
pytestmark = pytest.mark.asterisk
CLIENT, MOBILE, UNANSWERED = "+79161234567", "+79169990003", "+79161234599"
HOUSE = "+78000000001"
"""`phone` of the profile, as every exchange reads it."""
PEOPLE = f"""
from kindline.staff.models import Employee, Unit
from kindline.switchboard.dialling_models import Extension, Mobile
unit = Unit.objects.create(code="office", name="Office")
Employee.objects.filter(username__in=("op2", "op3")).update(unit=unit)
Extension.objects.create(number="77", unit=unit)
Mobile.objects.create(employee=Employee.objects.get(username="op3"), number="{MOBILE}")
"""


def blind_is_allowed(rig: Rig) -> None:
    """In this house a call may be passed on without an introduction, and clients are rung six times."""
    folder = rig.folder / "profiles" / "krc"
    clauses, standard = folder / "clauses" / "5.6.4.yaml", folder / "standard.yaml"
    clauses.write_text(
        clauses.read_text("utf-8").replace("transfer_mode: attended}", "outbound_rings_max: 6}"), "utf-8"
    )
    standard.write_text(
        standard.read_text("utf-8").replace("transfers: {outside", "transfers: {blind: true, outside"), "utf-8"
    )


@pytest.fixture(scope="module")
def rig(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A house that can call outside, with three operators: the third has a mobile and no telephone."""
    made = rigs.build(tmp_path_factory.mktemp("rig"), pg, operators=3, trunk_port=ports.choose(udp=True))
    made.manage("shell", "-v", "0", "-c", PEOPLE)
    blind_is_allowed(made)
    yield made
    rigs.end(made)


@pytest.fixture(scope="module")
def phones(rig: Rig) -> Iterator[Telephones]:
    """A running switchboard and the telephones of operators 1 and 2."""
    rig.start()
    until(lambda: len(rig.passwords()) == 3)
    with rig.telephones(1, 2) as found:
        yield found


@pytest.fixture(autouse=True)
def free(rig: Rig, phones: Telephones) -> None:
    """Everybody is away from the queues at the beginning, and has called nobody yet."""
    until(lambda: not set(rig.operators().values()) & {"ringing", "talking", "hold"}, what="somebody still talks")
    for one in (1, 2, 3):
        rig.post(f"/operators/{one}/wrap-up/end")
        rig.post(f"/operators/{one}/state", state="offline")
    rig.rows("DELETE FROM switchboard_outsidecall RETURNING 1")


def dial(phones: Telephones, operator: int, number: str) -> Handset:
    """Dial a number on the telephone of an operator."""
    return handset.dial(phones.exchange, phones.line, f"op{operator}s", number)


def rung(phones: Telephones, number: str, since: int, limit_s: float = 20) -> Handset:
    """The telephone outside that has a number, once it rings."""
    found = handset.rung(phones.exchange, phones.line, number, limit_s, since=since)
    assert found is not None, f"{number} does not ring: {phones.rig.story()}"
    return found


def seen(phone: Handset) -> tuple[str, str]:
    """Name and number that a telephone shows of who calls."""
    caller = phone.line.order("GET", f"channels/{phone.channel}")["caller"]
    return str(caller["name"]), str(caller["number"])


def cause(phone: Handset, limit_s: float = 30) -> int:
    """With which cause the call of a telephone ended."""
    event = phone.line.wait(
        lambda one: one["type"] == "ChannelDestroyed" and one["channel"]["id"] == phone.channel, limit_s
    )
    assert event is not None, "the call goes on"
    return int(event["cause"])


def busy(phone: Handset) -> None:
    """Whoever is called talks with somebody else."""
    phone.line.order("DELETE", f"channels/{phone.channel}", {"reason_code": 17})


def contact_called(rig: Rig, number: str) -> str:
    """The newest contact of a number that was called."""
    query = "SELECT id FROM conversations_contact WHERE called = %s ORDER BY started_at DESC LIMIT 1"
    return str(until(lambda: rig.rows(query, number), 20, f"no contact of {number}")[0][0])


@pytest.mark.clause("krc-5.5.1-02", "krc-2-43")
def test_a_colleague_is_rung_by_his_extension_and_the_talk_is_kept_as_an_internal_contact(
    rig: Rig, phones: Telephones
) -> None:
    since = phones.line.mark()
    caller = dial(phones, 1, "2")
    called = phones.rung(2, since=since)
    assert seen(called) == ("S1 A", "1"), "name and extension of the colleague who calls"
    handset.answer(called)
    caller.up()
    contact = contact_called(rig, "2")
    rig.becomes(contact, "talking")
    with called.hearing() as heard, caller.hearing() as answered:
        called.say(phones.sound(1))
        caller.say(phones.sound(2))
    assert sound.audible_s(heard.file) > 1.5
    assert sound.audible_s(answered.file) > 0.5
    assert {rig.operators()[1], rig.operators()[2]} == {"talking"}
    caller.hang_up()
    until(lambda: rig.kinds(contact).count("recording_stored") == 2, 30, rig.log())
    [row] = rig.rows(
        "SELECT channel, employee_id, outcome, closed_at IS NOT NULL FROM conversations_contact WHERE id = %s", contact
    )
    assert row == ("internal", 1, "answered", True)
    legs = dict(rig.rows("SELECT leg, employee_id FROM switchboard_recording WHERE contact_id = %s", contact))
    assert legs == {"specialist": 1, "operator": 2}
    until(lambda: {rig.operators()[1], rig.operators()[2]} == {"offline"}, what="both are where they were")


def test_who_talks_is_busy_for_colleagues_and_no_call_of_the_queue_comes_to_him(rig: Rig, phones: Telephones) -> None:
    rig.ready(1)
    since = phones.line.mark()
    caller = dial(phones, 1, "2")
    handset.answer(phones.rung(2, since=since))
    caller.up()
    contact = contact_called(rig, "2")
    rig.becomes(contact, "talking")
    client, number = phones.call()
    waiting = rig.contact_of(number)
    rig.becomes(waiting, "queued")
    assert rig.operators()[1] == "talking"
    assert "call_offered" not in rig.kinds(waiting)
    since = phones.line.mark()
    caller.hang_up()
    offered = phones.rung(1, since=since)
    assert handset.header(offered, "X-Kindline-Contact") == waiting
    assert cause(dial(phones, 2, "1")) == 17, "he is being rung: busy"
    client.hang_up()
    rig.comes(waiting, "call_ended")


def test_who_does_not_exist_or_is_away_is_told_by_the_network(rig: Rig, phones: Telephones) -> None:
    assert cause(dial(phones, 1, "4711")) == 1
    rig.rows("UPDATE switchboard_mobile SET rings = false RETURNING 1")
    assert cause(dial(phones, 1, "3")) in (18, 19, 20), "his telephone is not there"
    rig.rows("UPDATE switchboard_mobile SET rings = true RETURNING 1")


def test_in_a_department_the_next_one_is_rung_also_on_his_mobile(rig: Rig, phones: Telephones) -> None:
    since = phones.line.mark()
    caller = dial(phones, 1, "77")
    first = phones.rung(2, since=since)
    first.hang_up()
    mobile = rung(phones, MOBILE, since)
    handset.answer(mobile)
    caller.up()
    contact = contact_called(rig, "77")
    rig.becomes(contact, "talking")
    assert rig.fact(contact, "internal_missed")["employee"] == 2
    assert rig.fact(contact, "internal_answered")["employee"] == 3
    with mobile.hearing() as heard:
        caller.say(phones.sound(2))
    assert sound.audible_s(heard.file) > 1.5
    mobile.hang_up()
    until(lambda: rig.kinds(contact).count("recording_stored") == 2, 30, rig.log())


@pytest.mark.clause("krc-5.5.1-02", "krc-5.5.2-12")
def test_a_number_outside_is_called_by_the_trunk_recorded_and_written_up(rig: Rig, phones: Telephones) -> None:
    rig.ready(1)
    since = phones.line.mark()
    operator = dial(phones, 1, "89161234567")
    client = rung(phones, CLIENT, since)
    assert seen(client)[1] == HOUSE, "the client sees the house, not who of it calls"
    handset.answer(client)
    operator.up()
    contact = contact_called(rig, CLIENT)
    rig.becomes(contact, "talking")
    with client.hearing() as heard:
        operator.say(phones.sound(2))
    assert sound.audible_s(heard.file) > 1.5
    client.hang_up()
    until(lambda: rig.kinds(contact).count("recording_stored") == 2, 30, rig.log())
    assert "notice_played" in rig.kinds(contact), "the client heard that the talk is recorded"
    rig.comes(contact, "guide_started")
    assert rig.operators()[1] == "wrap_up"
    [row] = rig.rows("SELECT channel, direction, employee_id FROM conversations_contact WHERE id = %s", contact)
    assert row == ("phone", "out", 1)


@pytest.mark.clause("yumek-9.4-26")
def test_who_does_not_answer_is_rung_six_times_and_yumek_finds_no_fault(
    rig: Rig, phones: Telephones, facts: Facts
) -> None:
    since = phones.line.mark()
    operator = dial(phones, 1, UNANSWERED)
    client = rung(phones, UNANSWERED, since)
    contact = contact_called(rig, UNANSWERED)
    assert client.ended(60), "it rings on and on"
    assert cause(operator) == 19
    rig.comes(contact, "client_dial_ended")
    fact = rig.fact(contact, "client_dial_ended")
    assert (fact["outcome"], fact["rings"], fact["ring_s"] >= 30) == ("no_answer", 6, True)
    rig.comes(contact, "call_ended")
    told = facts(*((at, kind, data) for at, (kind, data) in enumerate(rig.facts(contact))))
    verdicts = {row["clause"]: row["verdict"] for row in judge(told, loader.load("yumek")).to_pylist()}
    assert verdicts["yumek-9.4-26"] == "met"


PROMISED = f"""
import datetime as dt
from django.utils import timezone
from kindline.conversations.models import Callback, Contact
now = timezone.now()
contact = Contact.objects.create(profile="krc", version="1", channel="phone", started_at=now)
due_at = now + dt.timedelta(hours=1)
Callback.objects.create(
    contact=contact, phone="{CLIENT}", promised_at=now, due_at=due_at, origin="queue", queue="general",
    waits_since=due_at,
)
"""


def test_a_promise_is_kept_for_whoever_dials_the_number_and_nobody_else_calls_meanwhile(
    rig: Rig, phones: Telephones
) -> None:
    rig.manage("shell", "-v", "0", "-c", PROMISED)
    since = phones.line.mark()
    dial(phones, 1, CLIENT)
    client = rung(phones, CLIENT, since)
    contact = contact_called(rig, CLIENT)
    [(callback, call)] = rig.rows("SELECT id, call::text FROM conversations_callback WHERE state = 'open'")
    assert call == contact
    for path, body in ((f"/callbacks/{callback}/dial", {}), ("/outgoing", {"number": CLIENT})):
        status, said = rig.post(path, employee=2, **body)
        assert (status, said["error"]) == (409, "called")
    assert cause(dial(phones, 2, CLIENT)) == 17
    busy(client)
    rig.comes(contact, "client_dial_ended")
    until(lambda: rig.rows("SELECT call FROM conversations_callback WHERE id = %s", callback) == [(None,)], 20)
    assert rig.rows("SELECT attempts FROM conversations_callback WHERE id = %s", callback) == [(1,)]
    rig.rows("UPDATE conversations_callback SET state = 'cancelled' WHERE id = %s RETURNING 1", callback)


def test_a_telephone_shows_the_number_of_the_client_who_calls(rig: Rig, phones: Telephones) -> None:
    rig.ready(1)
    since = phones.line.mark()
    client, number = phones.call()
    operator = phones.rung(1, since=since)
    assert seen(operator)[1] == number
    handset.answer(operator)
    rig.becomes(handset.header(operator, "X-Kindline-Contact"), "talking")
    client.hang_up()
    assert operator.ended(5)


def test_x6_premium_and_foreign_numbers_are_refused_and_the_third_is_an_alarm(rig: Rig, phones: Telephones) -> None:
    since = phones.line.mark()
    for number in ("+442071234567", "+78091234567", "88031234567"):
        assert cause(dial(phones, 1, number)) == 21
    query = "SELECT data->>'reason' FROM journal_fact WHERE kind = %s AND subject_id = '1' ORDER BY at, id"
    assert [row[0] for row in rig.rows(query, "dial_refused")][-3:] == ["abroad", "premium", "premium"]
    assert rig.rows(query, "dial_alarm"), "numbers that cost extra again and again"
    contact = "00000000-0000-4000-8000-000000000001"
    status, said = rig.post("/outgoing", employee=1, contact=contact, number="+78091234567")
    assert (status, said["error"]) == (409, "premium"), "the same list for a call begun on the screen"
    outside = [one for one in phones.line.since(since) if one["type"] == "StasisStart" and "+" in str(one["args"])]
    assert not outside, "nobody outside was rung"


def test_x6_a_transfer_to_a_mobile_passes_the_same_list(rig: Rig, phones: Telephones) -> None:
    rig.ready(1)
    client, operator, contact = phones.talk(1)
    rig.rows("UPDATE switchboard_mobile SET number = '+442071234567' RETURNING 1")
    assert rig.post(f"/calls/{contact}/transfer", employee=1, target_employee=3)[0] == 200
    rig.comes(contact, "transfer_refused")
    rig.becomes(contact, "talking")
    rig.rows("UPDATE switchboard_mobile SET number = %s RETURNING 1", MOBILE)
    since = phones.line.mark()
    assert rig.post(f"/calls/{contact}/transfer", employee=1, target_employee=3)[0] == 200
    mobile = rung(phones, MOBILE, since)
    handset.answer(mobile)
    rig.comes(contact, "transfer_answered")
    rig.post(f"/calls/{contact}/transfer/introduce", employee=1, client_name="A", matter="B")
    assert rig.post(f"/calls/{contact}/transfer/complete", employee=1)[0] == 200
    rig.comes(contact, "transfer_completed")
    with mobile.hearing() as heard:
        client.say(phones.sound(2))
    assert sound.audible_s(heard.file) > 1.5
    client.hang_up()
    until(lambda: rig.kinds(contact).count("recording_stored") == 3, 30, rig.log())
    assert operator.ended(5)


@pytest.mark.clause("krc-5.6.4-15", "krc-5.6.4-16")
def test_the_extension_of_a_department_answers_is_told_and_has_the_client(rig: Rig, phones: Telephones) -> None:
    rig.ready(1)
    client, operator, contact = phones.talk(1)
    since = phones.line.mark()
    assert rig.post(f"/calls/{contact}/transfer", employee=1, extension="77")[0] == 200
    unit = phones.rung(2, since=since)
    handset.answer(unit)
    rig.comes(contact, "transfer_answered")
    assert rig.post(f"/calls/{contact}/transfer/complete", employee=1)[1]["error"] == "not_introduced"
    rig.post(f"/calls/{contact}/transfer/introduce", employee=1, client_name="A", matter="B")
    assert rig.post(f"/calls/{contact}/transfer/complete", employee=1)[0] == 200
    assert operator.ended(5)
    with unit.hearing() as heard, client.hearing() as answered:
        client.say(phones.sound(2))
        unit.say(phones.sound(2))
    assert sound.audible_s(heard.file) > 1.0
    assert sound.audible_s(answered.file) > 1.0
    client.hang_up()
    until(lambda: rig.kinds(contact).count("recording_stored") == 3, 30, rig.log())
    fact = rig.fact(contact, "transfer_completed")
    assert (fact["target_kind"], fact["number"], fact["target"], fact["target_employee"]) == (
        "department", "77", "Office", 2,
    )  # fmt: skip


@pytest.mark.clause("krc-5.6.4-22")
def test_a_number_outside_that_is_busy_brings_the_operator_back_to_the_client(rig: Rig, phones: Telephones) -> None:
    rig.ready(1)
    client, operator, contact = phones.talk(1)
    since = phones.line.mark()
    assert rig.post(f"/calls/{contact}/transfer", employee=1, number="8 916 123-45-67")[0] == 200
    outside = rung(phones, CLIENT, since)
    assert seen(outside)[1] not in ("1", "op1s"), "the number of the line, not of who of the house calls"
    busy(outside)
    rig.comes(contact, "transfer_refused")
    fact = rig.fact(contact, "transfer_refused")
    assert (fact["reason"], fact["target_kind"], fact["number"]) == ("busy", "outside", CLIENT)
    rig.becomes(contact, "talking")
    with client.hearing() as heard:
        operator.say(phones.sound(2))
    assert sound.audible_s(heard.file) > 1.5
    client.hang_up()
    rig.comes(contact, "call_ended")


def test_who_is_passed_on_blindly_and_taken_by_nobody_comes_back_and_the_next_time_is_connected(
    rig: Rig, phones: Telephones
) -> None:
    rig.ready(1)
    client, operator, contact = phones.talk(1)
    until(lambda: rig.kinds(contact).count("recording_started") == 2)
    since = phones.line.mark()
    assert rig.post(f"/calls/{contact}/transfer", employee=1, number=CLIENT, mode="blind")[1]["state"] == "forwarding"
    assert operator.ended(5), "the operator is free at once"
    outside = rung(phones, CLIENT, since)
    busy(outside)
    rig.becomes(contact, "queued")
    assert rig.fact(contact, "transfer_returned")["reason"] == "busy"
    since = phones.line.mark()
    rig.post("/operators/1/wrap-up/end")
    handset.answer(phones.rung(1, since=since))
    rig.becomes(contact, "talking")
    until(lambda: rig.kinds(contact).count("recording_started") == 4)
    since = phones.line.mark()
    assert rig.post(f"/calls/{contact}/transfer", employee=1, number=CLIENT, mode="blind")[0] == 200
    outside = rung(phones, CLIENT, since)
    handset.answer(outside)
    rig.comes(contact, "transfer_completed")
    assert rig.operators()[1] == "wrap_up"
    with outside.hearing() as heard, client.hearing() as answered:
        client.say(phones.sound(2))
        outside.say(phones.sound(2))
    assert sound.audible_s(heard.file) > 1.0
    assert sound.audible_s(answered.file) > 1.0
    outside.hang_up()
    rig.comes(contact, "call_ended")
    assert rig.fact(contact, "call_ended")["by"] == "outside"
    until(lambda: rig.kinds(contact).count("recording_stored") == 5, 30, rig.log())


@pytest.mark.clause("krc-2-43", "krc-5.5.1-02")
def test_a_client_is_called_through_a_mobile_and_the_talk_is_kept_like_any_other(rig: Rig, phones: Telephones) -> None:
    since = phones.line.mark()
    assert rig.post("/outgoing", employee=2, number=CLIENT, mobile=True)[1]["error"] == "no_mobile"
    status, said = rig.post("/outgoing", employee=3, number=CLIENT, mobile=True)
    assert (status, rig.operators()[3]) == (200, "ringing"), said
    mobile = rung(phones, MOBILE, since)
    handset.answer(mobile)
    with mobile.hearing() as asked:
        assert mobile.listen(10), "he is not asked for a key"
    assert sound.audible_s(asked.file) > 0
    mobile.press("1")
    client = rung(phones, CLIENT, since)
    handset.answer(client)
    contact = str(said["contact"])
    rig.becomes(contact, "talking")
    with client.hearing() as heard, mobile.hearing() as answered:
        mobile.say(phones.sound(1))
        client.say(phones.sound(2))
    assert sound.audible_s(heard.file) > 0.5
    assert sound.audible_s(answered.file) > 1.5
    client.hang_up()
    until(lambda: rig.kinds(contact).count("recording_stored") == 2, 30, rig.log())
    kept = rig.rows("SELECT direction, called, employee_id FROM conversations_contact WHERE id = %s", contact)
    assert kept == [("out", CLIENT, 3)]
    until(lambda: rig.operators()[3] == "offline", what="who is away from the screen is away again")


def test_an_emergency_service_is_reached_by_who_talks_and_without_a_switchboard(rig: Rig, phones: Telephones) -> None:
    rig.ready(1)
    client, operator, talk = phones.talk(1)
    since = phones.line.mark()
    caller = dial(phones, 1, "112")
    service = rung(phones, "112", since)
    handset.answer(service)
    caller.up()
    contact = contact_called(rig, "112")
    rig.becomes(contact, "talking")
    caller.hang_up()
    rig.comes(contact, "call_ended")
    assert rig.state(talk) == "talking", "his talk with the client has lost nothing"
    client.hang_up()
    rig.comes(talk, "call_ended")
    assert operator.ended(5)
    for one in rig.processes:
        rig.kill(one)
    since = phones.line.mark()
    alone = dial(phones, 1, "103")
    handset.answer(rung(phones, "103", since))
    alone.up()
    alone.hang_up()
    assert cause(dial(phones, 1, "89161234567")) == 34
