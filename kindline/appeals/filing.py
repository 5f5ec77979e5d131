"""Files of an appeal: what the applicant brought or sent, scans of his letter, what goes with the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from kindline.appeals import moves
from kindline.appeals.models import Appeal
from kindline.files import erasing, queries, taking
from kindline.files.erasing import DRAFT
from kindline.files.models import Attachment, Owner, StoredFile
from kindline.staff.models import Employee


def files_of(appeal: Appeal) -> QuerySet[Attachment]:
    """The files of an appeal, in the order in which they came."""
    return queries.of(appeal.owner)


def answer_files(appeal: Appeal) -> list[StoredFile]:
    """The files that go with the answer; give them to `queue_message` or `write_letter` as `files`."""
    return [one.file for one in files_of(appeal).filter(role=taking.ANSWER)]


def add_file(
    *, appeal: Appeal, upload: taking.Upload, role: str = taking.FILE, employee: Employee, now: dt.datetime
) -> Attachment:
    """Attach a file that a person gives to an appeal.

    What goes with the answer is sealed with it, so that it is attached only while the answer is drafted.
    Clause: voe-3-13.
    Raises: RefusedFileError with the reason; TooManyFilesError; StoreError; WrongStateError; NotYoursError.
    """
    if role == taking.ANSWER:
        moves.check_may(appeal, "draft", employee)
    row = taking.take_file(upload=upload, owner=appeal.owner, role=role, employee=employee, now=now)
    _say(appeal, [row], employee, now)
    return row


def add_looked(*, appeal: Appeal, looked: taking.Looked, employee: Employee, now: dt.datetime) -> Attachment:
    """Attach a file that an applicant's program passes on; what has left the registry takes nothing.

    Clause: voe-3-13, voe-7-01.
    Raises: WrongStateError; TooManyFilesError; StoreError.
    """
    with transaction.atomic():
        held = moves.held_open(appeal)
        row = taking.take_looked(found=looked, owner=held.owner, employee=employee, now=now)
        _say(held, [row], employee, now)
        return row


def attach_files(
    *,
    appeal: Appeal,
    files: Iterable[StoredFile],
    role: str = taking.FILE,
    employee: Employee | None,
    now: dt.datetime,
) -> list[Attachment]:
    """Attach files that are kept already, such as those of the letter that became the appeal; twice does no harm.

    Clause: voe-7-01.
    """
    with transaction.atomic():
        rows = [taking.attach(file=one, owner=appeal.owner, role=role, employee=employee, now=now) for one in files]
        _say(appeal, rows, employee, now)
        return rows


def take_draft(*, appeal: Appeal, draft: str, employee: Employee | None, now: dt.datetime) -> list[Attachment]:
    """What was uploaded for the form belongs to the appeal that it became.

    Clause: voe-3-13.
    """
    with transaction.atomic(savepoint=False):
        rows = taking.hand_over(draft=Owner(DRAFT, draft), owner=appeal.owner, employee=employee, now=now)
        _say(appeal, rows, employee, now)
        return rows


def remove_file(*, attachment: Attachment, appeal: Appeal, reason: str, employee: Employee, now: dt.datetime) -> None:
    """Take a file away from an appeal, with a reason; one that belongs to nothing else is erased.

    Raises: NoReasonError; WrongStateError or NotYoursError for what goes with an answer that is no draft any more.
    """
    if attachment.role == taking.ANSWER:
        moves.check_may(appeal, "draft", employee)
    if not reason.strip():
        raise erasing.NoReasonError("say why the file is taken away")
    with transaction.atomic():
        data = {"file": attachment.file_id, "reason": reason.strip()}
        moves.keep(appeal, "appeal_file_removed", data, employee=employee, now=now)
        erasing.detach(attachment=attachment, reason=reason.strip(), employee=employee, now=now)


def _say(appeal: Appeal, rows: list[Attachment], employee: Employee | None, now: dt.datetime) -> None:
    for row in rows:
        if row.attached_at == now:  # else it was there before
            data = {"file": row.file_id, "role": row.role, "media_type": row.file.media_type}
            moves.keep(appeal, "appeal_file_added", data, employee=employee, now=now)
