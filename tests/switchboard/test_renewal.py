"""The engine's configuration is renewed while people talk, ring and wait: nobody hears of it, and it holds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from kindline.runtime.demo_calls import handset, sound
from tests.switchboard.rig import ROOT, Rig, Telephones, until

pytestmark = pytest.mark.asterisk
PLACES = 77
"""How many calls the engine takes at once by the new configuration."""
TONE_S = 3
"""So long the operator speaks at a time: before, while and after the configuration is read."""


@pytest.fixture
def phones(rig: Rig) -> Iterator[Telephones]:
    """A switchboard, and the telephones of two operators."""
    rig.start()
    until(lambda: len(rig.passwords()) == 2)
    with rig.telephones(1, 2) as made:
        yield made
    for process in rig.processes:
        rig.kill(process)
    rig.processes.clear()


def reload(rig: Rig, *words: str, **told: str) -> subprocess.Popen[str]:
    """The command as an administrator gives it, begun."""
    command = [sys.executable, "-m", "kindline.runtime", "reload", "--instance", str(rig.folder), *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=rig.environment(**told), stdout=pipe, stderr=pipe, text=True)


def ended(command: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Its exit code, and what it said."""
    out, err = command.communicate(timeout=120)
    return command.returncode, out, err


def speaks_meanwhile(rig: Rig, phones: Telephones, operator: handset.Handset) -> tuple[float, str]:
    """The operator speaks while the configuration is renewed without a complaint: how long, and what was said of it."""
    command, spoken_s = reload(rig, KINDLINE_CALLS_MAX=str(PLACES)), 0.0
    while True:
        over = command.poll() is not None
        operator.say(phones.sound(TONE_S))
        spoken_s += TONE_S
        if over:
            break
    code, out, err = ended(command)
    assert code == 0, out + err
    return spoken_s, out


def waits(rig: Rig, phones: Telephones) -> tuple[handset.Handset, str]:
    client, number = phones.call()
    contact = rig.contact_of(number)
    rig.becomes(contact, "queued")
    return client, contact


def test_who_talks_rings_and_waits_hears_nothing_of_a_renewal(rig: Rig, phones: Telephones) -> None:
    rig.ready(1)
    client, operator, talk = phones.talk(1)
    first, second = waits(rig, phones), waits(rig, phones)
    since = phones.line.mark()
    rig.ready(2)
    ringing = phones.rung(2, since=since)
    assert handset.header(ringing, "X-Kindline-Contact") == first[1]
    known = set(rig.health()["phones"])
    with client.hearing() as there, second[0].hearing() as music:
        spoken_s, said = speaks_meanwhile(rig, phones, operator)
        assert second[0].listen(10), "who waits hears no music any more"
    with operator.hearing() as here:
        client.say(phones.sound(2))
    assert sound.audible_s(there.file) > 0.9 * spoken_s, "the operator was not heard all the time"
    assert sound.audible_s(here.file) > 1.5, "the client is not heard any more"
    assert sound.audible_s(music.file) > 1
    assert f"> {PLACES}]" in said
    assert f"> {PLACES}]" in rig.engine.ask("dialplan show from-trunk"), "the new configuration does not hold"
    assert "KINDLINE_APP=sb-" in rig.engine.ask("dialplan show globals"), "the engine knows no switchboard"
    assert set(rig.health()["phones"]) == known, "phones were forgotten"
    goes_on_in_order(rig, phones, ringing, first[1])
    comes_in(rig, phones)
    assert not {"media_lost", "offer_missed", "call_adopted", "node_lost"} & set(rig.kinds(talk) + rig.kinds(first[1]))
    rig.post("/operators/1/wrap-up/end")
    since = phones.line.mark()
    client.hang_up()
    rig.comes(talk, "call_ended")
    until(lambda: rig.kinds(talk).count("recording_stored") == 2, 60)
    assert all(data["complete"] for kind, data in rig.facts(talk) if kind == "recording_stored")
    rig.post("/operators/1/wrap-up/end")
    next_ = phones.rung(1, since=since)
    assert handset.header(next_, "X-Kindline-Contact") == second[1], "the queue lost its order"
    for one in (first[0], second[0]):
        one.hang_up()


def goes_on_in_order(rig: Rig, phones: Telephones, ringing: handset.Handset, contact: str) -> None:
    """The phone that rang still rings for the same caller, who is heard."""
    handset.answer(ringing)
    rig.becomes(contact, "talking")
    assert rig.kinds(contact).count("call_offered") == 1
    assert rig.post(f"/calls/{contact}/hold", employee=2)[0] == 200
    assert rig.post(f"/calls/{contact}/resume", employee=2)[0] == 200


def comes_in(rig: Rig, phones: Telephones) -> None:
    """A new call is taken as ever, and a phone may register."""
    client, contact = waits(rig, phones)
    client.hang_up()
    rig.comes(contact, "call_ended")
    assert rig.fact(contact, "call_ended")["outcome"] == "abandoned"


def test_what_is_taken_at_a_start_only_is_refused_and_changes_nothing(rig: Rig) -> None:
    before = rig.engine.ask("pjsip show transports")
    code, _, refusal = ended(reload(rig, KINDLINE_SIP_ADDRESS="127.0.0.9"))
    assert code == 2
    assert "at a start" in refusal
    assert rig.engine.ask("pjsip show transports") == before
    assert "127.0.0.9" not in (rig.engine.folder / "etc" / "pjsip.conf").read_text(encoding="utf-8")


def test_it_is_shown_what_would_change_without_the_password(rig: Rig) -> None:
    code, said, _ = ended(reload(rig, "--show", KINDLINE_TRUNK_URI="sip:192.0.2.7"))
    assert code == 0
    assert "+contact = sip:192.0.2.7" in said
    assert rig.engine.values.ari_password not in said
    assert "192.0.2.7" not in rig.engine.ask("pjsip show aor trunk")
