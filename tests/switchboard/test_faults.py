"""The faults of the telephone (T1-T8, T13, a database restarted): what was accepted is stored, once; nobody hangs.

The ledger is kept by the telephones outside: which calls were answered, what was heard on them, and when a thing died.
The bounds of the register are held against it by the moments of the facts, however long a test looks for them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import signal
from collections.abc import Iterator

import psycopg
import pytest

from kindline.runtime import ports
from kindline.runtime.demo_calls import handset, sound
from kindline.switchboard import watch
from tests.plugins import postgres
from tests.plugins.postgres import Server
from tests.switchboard.cutter import Cutter
from tests.switchboard.rig import Rig, Telephones, until

pytestmark = pytest.mark.asterisk
ADOPTED_S = 5.0
"""So soon after a switchboard has died another one leads its calls (T1)."""
HEAD_S = 3.0
"""So soon after the phone that rang has vanished its caller is at the head of the queue again (T8)."""
LIVE = "SELECT count(*) FROM switchboard_switchboard WHERE beat_at > now() - interval '3 s'"


@pytest.fixture(scope="module")
def pg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A database server of this module's own, which is restarted under the calls."""
    server = postgres.launch(tmp_path_factory.mktemp("own"))
    yield server
    server.stop(signal.SIGQUIT)


@pytest.fixture(autouse=True)
def quiet(rig: Rig) -> Iterator[None]:
    """Each test begins with no switchboard and nobody at work, and ends so."""
    yield
    for process in rig.processes:
        rig.kill(process)
    rig.processes.clear()
    rig.asked_at = None
    rig.rows("UPDATE switchboard_operator SET state = 'offline', contact_id = NULL, wanted = '' RETURNING 1")


@contextlib.contextmanager
def at_work(rig: Rig, *operators: int, **more: str) -> Iterator[Telephones]:
    """A switchboard and telephones; the operators are ready."""
    rig.start(**more)
    until(lambda: len(rig.passwords()) == 2)
    with rig.telephones(1, 2) as phones:
        rig.ready(*operators)
        yield phones


def ended_once(rig: Rig, *contacts: str) -> None:
    """Each call has its beginning and its end, once."""
    for contact in contacts:
        rig.comes(contact, "call_ended")
        kinds = rig.kinds(contact)
        assert kinds.count("call_arrived") == kinds.count("call_ended") == 1, kinds
        assert kinds.count("contact_opened") == 1


def nothing_is_left(rig: Rig) -> None:
    """No channel, no bridge, no operator kept, no command without an outcome."""
    until(lambda: "0 active channels" in rig.engine.ask("core show channels"), 30, "channels are left")
    until(lambda: "simple_bridge" not in rig.engine.ask("bridge show all"), 30, "bridges are left")
    until(lambda: not set(rig.operators().values()) & {"ringing", "talking", "hold"}, 30, str(rig.operators()))
    assert rig.rows("SELECT 1 FROM switchboard_reservation WHERE released_at IS NULL") == []


def beside(rig: Rig) -> int:
    """A second switchboard at the same engine, ready, with nothing to lead yet; where it is asked."""
    port, before = ports.choose(), rig.asked_at
    rig.spawn(KINDLINE_SWITCHBOARD_PORT=str(port))
    rig.asked_at = port
    until(lambda: rig.health().get("ready"), 60, rig.log())
    until(lambda: rig.rows(LIVE) == [(2,)], 60)
    rig.asked_at = before
    return port


def adopted_in_time(rig: Rig, killed_at: dt.datetime, *contacts: str) -> None:
    """Each call has got a new leader, once, within the bound: by the ledger, and by the last beat of the former."""
    for contact in contacts:
        rig.comes(contact, "call_adopted")
        assert rig.fact(contact, "call_adopted")["silent_s"] <= ADOPTED_S
        assert 0 <= since_s(killed_at, rig.moment(contact, "call_adopted")) <= ADOPTED_S


def since_s(begin: dt.datetime, end: dt.datetime) -> float:
    return (end - begin).total_seconds()


def waited_from_the_beginning(rig: Rig, contact: str) -> None:
    """He entered the queue once, and what counts as his wait is all of it."""
    assert rig.kinds(contact).count("queue_entered") == 1
    wait_s = since_s(rig.moment(contact, "queue_entered"), rig.moment(contact, "call_answered"))
    assert rig.fact(contact, "call_answered")["wait_s"] == pytest.approx(wait_s, abs=0.5)


