"""What an outcome of a contact still needs, in words."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.desk import words

REQUIREMENTS = {
    "appeal_registered": _("the appeal is registered"),
    "callback_promised": _("a callback is promised with its time"),
    "answer_by_letter_agreed": _("a written answer is agreed on"),
    "transfer_completed": _("the call is transferred"),
    "identification_refused": _("the refusal to identify is recorded"),
    "reason_recorded": _("the reason is written down"),
    "call_terminated": _("the call is ended on a ground"),
    "topic_set": _("the purpose of the visit is recorded"),
    "documents_checked": _("the set of documents is checked"),
    "documents_accepted": _("the documents are accepted"),
    "result_handed_over": _("the result is handed over"),
    "written_appeal_offered": _("a written appeal is offered"),
    "blank_printed": _("the blank is printed"),
    "answer_given": _("the answer is given"),
    "memo_given": _("the sheet to take along is printed"),
}


def requirement(need: str) -> str:
    """What an outcome still lacks, in words."""
    return gettext(REQUIREMENTS[need]) if need in REQUIREMENTS else words.field_label(need)
