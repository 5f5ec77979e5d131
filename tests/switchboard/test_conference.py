"""A conference over SIP: three telephones, each hears both others; who leaves is heard no more."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from kindline.runtime.demo_calls import handset, sound
from kindline.runtime.demo_calls.handset import Handset
from tests.switchboard.cutter import Cutter
from tests.switchboard.rig import Rig, Telephones, until

pytestmark = pytest.mark.asterisk
SAID_S = 1
HEARD_S = (0.7, 1.4)
"""How much of a tone of `SAID_S` arrives; more would be music or somebody else."""


@pytest.fixture(scope="module")
def cutter(rig: Rig) -> Iterator[Cutter]:
    """What stands between the first switchboard and the engine; the next ones speak with the engine directly."""
    made = Cutter(rig.engine.values.ari_port)
    yield made
    made.silent.clear()
    made.close()


@pytest.fixture(scope="module")
def phones(rig: Rig, cutter: Cutter) -> Iterator[Telephones]:
    """A running switchboard and the telephones of operators 1 and 2."""
    rig.start(KINDLINE_ARI_URL=f"http://127.0.0.1:{cutter.port}")
    until(lambda: len(rig.passwords()) == 2)
    with rig.telephones(1, 2) as found:
        yield found


@pytest.fixture
def consulting(rig: Rig, phones: Telephones) -> Iterator[tuple[Handset, Handset, Handset, str]]:
    """A client who waits, an operator and a colleague who talk, and the contact; all are free at the beginning."""
    for one in (1, 2):
        rig.post(f"/operators/{one}/wrap-up/end")
        rig.post(f"/operators/{one}/state", state="offline")
    rig.ready(1)
    client, operator, contact = phones.talk(1)
    rig.ready(2)
    since = phones.line.mark()
    assert rig.post(f"/calls/{contact}/transfer", employee=1, target_employee=2)[0] == 200
    colleague = phones.rung(2, since=since)
    handset.answer(colleague)
    rig.comes(contact, "transfer_answered")
    yield client, operator, colleague, contact
    client.hang_up()
    rig.comes(contact, "call_ended")


def hear(phones: Telephones, speaker: Handset, *others: Handset) -> list[float]:
    """One says a tone; how long each of the others, and last the speaker himself, hears something meanwhile."""
    everybody = [*others, speaker]
    with contextlib.ExitStack() as stack:
        heard = [stack.enter_context(one.hearing()) for one in everybody]
        speaker.say(phones.sound(SAID_S))
    return [sound.audible_s(one.file) for one in heard]


def all_hear_each_other(phones: Telephones, *everybody: Handset) -> None:
    """Each in turn says a tone: all others hear it for as long as it lasts, and he does not hear himself."""
    for speaker in everybody:
        others = [one for one in everybody if one is not speaker]
        *told, himself = hear(phones, speaker, *others)
        assert all(HEARD_S[0] < one < HEARD_S[1] for one in told), (everybody.index(speaker), told)
        assert himself < 0.2, "an echo of himself"


@pytest.mark.clause("krc-5.6.4-16", "krc-5.6.4-17", "krc-5.6.4-18")
def test_the_operator_goes_between_client_and_colleague_and_who_waits_hears_music_and_is_not_heard(
    rig: Rig, phones: Telephones, consulting: tuple[Handset, Handset, Handset, str]
) -> None:
    client, operator, colleague, contact = consulting
    assert rig.post(f"/calls/{contact}/transfer/introduce", employee=1, client_name="N", matter="m")[0] == 200
    for aside, there, way, state in (
        (colleague, client, "to-client", "telling"), (client, colleague, "to-colleague", "consulting"),
        (colleague, client, "to-client", "telling"),
    ):  # fmt: skip
        assert rig.post(f"/calls/{contact}/transfer/{way}", employee=1) == (200, {"state": state})
        all_hear_each_other(phones, there, operator)
        *others, music = hear(phones, aside, there, operator)
        assert max(others) < 0.2, "who waits is heard"
        assert music > 0.5, "who waits hears nothing"
    assert rig.post(f"/calls/{contact}/transfer/complete", employee=1)[0] == 200
    assert operator.ended(5)
    all_hear_each_other(phones, client, colleague)
    kinds = [one for one in rig.kinds(contact) if one.endswith("_joined")]
    assert kinds == ["transfer_client_joined", "transfer_colleague_joined", "transfer_client_joined"]


@pytest.mark.clause("krc-5.5.3-07")
def test_three_hear_each_other_and_the_colleague_keeps_the_client(
    rig: Rig, phones: Telephones, consulting: tuple[Handset, Handset, Handset, str]
) -> None:
    client, operator, colleague, contact = consulting
    assert rig.post(f"/calls/{contact}/transfer/conference", employee=1) == (200, {"state": "conference"})
    all_hear_each_other(phones, client, operator, colleague)
    status, said = rig.post(f"/calls/{contact}/hold", employee=1)
    assert (status, said["error"]) == (409, "not_now")
    assert rig.post(f"/calls/{contact}/mute", employee=1)[0] == 200
    assert max(hear(phones, operator, client, colleague)) < 0.2, "muted, and heard all the same"
    assert rig.post(f"/calls/{contact}/unmute", employee=1)[0] == 200
    status, said = rig.post(f"/calls/{contact}/hangup", employee=1)
    assert (status, said["error"]) == (409, "conference_open"), "before the introduction"
    assert rig.post(f"/calls/{contact}/transfer/introduce", employee=1, client_name="N", matter="m")[0] == 200
    assert rig.post(f"/calls/{contact}/hangup", employee=1)[0] == 200
    assert operator.ended(5)
    all_hear_each_other(phones, client, colleague)
    client.hang_up()
    until(lambda: rig.kinds(contact).count("recording_stored") == 3, 30, rig.log())
    assert rig.fact(contact, "conference_ended")["outcome"] == "transferred"
    assert rig.fact(contact, "transfer_completed")["target_employee"] == 2
    stored = dict(rig.rows("SELECT leg, path FROM switchboard_recording WHERE contact_id = %s AND complete", contact))
    kept = {leg: sound.audible_s(rig.folder / "recordings" / path) for leg, path in stored.items()}
    assert set(kept) == {"client", "operator", "specialist"}
    assert 1.7 * SAID_S < kept["client"] < 2.4 * SAID_S, "the client spoke twice, and his file holds nobody else"
    assert 1.7 * SAID_S < kept["specialist"] < 2.4 * SAID_S, "so did the colleague"


def test_a_colleague_who_hangs_up_leaves_the_two_in_their_talk(
    rig: Rig, phones: Telephones, consulting: tuple[Handset, Handset, Handset, str]
) -> None:
    client, operator, colleague, contact = consulting
    assert rig.post(f"/calls/{contact}/transfer/conference", employee=1)[0] == 200
    colleague.hang_up()
    rig.becomes(contact, "talking")
    all_hear_each_other(phones, client, operator)
    assert rig.fact(contact, "conference_ended")["outcome"] == "colleague_left"
    until(lambda: rig.operators()[2] == "ready")


def three_in_the_bridge(rig: Rig) -> bool:
    """Whether the engine has brought all three together."""
    return " 3 stasis softmix " in " ".join(rig.engine.ask("bridge show all").split())


def test_a_conference_of_which_the_engine_has_not_heard_is_made_by_the_next_switchboard(
    rig: Rig, phones: Telephones, cutter: Cutter, consulting: tuple[Handset, Handset, Handset, str]
) -> None:
    client, operator, colleague, contact = consulting
    cutter.silent.set()
    assert rig.post(f"/calls/{contact}/transfer/conference", employee=1)[0] == 200
    assert not three_in_the_bridge(rig)
    rig.kill(rig.processes[-1])
    rig.start()
    until(lambda: three_in_the_bridge(rig), what="the client was not brought in")
    all_hear_each_other(phones, client, operator, colleague)


def test_a_conference_outlives_its_switchboard(
    rig: Rig, phones: Telephones, consulting: tuple[Handset, Handset, Handset, str]
) -> None:
    client, operator, colleague, contact = consulting
    assert rig.post(f"/calls/{contact}/transfer/conference", employee=1)[0] == 200
    until(lambda: three_in_the_bridge(rig))
    rig.kill(rig.processes[-1])
    all_hear_each_other(phones, client, operator, colleague)
    rig.start()
    cancel = f"/calls/{contact}/transfer/cancel"
    until(lambda: rig.post(cancel, employee=1)[0] == 200, what="nobody leads the call")
    assert colleague.ended(5)
    all_hear_each_other(phones, client, operator)
    assert rig.fact(contact, "conference_ended")["outcome"] == "released"
