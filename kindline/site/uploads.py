"""Files that a visitor sends with a form: kept for it until it is accepted, so that a fault loses none of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest

from kindline.files import arriving, erasing, limits, names, queries, quota, taking
from kindline.files.content import Finding
from kindline.files.errors import FilesError, RefusedFileError, TooManyFilesError
from kindline.files.models import Attachment, FileState, Owner
from kindline.site import file_words, form, senders
from kindline.site.account import session

FIELD, DROPPED = "files", "drop"
MOST = 10
"""Files of one form."""
ACCEPTED = ".pdf,.jpg,.jpeg,.png,.gif,.webp,.tif,.tiff,.bmp,.heic,.txt,.rtf,.docx,.xlsx,.pptx,.odt,.ods,.doc,.xls,.zip"
"""What the browser's dialogue offers first; what is taken is decided by content."""


def draft_of(key: uuid.UUID) -> str:
    """Under which key the files of a form are kept; who knows the form's key may see their names."""
    return f"site-{key}"


class NotTakenError(Exception):
    """Some files were not taken; `said` tells why, file by file, `faults` what else is wrong. The others are kept."""

    def __init__(self, said: Sequence[str], faults: Mapping[str, str]) -> None:
        self.said, self.faults = list(said), {**faults, FIELD: "files"}
        super().__init__("; ".join(said))


def take_or_refuse(
    request: HttpRequest, key: uuid.UUID, now: dt.datetime, faults: Callable[[str], Mapping[str, str]]
) -> str:
    """Keep the files that came with a form; under which draft, of which `faults` tells what else is wrong.

    Raises: NotTakenError.
    """
    said, draft = take(request, key, now), draft_of(key)
    if said:
        raise NotTakenError(said, faults(draft))
    return draft


def take(request: HttpRequest, key: uuid.UUID, now: dt.datetime) -> list[str]:
    """Keep the files that came with a form, and drop those that were ticked; why some were not taken.

    Clause: krc-5.7.2-01.
    """
    owner = Owner(erasing.DRAFT, draft_of(key))
    _drop(request, owner, now)
    return [*too_large(request), *take_into(request, owner, FIELD, now)]


def too_large(request: HttpRequest, field: str = "") -> list[str]:
    """What is said of files of a field, or of the whole form, that were cut off, for they were too large."""
    large = Finding("application/octet-stream", "size")
    return [_said(RefusedFileError(names.shown(one), large), one) for one in arriving.cut_off(request, field)]


def take_into(
    request: HttpRequest, owner: Owner, field: str, now: dt.datetime, *, most: int = MOST, types: Sequence[str] = ()
) -> list[str]:
    """Keep the files of one field of a form for an owner, counted with what this giver gave; why some were not taken.

    `types`: by content, where fewer fit the field than the administrator allows: pictures.
    """
    said = []
    for given in request.FILES.getlist(field):
        try:
            _check_many(owner, most)
            with arriving.upload_of(given, giver_of(request), now) as upload:
                taking.take_file(upload=upload, owner=owner, types=types, employee=None, now=now)
        except FilesError as error:
            said.append(_said(error, given.name or "", file_words.AS_PICTURE if types else file_words.CURE))
    return said


def move(sent: uuid.UUID, key: uuid.UUID, now: dt.datetime) -> None:
    """What came with a form that was sent already goes on with the one that is shown in its place."""
    old, new = (Owner(erasing.DRAFT, draft_of(one)) for one in (sent, key))
    taking.hand_over(draft=old, owner=new, employee=None, now=now)


def giver_of(request: HttpRequest) -> quota.Giver:
    """Whose files count together: those of a log-in, else those of a network address."""
    login = session.current(request)
    if login is not None:
        return quota.Giver(f"login/{login.pk}")
    whose = senders.of(request)
    return quota.Giver(whose.address, is_shared=True, one=whose.browser)


def _said(error: FilesError, name: str, other: str = file_words.CURE) -> str:
    return file_words.refusal(error, names.shown(name), other)


def _drop(request: HttpRequest, owner: Owner, now: dt.datetime) -> None:
    wanted = [form.row_key(one) for one in request.POST.getlist(DROPPED)]
    for row in queries.of(owner).filter(pk__in=wanted) if wanted else ():
        erasing.detach(attachment=row, reason="taken away before the form was sent off", employee=None, now=now)


def _check_many(owner: Owner, most: int) -> None:
    if queries.of(owner).count() >= most:
        raise TooManyFilesError(str(owner))


def panel(key: uuid.UUID | None = None) -> dict[str, Any]:
    """What the part of a form with its files shows; without a key, of a form that is just opened."""
    rows = [row_of(one) for one in queries.of(Owner(erasing.DRAFT, draft_of(key)))] if key else []
    return {"rows": rows, "most": MOST, "accept": ACCEPTED, **size_told()}


def size_told() -> dict[str, Any]:
    """How large a file may be, megabytes, and what is said of a larger one."""
    return {"mb": limits.size_max() // 2**20, "heavy": file_words.refused("size")}


def row_of(one: Attachment) -> dict[str, Any]:
    """A file as a visitor sees it."""
    file = one.file
    return {
        "key": one.pk,
        "name": file.shown_name,
        "size": file.size,
        "told": file_words.state_of(file),
        "opens": file.state == FileState.CLEAN,
    }
