"""Files of readings, by whichever way they come: a small one at once, a large one by a job that tells how far it is.

A file is known by its content, the desk's whoever brought it, a client's among those of his log-in: the same one again
tells what came of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator

from django.db import OperationalError, transaction

from kindline.clients.login_models import Login
from kindline.journal import links, locking
from kindline.readings import bulk, checking, sheets, wording
from kindline.readings.errors import ReadingsError
from kindline.readings.lines import Sender
from kindline.readings.models import Reading, ReadingState, Refused, Sending, Upload
from kindline.standard.profile import Profile

log = logging.getLogger(__name__)
AT_ONCE = 2**20
"""Bytes; a larger file is gone through by a job."""
AGAIN_AT_ONCE = 20_000
"""Refused lines; more of them are judged again by a job."""
FAILED = "file_failed"
FOREIGN = "?"
"""Stands before an account that a log-in neither has nor sends readings for: none such is known, whether there is one
or not."""
Progress = Callable[[int], None]
"""Is told how many lines are kept."""
NOTHING: bulk.Cells = ("", "", "", "", "")


def key_of(content: bytes, owner: str = "") -> str:
    """By what a file is known, among those of everybody or of one owner."""
    return " ".join(filter(None, ("file", owner, hashlib.sha256(content).hexdigest())))


def take_file(
    *, profile: Profile, content: bytes, sender: Sender, name: str, now: dt.datetime,
    progress: Progress = lambda _done: None,
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


def own_lines(login_id: int, rows: Iterable[bulk.Cells]) -> list[bulk.Cells]:
    """The lines of a client's file, those of others' accounts made such that nobody has them.

    All of them before the copying holds the line: this asks the database.
    """
    login = Login.objects.filter(pk=login_id).first()
    both = (login.accounts, login.reads) if login else ()
    mine = {number for several in both for number in several.values_list("number", flat=True)}
    return [_marked(mine, (row[0].removeprefix(FOREIGN), *row[1:])) for row in rows]


def _marked(mine: set[str], row: bulk.Cells) -> bulk.Cells:
    return row if not any(row) or checking.account(row[0]) in mine else (f"{FOREIGN}{row[0]}", *row[1:])


AGAIN = " again "


@transaction.atomic
def judge_again(*, profile: Profile, sending: Sending, sender: Sender, now: dt.datetime) -> Sending:
    """Judge the lines of a file that were refused once more, now that meters or accounts may have been added.

    It is a sending of its own, whose lines have the numbers that they have in the file; what was said before stays. Of
    a client's file only the lines of accounts are judged that his log-in has, or sends readings for, by now.
    """
    return _judged_again(profile, _next_key(sending), sending, sender, now)


def _judged_again(
    profile: Profile, key: str, sending: Sending, sender: Sender, now: dt.datetime,
    progress: Progress = lambda _done: None,
) -> Sending:  # fmt: skip
    rows = list(_as_they_stood(sending))
    rows = own_lines(sending.login_id, rows) if sending.login_id else rows
    return bulk.load_readings(
        profile=profile, key=key, rows=rows, sender=sender, title=sending.title, now=now, progress=progress
    )


def _next_key(sending: Sending) -> str:
    """The key of one more sending of a file's lines; nobody else takes one until the transaction is over."""
    before = f"{sending.key.partition(AGAIN)[0]}{AGAIN}"
    locking.in_turn(before)
    made = Sending.objects.filter(key__startswith=before)
    laid_by = Upload.objects.filter(key__startswith=before).exclude(key__in=made.values("key"))
    return f"{before}{made.count() + laid_by.count() + 1}"


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


def are_many(sending: Sending) -> bool:
    """Whether so many lines of a file were refused that a job judges them again."""
    return Refused.objects.filter(sending=sending).count() > AGAIN_AT_ONCE


@transaction.atomic
def lay_again_by(*, sending: Sending, employee_id: int, now: dt.datetime) -> Upload:
    """Have the refused lines of a file judged again by a job; asked for twice while it waits it is once.

    The content of such an upload is the number of the sending.
    """
    key, content = _next_key(sending), zlib.compress(str(sending.pk).encode(), 1)
    waiting = Upload.objects.filter(finished_at=None, key__startswith=key.rpartition(" ")[0], content=content).first()
    return waiting or Upload.objects.create(
        key=key, content=content, title=sending.title, employee_id=employee_id, sent_at=now,
        lines=Refused.objects.filter(sending=sending).count(),
    )  # fmt: skip


def sweep(*, profile: Profile, now: dt.datetime) -> int:
    """Go through the files that wait, the oldest first; how many. Killed at any moment, it begins the file anew."""
    waiting = Upload.objects.filter(finished_at=None).order_by("pk").values_list("pk", flat=True)
    for key in (found := list(waiting)):
        _go_through(profile, Upload.objects.get(pk=key), now)
    return len(found)


def _go_through(profile: Profile, upload: Upload, now: dt.datetime) -> None:
    """Whatever is wrong with one file, those after it are gone through. Given up by the database, it waits on."""
    fault = ""
    with links.connect() as beside:  # what is told of progress is not part of the file's transaction

        def progress(done: int) -> None:
            beside.execute("UPDATE readings_upload SET done = %s WHERE id = %s", [done, upload.pk])

        try:
            _take_upload(profile, upload, now, progress)
        except ReadingsError as error:
            fault = error.code
        except OperationalError:
            log.warning("readings: file %d is left for the next time", upload.pk, exc_info=True)
            return
        except Exception:
            log.exception("readings: file %d could not be gone through", upload.pk)
            fault = FAILED
    Upload.objects.filter(pk=upload.pk).update(finished_at=now, fault=fault, content=None)


def _take_upload(profile: Profile, upload: Upload, now: dt.datetime, progress: Progress) -> None:
    content = zlib.decompress(bytes(upload.content or b""))
    if Sending.objects.filter(key=upload.key).exists():  # it was killed just before it said so
        return
    if AGAIN in upload.key:
        first = Sending.objects.get(pk=int(content))
        again = Sender("file", employee_id=upload.employee_id, login_id=first.login_id)
        _judged_again(profile, upload.key, first, again, now, progress)
        return
    sender = Sender("file", employee_id=upload.employee_id)
    take_file(profile=profile, content=content, sender=sender, name=upload.title, now=now, progress=progress)