@pytest.mark.fault("T1")
def test_t1_a_switchboard_killed_with_calls_in_every_state(rig: Rig) -> None:
    with at_work(rig, 1) as phones:
        process = rig.processes[-1]
        client, operator, talk = phones.talk(1)
        (second, ring), (waiting, queued) = queue_up(rig, phones), queue_up(rig, phones)
        peer = beside(rig)
        since = phones.line.mark()
        rig.ready(2)
        ringing = phones.rung(2, since=since)
        phones.line.ask("POST", f"channels/{ringing.channel}/ring")
        until(lambda: rig.state(queued) == "queued" and rig.state(ring) == "offering")
        phones.begin_to_say(operator, 12)
        with client.hearing() as heard:
            mark, killed_at = phones.line.mark(), dt.datetime.now(dt.UTC)
            rig.kill(process)
            rig.asked_at = peer
            again = phones.rung(2, since=mark)
            assert client.listen(8), "the talk was cut"
        assert sound.audible_s(heard.file) > 0, "the talk was cut meanwhile"
        adopted_in_time(rig, killed_at, talk, ring, queued)
        handset.answer(again)
        until(lambda: rig.state(ring) == "talking", 20, rig.log())
        assert rig.post(f"/calls/{talk}/hold", employee=1)[0] == 200, "the talk has no leader"
        for one in (client, second, waiting):
            one.hang_up()
        ended_once(rig, talk, ring, queued)
        until(lambda: rig.kinds(talk).count("recording_stored") == 2, 30)
        assert rig.fact(queued, "call_ended")["outcome"] == "abandoned"
        waited_from_the_beginning(rig, ring)
        nothing_is_left(rig)


@pytest.mark.fault("T2")
def test_a_switchboard_whose_engine_is_silent_does_not_look_dead(rig: Rig) -> None:
    cutter, seen = Cutter(rig.engine.values.ari_port), set()

    def beaten(times: int) -> bool:
        seen.update(rig.rows("SELECT beat_at FROM switchboard_switchboard"))
        return len(seen) > times

    with at_work(rig, KINDLINE_ARI_URL=f"http://127.0.0.1:{cutter.port}"):
        cutter.silent.set()
        until(lambda: beaten(4), 2 * watch.DEAD_AFTER_S, "the others would take its calls")
        cutter.silent.clear()
        until(lambda: rig.health().get("ready"), 30, "it does not find back")
    cutter.close()


@pytest.mark.fault("T2")
def test_t2_a_silent_network_never_leaves_a_caller_in_silence(rig: Rig) -> None:
    cutter = Cutter(rig.engine.values.ari_port)
    with at_work(rig, 1, KINDLINE_ARI_URL=f"http://127.0.0.1:{cutter.port}") as phones:
        client, operator, talk = phones.talk(1)
        cutter.silent.set()
        alone, number = phones.call()
        with alone.hearing() as heard, client.hearing() as talked:
            assert alone.listen(8), "dead air"
            phones.begin_to_say(operator, 2)
            alone.say(phones.sound(2))
        alone.hang_up()
        cutter.silent.clear()
        until(lambda: rig.health().get("ready"), 30, "it does not find back")
        spooled = rig.contact_of(number)
        until(lambda: "request_spooled" in rig.kinds(spooled), 30)
        client.hang_up()
        ended_once(rig, talk)
        nothing_is_left(rig)
        assert sound.audible_s(heard.file) > 0.5, "the dialplan greets and says what to do"
        assert sound.audible_s(talked.file) > 1, "the talk goes on meanwhile"
    cutter.close()


@pytest.mark.fault("T3")
def test_t3_a_frozen_switchboard_finds_out_what_it_missed(rig: Rig, chance: random.Random) -> None:
    with at_work(rig, 1) as phones:
        client, _, talk = phones.talk(1)
        process = rig.processes[-1]
        process.send_signal(signal.SIGSTOP)
        others = [phones.call() for _ in range(2)]
        gone = [client, *(one for one, _ in others)]
        chance.shuffle(gone)
        for one in gone:
            one.hang_up()
        process.send_signal(signal.SIGCONT)
        ended_once(rig, talk)
        for _, number in others:
            rig.comes(rig.contact_of(number), "contact_closed")
        nothing_is_left(rig)


