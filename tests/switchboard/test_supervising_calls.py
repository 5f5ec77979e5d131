"""A supervisor in a real call over SIP: who hears what, what outlives a switchboard, what is left behind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from kindline.runtime.demo_calls import handset, sound
from kindline.runtime.demo_calls.handset import Handset
from tests.plugins.postgres import Server
from tests.switchboard import rig as rigs
from tests.switchboard.rig import Rig, Telephones, until

pytestmark = pytest.mark.asterisk
SAID_S = 1
HEARD_S, UNHEARD_S = (0.7, 1.4), 0.2
"""How much of a tone of `SAID_S` arrives; and how much where it must not."""
OPERATOR, SUPERVISOR = 1, 3


@pytest.fixture(scope="module")
def rig(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """An engine, a database and three people at telephones."""
    made = rigs.build(tmp_path_factory.mktemp("rig"), pg, operators=3)
    yield made
    rigs.end(made)


@pytest.fixture(scope="module")
def phones(rig: Rig) -> Iterator[Telephones]:
    """A running switchboard and the telephones of all three."""
    rig.start()
    until(lambda: len(rig.passwords()) == 3)
    with rig.telephones(1, 2, 3) as found:
        yield found


@pytest.fixture
def talk(rig: Rig, phones: Telephones) -> Iterator[tuple[Handset, Handset, str]]:
    """A client and an operator who talk, and the contact; the others are away from the queues."""
    for one in (1, 2, 3):
        rig.post(f"/operators/{one}/wrap-up/end")
        rig.post(f"/operators/{one}/state", state="offline")
    rig.ready(OPERATOR)
    client, operator, contact = phones.talk(OPERATOR)
    yield client, operator, contact
    client.hang_up()
    rig.comes(contact, "call_ended")
    until(lambda: left_behind(rig) == 0, what="something of the call is left in the engine")


def left_behind(rig: Rig) -> int:
    """How many channels and bridges the engine still holds."""
    bridges = [one for one in rig.engine.ask("bridge show all").splitlines() if "stasis" in one]
    channels = [one for one in rig.engine.ask("core show channels concise").splitlines() if "!" in one]
    return len(bridges) + len(channels)


def hear(phones: Telephones, speaker: Handset, *others: Handset) -> list[float]:
    """One says a tone; how long each of the others hears something meanwhile."""
    with contextlib.ExitStack() as stack:
        heard = [stack.enter_context(one.hearing()) for one in others]
        speaker.say(phones.sound(SAID_S))
    return [sound.audible_s(one.file) for one in heard]


def arrives(heard_s: float) -> bool:
    return HEARD_S[0] < heard_s < HEARD_S[1]


def reaches(phones: Telephones, speaker: Handset, *hearers: Handset, deaf: tuple[Handset, ...] = ()) -> None:
    """What one says reaches these, as soon as the engine has brought them together; the deaf never hear any of it."""

    told: list[list[float]] = []

    def said() -> bool:
        heard = hear(phones, speaker, *hearers, *deaf)
        told.append(heard)
        assert all(one < UNHEARD_S for one in heard[len(hearers) :]), "heard by who must not hear it"
        return all(arrives(one) for one in heard[: len(hearers)])

    try:
        until(said, 20, "it does not reach them")
    except AssertionError as error:
        raise AssertionError(f"{error}: heard {told}, not within {HEARD_S}") from error


def comes_in(rig: Rig, phones: Telephones, contact: str, mode: str) -> Handset:
    """The supervisor's phone rings and he picks up; his ear listens."""
    since = phones.line.mark()
    assert rig.post(f"/calls/{contact}/supervise", employee=SUPERVISOR, mode=mode)[0] == 200
    phone = phones.rung(SUPERVISOR, since=since)
    assert handset.header(phone, "X-Kindline-Kind") == "supervise"
    handset.answer(phone)
    rig.comes(contact, "supervision_started")
    settled(rig, contact, mode)
    return phone


def settled(rig: Rig, contact: str, mode: str) -> None:
    """Wait until the supervisor is where he belongs: in his room, with a silent third in the talk; or in the talk."""
    wanted = [3] if mode == "barge" else [2, 3]
    snooped = 0 if mode == "barge" else 1
    query = "SELECT data->'supervision'->>'mode' FROM switchboard_call WHERE id = %s"
    until(lambda: rig.rows(query, contact)[0][0] == mode, what=f"not yet {mode}")
    until(lambda: (crowds(rig), spies(rig)) == (wanted, snooped), what=f"{mode}: {crowds(rig)} {spies(rig)}")


def crowds(rig: Rig) -> list[int]:
    """How many sit in each bridge that is not empty."""
    rows = [one.split() for one in rig.engine.ask("bridge show all").splitlines() if "stasis" in one]
    return sorted(int(row[row.index("stasis") - 1]) for row in rows if row[row.index("stasis") - 1] != "0")


def spies(rig: Rig) -> int:
    """Ears that sit in a bridge; those of the recordings sit in none."""
    query = "SELECT count(*) FROM switchboard_call WHERE ended_at IS NULL AND (data->'supervision'->>'ear_up')::boolean"
    return int(rig.rows(query)[0][0])


