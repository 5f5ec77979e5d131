"""Why a file is not taken, in the words that employees and visitors both read."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

REASONS = {
    "program": _("it is a program, or holds one"),
    "archive": _("an archive that cannot be looked into"),
    "bomb": _("unpacked it would be too large"),
    "size": _("it is too large"),
    "type": _("files of this type are not taken"),
    "empty": _("it is empty"),
    "pixels": _("the picture is too large"),
    "mismatch": _("its content is not what its name says"),
    "macro": _("it holds macros"),
    "time": _("reading it takes too long"),
    "memory": _("reading it takes too much memory"),
}
"""By the code of what was found; each surface adds those that only its readers can do something about."""
