"""What the engine has written and nobody asks for: a row and a place for what says something, else it goes (T12).

A row comes with the end of a recording, written by the switchboard. Where the engine failed in between, or a file came
later than it was waited for, the sound lay plain in the spool, and nobody could hear or remove it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError, transaction

from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.journal import sweeping
from kindline.journal.queries import facts_of
from kindline.standard.profile import Profile
from kindline.switchboard import recording, sounds, true_time, voicemail
from kindline.switchboard.board import utc_now
from kindline.switchboard.machine.commands import Keep, KeepMessage
from kindline.switchboard.models import Call, Recording

if TYPE_CHECKING:
    from kindline.switchboard.house import House

log = logging.getLogger(__name__)
LEFT = dt.timedelta(hours=1)
"""So long after it was written last nobody is about to ask for a file."""
UNKNOWN = dt.timedelta(days=2)
"""A file of a contact that the database does not know is kept for so long: it may be one from before a disaster."""
BYTES_A_SECOND = 2 * sounds.RATE_HZ
LEGS = frozenset({"client", "operator", "specialist", "supervisor", "voicemail"})


@dataclass(frozen=True, slots=True)
class Left:
    """A file in the spool that has not been written to for long."""

    path: Path
    contact: uuid.UUID
    written_at: dt.datetime
    """By the clock of the house."""

    @property
    def name(self) -> str:
        """As its recording is named."""
        return f"{self.contact}/{self.path.stem}"

    @property
    def leg(self) -> str:
        """Whose voice it is."""
        return self.path.stem.rpartition("-")[0]

    @property
    def lasts_s(self) -> float:
        """How much sound is in it; the head of one that was cut off does not say so."""
        return round(max(0, self.path.stat().st_size - recording.HEAD_BYTES) / BYTES_A_SECOND, 3)


class Leftovers:
    """The files of our own engine, looked at from time to time."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def look(self) -> None:
        """See to what lies there."""
        house = self._house
        await house.aside(sweep, profile=house.profile, least_s=house.board.plan.message_s_min, now=utc_now())


def sweep(*, profile: Profile, least_s: float, now: dt.datetime) -> int:
    """See to the files of our own engine that were left lying, and to empty folders; how many files.

    `least_s`: a message that is shorter says nothing.
    """
    by_files, found = sweeping.by_files(now), []
    for one in _old(by_files - LEFT):
        try:
            found += [one] if see_to(one, profile=profile, least_s=least_s, now=now) else []
        except (DatabaseError, InterfaceError):
            raise
        except Exception:  # the others are not to suffer
            log.exception("%s is left for the next round", one.path)
    for place in (recording.spool(), recording.store()):
        _clear(place, before=by_files - LEFT)
    return len(found)


def _old(before: dt.datetime) -> Iterator[Left]:
    for path in recording.spool().glob("*/*.wav"):
        with contextlib.suppress(ValueError, OSError):  # no contact's folder; or it was just moved
            written_at = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
            if written_at < before:
                yield Left(path, uuid.UUID(path.parent.name), true_time.clock.of_engine(written_at))


def see_to(one: Left, *, profile: Profile, least_s: float, now: dt.datetime) -> bool:
    """Give a file its row, or let it go; False for one that somebody still asks for."""
    row = Recording.objects.filter(name=one.name).first()
    if Call.objects.filter(pk=one.contact, ended_at=None).exists() or _awaited(row):
        return False
    if row is not None and row.sha256:  # it is in its place: this is a copy
        one.path.unlink()
    elif not Contact.objects.filter(pk=one.contact).exists():
        return one.written_at < now - UNKNOWN and _discard(one, "no_contact", now)
    elif one.lasts_s < (least_s if one.leg == "voicemail" else 0.001):
        return _discard(one, "too_short" if one.lasts_s else "no_sound", now)
    elif row is not None:  # it came later than it was waited for
        Recording.objects.filter(pk=row.pk).update(removed_at=None)
    else:
        _adopt(one, profile)
    return True


def _awaited(row: Recording | None) -> bool:
    return row is not None and not row.path and row.removed_at is None


def _discard(one: Left, reason: str, now: dt.datetime) -> bool:
    """The file goes, then that is said: a spool that cannot be written to would have it said in every round."""
    data = {"leg": one.leg, "name": one.name, "reason": reason, "duration_s": one.lasts_s}
    one.path.unlink()
    if not _said("recording_discarded", one):  # by the call, whose word did not reach the engine
        journal.record(
            kind="recording_discarded", subject_type="contact", subject_id=one.contact, actor="switchboard", data=data,
            at=now,
        )  # fmt: skip
    return True


def _said(kind: str, one: Left) -> bool:
    return facts_of("contact", one.contact).filter(kind=kind, data__name=one.name).exists()


@transaction.atomic
def _adopt(one: Left, profile: Profile) -> None:
    """From now on it is a recording like any other, that ended when it was written last; a message is work."""
    log.warning("%s was left lying with %s s of sound: it is kept", one.path, one.lasts_s)
    contact, leg = str(one.contact), one.leg if one.leg in LEGS else "client"
    began_at = one.written_at - dt.timedelta(seconds=one.lasts_s)
    recording.expect([(contact, Keep(one.name, leg, None, began_at, one.written_at))])
    if leg == "voicemail":
        _take_message(one, profile)


def _take_message(one: Left, profile: Profile) -> None:
    """A message is work, and a fact of its call as any other."""
    said: Mapping[str, object] = Call.objects.filter(pk=one.contact).values_list("data", flat=True).first() or {}
    box, off_hours = str(said.get("box") or "general"), bool(said.get("closed"))
    voicemail.receive(profile, str(one.contact), KeepMessage(box, one.name, one.written_at))
    if not _said("voicemail_left", one):
        data = {"box": box, "name": one.name, "duration_s": one.lasts_s, "off_hours": off_hours, "adopted": True}
        journal.record(
            kind="voicemail_left", subject_type="contact", subject_id=one.contact, actor="switchboard", data=data,
            at=one.written_at,
        )  # fmt: skip


def _clear(place: Path, *, before: dt.datetime) -> None:
    """Remove the folders in which nothing is left; one that is young may be about to be written into."""
    for folder in sorted(_folders(place), reverse=True):  # the inner ones first
        with contextlib.suppress(OSError):  # it is not empty
            if dt.datetime.fromtimestamp(folder.stat().st_mtime, dt.UTC) < before:
                folder.rmdir()


def _folders(place: Path) -> Iterable[Path]:
    return [path for path in place.rglob("*") if path.is_dir()]
