"""Real calls over SIP: a client leaves the queue for a callback, keeps his place and is called; the menu answers."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from kindline.runtime import ports
from kindline.runtime.demo_calls import handset, sound
from kindline.runtime.demo_calls.handset import Handset
from tests.plugins.postgres import Server
from tests.switchboard import rig as rigs
from tests.switchboard.rig import Rig, Telephones, until

pytestmark = pytest.mark.asterisk
APPEAL = """
import datetime as dt
from django.utils import timezone
from kindline.appeals.models import Appeal
now = timezone.now()
Appeal.objects.create(profile="krc", version="1", number="krc-2026/00042", kind="complaint", channel="phone",
    surname="Иванов", substance="Нет воды", received_at=now, registered_at=now, limit_at=now + dt.timedelta(days=30))
"""

METER = """
import datetime as dt
from django.utils import timezone
from kindline.appeals.models import Incident
from kindline.clients import search
from kindline.clients.models import Account, Client, ContactPoint, Premise
from kindline.readings import actions
from kindline.readings.checking import Dial
from kindline.staff.models import Employee
now = timezone.now()
owner = Client.objects.create(surname="Ёлкин", given_name="Пётр", created_at=now, changed_at=now)
ContactPoint.objects.create(client=owner, kind="phone", value="+79161234567")
place = Premise.objects.create(city="Светлогорье", street="ул. Лесная", house="12", flat="7")
account = Account.objects.create(number="55012", client=owner, premise=place, service="", opened_on="2020-01-01")
owner.words = search.index_of(owner)
owner.save()
actions.add_meter(account=account, number="Х-1407", service="холодная вода", verified_until=None, employee_id=None,
    dial=Dial([""], 5, 3, "m3", dt.date(2020, 1, 1)), now=now)
Incident.objects.create(profile="krc", title="Нет воды", area="Лесная", begun_at=now, opened_at=now,
    opened_by=Employee.objects.first())
from kindline.standard import loader
from kindline.switchboard import inquiries
from kindline.switchboard.self_service import struck
krc = loader.load("krc")
assert inquiries.spoken(krc, struck.at(krc, [place], now)[0]), "said once, so that it is there before the greeting ends"
"""


@pytest.fixture(scope="module")
def rig(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A house that can call outside, whose queues offer a callback soon, and call again soon."""
    made = rigs.build(tmp_path_factory.mktemp("rig"), pg, trunk_port=ports.choose(udp=True))
    menu = made.folder / "profiles" / "krc" / "menu.yaml"
    text = menu.read_text(encoding="utf-8").replace("callback: {after_s: 60", "callback: {after_s: 1")
    text = text.replace("pause_s: 300", "pause_s: 1").replace("abandoned: {after_s: 20", "abandoned: {after_s: 1")
    menu.write_text(text, encoding="utf-8")
    made.manage("shell", "-v", "0", "-c", APPEAL + METER)
    yield made
    rigs.end(made)


@pytest.fixture(scope="module")
def phones(rig: Rig) -> Iterator[Telephones]:
    """A running switchboard and the telephones of operators 1 and 2."""
    rig.start()
    until(lambda: len(rig.passwords()) == 2)
    with rig.telephones(1, 2) as found:
        yield found


@pytest.fixture(autouse=True)
def free(rig: Rig, phones: Telephones) -> Iterator[None]:
    """Both operators are away at the beginning, and nobody waits."""
    for one in (1, 2):
        rig.post(f"/operators/{one}/wrap-up/end")
        rig.post(f"/operators/{one}/state", state="offline")
    yield
    rig.rows("UPDATE conversations_callback SET state = 'cancelled' WHERE state <> 'kept' RETURNING id")


def offered(rig: Rig, phones: Telephones) -> tuple[Handset, str, str]:
    """A client who waits and has been offered a call; his number and contact."""
    client, caller = phones.call()
    contact = rig.contact_of(caller)
    rig.comes(contact, "callback_offered")
    return client, caller, contact