@pytest.mark.fault("T4")
def test_t4_a_name_that_is_taken_is_refused(rig: Rig) -> None:
    first = rig.start(KINDLINE_SWITCHBOARD="sb-onename")
    second = rig.spawn(KINDLINE_SWITCHBOARD="sb-onename")
    assert second.wait(60) == 3, rig.log()
    assert "already" in rig.log()
    assert first.poll() is None


@pytest.mark.fault("T5")
def test_t5_each_call_is_led_by_one_of_two_switchboards(rig: Rig, chance: random.Random) -> None:
    with at_work(rig) as phones:
        first = rig.processes[-1]
        beside(rig)
        second = rig.processes[-1]
        calls = [phones.call() for _ in range(6)]
        contacts = [rig.contact_of(number) for _, number in calls]
        for contact in contacts:
            rig.becomes(contact, "queued")
        owners = dict(rig.rows("SELECT id::text, owner FROM switchboard_call WHERE ended_at IS NULL"))
        assert set(contacts) <= set(owners)
        killed_at = dt.datetime.now(dt.UTC)
        rig.kill(first)
        until(lambda: len(led_by(rig)) == 1, 20)
        [[heir]] = led_by(rig)
        adopted_in_time(rig, killed_at, *(contact for contact in contacts if owners[contact] != heir))
        assert all("call_adopted" not in rig.kinds(contact) for contact in contacts if owners[contact] == heir)
        assert second.poll() is None
        chance.shuffle(calls)
        for client, _ in calls:
            client.hang_up()
        ended_once(rig, *contacts)


@pytest.mark.fault("T5")
def test_t5_who_is_frozen_gets_no_calls_and_with_all_frozen_the_dialplan_takes_them(
    rig: Rig, chance: random.Random
) -> None:
    with at_work(rig) as phones:
        first = rig.processes[-1]
        early = queue_up(rig, phones)
        peer = beside(rig)
        second, before = rig.processes[-1], led_by(rig)
        first.send_signal(signal.SIGSTOP)
        frozen_at = dt.datetime.now(dt.UTC)
        rig.asked_at = peer
        calls = [queue_up(rig, phones) for _ in range(4)]
        adopted_in_time(rig, frozen_at, early[1])
        [[heir]] = led_by(rig)
        assert [(heir,)] != before
        second.send_signal(signal.SIGSTOP)
        alone = leave_messages(phones, 3, chance)
        for process in (first, second):
            process.send_signal(signal.SIGCONT)
        for number in alone:
            spooled_once(rig, rig.contact_of(number))
        mine = [early, *calls]
        assert {owner_of(rig, contact) for _, contact in mine} <= {owner for (owner,) in led_by(rig)}
        chance.shuffle(mine)
        for client, _ in mine:
            client.hang_up()
        ended_once(rig, *(contact for _, contact in mine))
        for _, contact in mine:
            assert "request_spooled" not in rig.kinds(contact)
            assert rig.fact(contact, "call_ended")["outcome"] == "abandoned"
        until(lambda: all(process.poll() is None for process in (first, second)), 1, rig.log())
        nothing_is_left(rig)


def owner_of(rig: Rig, contact: str) -> str:
    """Who leads a call."""
    return str(rig.rows("SELECT owner FROM switchboard_call WHERE id = %s AND ended_at IS NULL", contact)[0][0])


def spooled_once(rig: Rig, contact: str) -> None:
    """What the dialplan alone took is a contact with a message, once, and nobody led it besides."""
    rig.comes(contact, "recording_stored", 60)
    kinds = rig.kinds(contact)
    assert kinds.count("request_spooled") == kinds.count("contact_closed") == kinds.count("call_ended") == 1, kinds
    assert "queue_entered" not in kinds


def led_by(rig: Rig) -> list[tuple[str]]:
    """Who leads calls."""
    return [(owner,) for (owner,) in rig.rows("SELECT DISTINCT owner FROM switchboard_call WHERE ended_at IS NULL")]


