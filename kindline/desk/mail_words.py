"""Letters and e-mail in words: boxes, states, why something cannot be read or sent."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals.letter_models import GONE_RECALLED
from kindline.correspondence.models import Incoming, Paper
from kindline.desk import refusals
from kindline.desk.wording import titled

BOXES = {
    "waiting": _("waiting"),
    "unreadable": _("unreadable"),
    "automatic": _("by machines"),
    "handled": _("handled"),
}
KINDS = {
    "message": _("a message"),
    "automatic": _("a message by a program"),
    "auto_reply": _("an automatic answer"),
    "bounce": _("a report that a letter came back"),
    "delay": _("a report that a letter is delayed"),
    "loop": _("our own letter come back"),
}
FAULTS = {
    "headers": _("its headers are longer than 64 KB"),
    "depth": _("its parts are nested too deep"),
    "parts": _("it has too many parts"),
    "addresses": _("it has too many addresses"),
    "size": _("it is too large"),
    "time": _("reading it takes too long"),
    "memory": _("reading it takes too much memory"),
    "cage": _("the program that read it broke down"),
    "broken": _("its form is broken"),
}
SENDING = {
    "queued": _("waits to be sent"),
    "sending": _("being sent"),
    "sent": _("sent"),
    "failed": _("could not be sent"),
    "bounced": _("came back"),
}
PAPERS = {
    "received": _("received"),
    "to_print": _("to be printed"),
    "printed": _("printed"),
    "posted": _("posted"),
    "delivered": _("delivered"),
    "returned": _("came back"),
}
JOINED = {
    "came": _("came"),
    "on_its_way": _("on its way"),
    "sent": _("sent"),
    "delivered": _("delivered"),
    "failed": _("could not be sent"),
    "came_back": _("came back"),
    "recalled": _("taken back before it had gone"),
}
GONE_ALL_THE_SAME = _("it had gone though it was taken back: the applicant has it")
PARTS = {
    "subject": _("The subject must say: %(wanted)s (%(clauses)s)."),
    "salutation": _("The letter must begin with: %(wanted)s (%(clauses)s)."),
}
REFUSALS = {
    "no_intake": _("The standard lets no letter become an appeal by itself: register it."),
    "state": _("Somebody was quicker, or the letter is in a state in which that cannot be done."),
    "address": _("This is no e-mail address: correct it."),
    "template": _("The standard has no text for this letter, or a value is missing."),
    "printing": _(
        "Letters cannot be printed on this machine: the administrator must install libraries (see the guide)."
    ),
}


def why(reason: str) -> str:
    """Why a letter did not arrive, or did not count: words of the program for its own codes, else what was said."""
    known = refusals.BY_CODE | {GONE_RECALLED: GONE_ALL_THE_SAME}
    return gettext(known[reason]) if reason in known else reason


def paper_state(paper: Paper) -> str:
    """Where a letter on paper stands; one that came back without having been posted never left the house."""
    was_posted = paper.state != "returned" or paper.posted_at is not None
    return titled(PAPERS, paper.state) if was_posted else gettext(JOINED["recalled"])


def state_of(mail: Incoming) -> str:
    """What a message is, in words."""
    if mail.state == "unreadable":
        return gettext(BOXES["unreadable"])
    return titled(KINDS, mail.kind) if mail.kind else gettext(_("not read yet"))


def breach(part: str, wanted: str, clauses: Sequence[str]) -> str:
    """What a letter lacks that the standard demands."""
    return titled(PARTS, part) % {"wanted": wanted, "clauses": ", ".join(clauses)}
