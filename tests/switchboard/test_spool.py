"""What the dialplan took alone becomes a contact once, whatever happens in between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine

from kindline.conversations import places
from kindline.conversations.models import Contact
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.switchboard import recording, sounds, spool, true_time
from kindline.switchboard.models import Recording, Voicemail
from kindline.switchboard.true_time import Clock
from tests.switchboard.people import at

pytestmark = pytest.mark.db
clause = pytest.mark.clause
Taken = Callable[..., Path]


@pytest.fixture
def krc() -> Profile:
    return loader.load("krc")


@pytest.fixture
def taken(settings: Any, tmp_path: Path) -> Taken:
    """The dialplan takes a call alone; returns its note."""
    paths = {**settings.KINDLINE["paths"], "spool": str(tmp_path), "recordings": str(tmp_path / "kept")}
    settings.KINDLINE = {**settings.KINDLINE, "paths": {**paths, "asterisk_spool": str(tmp_path / "asterisk")}}
    (tmp_path / "fallback").mkdir()

    def take(name: str = "1772445600.9", *, seconds: float = 3, caller: str = "89271112233") -> Path:
        note = tmp_path / "fallback" / f"{name}.txt"
        note.write_text(f"{name}|{int(at(0).timestamp())}|hotline|{caller}\n", encoding="utf-8")
        if seconds:
            sounds.write(note.with_suffix(".wav"), [900, -900] * int(seconds * sounds.RATE_HZ / 2))
        return note

    return take


def ingest(profile: Profile, *busy: str, later_s: float = 600) -> int:
    return spool.ingest(profile=profile, instance="one", busy=set(busy), now=at(later_s))


@clause("krc-5.5.2-09", "krc-5.5.2-17")
def test_a_request_taken_alone_becomes_a_contact_with_its_message_as_work(taken: Taken, krc: Profile) -> None:
    note = taken()
    assert ingest(krc) == 1
    contact = Contact.objects.get()
    assert (contact.caller, contact.line, contact.channel) == ("+79271112233", "hotline", "phone")
    assert (contact.started_at, contact.outcome) == (at(0), "voicemail")
    assert contact.closed_at is not None
    message = Voicemail.objects.get()
    assert (message.contact, message.box) == (contact, "fallback")
    assert message.left_at == at(3), "when it was left, not when the switchboard came back"
    assert message.due_at == places.due(krc, at(3)) is not None
    kinds = [fact.kind for fact in facts_of("contact", contact.pk)]
    assert [kind for kind in kinds if kind in ("contact_opened", "call_arrived", "request_spooled", "call_ended")]
    assert kinds.count("request_spooled") == 1
    assert Fact.objects.get(kind="call_ended").data["estimated"] is True
    assert not note.exists()
    assert not note.with_suffix(".wav").exists()


@pytest.mark.fault("C2")
@pytest.mark.parametrize(("off", "told_s"), [(dt.timedelta(days=-1), 0), (dt.timedelta(0), -86_400)])
def test_a_request_taken_by_an_engine_with_a_wrong_clock_is_of_the_time_when_it_was(
    taken: Taken, krc: Profile, monkeypatch: pytest.MonkeyPatch, off: dt.timedelta, told_s: int
) -> None:
    """The engine is a day ahead, and known to be so; or its clock was set right since, and nobody knows."""
    clock = Clock()
    clock.engine = off
    monkeypatch.setattr(true_time, "clock", clock)
    taken()
    with time_machine.travel(at(told_s), tick=False):
        [entry] = spool.entries(spool.folder())
    assert entry.at == at(-86_400)


def test_its_sound_is_kept_as_a_recording(taken: Taken, krc: Profile) -> None:
    taken(seconds=3)
    ingest(krc)
    assert recording.collect(profile=krc, busy=set(), now=at(700)) == 1
    kept = Recording.objects.get()
    assert (kept.leg, kept.duration_s) == ("voicemail", 3.0)
    assert Voicemail.objects.get().recording == kept
    assert (recording.store() / kept.path).exists()


def test_who_hung_up_before_the_tone_is_a_contact_too(taken: Taken, krc: Profile) -> None:
    taken(seconds=0)
    assert ingest(krc) == 1
    assert Fact.objects.get(kind="request_spooled").data == {
        "reason": "no_switchboard", "name": "", "duration_s": 0.0,
    }  # fmt: skip
    assert not Recording.objects.exists()


def test_a_call_that_still_speaks_is_left_alone(taken: Taken, krc: Profile) -> None:
    note = taken()
    assert ingest(krc, "1772445600.9") == 0
    assert note.exists()
    assert not Contact.objects.exists()


def test_ingested_again_after_a_kill_it_is_still_one(taken: Taken, krc: Profile) -> None:
    """Killed after the commit and before the note was removed: everything is read a second time."""
    note = taken()
    [entry] = spool.entries(spool.folder())
    spool.receive(profile=krc, instance="one", entry=entry, now=at(600))
    facts = Fact.objects.count()
    assert note.exists()
    assert ingest(krc) == 1
    assert (Contact.objects.count(), Voicemail.objects.count(), Recording.objects.count()) == (1, 1, 1)
    assert Fact.objects.count() == facts


def test_killed_before_the_commit_nothing_is_half_there(
    taken: Taken, krc: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = taken()

    def killed(**_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("kindline.conversations.actions.close_unserved", killed)
        with pytest.raises(KeyboardInterrupt):
            ingest(krc)
    assert not Contact.objects.exists()
    assert not Fact.objects.exists()
    assert note.exists()
    assert note.with_suffix(".wav").exists()
    assert ingest(krc) == 1
    assert (Contact.objects.count(), Voicemail.objects.count(), Recording.objects.count()) == (1, 1, 1)


def test_a_note_that_cannot_be_read_is_put_aside_and_the_others_come_in(taken: Taken, krc: Profile) -> None:
    bad, _ = taken("0.1"), taken("0.2")
    bad.write_text("half a li", encoding="utf-8")
    assert ingest(krc) == 1
    assert bad.with_suffix(".unread").read_text(encoding="utf-8") == "half a li"
    assert ingest(krc) == 0


def test_two_calls_of_one_number_are_two_contacts(taken: Taken, krc: Profile) -> None:
    taken("0.1")
    taken("0.2", caller="anonymous")
    assert ingest(krc) == 2
    assert sorted(Contact.objects.values_list("caller", flat=True)) == ["+79271112233", "anonymous"]