@pytest.mark.fault("T6")
def test_t6_an_engine_that_dies_takes_its_calls_and_nothing_else(rig: Rig) -> None:
    with at_work(rig, 1) as phones:
        client, _, talk = phones.talk(1)
        waiting, number = phones.call()
        queued = rig.contact_of(number)
        until(lambda: rig.state(queued) == "queued" and "recording_started" in rig.kinds(talk))
        client.say(phones.sound(1))
        rig.engine.stop(signal.SIGKILL)
        rig.engine.start()
        ended_once(rig, talk, queued)
        for contact in (talk, queued):
            assert rig.fact(contact, "call_ended")["by"] == "node"
        promised = "SELECT count(DISTINCT contact_id) FROM conversations_callback WHERE contact_id IN (%s, %s)"
        until(lambda: rig.rows(promised, talk, queued) == [(2,)], 60, "nobody is called back")
        until(lambda: rig.kinds(talk).count("recording_stored") == 2, 60, rig.log())
        client.hang_up()
        waiting.hang_up()
        until(lambda: {"op1s", "op2s"} <= set(rig.health().get("phones", [])), 90, "the phones do not come back")
        rig.post("/operators/1/wrap-up/end")
        rig.ready(1)
        again, _, second = phones.talk(1)
        again.hang_up()
        ended_once(rig, second)
        nothing_is_left(rig)


@pytest.mark.fault("T7")
def test_t7_an_answer_that_is_lost_rings_a_phone_only_once(rig: Rig) -> None:
    cutter = Cutter(rig.engine.values.ari_port)
    with at_work(rig, KINDLINE_ARI_URL=f"http://127.0.0.1:{cutter.port}") as phones:
        client, number = phones.call()
        contact = rig.contact_of(number)
        until(lambda: rig.state(contact) == "queued")
        since = phones.line.mark()
        cutter.swallow = b"POST /ari/channels/"
        rig.ready(1)
        operator = phones.rung(1, since=since)
        handset.answer(operator)
        until(lambda: rig.state(contact) == "talking")
        assert cutter.swallowed == 1
        assert count_of_rings(phones, "op1s", since) == 1
        client.hang_up()
        ended_once(rig, contact)
        nothing_is_left(rig)
    cutter.close()


def count_of_rings(phones: Telephones, user: str, since: int) -> int:
    """How often a phone was called."""
    events = phones.line.since(since)
    return sum(1 for event in events if event["type"] == "StasisStart" and event.get("args", [])[:1] == [user])


@pytest.mark.fault("T8")
def test_t8_an_operator_whose_phone_vanishes_while_it_rings(rig: Rig) -> None:
    rig.start()
    until(lambda: len(rig.passwords()) == 2)
    with rig.telephones(2) as phones:
        with rig.telephones(1) as doomed:
            rig.ready(1)
            since = doomed.line.mark()
            client, number = phones.call()
            contact = rig.contact_of(number)
            doomed.rung(1, since=since)
            later, later_number = phones.call()
            behind = rig.contact_of(later_number)
            rig.becomes(behind, "queued")
            gone_at = dt.datetime.now(dt.UTC)
            doomed.exchange.sign_off()
        rig.comes(contact, "offer_missed")
        assert 0 <= since_s(gone_at, rig.moment(contact, "offer_missed")) <= HEAD_S
        since = phones.line.mark()
        rig.ready(2)
        operator = phones.rung(2, 25, since=since)
        assert handset.header(operator, "X-Kindline-Contact") == contact, "he lost his place"
        handset.answer(operator)
        until(lambda: rig.state(contact) == "talking")
        waited_from_the_beginning(rig, contact)
        client.hang_up()
        later.hang_up()
        ended_once(rig, contact, behind)
        nothing_is_left(rig)