def promised(rig: Rig, client: Handset, contact: str) -> None:
    """He asks for it and confirms his number."""
    client.press("1")
    rig.becomes(contact, "promising")
    client.press("1")
    rig.comes(contact, "callback_asked")
    assert client.ended(30), "the call ends with thanks"
    rig.comes(contact, "contact_closed")


def callback(rig: Rig, phone: str) -> tuple[str, str, int]:
    """State, origin and tries of the callback of a number."""
    query = "SELECT state, origin, attempts FROM conversations_callback WHERE phone = %s ORDER BY id DESC LIMIT 1"
    return next(((str(a), str(b), int(c)) for a, b, c in rig.rows(query, phone)), ("", "", 0))


def called(phones: Telephones, number: str, since: int) -> Handset:
    found = handset.rung(phones.exchange, phones.line, number, 20, since=since)
    assert found is not None, phones.rig.story()
    return found


@pytest.mark.clause("krc-5.4.1-23", "krc-5.5.2-09")
def test_a_client_keeps_his_place_and_is_called_before_those_who_came_later(rig: Rig, phones: Telephones) -> None:
    client, caller, contact = offered(rig, phones)
    promised(rig, client, contact)
    asked = rig.fact(contact, "callback_asked")
    assert asked["phone"] == caller
    assert asked["own_number"] is True
    assert rig.fact(contact, "queue_left")["outcome"] == "callback"
    assert callback(rig, caller) == ("open", "queue", 0)
    later, later_number = phones.call()
    later_contact = rig.contact_of(later_number)
    rig.becomes(later_contact, "queued")

    since = phones.line.mark()
    rig.ready(1)
    operator = phones.rung(1, since=since)
    ours = handset.header(operator, "X-Kindline-Contact")
    assert ours not in (contact, later_contact), "he who keeps his place comes first"
    handset.answer(operator)
    outside = called(phones, caller, since)
    handset.answer(outside)
    rig.becomes(ours, "talking")
    with outside.hearing() as heard, operator.hearing() as answered:
        operator.say(phones.sound(1))
        outside.say(phones.sound(1))
    assert sound.audible_s(heard.file) > 0.7
    assert sound.audible_s(answered.file) > 0.7
    assert rig.state(later_contact) == "queued"
    until(lambda: callback(rig, caller) == ("kept", "queue", 1), what="the promise is not kept")
    assert rig.fact(contact, "callback_made")["outcome"] == "reached"
    assert rig.fact(ours, "callback_given")["wait_s"] >= asked["wait_s"]
    outside.hang_up()
    later.hang_up()
    rig.comes(ours, "call_ended")
    assert rig.rows("SELECT direction, called FROM conversations_contact WHERE id = %s", ours) == [("out", caller)]


def test_who_does_not_take_it_is_passed_over_and_who_is_not_reached_is_called_again(
    rig: Rig, phones: Telephones
) -> None:
    client, caller, contact = offered(rig, phones)
    promised(rig, client, contact)
    since = phones.line.mark()
    rig.ready(1)
    declining = phones.rung(1, since=since)
    first = handset.header(declining, "X-Kindline-Contact")
    assert rig.post(f"/calls/{first}/decline", employee=1)[0] == 200
    rig.comes(first, "callback_not_taken")
    rig.post("/operators/1/state", state="offline")
    since = phones.line.mark()
    rig.ready(2)
    operator = phones.rung(2, since=since)
    handset.answer(operator)
    outside = called(phones, caller, since)
    since = phones.line.mark()
    phones.line.order("DELETE", f"channels/{outside.channel}", {"reason_code": 17})
    until(lambda: callback(rig, caller) == ("open", "queue", 1), what=rig.story())
    assert rig.fact(contact, "callback_made")["outcome"] == "busy"
    again = phones.rung(2, since=since)
    handset.answer(again)
    handset.answer(called(phones, caller, since))
    until(lambda: callback(rig, caller) == ("kept", "queue", 2), what=rig.story())
    again.hang_up()


