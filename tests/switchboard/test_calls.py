"""Real calls over SIP, with sound both ways, through a real switchboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kindline.runtime.demo_calls import handset, sound
from tests.switchboard.rig import Rig, Telephones, until

pytestmark = pytest.mark.asterisk


@pytest.fixture(scope="module")
def phones(rig: Rig) -> Iterator[Telephones]:
    """A running switchboard and the telephones of operators 1 and 2."""
    process = rig.start()
    until(lambda: len(rig.passwords()) == 2)
    with rig.telephones(1, 2) as found:
        yield found
    rig.kill(process)


@pytest.fixture(autouse=True)
def free(rig: Rig, phones: Telephones) -> Iterator[None]:
    """Both operators are free at the beginning."""
    for one in (1, 2):
        rig.post(f"/operators/{one}/state", state="offline")
    yield
    for one in (1, 2):
        rig.post(f"/operators/{one}/wrap-up/end")


@pytest.mark.clause("krc-5.5.2-11", "krc-5.5.2-13", "krc-5.5.2-14", "krc-5.5.2-17", "krc-5.6.4-02", "krc-2-45")
def test_a_talk_with_sound_both_ways_is_recorded_person_by_person(rig: Rig, phones: Telephones) -> None:
    rig.ready(1)
    client, operator, contact = phones.talk(1)
    with client.hearing() as heard, operator.hearing() as answered:
        operator.say(phones.sound(1))
        client.say(phones.sound(2))
    client.hang_up()
    until(lambda: rig.kinds(contact).count("recording_stored") == 2, 20, rig.log())
    assert sound.audible_s(heard.file) > 0.8
    assert sound.audible_s(answered.file) > 1.8
    stored = dict(rig.rows("SELECT leg, path FROM switchboard_recording WHERE contact_id = %s AND complete", contact))
    kept = {leg: sound.audible_s(rig.folder / "recordings" / path) for leg, path in stored.items()}
    assert set(kept) == {"client", "operator"}
    assert 1.7 < kept["client"] < 2.3, "the client's file holds what the client said, and nothing else"
    assert 0.7 < kept["operator"] < 1.3, "the operator's file holds what the operator said, and nothing else"
    kinds = rig.kinds(contact)
    assert kinds.index("notice_played") < kinds.index("call_answered") < kinds.index("call_ended")
    assert rig.fact(contact, "call_answered")["rings"] == 1
    assert rig.fact(contact, "recording_stored" if False else "call_ended")["outcome"] == "answered"


@pytest.mark.clause("krc-5.6.3-10")
def test_silence_of_both_sides_is_noticed_and_over_with_the_first_word(rig: Rig, phones: Telephones) -> None:
    """Both telephones send packets all the time, and nobody speaks."""
    rig.ready(1)
    client, operator, contact = phones.talk(1)
    client.say(phones.sound(1))
    rig.comes(contact, "silence_noticed")
    noticed = rig.fact(contact, "silence_noticed")
    assert (noticed["employee"], noticed["side"]) == (1, "both")
    assert noticed["silence_s"] >= 12
    assert "silence_over" not in rig.kinds(contact)
    operator.say(phones.sound(1))
    rig.comes(contact, "silence_over")
    assert rig.fact(contact, "silence_over")["outcome"] == "spoken"
    client.hang_up()
    rig.comes(contact, "call_ended")
    assert rig.kinds(contact).count("silence_noticed") == 1


@pytest.mark.clause("krc-5.5.2-11")
def test_while_a_secret_is_said_the_files_hold_silence_and_keep_their_time(rig: Rig, phones: Telephones) -> None:
    rig.ready(1)
    client, operator, contact = phones.talk(1)
    client.say(phones.sound(1))
    assert rig.post(f"/calls/{contact}/recording/pause", employee=2)[0] == 409
    assert rig.post(f"/calls/{contact}/recording/pause", employee=1, reason="card")[0] == 200
    with operator.hearing() as heard:
        client.say(phones.sound(2))
    assert rig.post(f"/calls/{contact}/recording/resume", employee=1)[0] == 200
    client.say(phones.sound(1))
    client.hang_up()
    until(lambda: rig.kinds(contact).count("recording_stored") == 2, 20, rig.log())
    assert sound.audible_s(heard.file) > 1.8, "the operator does not hear the secret"
    rows = rig.rows("SELECT leg, path, duration_s, extract(epoch FROM ended_at - started_at) FROM switchboard_recording"
                    " WHERE contact_id = %s AND complete", contact)  # fmt: skip
    assert {leg for leg, *_ in rows} == {"client", "operator"}
    for leg, path, lasts, talk in rows:
        assert lasts > float(talk) - 1.5, "the file is shorter than the talk: its time axis is not that of the talk"
        said = sound.audible_s(rig.folder / "recordings" / path)
        assert (1.5 < said < 2.5) if leg == "client" else said < 0.3, "the secret is in the file"
    assert rig.fact(contact, "recording_paused")["reason"] == "card"
    assert rig.fact(contact, "recording_resumed")["by"] == "operator"


def test_hold_plays_music_to_the_client_and_gives_him_back(rig: Rig, phones: Telephones) -> None:
    rig.ready(1)
    client, operator, contact = phones.talk(1)
    assert rig.post(f"/calls/{contact}/hold", employee=2)[0] == 409
    assert rig.post(f"/calls/{contact}/hold", employee=1, announced=True)[0] == 200
    with client.hearing() as heard, operator.hearing() as answered:
        client.say(phones.sound(1))
    assert sound.audible_s(heard.file) > 0.5, "no music"
    assert sound.audible_s(answered.file) < 0.2, "the operator hears a client who is on hold"
    assert rig.post(f"/calls/{contact}/resume", employee=1)[0] == 200
    with operator.hearing() as answered:
        client.say(phones.sound(1))
    assert sound.audible_s(answered.file) > 0.7
    operator.hang_up()
    assert client.ended(5)
    until(lambda: "call_ended" in rig.kinds(contact))
    assert rig.fact(contact, "call_ended")["by"] == "operator"
    assert rig.fact(contact, "hold_ended")["outcome"] == "resumed"


@pytest.mark.clause("krc-5.6.4-15", "krc-5.6.4-16", "krc-5.5.3-05", "krc-5.5.3-06", "yumek-9.4-20")
def test_a_colleague_takes_the_call_after_the_introduction(rig: Rig, phones: Telephones) -> None:
    rig.ready(1)
    client, operator, contact = phones.talk(1)
    rig.ready(2)
    since = phones.line.mark()
    assert rig.post(f"/calls/{contact}/transfer", employee=1, target_employee=2)[0] == 200
    colleague = phones.rung(2, since=since)
    assert handset.header(colleague, "X-Kindline-Kind") == "consult"
    handset.answer(colleague)
    until(lambda: "transfer_answered" in rig.kinds(contact))
    with colleague.hearing() as told, client.hearing() as waits:
        operator.say(phones.sound(1))
    assert sound.audible_s(told.file) > 0.7, "the colleague does not hear the operator"
    assert sound.audible_s(waits.file) > 0.5, "the client hears no music"
    assert rig.post(f"/calls/{contact}/transfer/complete", employee=1)[0] == 409, "before the introduction"
    assert rig.post(f"/calls/{contact}/transfer/introduce", employee=1, client_name="N", matter="m")[0] == 200
    assert rig.post(f"/calls/{contact}/transfer/complete", employee=1)[0] == 200
    assert operator.ended(5)
    with client.hearing() as heard, colleague.hearing() as answered:
        colleague.say(phones.sound(1))
        client.say(phones.sound(1))
    assert sound.audible_s(heard.file) > 0.7
    assert sound.audible_s(answered.file) > 0.7
    client.hang_up()
    until(lambda: rig.kinds(contact).count("wrap_up_started") == 2)


@pytest.mark.clause("krc-5.6.4-03")
def test_who_does_not_answer_is_passed_over(rig: Rig, phones: Telephones) -> None:
    rig.ready(1)
    since = phones.line.mark()
    client, caller = phones.call()
    ringing = phones.rung(1, since=since)
    contact = rig.contact_of(caller)
    rig.ready(2)
    assert rig.post(f"/calls/{contact}/decline", employee=1)[0] == 200
    taken = phones.rung(2, since=since)
    assert ringing.ended(5)
    handset.answer(taken)
    until(lambda: rig.state(contact) == "talking")
    client.hang_up()
    until(lambda: "call_ended" in rig.kinds(contact))
    assert rig.fact(contact, "offer_missed")["reason"] == "declined"
    assert rig.fact(contact, "call_answered")["employee"] == 2


@pytest.mark.clause("krc-5.6.6-09", "krc-5.6.6-15", "krc-5.6.6-16")
def test_the_menu_leads_to_a_voice_message(rig: Rig, phones: Telephones) -> None:
    client, caller = phones.call("hotline")
    contact = rig.contact_of(caller)
    until(lambda: "notice_played" in rig.kinds(contact))
    client.press("3")
    until(lambda: "menu_entered" in rig.kinds(contact) and rig.kinds(contact).count("menu_entered") == 2, 15)
    client.press("2")
    until(lambda: "recording_started" in rig.kinds(contact), 20, rig.log())
    client.say(phones.sound(3))
    client.press("#")
    until(lambda: "recording_stored" in rig.kinds(contact), 20, rig.log())
    left = rig.fact(contact, "voicemail_left")
    assert left["duration_s"] >= 2
    assert left["box"] == "general"
    assert client.ended(15)
    until(lambda: "contact_closed" in rig.kinds(contact))
    assert rig.fact(contact, "call_ended")["outcome"] == "voicemail"
    assert rig.rows("SELECT count(*) FROM switchboard_voicemail WHERE contact_id = %s", contact) == [(1,)]


@pytest.mark.clause("krc-5.6.6-15")
def test_of_who_hangs_up_at_the_tone_nothing_is_left_lying_in_the_engine_s_spool(rig: Rig, phones: Telephones) -> None:
    client, caller = phones.call("hotline")
    contact = rig.contact_of(caller)
    until(lambda: "notice_played" in rig.kinds(contact))
    client.press("3")
    until(lambda: rig.kinds(contact).count("menu_entered") == 2, 15)
    client.press("2")
    until(lambda: "recording_started" in rig.kinds(contact), 20, rig.log())
    client.hang_up()
    rig.comes(contact, "call_ended")
    assert {"recording_discarded", "voicemail_left"} & set(rig.kinds(contact)), "with a slow machine it is a message"
    spool = rig.engine.folder / "spool" / "recording" / contact
    until(lambda: not list(spool.glob("*.wav")), 20, "a file is left lying")


def test_a_caller_who_leaves_the_queue_is_kept_as_abandoned(rig: Rig, phones: Telephones) -> None:
    client, caller = phones.call()
    contact = rig.contact_of(caller)
    until(lambda: rig.state(contact) == "queued")
    client.hang_up()
    until(lambda: "contact_closed" in rig.kinds(contact))
    assert rig.fact(contact, "queue_left")["outcome"] == "abandoned"
    assert rig.fact(contact, "call_ended")["outcome"] == "abandoned"


def test_a_flood_of_keys_and_broken_messages_does_no_harm(rig: Rig, phones: Telephones) -> None:
    import socket

    client, caller = phones.call("hotline")
    contact = rig.contact_of(caller)
    client.line.order("POST", f"channels/{client.channel}/dtmf", {"dtmf": "19*#7" * 12, "duration": 50, "between": 20})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as broken:
        for text in (
            b"INVITE",
            b"\x00" * 600,
            b"INVITE sip:x SIP/9.9\r\n\r\n",
            b"BYE sip:hotline SIP/2.0\r\nCSeq: x\r\n\r\n",
        ):
            for _ in range(50):
                broken.sendto(text, ("127.0.0.1", rig.engine.values.sip_port))
    rig.ready(1)
    other, _, second = phones.talk(1)
    other.hang_up()
    until(lambda: "call_ended" in rig.kinds(second))
    client.hang_up()
    until(lambda: "call_ended" in rig.kinds(contact))
    assert rig.kinds(contact).count("call_ended") == 1


def test_what_cannot_be_understood_is_refused_with_a_reason(rig: Rig, phones: Telephones) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    assert rig.post(f"/calls/{nobody}/hold", employee=1) == (
        404, {"error": "no_call", "message": "there is no such call now"},
    )  # fmt: skip
    assert rig.post("/operators/999/state", state="ready")[0] == 404
    assert rig.post("/operators/1/state", state="dancing")[0] == 422
    assert rig.post("/operators/1/state", state="paused")[0] == 422
    assert rig.post(f"/calls/{nobody}/hold", employee="one")[0] == 422
