"""Recordings: expected when a talk ends, checked, measured, named, kept as long as the standard says (krc-5.5.2-14)."""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
import json
import logging
import re
import shutil
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from kindline.journal import actions as journal
from kindline.journal import prepared
from kindline.standard.profile import Profile
from kindline.switchboard import sounds
from kindline.switchboard.machine.commands import Keep
from kindline.switchboard.models import Call, Recording

log = logging.getLogger(__name__)
GIVE_UP_S = 120
"""A file that has not come by then, or in which there is no sound, is said to be missing."""
UNLED_S = 24 * 3600
"""The same of one without a call of ours (spool, leftovers): whose engine has its file only the node itself knows."""
GAP_S = 10.0
"""So much may lie between the word that it is recorded and the first sound, in lost packets, and before the end."""
CUT_S = 1.0
"""An engine that ends a recording by itself sooner than so long before the end of the talk has cut it short."""
HEAD_BYTES = 44
"""Of a wave file: a file that has no more says nothing."""
NO_SOUND = "no_sound"
PERIODS = {"day": 1, "week": 7}
FOUND = ("path", "duration_s", "sha256", "complete", "retention_until")
SAVED = """
UPDATE switchboard_recording AS kept SET path = new.path, duration_s = new.duration_s, sha256 = new.sha256,
    complete = new.complete, retention_until = new.retention_until
FROM jsonb_to_recordset(%s::jsonb) AS new(id bigint, path text, duration_s float, sha256 text, complete boolean,
    retention_until date)
WHERE kept.id = new.id
"""


class RetentionError(ValueError):
    """The profile's retention is not a period such as `6 months`."""


def spool() -> Path:
    """Where the engine writes recordings."""
    return Path(settings.KINDLINE["paths"]["asterisk_spool"]) / "recording"


def spools() -> dict[str, Path]:
    """Where the engines of this machine write, by their nodes: our own, and the others whose folders are here."""
    others = {node: Path(path) / "recording" for node, path in settings.KINDLINE.get("other_spools", {}).items()}
    return {own_node(): spool()} | {node: path for node, path in others.items() if path.is_dir()}


def own_node() -> str:
    """The node whose engine is ours."""
    return str(settings.KINDLINE.get("node", "1"))


def store() -> Path:
    """Where recordings are kept."""
    return Path(settings.KINDLINE["paths"]["recordings"])