def test_another_number_is_typed_and_read_back_and_a_killed_switchboard_forgets_nobody(
    rig: Rig, phones: Telephones
) -> None:
    client, _, contact = offered(rig, phones)
    client.press("1")
    rig.becomes(contact, "promising")
    for digit in ("2", *"88007776655", "#"):
        client.press(digit)
    until(lambda: '"number": "+78007776655"' in data_of(rig, contact), 20, data_of(rig, contact))
    client.press("1")
    rig.comes(contact, "callback_asked")
    assert rig.fact(contact, "callback_asked")["own_number"] is False
    assert callback(rig, "+78007776655")[:2] == ("open", "queue")
    rig.kill(rig.processes[-1])
    client.hang_up()
    rig.start()
    rig.comes(contact, "call_ended")
    assert rig.fact(contact, "call_ended")["outcome"] == "callback"
    until(lambda: {"op1s", "op2s"} <= set(rig.health().get("phones", [])), 20, "the phones are not there again")
    since = phones.line.mark()
    rig.ready(1)
    operator = phones.rung(1, since=since)
    handset.answer(operator)
    handset.answer(called(phones, "+78007776655", since))
    until(lambda: callback(rig, "+78007776655")[0] == "kept", what=rig.story())
    operator.hang_up()


def data_of(rig: Rig, contact: str) -> str:
    return str(rig.rows("SELECT data::text FROM switchboard_call WHERE id = %s", contact)[0][0])


@pytest.mark.clause("krc-5.4.1-23", "krc-5.5.2-09")
def test_who_hangs_up_while_asked_is_called_back_unless_he_is_served_meanwhile(rig: Rig, phones: Telephones) -> None:
    client, caller, contact = offered(rig, phones)
    client.press("1")
    rig.becomes(contact, "promising")
    client.hang_up()
    rig.comes(contact, "call_ended")
    assert rig.fact(contact, "call_ended")["outcome"] == "abandoned"
    until(lambda: callback(rig, caller) == ("open", "abandoned", 0), what="no callback of an abandoned call")
    rig.ready(1)
    since = phones.line.mark()
    again = handset.call(phones.exchange, phones.line, "direct", caller, {})
    again.up()
    handset.answer(phones.rung(1, since=since))
    until(lambda: callback(rig, caller)[0] == "cancelled", what="he was served and would be called all the same")
    again.hang_up()


def test_the_menu_tells_the_state_of_an_appeal_by_its_number(rig: Rig, phones: Telephones) -> None:
    client, caller = phones.call("hotline")
    contact = rig.contact_of(caller)
    rig.comes(contact, "notice_played")
    client.press("3")
    until(lambda: rig.kinds(contact).count("menu_entered") == 2, 15)
    client.press("3")
    rig.becomes(contact, "asking")
    with client.hearing() as heard:
        for digit in "202600042#":
            client.press(digit)
        rig.comes(contact, "self_service_told")
        until(lambda: "answer" in [data.get("prompt") for _, data in rig.facts(contact)], 40, rig.log())
    assert rig.fact(contact, "self_service_told") == {"service": "appeal_status", "found": True}
    assert sound.audible_s(heard.file) > 2
    rig.becomes(contact, "menu")
    client.hang_up()
    rig.comes(contact, "contact_closed")


def typing_a_value(rig: Rig, phones: Telephones) -> tuple[Handset, str]:
    """A client who has come to the question of the value by the keys of the menu."""
    client, caller = phones.call("hotline")
    contact = rig.contact_of(caller)
    rig.comes(contact, "notice_played")
    client.press("1")
    until(lambda: rig.kinds(contact).count("menu_entered") == 2, 15)
    client.press("1")
    rig.becomes(contact, "asking")
    for digit in "55012#":
        client.press(digit)
    until(lambda: '"question": "value"' in data_of(rig, contact), 20, "the account is not known")
    return client, contact