def test_who_listens_hears_both_and_is_heard_by_nobody(
    rig: Rig, phones: Telephones, talk: tuple[Handset, Handset, str]
) -> None:
    client, operator, contact = talk
    supervisor = comes_in(rig, phones, contact, "listen")
    reaches(phones, client, supervisor)
    reaches(phones, operator, supervisor)
    assert max(hear(phones, supervisor, client, operator)) < UNHEARD_S
    assert rig.operators()[SUPERVISOR] == "watching"
    assert rig.fact(contact, "supervision_started") == {"employee": SUPERVISOR, "mode": "listen", "operator": OPERATOR}
    supervisor.hang_up()
    rig.comes(contact, "supervision_ended")
    until(lambda: rig.operators()[SUPERVISOR] == "offline", what="he is where he was")
    reaches(phones, client, operator)


def test_a_whisper_is_heard_by_the_operator_and_not_by_the_client(
    rig: Rig, phones: Telephones, talk: tuple[Handset, Handset, str]
) -> None:
    client, operator, contact = talk
    supervisor = comes_in(rig, phones, contact, "whisper")
    reaches(phones, supervisor, operator, deaf=(client,))
    reaches(phones, client, supervisor)
    assert rig.post(f"/calls/{contact}/supervise", employee=SUPERVISOR, mode="listen")[0] == 200
    settled(rig, contact, "listen")
    assert max(hear(phones, supervisor, client, operator)) < UNHEARD_S
    client.hang_up()
    until(lambda: rig.kinds(contact).count("recording_stored") == 2, 30, rig.log())
    stored = dict(rig.rows("SELECT leg, path FROM switchboard_recording WHERE contact_id = %s AND complete", contact))
    kept = {leg: sound.audible_s(rig.folder / "recordings" / path) for leg, path in stored.items()}
    assert kept["client"] > HEARD_S[0]
    assert kept["operator"] < UNHEARD_S, "what was whispered to him is not what he said"
    assert supervisor.ended(5)


def test_who_joins_is_heard_by_all_and_takes_the_call_over(
    rig: Rig, phones: Telephones, talk: tuple[Handset, Handset, str]
) -> None:
    client, operator, contact = talk
    supervisor = comes_in(rig, phones, contact, "listen")
    assert rig.post(f"/calls/{contact}/supervise", employee=SUPERVISOR, mode="barge")[0] == 200
    settled(rig, contact, "barge")
    reaches(phones, supervisor, client, operator)
    reaches(phones, client, supervisor, operator)
    assert rig.post(f"/calls/{contact}/take-over", employee=SUPERVISOR)[0] == 200
    assert operator.ended(5)
    reaches(phones, client, supervisor)
    reaches(phones, supervisor, client)
    assert rig.operators()[OPERATOR] == "wrap_up"
    assert rig.operators()[SUPERVISOR] == "talking"
    client.hang_up()
    rig.comes(contact, "call_ended")
    status, said = rig.post(f"/calls/{contact}/supervise", employee=2, mode="listen")
    assert (status, said["error"]) == (404, "talk_over")


def transferred(rig: Rig, phones: Telephones, contact: str, operator: Handset, mode: str) -> Handset:
    """The operator joins the client with a colleague and is out; the colleague's telephone."""
    rig.ready(2)
    since = phones.line.mark()
    assert rig.post(f"/calls/{contact}/transfer", employee=OPERATOR, target_employee=2)[0] == 200
    colleague = phones.rung(2, since=since)
    handset.answer(colleague)
    rig.comes(contact, "transfer_answered")
    assert rig.post(f"/calls/{contact}/transfer/introduce", employee=OPERATOR, client_name="N", matter="m")[0] == 200
    assert rig.post(f"/calls/{contact}/transfer/complete", employee=OPERATOR)[0] == 200
    assert operator.ended(5)
    settled(rig, contact, mode)
    return colleague


def test_listening_follows_a_transfer_and_outlives_its_switchboard(
    rig: Rig, phones: Telephones, talk: tuple[Handset, Handset, str]
) -> None:
    client, operator, contact = talk
    supervisor = comes_in(rig, phones, contact, "listen")
    colleague = transferred(rig, phones, contact, operator, "listen")
    reaches(phones, colleague, supervisor)
    reaches(phones, client, supervisor, colleague)
    rig.kill(rig.processes[-1])
    reaches(phones, client, supervisor)
    rig.start()
    until(
        lambda: rig.post(f"/calls/{contact}/supervise", employee=SUPERVISOR, mode="whisper")[0] == 200, what="adopted"
    )
    settled(rig, contact, "whisper")
    assert max(hear(phones, supervisor, client)) < UNHEARD_S
    client.hang_up()
    assert supervisor.ended(5)
    assert colleague.ended(5)


def test_a_whisper_follows_a_transfer(rig: Rig, phones: Telephones, talk: tuple[Handset, Handset, str]) -> None:
    client, operator, contact = talk
    supervisor = comes_in(rig, phones, contact, "whisper")
    colleague = transferred(rig, phones, contact, operator, "whisper")
    reaches(phones, supervisor, colleague, deaf=(client,))
    reaches(phones, client, supervisor, colleague)
    client.hang_up()
    assert supervisor.ended(5)
    assert colleague.ended(5)