def expect(ended: Iterable[tuple[str, Keep]]) -> None:
    """Recordings of these contacts have ended: their files are looked for from now on."""
    Recording.objects.bulk_create(
        [
            Recording(
                name=keep.name, contact_id=contact, leg=keep.leg, employee_id=keep.employee,
                started_at=keep.started_at, ended_at=keep.ended_at, stopped_at=keep.stopped_at,
            )
            for contact, keep in ended
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def until(profile: Profile, start: dt.date, leg: str = "") -> dt.date | None:
    """The last day on which a recording must be kept; None: no norm and no assumption.

    Clause: krc-5.5.2-14. Raises: RetentionError.
    """
    said = period(profile, leg)
    return added(start, said) if said else None


def period(profile: Profile, leg: str = "") -> str:
    """How long the profile keeps recordings of a class: one period for all, or one for `talk` and for `voicemail`."""
    said = profile.variables.get("recording_retention") or profile.variables.get("recording_retention_assumed")
    if isinstance(said, Mapping):
        said = said.get("voicemail" if leg == "voicemail" else "talk")
    return str(said or "")


def added(start: dt.date, period: str) -> dt.date:
    """`start` and a period such as `6 months`, `1 year`, `30 days`; a day that the month lacks becomes its last.

    Raises: RetentionError.
    """
    found = re.fullmatch(r"(\d+) (day|week|month|year)s?", period.strip())
    if found is None:
        raise RetentionError(f"{period!r} is not a period: write a number and days, weeks, months or years")
    count, unit = int(found[1]), found[2]
    if unit in PERIODS:
        return start + dt.timedelta(days=count * PERIODS[unit])
    years, month = divmod(start.month - 1 + count * (12 if unit == "year" else 1), 12)
    year = start.year + years
    return dt.date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Found:
    """A recording's file, moved to its place and measured."""

    path: str
    duration_s: float | None
    sha256: str
    complete: bool


def pending() -> Iterable[Recording]:
    """Recordings whose files are not in their place yet, and not in the hands of another node's engine."""
    calls = Call.objects.filter(pk=OuterRef("contact_id"))
    elsewhere = calls.exclude(node=own_node())
    found = Recording.objects.filter(~Exists(elsewhere), path="", removed_at=None).order_by("pk")
    return found.annotate(is_led=Exists(calls))[:200]


def _patience_s(one: Recording, reason: str) -> float:
    return GIVE_UP_S if reason == NO_SOUND or getattr(one, "is_led", False) else UNLED_S


def fetch(name: str, started_at: dt.datetime) -> Found | None:
    """Move a finished file from the engine's spool to its place; None while it is not there.

    What says something but is no sound that we know is kept as it is, of unknown length and never called complete.
    Raises: SoundError for a file in which there is nothing.
    """
    place = _place(name, started_at)
    target = store() / place
    if not target.exists() and not _moved(spool() / f"{name}.wav", target):
        return None
    complete = mend(target)
    try:
        duration_s = sounds.duration_s(target)
    except sounds.SoundError:
        if target.stat().st_size <= HEAD_BYTES:
            raise
        return Found(place, None, _digest(target), complete=False)
    return Found(place, duration_s, _digest(target), complete)


def _place(name: str, started_at: dt.datetime) -> str:
    return f"{started_at:%Y/%m}/{name}.wav"


def _moved(source: Path, target: Path) -> bool:
    """Whether the file could be moved. Of a move that a kill cut short the source is left, or the whole of it beside.

    Beside a source that is still there lies at most a half, from another file system: it is written anew. Each node has
    a half of its own: the store may be one for all.
    """
    part = target.with_suffix(".part" if own_node() == "1" else f".{own_node()}.part")
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, part)
    elif not part.exists():
        return False
    part.replace(target)
    return True


def mend(path: Path) -> bool:
    """Write the true length into a wave file that was cut off while it was written; says whether it was whole."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        head = file.read(HEAD_BYTES)
        if len(head) < HEAD_BYTES or head[:4] != b"RIFF" or head[36:40] != b"data":
            return size >= HEAD_BYTES
        said = struct.unpack("<I", head[40:44])[0]
        if said == size - HEAD_BYTES:
            return True
        file.seek(4)
        file.write(struct.pack("<I", size - 8))
        file.seek(40)
        file.write(struct.pack("<I", size - HEAD_BYTES))
    return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@transaction.atomic
def keep(*, found: Mapping[int, Found], profile: Profile, now: dt.datetime) -> int:
    """Recordings (key -> file) are in their place: say how long they are kept; returns how many are new to us.

    Clause: krc-5.5.2-11, krc-5.5.2-12, krc-5.5.2-14.
    """
    fresh = list(Recording.objects.select_for_update().filter(pk__in=found, path="").order_by("pk"))
    for one in fresh:
        file = found[one.pk]
        one.path, one.duration_s, one.sha256 = file.path, file.duration_s, file.sha256
        one.complete = file.complete and gap_s(one) == 0
        one.retention_until = until(profile, one.started_at.astimezone(profile.zone).date(), one.leg)
    _save(fresh)
    journal.record_many([_stored(one, profile, now) for one in fresh])
    return len(fresh)


def _save(kept: Iterable[Recording]) -> None:
    """Write what was found, all rows in one statement (two come with every call)."""
    rows = [{"id": one.pk} | {name: getattr(one, name) for name in FOUND} for one in kept]
    if rows:
        prepared.run(SAVED, [json.dumps(rows, default=str)])


def gap_s(one: Recording) -> float:
    """How much of the time from its beginning to its end is not in the file: its target was full, or went away."""
    if one.ended_at is None or one.duration_s is None:
        return 0.0
    missing = (one.ended_at - one.started_at).total_seconds() - one.duration_s
    cut = (one.ended_at - one.stopped_at).total_seconds() if one.stopped_at else 0.0
    return round(max(missing, cut), 1) if missing > GAP_S or cut > CUT_S else 0.0


def _stored(one: Recording, profile: Profile, now: dt.datetime) -> journal.NewFact:
    last = dt.time(23, 59, 59)
    ends = dt.datetime.combine(one.retention_until, last, profile.zone) if one.retention_until else None
    data = {
        "leg": one.leg, "name": one.name, "duration_s": one.duration_s, "sha256": one.sha256,
        "retention_until": ends, "complete": one.complete, "gap_s": gap_s(one),
    }  # fmt: skip
    return _fact(one, "recording_stored", data, now)


@transaction.atomic
def give_up(*, recording: Recording, reason: str, now: dt.datetime) -> Recording:
    """The file of a recording never came: it is said, and not looked for any more."""
    fresh = Recording.objects.select_for_update().get(pk=recording.pk)
    if not fresh.path and fresh.removed_at is None:
        fresh.removed_at = now
        fresh.save(update_fields=["removed_at"])
        data = {"leg": fresh.leg, "name": fresh.name, "reason": reason}
        journal.record_many([_fact(fresh, "recording_failed", data, now)])
        if reason == NO_SOUND:  # a head, or not even that; else another node may put it there at this moment
            (store() / _place(fresh.name, fresh.started_at)).unlink(missing_ok=True)
    return fresh


def _fact(recording: Recording, kind: str, data: Mapping[str, object], now: dt.datetime) -> journal.NewFact:
    return journal.NewFact(kind, "contact", recording.contact_id, "switchboard", data, now)


def collect(*, profile: Profile, busy: set[str], now: dt.datetime) -> int:
    """Bring what the engine has finished into its place; `busy` are names that it still writes. Returns how many."""
    came: dict[int, Found] = {}
    for one in pending():
        if one.name in busy:
            continue
        try:
            found, reason = fetch(one.name, one.started_at), "no_file"
        except sounds.SoundError as error:
            log.warning("the recording %s cannot be read: %s", one.name, error)
            found, reason = None, NO_SOUND
        except OSError as error:  # its place is full or read-only: it waits where the engine wrote it
            log.warning("the recording %s cannot be put in its place: %s", one.name, error)
            continue
        if found is not None:
            came[one.pk] = found
        elif (now - (one.ended_at or one.started_at)).total_seconds() > _patience_s(one, reason):
            give_up(recording=one, reason=reason, now=now)
    return keep(found=came, profile=profile, now=now) if came else 0
