"""The words for passing a call on: of the operator's screen, and of the facts."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

TRANSFER = {
    "transfer_to": _("To whom?"),
    "no_colleagues": _("No colleague is at a phone now."),
    "not_free": _("not free now"),
    "introduce": _("I introduced the client"),
    "introduce_first": _("Introduce the client first"),
    "connect": _("Connect them"),
    "back_to_client": _("Back to the client"),
    "transfer_ringing": _("ringing"),
    "transfer_talking": _("on the line with you"),
    "transfer_introduced": _("knows whom it is about"),
    "transfer_accepted": _("takes the call"),
    "transfer_for_you": _("{from} passes a call to you"),
    "accept": _("Take the call"),
    "accepted": _("You take the call: the colleague connects you now."),
    "handed_to": _("The conversation goes on with {name}"),
    "handed_hint": _("Your colleague writes down the result. You may take the next call."),
    "cannot_answer": _("Cannot answer this"),
    "conference": _("Conference: bring the client in"),
    "conference_with": _("Conference: the client, {name} and you"),
    "conference_no_hold": _("In a conference nobody is put on hold"),
    "conference_leave": _("Leave the conference"),
    "colleague_go": _("Let the colleague go"),
    "leave_them": _("Leave them to talk"),
    "transfer_way": _("How?"),
    "way_attended": _("After an introduction"),
    "way_blind": _("At once, without a word to who takes it"),
    "way_blind_hint": _(
        "Tell the client first. You are free at once; where nobody takes the call, the client comes back."
    ),
    "way_blind_not": _("Only after an introduction: the standard does not let you leave before it."),
    "departments": _("Departments"),
    "away": _("Away"),
    "no_deputy": _("no mobile, no deputy at a phone"),
    "deputy": _("deputy"),
    "nobody_free": _("nobody is free"),
    "free_n": _("free: {n}"),
    "extension_n": _("extension {number}"),
    "transfer_find": _("Find in the list"),
    "outside_number": _("A number outside"),
    "outside_call": _("Call it"),
    "he_accepts": _("Says that he takes the call"),
    "he_refuses": _("Says that he does not"),
    "forwarding_to": _("{name} is being called. Where nobody takes the call, the client comes back to the queue."),
}
FACTS = {
    "transfer_started": _("Transfer began"),
    "transfer_offered": _("A colleague is being called"),
    "transfer_answered": _("The colleague answered"),
    "transfer_introduced": _("The client was introduced"),
    "transfer_accepted": _("The colleague takes the call"),
    "transfer_refused": _("The transfer was refused"),
    "transfer_completed": _("The call was transferred"),
    "transfer_cancelled": _("The transfer was given up"),
    "transfer_returned": _("Nobody took the call passed on: the client is back in the queue"),
    "conference_started": _("The conference began"),
    "conference_ended": _("The conference ended"),
}
