"""kill -9 at each step of joining letters and appeals: nothing is lost, nothing is there twice."""

import signal
from pathlib import Path

import pytest

from tests.plugins.rude import Rude

SETUP = """
import django; django.setup()
import datetime as dt, itertools, sys
from django.utils import timezone
from kindline.appeals.models import Answer, Appeal
from kindline.correspondence.models import Incoming, Thread
from kindline.correspondence import facts
from kindline.staff.models import Employee
from kindline.appeals import actions, answering, moves, receiving
from kindline.standard import loader
step, now, krc = sys.argv[1], timezone.now(), loader.load("krc")
for n in range(2):
    thread = Thread.objects.create(number=f"K-{step}{n}", started_at=now)
    row = Incoming.objects.create(mailbox="m", sha256=f"{step}{n}", size=1, stored_at=now, state="read",
        kind="message", sender=f"{step}{n}@example.org", subject="x", text="x", thread=thread)
    facts.keep("mail_read", (facts.MAIL, row.pk), {"mail_kind": "message", "attachments": 0}, now=now)
me, _ = Employee.objects.get_or_create(username="me", roles=["unit_head"])
appeal = receiving.receive_appeal(profile=krc, channel="email", kind="application", substance=step,
    fields={"surname": "Коваль", "given_name": "Ольга", "patronymic": "Петровна", "residence": "там",
            "phone": "+79210000001", "email": "koval@example.org"}, employee=me, now=now)
answer = Answer(appeal=appeal, author=me, signed_by=me, signed_at=now, text="Ольга Петровна! Ответ.",
    subject=f"{krc.variable('company')}: Ответ на обращение {appeal.number}")
import hashlib
answer.frozen = answering.frozen_text(answer)
answer.sha256 = hashlib.sha256(answer.frozen.encode()).hexdigest()
answer.save()
Appeal.objects.filter(pk=appeal.pk).update(state="signed")
moves.keep(appeal, "answer_signed", {"version": 1, "sha256": answer.sha256}, employee=me, now=now)
"""
STEPS = "numbered registered joined handled queued handed taken mail followed".split()


@pytest.mark.db(transaction=True)
def test_killed_at_each_step_loses_and_doubles_nothing(
    rude: Rude, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Rude.environment
    profiles = str(Path(__file__).resolve().parents[2] / "profiles")
    shipped = {"KINDLINE_PROFILES": profiles, "KINDLINE_PROFILE": "krc"}
    monkeypatch.setattr(Rude, "environment", lambda self: usual(self) | shipped)
    for step in STEPS:
        rude.run("-c", SETUP, step)
        process = rude.start("-m", "tests.appeals.joiner", step, str(tmp_path / step))
        log = rude.folder / "processes.log"
        assert process.wait(60) == -signal.SIGKILL, f"{step}: {log.read_text()[-2000:]}"
        again = rude.start("-m", "tests.appeals.joiner", "none", "")
        assert again.wait(60) == 0, log.read_text()[-3000:]
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
