"""What the time line calls the signing of notices, and what happens to an appeal that was made in no contact."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

FACTS = {
    "notice_signed": _("A notice to the applicant was signed"),
    "forwarded_to_body": _("The appeal was forwarded"),
    "applicant_told_where": _("The client was told of the forwarding"),
    "executor_took": _("The appeal was taken over"),
    "applicant_answered": _("The appeal was answered"),
}
