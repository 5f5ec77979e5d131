"""What the time line calls the ways back of an appeal: corrected, recalled, open again."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

FACTS = {
    "appeal_corrected": _("The appeal was corrected"),
    "answer_recalled": _("The signed answer was taken back"),
    "notice_recalled": _("The notice to the applicant was taken back"),
    "recalled_letter_gone": _("A letter that was taken back had gone all the same"),
    "paper_withdrawn": _("The letter was taken out of the print queue"),
    "duplicate_freed": _("Open again: the first appeal left without a letter"),
}