@pytest.mark.fault("D1")
def test_a_database_restarted_under_calls_costs_no_word_and_no_fact(rig: Rig, pg: Server) -> None:
    with at_work(rig, 1) as phones:
        process = rig.processes[-1]
        client, operator, talk = phones.talk(1)
        (waiting, queued), (leaving, left) = queue_up(rig, phones), queue_up(rig, phones)
        phones.begin_to_say(operator, 12)
        with client.hearing() as heard:
            pg.stop()
            leaving.hang_up()
            until(lambda: "the database does not take" in rig.log(), what="the end was not noticed")
            back_at = dt.datetime.now(dt.UTC)
            pg.start()
            rig.comes(left, "call_ended")
            assert client.listen(8), "the talk was cut"
        assert sound.audible_s(heard.file) > 0, "the talk was cut meanwhile"
        ended = rig.fact(left, "call_ended")
        assert (ended["by"], ended["outcome"], ended["estimated"]) == ("client", "abandoned", False)
        assert rig.moment(left, "call_ended") < back_at, "it is told when it was written, not when it happened"
        assert (rig.state(talk), rig.state(queued)) == ("talking", "queued")
        for order in ("hold", "resume"):
            assert rig.post(f"/calls/{talk}/{order}", employee=1)[0] == 200, "the talk has no leader"
        since = phones.line.mark()
        client.hang_up()
        rig.comes(talk, "call_ended")
        rig.post("/operators/1/wrap-up/end")
        second = phones.rung(1, since=since)
        assert handset.header(second, "X-Kindline-Contact") == queued
        handset.answer(second)
        rig.becomes(queued, "talking")
        waited_from_the_beginning(rig, queued)
        until(lambda: rig.kinds(queued).count("recording_started") == 2)
        waiting.hang_up()
        ended_once(rig, talk, queued, left)
        until(lambda: all(rig.kinds(one).count("recording_stored") == 2 for one in (talk, queued)), 30)
        nothing_is_left(rig)
        assert process.poll() is None, "it had to be started anew"


def queue_up(rig: Rig, phones: Telephones) -> tuple[handset.Handset, str]:
    """Somebody calls and waits; his telephone and his contact."""
    client, number = phones.call()
    contact = rig.contact_of(number)
    rig.becomes(contact, "queued")
    return client, contact


@pytest.mark.clause("krc-5.5.2-09", "krc-5.5.2-17")
@pytest.mark.fault("T13")
def test_t13_with_everything_down_each_caller_leaves_a_message(rig: Rig, chance: random.Random) -> None:
    rig.start()
    until(lambda: len(rig.passwords()) == 2)
    for process in rig.processes:
        rig.kill(process)
    until(lambda: not rig.health())
    with rig_telephones_alone(rig) as phones:
        ledger = leave_messages(phones, 20, chance)
        rig.start()
        for number in ledger:
            contact = rig.contact_of(number)
            rig.comes(contact, "recording_stored")
            assert rig.fact(contact, "request_spooled")["duration_s"] > 1
            assert rig.kinds(contact).count("contact_closed") == 1
        messages = rig.rows("SELECT count(*) FROM switchboard_voicemail WHERE box = 'fallback'")
        assert messages[0][0] >= len(ledger)


def leave_messages(phones: Telephones, count: int, chance: random.Random) -> list[str]:
    """So many callers at once who speak to the dialplan, each until it has kept something; the numbers they show."""
    known = set(phones.rig.spooled())
    called = [phones.call() for _ in range(count)]
    for client, _ in called:
        phones.begin_to_say(client, 60)
    until(lambda: len([one for one in phones.rig.spooled() if one not in known]) == count, 60, "not all are recorded")
    chance.shuffle(called)
    for client, _ in called:
        client.hang_up()
    return [number for _, number in called]


@contextlib.contextmanager
def rig_telephones_alone(rig: Rig) -> Iterator[Telephones]:
    """A telephone outside while there is no switchboard at all."""
    with rig.telephones() as phones:
        yield phones


@pytest.mark.fault("T1", "T6")
def test_t1_a_switchboard_killed_before_what_it_wrote_had_consequences_owes_nobody_a_call(rig: Rig) -> None:
    """The list of those to call is barred while the caller gives up: his fact is written, and then it dies."""
    with at_work(rig) as phones:
        process = rig.processes[-1]
        client, waiting = queue_up(rig, phones)
        rig.becomes(waiting, "queued")
        until(lambda: since_s(rig.moment(waiting, "queue_entered"), dt.datetime.now(dt.UTC)) > 21, 40)
        with psycopg.connect(rig.database) as barring:
            barring.execute("LOCK TABLE conversations_callback IN SHARE MODE")
            client.hang_up()
            rig.comes(waiting, "queue_left")
            rig.kill(process)
        assert rig.rows("SELECT 1 FROM conversations_callback WHERE contact_id = %s", waiting) == []
        rig.start()
        made = "SELECT origin, state FROM conversations_callback WHERE contact_id = %s"
        until(lambda: rig.rows(made, waiting) == [("abandoned", "open")], 90, rig.log())
