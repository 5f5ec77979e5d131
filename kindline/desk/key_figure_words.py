"""The key figures in words: what each is about, its title, and how it is counted."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _

PARTS: Mapping[str, str] = {
    "on_time": _("Answers on time"),
    "first_contact": _("Settled at the first time"),
    "callbacks": _("Promised calls"),
    "satisfaction": _("Satisfaction of clients"),
    "reviews": _("Reviews of contacts"),
    "telephone": _("Telephone"),
    "readings": _("Meter readings"),
}
AT_ONCE = _(
    "Readings accepted at once / readings received (accepted, asked back and refused). What stood already was not "
    "received anew. The month is that of the sending."
)
FIGURES: Mapping[str, tuple[str, str]] = {
    "on_time": (
        _("Answered by the limit"),
        _("Appeals whose limit lay in the month and that were answered, or closed otherwise, by it / all appeals whose "
          "limit lay in the month and has passed. Late open ones are among them; duplicates are not."),
    ),
    "overdue_open": (
        _("Late and not answered"),
        _("Of the appeals whose limit lay in the month: those neither answered nor closed yet. The number beside it: "
          "all of them."),
    ),
    "extended": (
        _("With an extended limit"),
        _("Of the appeals whose limit lay in the month: those whose limit had been put off, and the applicant told."),
    ),
    "repeated": (
        _("Came again after it"),
        _("Of the appeals whose limit lay in the month: those that a later appeal of the applicant repeats."),
    ),
    "first_contact": (
        _("Settled at the first contact"),
        _("Contacts that were settled (closed by an outcome that the clause names) and after which the same client did "
          "not come with the same topic on any channel within the days of the clause / all contacts that were settled, "
          "of known clients with a known topic. It is final so many days after the end of the month."),
    ),
    "callbacks_kept": (
        _("Callbacks kept"),
        _("Promised calls in which the client was reached in the promised time / all promised calls of the month that "
          "are decided: reached, overdue or cancelled."),
    ),
    "callbacks_cancelled": (
        _("Callbacks cancelled"),
        _("Of the same promises: those that were cancelled, by whomever. They are among the promised ones."),
    ),
    "rated": (
        _("Response rate"),
        _("Clients who rated / clients who were asked by telephone after a talk. Who rates on the page of his appeal "
          "was not asked one by one, and is in no response rate."),
    ),
    "review_score": (
        _("Score of reviews"),
        _("Mean over the reviews of: items met / items that applied, one point each; 0 if a critical item was not met. "
          "A review stands in the month in which it was last worked on; open items count for nobody."),
    ),
    "review_points": (
        _("Points of reviews"),
        _("The same without the rule of critical items: mean of items met / items that applied."),
    ),
    "critical_reviews": (
        _("Reviews with a critical error"),
        _("Reviews in which a critical item was not met / all reviews."),
    ),
    "wrap_up": (
        _("Work after the contact"),
        _("Sum of the time from the end of a talk until the operator is ready again / such times that ended in the "
          "month."),
    ),
    "outbound_abandonment": (
        _("No operator in outgoing calls"),
        _("People whom the autoinformer called, who asked for an operator and had none within 2 seconds / all who "
          "asked for one."),
    ),
    "wait_wape": (
        _("Error of told waits by half hour"),
        _("Sum over half hours of |told − came true| / sum of what came true, of callers who were told how long they "
          "will wait and were answered (WAPE)."),
    ),
    "wait_wape_each": (
        _("Error of told waits by caller"),
        _("The same with each caller by himself: errors within a half hour do not make up for each other."),
    ),
    "readings_at_once": (_("Accepted at once"), AT_ONCE),
    "readings_phone": (_("Accepted at once: telephone"), AT_ONCE),
    "readings_office": (_("Accepted at once: office"), AT_ONCE),
    "readings_web": (_("Accepted at once: site"), AT_ONCE),
    "readings_account": (_("Accepted at once: personal account"), AT_ONCE),
    "readings_sms": (_("Accepted at once: SMS"), AT_ONCE),
    "readings_api": (_("Accepted at once: other programs"), AT_ONCE),
    "readings_file": (_("Accepted at once: files"), AT_ONCE),
}  # fmt: skip
"""Title and formula of each."""
