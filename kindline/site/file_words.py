"""A visitor's files in words: whether they were taken, and if not, why and what to do."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.files import limits, wording
from kindline.files.errors import FilesError, RefusedFileError
from kindline.files.models import FileState, StoredFile

REASONS = {
    **wording.REASONS,
    "cage": _("it cannot be read"),
}
CURES = {
    "size": _("At most %(mb)s MB: make it smaller, or divide it."),
    "archive": _("Attach what is in it one by one."),
    "pixels": _("Make it smaller."),
    "empty": _("Choose another file."),
}
CURE = _("Give it as PDF, picture or document.")
AS_PICTURE = _("Give it as a picture, such as JPEG or PNG.")
MANY = _("There are as many files as are allowed. Take one away first.")
QUOTA = _(
    "As many files came from you as are taken in one day. Send the form without this one: it can be added tomorrow,"
    " sent by e-mail, or brought to the office."
)
BUSY = _(
    "Many files are being looked at just now, so this one was not taken. Everything else is kept here: attach it again"
    " in a minute."
)
LATER = _("The file cannot be kept now. Nothing is lost: try again in a moment.")
STATES = {
    FileState.WAITING: _("is being checked"),
    FileState.REFUSED: _("not passed on: it did not pass the check"),
    FileState.UNREADABLE: _("cannot be read"),
}


def refusal(error: FilesError, name: str, other: str = CURE) -> str:
    """Why a file was not taken, and what to do; `other`: as what it is given where its type does not fit."""
    if isinstance(error, RefusedFileError):
        return f"{error.name}: {refused(error.finding.reason, other)}"
    told = {"file_many": MANY, "file_quota": QUOTA, "file_busy": BUSY}.get(error.code, LATER)
    return f"{name}: {gettext(told)}"


def refused(reason: str, other: str = CURE) -> str:
    """A reason and its cure; a file that is too large is told so by the page itself before it is sent."""
    cure = gettext(CURES.get(reason, other))
    told = gettext(REASONS.get(reason, REASONS["type"]))
    return f"{told}. {cure % {'mb': limits.size_max() // 2**20} if reason == 'size' else cure}"


def state_of(file: StoredFile) -> str:
    """What a visitor is told of a file that is not simply there."""
    said = STATES.get(FileState(file.state))
    return gettext(said) if said else ""
