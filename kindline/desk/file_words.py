"""Files in words: what they are, whether they are passed on, and if not, why and what to do."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.desk import house
from kindline.desk.wording import titled
from kindline.files import limits, wording
from kindline.files.errors import FilesError, OverQuotaError, RefusedFileError
from kindline.files.models import StoredFile

STATES = {
    "waiting": _("in quarantine until it is checked"),
    "clean": _("checked"),
    "refused": _("not passed on"),
    "unreadable": _("cannot be read"),
    "erased": _("erased"),
}
REASONS = {
    **wording.REASONS,
    "virus": _("a virus was found"),
    "cage": _("the program that read it broke down"),
    "missing": _("its content is lost: the administrator must restore it from a copy"),
    "broken": _("its content was changed: the administrator must restore it from a copy"),
    "scanner_stopped": _(
        "the virus scanner does not answer: the administrator must start it. Go on with the work: the file opens"
        " by itself once it is checked"
    ),
    "scanner_refused": _("the virus scanner could not look into it: the administrator must see the scanner's limits"),
    "scanner_old": _(
        "the virus signatures are too old: the administrator must renew them. Go on with the work: the file opens"
        " by itself once it is checked"
    ),
}
REFUSALS = {
    "file": _("This cannot be done with the file."),
    "file_many": _("There are as many files as are allowed. Take one away first."),
    "file_quota": _(
        "As many files came from you as an employee may give in a day or a year. Nothing else is lost: add this one"
        " after %(again)s, or ask the administrator for a higher quota."
    ),
    "file_busy": _("Many files are being looked at just now, so this one was not taken. Attach it again in a minute."),
    "file_store": _("The file cannot be kept now. Nothing is lost: try again in a moment."),
    "file_missing": _("The content of the file is lost: the administrator must restore it from a copy."),
    "file_broken": _("The content of the file was changed: the administrator must restore it from a copy."),
    "file_key": _("The key of the file is not there: the administrator must bring it back from its safe copy."),
    "quarantine": _("The file is in quarantine or was refused: it is not passed on."),
    "empty_text": _("Say why the file is taken away."),
}
ROLES = {
    "scan": _("scan"),
    "proof": _("proof of delivery"),
    "answer": _("goes with the answer"),
    "letter": _("our letter"),
}
CURES = {
    "size": _("At most %(mb)s MB: make it smaller, or divide it."),
    "type": _("Give it as PDF, picture or document."),
}
TYPES = {
    "application/pdf": "PDF",
    "application/docx": "Word",
    "application/xlsx": "Excel",
    "application/pptx": "PowerPoint",
    "application/odf": "OpenDocument",
    "application/x-ole": "Office",
    "application/rtf": "RTF",
    "application/zip": "ZIP",
    "text/plain": "TXT",
    "text/html": "HTML",
    "image/svg+xml": "SVG",
}


def type_title(media_type: str) -> str:
    """What a file is, shortly."""
    kind, _slash, more = media_type.partition("/")
    return TYPES.get(media_type) or (more.upper() if kind == "image" else media_type)


def state_of(file: StoredFile) -> str:
    """Whether a file is passed on, and if not, why and what to do."""
    return ": ".join(part for part in (titled(STATES, file.state), reason_of(file.reason)) if part)


def reason_of(reason: str) -> str:
    """Why a file is not passed on."""
    code, _colon, more = reason.partition(": ")
    return f"{titled(REASONS, code)} {more}".strip() if code else ""


def refusal(error: FilesError, name: str = "") -> str:
    """Why a file was not taken, and what to do."""
    if not isinstance(error, RefusedFileError):
        told = gettext(REFUSALS.get(error.code, REFUSALS["file"]))
        if isinstance(error, OverQuotaError):
            told %= {"again": f"{house.local(error.again_at):%d.%m.%Y %H:%M}"}
        return f"{name}: {told}" if name else told
    reason = error.finding.reason
    cure = gettext(CURES[reason]) % {"mb": limits.size_max() // 2**20} if reason in CURES else ""
    return " ".join(part for part in (f"{error.name}: {reason_of(reason)}.", cure) if part)
