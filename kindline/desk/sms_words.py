"""Short messages in words: boxes, states, how contacts end, why one cannot be sent."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

BOXES = {"waiting": _("waiting"), "handled": _("handled")}
STATES = {
    "queued": _("waits to be sent"),
    "sending": _("being sent"),
    "unknown": _("not known whether it was taken"),
    "submitted": _("taken, delivery not told yet"),
    "delivered": _("delivered"),
    "failed": _("not delivered"),
    "expired": _("its time has run out"),
}
OUTCOMES = {
    "self_service": _("answered by the program"),
    "answered": _("answered"),
    "appeal": _("became an appeal"),
    "nothing_to_answer": _("nothing to answer"),
}
REFUSALS = {
    "number": _("No short message can go to this number: call it, or take another one from the client's card."),
    "empty": _("Write a text first."),
    "long": _("The text is too long for a short message: shorten it, or write a letter."),
}
