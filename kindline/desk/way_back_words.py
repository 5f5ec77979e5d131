"""What the time line calls the ways back of an appeal: corrected, recalled, open again."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

FACTS = {
    "duplicate_freed": _("Open again: the first appeal left without a letter"),
}
