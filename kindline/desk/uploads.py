"""Files that come with a form: kept for the form while it is filled in, so that a refusal loses none of them."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from kindline.conversations.errors import RefusedError
from kindline.desk import access, file_words, refusals
from kindline.desk.wording import titled
from kindline.files import arriving, erasing, limits, queries, quota, taking
from kindline.files.content import INLINE, Finding
from kindline.files.errors import FilesError, RefusedFileError
from kindline.files.models import Attachment, FileState, Owner
from kindline.staff.models import Employee

FIELD, KEY, DROPPED = "files", "uploads", "drop"
ACCEPTED = """.pdf .jpg .jpeg .png .gif .webp .tif .tiff .bmp .heic .txt .rtf .docx .xlsx .pptx .odt .ods .doc .xls
    .zip .p7s""".split()
"""What the browser's dialogue offers first; what is taken is decided by content."""
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Take = Callable[[taking.Upload], object]


def take(request: HttpRequest, way: Take) -> list[str]:
    """Take every file of the form in a way, counted with what the employee gave; why some were not taken."""
    giver, now = quota.employee(access.employee_of(request)), timezone.now()
    large = Finding("application/octet-stream", "size")
    said = [file_words.refusal(RefusedFileError(one, large)) for one in arriving.cut_off(request)]
    for given in request.FILES.getlist(FIELD):
        try:
            with arriving.upload_of(given, giver, now) as upload:
                way(upload)
        except FilesError as error:
            said.append(file_words.refusal(error, given.name or ""))
        except RefusedError as error:
            said.append(f"{given.name}: {refusals.message_of(error)}")
    return said


def draft_key(raw: str) -> str:
    """The key of the files of a form: the one it bore, or a new one."""
    return raw if UUID.fullmatch(raw) else str(uuid.uuid4())


def draft(me: Employee, key: str) -> Owner:
    """As what the files of a form are kept: an employee sees only his own."""
    return Owner(erasing.DRAFT, f"{me.pk}-{key}")


def take_for_form(request: HttpRequest, me: Employee, key: str, now: dt.datetime, role: str) -> list[str]:
    """Keep the files that came with a form, and drop those that were ticked; why some were not taken."""
    owner = draft(me, key)
    dropped = [int(one) for one in request.POST.getlist(DROPPED) if one.isdecimal() and len(one) < 18]
    for row in queries.of(owner).filter(pk__in=dropped):
        erasing.detach(attachment=row, reason="taken away before the form was sent off", employee=me, now=now)
    return take(
        request, lambda upload: taking.take_file(upload=upload, owner=owner, role=role, employee=me, now=now)
    )  # fmt: skip


def panel(owner: Owner, key: str = "", *, removable: bool = False, is_empty: bool = False) -> dict[str, Any]:
    """What the part of a page with an owner's files shows; `is_empty`: it is known that there are none."""
    rows = [] if is_empty else [row_of(one) for one in queries.of(owner)]
    return {
        "key": key,
        "rows": rows,
        "waits": any(row["state"] == FileState.WAITING for row in rows),
        "part": reverse("files", args=[owner.kind, key or owner.key]),
        "size_max": limits.size_max(),
        "size_max_mb": limits.size_max() // 2**20,
        "accept": ",".join(ACCEPTED),
        "is_draft": owner.kind == erasing.DRAFT,
        "removable": removable and any(one["file"] for one in rows),
    }


def row_of(one: Attachment) -> dict[str, Any]:
    """A file as lists show it."""
    file, clean = one.file, one.file.state == FileState.CLEAN
    return {
        "attachment": one,
        "file": file,
        "name": file.shown_name,
        "kind": file_words.type_title(file.media_type),
        "state": file.state,
        "told": file_words.state_of(file),
        "role": titled(file_words.ROLES, one.role) if one.role in file_words.ROLES else "",
        "opens": clean,
        "shows": clean and file.media_type in INLINE,
    }
