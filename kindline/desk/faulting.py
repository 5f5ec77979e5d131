"""What the check of a voice menu found, in the employee's language."""

from __future__ import annotations

import re

from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.desk import menu_words
from kindline.standard.faults import Fault
from kindline.standard.menus import Menu

MESSAGES = (
    (r"the message lasts ([\d.]+) s, the aim is ([\d.]+) s", _("the message lasts %(a)s s, the aim is %(b)s s")),
    (r"the message lasts ([\d.]+) s, allowed are ([\d.]+) s", _("the message lasts %(a)s s, allowed are %(b)s s")),
    (r"(\d+) branches, at most ([\d.]+)", _("%(a)s branches, at most %(b)s")),
    (r"level (\d+), at most ([\d.]+)", _("level %(a)s, at most %(b)s")),
    (r"the menu has no greeting", _("the menu has no greeting")),
    (r"no greeting outside working hours", _("no greeting outside working hours")),
    (
        r"the off-hours greeting does not tell the hours",
        _("the greeting outside working hours does not tell the hours"),
    ),
    (r"nothing can be left outside working hours", _("nothing can be left outside working hours")),
    (r"no voice message can be left anywhere", _("no voice message can be left anywhere")),
    (r"no key returns to the menu", _("no key returns to the menu")),
    (r"the deepest level does not lead to an operator", _("the deepest level does not lead to an operator")),
    (r"there is no first level", _("there is no first level")),
    (r"the message has no words", _("the message has no words")),
    (r"\{(.*)\} is not put in", _("{%(a)s} is not put in")),
    (r"it is not said which key", _("it is not said which key")),
    (r"the key (.) is taken twice", _("the key %(a)s is taken twice")),
    (r"it is not said where the key leads", _("it is not said where the key leads")),
    (r"the level has no keys", _("the level has no keys")),
    (r"no key leads here", _("no key leads here")),
    (r"no node '(.*)'", _("there is no level %(a)s")),
    (r"no queue '(.*)'", _("there is no queue %(a)s")),
    (
        r"callers are sent round in a circle: (.*)",
        _("callers are sent round in a circle: %(a)s"),
    ),
    (r"a brace without its partner", _("a brace without its partner")),
)
CURES = {
    "shorten or split it": _("Shorten the message, or split it in two."),
    "merge or remove branches": _("Merge options, move some under another, or remove some."),
    "move the node nearer to the root": _("Move the level nearer to the first one."),
    "write greeting: {text: …}": _("Write a greeting."),
    "write off_hours: {greeting: {text: …}}": _("Write a greeting for callers outside working hours."),
    "put {hours} in": _("Put {hours} into the greeting where the hours are to be told."),
    "add an option {voicemail: BOX}": _("Add an option that leads to a voice message."),
    "add an option {back: true}": _("Add an option that leads back."),
    "add {operator: QUEUE}": _("Add an option that leads to an operator."),
    "say which level comes first": _("Say which level comes first."),
    "write what is said, also for a recording": _("Write what is said, also for a recording."),
    "write the words themselves; only {hours} is put in": _("Write the words themselves; only {hours} is put in."),
    "choose a key": _("Choose a key."),
    "choose another key for one of them": _("Choose another key for one of them."),
    "choose where": _("Choose where it leads."),
    "add an option, or remove the level": _("Add an option, or remove the level."),
    "send on to voicemail, callback or another queue": _(
        "Send them on to a voice message, a callback or another queue."
    ),
    "add a goto, or remove the node": _("Let an option lead to it, or remove the level."),
}


def told(fault: Fault, menu: Menu) -> dict[str, object]:
    """A fault as the page shows it: where, what, how to cure it, how heavy, by which clause."""
    return {
        "where": menu_words.place(fault.key, menu),
        "what": _message(fault.message),
        "cure": gettext(CURES[fault.cure]) if fault.cure in CURES else "",
        "fault": fault,
    }


def _message(message: str) -> str:
    for pattern, text in MESSAGES:
        if found := re.fullmatch(pattern, message):
            return gettext(text) % dict(zip("ab", map(_written, found.groups()), strict=False))
    return message


def _written(said: str) -> str:
    """A length with the decimal mark of the language."""
    return str(formats.localize(float(said))) if re.fullmatch(r"\d+\.\d+", said) else said
