"""Files of readings, by whichever way they come: a small one at once, a large one by a job that tells how far it is.

A file is known by its content: the same one again from the same sender tells what came of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator

from django.db import transaction

from kindline.journal import links
from kindline.readings import bulk, sheets, wording
from kindline.readings.errors import ReadingsError
from kindline.readings.lines import Sender
from kindline.readings.models import Reading, ReadingState, Refused, Sending, Upload
from kindline.standard.profile import Profile

AT_ONCE = 2**20
"""Bytes; a larger file is gone through by a job."""
Marked = Callable[[Iterable[bulk.Cells]], Iterable[bulk.Cells]]
"""What is made of the lines of a sender before they are judged."""
NOTHING: bulk.Cells = ("", "", "", "", "")


def key_of(content: bytes, owner: str = "") -> str:
    """By what a file is known, among those of everybody or of one owner."""
    return " ".join(filter(None, ("file", owner, hashlib.sha256(content).hexdigest())))


def take_file(
    *, profile: Profile, content: bytes, sender: Sender, name: str, now: dt.datetime,
    progress: Callable[[int], None] = lambda _done: None,
) -> Sending:  # fmt: skip
    """Judge each line of a file as if it had been sent by itself; the same file again is known.

    `progress` is told how many lines are kept. Raises: UnreadableFileError.
    """
    if (known := Sending.objects.filter(key=(key := key_of(content))).first()) is not None:
        return known
    first, rows = sheets.lines_of(content)
    return bulk.load_readings(
        profile=profile, key=key, rows=rows, sender=sender, title=name[:200], now=now, first=first, progress=progress
    )  # fmt: skip


@transaction.atomic
def judge_again(
    *, profile: Profile, sending: Sending, sender: Sender, now: dt.datetime, marked: Marked = lambda rows: rows
) -> Sending:
    """Judge the lines of a file that were refused once more, now that meters or accounts may have been added.

    It is a sending of its own, whose lines have the numbers that they have in the file; what was said before stays.
    """
    Sending.objects.select_for_update().get(pk=sending.pk)
    before = f"{sending.key.partition(AGAIN)[0]}{AGAIN}"
    count = Sending.objects.filter(key__startswith=before).count()
    rows = marked(_as_they_stood(sending))
    return bulk.load_readings(
        profile=profile, key=f"{before}{count + 1}", rows=list(rows), sender=sender, title=sending.title, now=now
    )  # fmt: skip


AGAIN = " again "


def _as_they_stood(sending: Sending) -> Iterator[bulk.Cells]:
    """The refused lines, each in its place of the file."""
    at = 1
    for line, typed in Refused.objects.filter(sending=sending).order_by("line").values_list("line", "typed"):
        yield from (NOTHING for _ in range(line - at))
        yield (typed["account"], typed["meter"], typed["zone"], typed["value"], typed["taken_on"])
        at = line + 1


def faults_of(sending: Sending) -> Iterator[tuple[int, dict[str, str], str]]:
    """The lines of a file that did not become readings that stand: number, as typed, the code of why; in no order."""
    refused = Refused.objects.filter(sending=sending).values_list("line", "typed", "code")
    yield from refused.iterator()
    asked = Reading.objects.filter(sending=sending, state=ReadingState.ASKED_BACK).select_related("meter__account")
    for row in asked.iterator():
        typed = {
            "account": row.meter.account.number, "meter": row.meter.number, "zone": row.zone,
            "value": wording.figures(row.value), "taken_on": row.taken_on.isoformat(),
        }  # fmt: skip
        yield row.line, typed, row.code


# --- by a job ---
def lay_by(*, content: bytes, employee_id: int, name: str, now: dt.datetime) -> Upload:
    """Keep a large file until a job goes through it; the same one again is known. Raises: UnreadableFileError."""
    sheets.lines_of(content)
    about = 0 if content[:2] == b"PK" else content.count(b"\n")
    values = {"title": name[:200], "employee_id": employee_id, "sent_at": now, "lines": about}
    values |= {"content": zlib.compress(content, 1), "done": 0, "finished_at": None, "fault": ""}
    key = key_of(content)
    upload, is_new = Upload.objects.get_or_create(key=key, defaults=values)
    if not is_new and upload.fault:
        upload, _ = Upload.objects.update_or_create(key=key, defaults=values)
    return upload


def sweep(*, profile: Profile, now: dt.datetime) -> int:
    """Go through the files that wait, the oldest first; how many. Killed at any moment, it begins the file anew."""
    waiting = Upload.objects.filter(finished_at=None).order_by("pk").values_list("pk", flat=True)
    for key in (found := list(waiting)):
        _go_through(profile, Upload.objects.get(pk=key), now)
    return len(found)


def _go_through(profile: Profile, upload: Upload, now: dt.datetime) -> None:
    fault = ""
    with links.connect() as beside:  # what is told of progress is not part of the file's transaction

        def progress(done: int) -> None:
            beside.execute("UPDATE readings_upload SET done = %s WHERE id = %s", [done, upload.pk])

        try:
            content = zlib.decompress(bytes(upload.content or b""))
            sender = Sender("file", employee_id=upload.employee_id)
            take_file(profile=profile, content=content, sender=sender, name=upload.title, now=now, progress=progress)
        except ReadingsError as error:
            fault = error.code
    Upload.objects.filter(pk=upload.pk).update(finished_at=now, fault=fault, content=None)
