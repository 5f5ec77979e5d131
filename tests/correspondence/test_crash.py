"""kill -9 at each step of taking mail in (M1, M2): nothing is lost or there twice, by a ledger kept outside."""

import hashlib
import signal
from pathlib import Path

import pytest

from tests.correspondence.dovecot import ImapServer
from tests.correspondence.letters import RU, TEXT, UK, file, parts, plain
from tests.plugins.rude import Rude

STEPS = "fetched on_disk row_uncommitted committed told in_cage taken_apart read_uncommitted read".split()

MOVING = ("committed", "move_asked", "told")
"""Before the message is moved away, between the question and the server's answer, and after it."""

READING = "told in_cage taken_apart read_uncommitted read".split()
"""After these all is put right before the next death: three deaths over one message would make it unreadable."""


def letters(step: str) -> list[bytes]:
    """What is delivered in one round."""
    with_file = parts(TEXT, file("filename=a.txt", step.encode())).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return [
        with_file,
        *(plain(f"{step} {n} {UK} {RU}".encode(), "utf-8", more=f"Message-ID: <{n}@x>\r\n") for n in range(2)),
    ]


def assert_each_is_here_once(rude: Rude, ledger: set[str], with_file: int) -> None:
    """Every message of the ledger is stored and read once, with its file."""
    rows = rude.ask(
        "SELECT sha256, state, (SELECT count(*) FROM files_attachment a WHERE a.owner_key = i.id::text)"
        " FROM correspondence_incoming i"
    )
    assert len(rows) == len(ledger)
    assert {row[0] for row in rows} == ledger
    assert {row[1] for row in rows} == {"read"}
    assert sum(int(str(row[2])) for row in rows) == with_file
    stored, read = (
        rude.ask("SELECT count(*), count(DISTINCT subject_id) FROM journal_fact WHERE kind = %s", kind)
        for kind in ("mail_stored", "mail_read")
    )
    assert stored == read == [(len(ledger), len(ledger))]


@pytest.mark.fault("M2")
@pytest.mark.db(transaction=True)
def test_killed_at_each_step_loses_and_doubles_nothing(rude: Rude, imap: ImapServer, tmp_path: Path) -> None:
    user = "crash@example.org"
    ledger: set[str] = set()
    for step in STEPS:
        raw = letters(step)
        imap.put(*raw, user=user)
        ledger |= {hashlib.sha256(one).hexdigest() for one in raw}
        once = tmp_path / step
        words = ["-m", "tests.correspondence.receiver", imap.url(user)]
        assert rude.start(*words, step, str(once)).wait(60) == -signal.SIGKILL, step
        if step in READING:
            assert rude.start(*words, "none", "").wait(60) == 0, (rude.folder / "processes.log").read_text()[-3000:]
    assert len(ledger) == 3 * len(STEPS)
    assert_each_is_here_once(rude, ledger, with_file=len(STEPS))
    folder = Path(rude.environment()["KINDLINE_INSTANCE"] + "-mail") / "raw"
    sealed = {
        str(of): str(name)
        for of, name in rude.ask("SELECT sha256, sealed_sha256 FROM files_sealedcontent WHERE place = 'mail'")
    }
    assert set(sealed) == ledger
    lying = {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}
    assert set(sealed.values()) <= lying  # a killed one may have left more: noise, which is swept
    assert imap.count("UNKEYWORD", "KindlineStored", user=user) == 0
    assert imap.count("ALL", user=user) == len(ledger)


@pytest.mark.fault("M1", "M2")
@pytest.mark.db(transaction=True)
def test_killed_as_it_moves_a_message_away_loses_and_doubles_nothing(
    rude: Rude, imap: ImapServer, tmp_path: Path
) -> None:
    """With a folder for what is done each message ends there once, byte for byte, and is ours once."""
    user = "moved@example.org"
    ledger: set[str] = set()
    for step in MOVING:
        raw = letters(f"away {step}")
        imap.put(*raw, user=user)
        ledger |= {hashlib.sha256(one).hexdigest() for one in raw}
        words = ["-m", "tests.correspondence.receiver", imap.url(user)]
        assert rude.start(*words, step, str(tmp_path / step), "Done").wait(60) == -signal.SIGKILL, step
    assert rude.start(*words, "none", "", "Done").wait(60) == 0, (rude.folder / "processes.log").read_text()[-3000:]
    assert_each_is_here_once(rude, ledger, with_file=len(MOVING))
    assert imap.count("ALL", user=user) == 0
    done = [hashlib.sha256(one).hexdigest() for one in imap.raw(user=user, folder="Done")]
    assert sorted(done) == sorted(ledger)
