"""kill -9 at each step of joining letters and appeals: nothing is lost, nothing is there twice."""

import signal
from pathlib import Path

import pytest

from tests.plugins.rude import Rude

STEPS = "numbered registered joined handled queued handed taken mail followed".split()


@pytest.mark.db(transaction=True)
def test_killed_at_each_step_loses_and_doubles_nothing(
    rude: Rude, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Rude.environment
    profiles = str(Path(__file__).resolve().parents[2] / "profiles")
    shipped = {"KINDLINE_PROFILES": profiles, "KINDLINE_PROFILE": "krc"}
    monkeypatch.setattr(Rude, "environment", lambda self: usual(self) | shipped)
    log = rude.folder / "processes.log"
    for step in STEPS:  # what one has left lying is begun with by the next
        process = rude.start("-m", "tests.appeals.joiner", step, str(tmp_path / step))
        assert process.wait(60) == -signal.SIGKILL, f"{step}: {log.read_text()[-2000:]}"
    assert rude.start("-m", "tests.appeals.joiner", "none", "").wait(60) == 0, log.read_text()[-3000:]
    count = len(STEPS)
    joined = rude.ask(
        "SELECT count(*), count(DISTINCT incoming_id), count(DISTINCT appeal_id)"
        " FROM appeals_joinedletter WHERE incoming_id IS NOT NULL"
    )
    assert joined == [(2 * count, 2 * count, 2 * count)]
    out = rude.ask("SELECT count(*), count(DISTINCT answer_id) FROM appeals_joinedletter WHERE outgoing_id IS NOT NULL")
    assert out == [(count, count)]
    assert rude.ask("SELECT count(*) FROM correspondence_outgoing") == [(count,)]
    numbers = [str(row[0]) for row in rude.ask("SELECT number FROM appeals_appeal")]
    assert sorted(int(one.rpartition("/")[2]) for one in numbers) == list(range(1, 3 * count + 1)), "no gap, no double"
    assert rude.ask("SELECT count(*) FROM correspondence_incoming WHERE handled_at IS NULL") == [(0,)]
    assert rude.ask("SELECT count(*) FROM journal_fact WHERE kind = 'letter_joined'") == [(2 * count,)]
    assert rude.ask("SELECT count(*) FROM appeals_unjoined") == [(0,)]