def confirmed(rig: Rig, client: Handset, contact: str, value: str) -> None:
    """He types a value, hears it read back, and says that it is right."""
    for digit in f"{value}#":
        client.press(digit)
    until(lambda: '"confirming": true' in data_of(rig, contact), 20, "the value is not read back")
    client.press("1")


def values(rig: Rig) -> list[int]:
    return [int(value) for (value,) in rig.rows("SELECT value FROM readings_reading ORDER BY id")]


@pytest.mark.clause("krc-2-56")
def test_a_reading_is_typed_into_the_menu_and_kept_before_it_is_said_to_be(rig: Rig, phones: Telephones) -> None:
    client, contact = typing_a_value(rig, phones)
    with client.hearing() as heard:
        confirmed(rig, client, contact, "104")
        rig.comes(contact, "self_service_told")
        assert values(rig) == [104]
        rig.becomes(contact, "menu")
    assert "answer" in [data.get("prompt") for _, data in rig.facts(contact)]
    assert sound.audible_s(heard.file) > 0.7
    assert rig.fact(contact, "self_service_told") == {"service": "readings", "found": True}
    client.hang_up()
    rig.comes(contact, "contact_closed")


def test_a_switchboard_that_dies_before_the_reading_is_kept_has_not_said_so_and_the_next_one_keeps_it(
    rig: Rig, phones: Telephones
) -> None:
    rig.rows("DELETE FROM readings_reading RETURNING id")
    client, contact = typing_a_value(rig, phones)
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(rig.database) as holder:
        holder.execute("SELECT id FROM readings_meter FOR UPDATE")
        confirmed(rig, client, contact, "105")
        until(lambda: rig.rows(blocked)[0][0] > 0, 20, "the reading is not on its way")
        rig.kill(rig.processes[-1])
    assert values(rig) == []
    assert "self_service_told" not in rig.kinds(contact)
    rig.start()
    rig.comes(contact, "self_service_told")
    assert rig.fact(contact, "self_service_told") == {"service": "readings", "found": True}
    assert values(rig) == [105]
    until(lambda: {"op1s", "op2s"} <= set(rig.health().get("phones", [])), 20, "the phones are not there again")
    client.hang_up()
    rig.comes(contact, "contact_closed")


def test_a_known_caller_hears_of_the_incident_at_his_place_before_the_menu(rig: Rig, phones: Telephones) -> None:
    client = handset.call(phones.exchange, phones.line, "hotline", "+79161234567", {})
    client.up()
    contact = rig.contact_of("+79161234567")
    until(lambda: "news" in [data.get("prompt") for _, data in rig.facts(contact)], 40, rig.log())
    rig.becomes(contact, "menu")
    client.hang_up()
    rig.comes(contact, "contact_closed")


def test_an_incident_is_told_at_an_address_that_is_typed_by_letters(rig: Rig, phones: Telephones) -> None:
    """Лес…, house 12: only the first letters are pressed, and one street begins so."""
    client, caller = phones.call("hotline")
    contact = rig.contact_of(caller)
    rig.comes(contact, "notice_played")
    for level, key in enumerate("34", 2):
        client.press(key)
        until(lambda level=level: rig.kinds(contact).count("menu_entered") == level, 15)  # type: ignore[misc]
    client.press("2")
    rig.becomes(contact, "asking")
    for digit in "436#":
        client.press(digit)
    until(lambda: '"question": "building"' in data_of(rig, contact), 30, rig.log())
    with client.hearing() as heard:
        for digit in "12#":
            client.press(digit)
        rig.comes(contact, "self_service_told")
        until(lambda: "answer" in [data.get("prompt") for _, data in rig.facts(contact)], 40, rig.log())
        rig.becomes(contact, "menu", 40)
    assert rig.fact(contact, "self_service_told") == {"service": "outages_by_address", "found": True}
    assert sound.audible_s(heard.file) > 2
    client.hang_up()
    rig.comes(contact, "contact_closed")
