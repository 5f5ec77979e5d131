"""While people talk: does the engine still write, and does what it wrote come to its place (fault T12)?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import transaction

from kindline.journal import actions as journal
from kindline.recordings import troubles
from kindline.switchboard import recording as recordings
from kindline.switchboard import sounds
from kindline.switchboard.machine.state import from_json
from kindline.switchboard.models import Call, Recording

STALLED_S = 10.0
"""So long ago something may have been written last; the engine writes every quarter of a second."""
UNMOVED_S = 20.0
"""So long after its end a file may lie where the engine wrote it."""
BYTES_A_SECOND = 2 * sounds.RATE_HZ


@dataclass(frozen=True, slots=True)
class Written:
    """A recording under way: since when, how many seconds of it are in the file, and when it was written to last."""

    contact: str
    leg: str
    name: str
    started_at: dt.datetime
    written_s: float
    last_at: dt.datetime

    def behind_s(self, now: dt.datetime) -> float:
        """How far the file is behind the talk."""
        return round(max(0.0, (now - self.started_at).total_seconds() - self.written_s), 1)

    def stands(self, now: dt.datetime) -> bool:
        """Whether nothing is written any more. A file that is only behind has lost packets, and goes on."""
        return (now - self.last_at).total_seconds() > STALLED_S


def under_way(ahead: dt.timedelta) -> Iterator[Written]:
    """The recordings of this machine's engines that run, as calls believe, or should.

    `ahead`: this machine's clock, of the database's.
    """
    spools = recordings.spools()
    for call in Call.objects.filter(ended_at=None, node__in=spools):
        for track in from_json(call.data).tracks if call.data else ():
            since = track.started_at or track.asked_at  # an engine that cannot begin says nothing, or that it failed
            if since is not None:
                yield _looked_at(
                    spools[call.node], Written(str(call.pk), track.leg, track.name, since, 0.0, since), ahead
                )


def _looked_at(spool: Path, none: Written, ahead: dt.timedelta) -> Written:
    """What is in the file; `none`: where nothing is."""
    try:
        found = (spool / f"{none.name}.wav").stat()
    except OSError:
        return none
    last_at = dt.datetime.fromtimestamp(found.st_mtime, dt.UTC) - ahead
    written_s = max(0, found.st_size - 44) / BYTES_A_SECOND
    return replace(none, written_s=written_s, last_at=max(last_at, none.started_at))


def watch(*, now: dt.datetime, by_machine: dt.datetime | None = None) -> int:
    """Say which recordings stand still and which did not come to their place; the others are well; how many.

    `by_machine`: now by this machine's clock, which dates its files; it may be wrong (C2). Without it, it is right.
    Clause: krc-5.5.2-11, krc-5.5.2-12.
    """
    ahead = (by_machine or now) - now
    stalled = [one for one in under_way(ahead) if one.stands(now)]
    for one in stalled:
        _say_stalled(one, now)
    left = _unmoved(now)
    for late in left:
        troubles.open_trouble(kind=troubles.UNMOVED, subject=late.name, contact=str(late.contact_id), now=now)
    troubles.close_others(kind=troubles.STALLED, still={one.name for one in stalled}, now=now)
    troubles.close_others(kind=troubles.UNMOVED, still={one.name for one in left}, now=now)
    return len(stalled) + len(left)


@transaction.atomic
def _say_stalled(one: Written, now: dt.datetime) -> None:
    gap_s = one.behind_s(now)
    if troubles.open_trouble(kind=troubles.STALLED, subject=one.name, contact=one.contact, gap_s=gap_s, now=now):
        data = {"leg": one.leg, "name": one.name, "gap_s": gap_s}
        journal.record(kind="recording_stalled", subject_type="contact", subject_id=one.contact, data=data, at=now)


def _unmoved(now: dt.datetime) -> list[Recording]:
    """Recordings whose file lies where the engine wrote it, long after the end: their place is full or read-only."""
    before = now - dt.timedelta(seconds=UNMOVED_S)
    late = Recording.objects.filter(path="", removed_at=None, ended_at__lt=before).order_by("pk")[:50]
    places = recordings.spools().values()
    return [one for one in late if any((place / f"{one.name}.wav").exists() for place in places)]
