"""What was acknowledged is there, whatever happens to the database (fault D1)."""

import random
import signal
from pathlib import Path

import pytest

from tests.plugins.rude import Rude, until

WRITER = str(Path(__file__).with_name("writer.py"))
HOW = (signal.SIGKILL, signal.SIGQUIT)
ROUNDS = 3
WRITERS = 3
LEAST_A_ROUND, MOST_A_ROUND = 60, 120


def _ledger(files: list[Path]) -> set[str]:
    """What the writers were told is safe: kept outside the database."""
    lines = [line for file in files if file.exists() for line in file.read_text(encoding="utf-8").splitlines()]
    return {line for line in lines if line.count("/") == 1 and line.startswith("w") and line.split("/")[1].isdecimal()}


def _wait_for_more(files: list[Path], count: int = LEAST_A_ROUND) -> None:
    wanted = len(_ledger(files)) + count
    until(lambda: len(_ledger(files)) >= wanted, 240, "the writers do not write")


@pytest.mark.fault("D1")
def test_no_acknowledged_fact_is_lost_when_the_database_is_killed(rude: Rude, chance: random.Random) -> None:
    ledgers = [rude.folder / f"w{n}.ledger" for n in range(WRITERS)]
    for n, ledger in enumerate(ledgers):
        rude.start(WRITER, f"w{n}", out=ledger)
    for _ in range(ROUNDS):
        _wait_for_more(ledgers, chance.randint(LEAST_A_ROUND, MOST_A_ROUND))
        rude.crash(chance.choice(HOW))
        rude.revive()
    _wait_for_more(ledgers)
    for process in rude.processes:
        process.kill()
        process.wait(10)
    told = _ledger(ledgers)
    stored = {
        str(row[0]): int(str(row[1])) for row in rude.ask("SELECT subject_id, count(*) FROM journal_fact GROUP BY 1")
    }
    assert len(told) >= LEAST_A_ROUND * (ROUNDS + 1)
    assert told - set(stored) == set(), "acknowledged, but not stored"
    assert set(stored.values()) == {2}, "a transaction is there whole or not at all"
    assert len(set(stored) - told) <= WRITERS * (ROUNDS + 1), "at most what was under way is unaccounted for"
    rude.run("-c", READ_ALL)


READ_ALL = """
import django; django.setup()
from kindline.journal import cursor
from kindline.journal.models import Fact
read = []
while True:
    with cursor.reading("reader", 500) as facts:
        read += [fact.id for fact in facts]
    if not facts:
        break
assert len(read) == len(set(read)), "a fact was read twice"
assert set(read) == set(Fact.objects.values_list("id", flat=True)), "a fact was missed"
"""
