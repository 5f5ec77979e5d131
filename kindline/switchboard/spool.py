"""Messages that the dialplan took alone while no switchboard answered: each becomes a contact (T13)."""

from __future__ import annotations

import datetime as dt
import logging
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from kindline.conversations import actions as conversations
from kindline.journal import actions as journal
from kindline.standard.profile import Profile
from kindline.switchboard import recording, sounds, true_time, voicemail
from kindline.switchboard.machine.commands import Keep, KeepMessage
from kindline.switchboard.machine.state import contact_of

log = logging.getLogger(__name__)
BOX = "fallback"
REASON = "no_switchboard"


@dataclass(frozen=True, slots=True)
class Entry:
    """One call that the dialplan took."""

    channel: str
    at: dt.datetime
    line: str
    caller: str
    note: Path

    @property
    def sound(self) -> Path:
        """What the client said; may be missing when he hung up before the tone."""
        return self.note.with_suffix(".wav")

    def ended_at(self, duration_s: float) -> dt.datetime:
        """When he had said it."""
        return self.at + dt.timedelta(seconds=duration_s)


def folder() -> Path:
    """Where the dialplan writes."""
    return Path(settings.KINDLINE["paths"]["spool"]) / "fallback"


def entries(where: Path) -> list[Entry]:
    """What lies in the spool, oldest first; what cannot be read is put aside and said."""
    found = []
    for note in sorted(where.glob("*.txt")):
        try:
            channel, epoch, line, caller = note.read_text(encoding="utf-8", errors="replace").strip().split("|")
            found.append(Entry(channel, _moment(int(epoch)), line, caller, note))
        except ValueError:
            log.exception("%s cannot be read; it is put aside", note.name)
            note.rename(note.with_suffix(".unread"))
    return found


def _moment(epoch_s: int) -> dt.datetime:
    """When the engine says that it was, in the time of the house; nothing was taken later than now (C2)."""
    said = dt.datetime.fromtimestamp(epoch_s, dt.UTC)
    return min(true_time.clock.of_engine(said), true_time.clock.now())


def ingest(*, profile: Profile, instance: str, busy: set[str], now: dt.datetime) -> int:
    """Make contacts of what lies in the spool; `busy` are channels that still speak. Returns how many.

    Clause: krc-5.5.2-09, krc-5.5.2-17.
    """
    count = 0
    for entry in entries(folder()):
        if entry.channel not in busy:
            receive(profile=profile, instance=instance, entry=entry, now=now)
            entry.sound.unlink(missing_ok=True)
            entry.note.unlink()
            count += 1
    return count


@transaction.atomic
def receive(*, profile: Profile, instance: str, entry: Entry, now: dt.datetime) -> None:
    """Make a contact of one call; made twice it is still one, for its id comes from the channel's."""
    contact = contact_of(instance, entry.channel)
    opened = conversations.open_contact(
        profile=profile, channel="phone", line=entry.line, caller=entry.caller, called=entry.line,
        contact_id=uuid.UUID(contact), now=entry.at,
    )  # fmt: skip
    if opened.closed_at is not None:
        return
    duration_s = _keep_sound(profile, contact, entry)
    name = entry.sound.name if duration_s else ""
    _record(contact, "call_arrived", {"line": entry.line, "caller": entry.caller, "called": entry.line}, entry.at)
    _record(contact, "request_spooled", {"reason": REASON, "name": name, "duration_s": duration_s}, now)
    ended = {"by": "client", "cause": REASON, "outcome": "voicemail", "wait_s": 0.0, "talk_s": 0.0, "hold_s": 0.0}
    ended_at = entry.ended_at(duration_s)
    _record(contact, "call_ended", {**ended, "estimated": True}, ended_at)
    opened.ended_at = ended_at
    opened.save(update_fields=["ended_at"])
    conversations.close_unserved(contact=opened, outcome="voicemail", now=now)


def _keep_sound(profile: Profile, contact: str, entry: Entry) -> float:
    """How long it is; the work with it is due from when it was left, however long the switchboard was away."""
    name = f"{contact}/voicemail-0"
    duration_s = 0.0
    if entry.sound.exists():
        recording.mend(entry.sound)
        try:
            duration_s = sounds.duration_s(entry.sound)
        except sounds.SoundError:
            log.warning("%s has no sound in it", entry.sound.name)
    if duration_s:
        target = recording.spool() / f"{name}.wav"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(entry.sound, target)
        recording.expect([(contact, Keep(name, "voicemail", None, entry.at, entry.ended_at(duration_s)))])
    voicemail.receive(profile, contact, KeepMessage(BOX, name, entry.ended_at(duration_s)))
    return duration_s


def _record(contact: str, kind: str, data: dict[str, object], at: dt.datetime) -> None:
    journal.record(kind=kind, subject_type="contact", subject_id=contact, actor="switchboard", data=data, at=at)
