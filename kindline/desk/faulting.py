"""What the check of a voice menu found, in the employee's language."""

from __future__ import annotations

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.desk import house
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
)


def told(fault: Fault, menu: Menu) -> dict[str, object]:
    """A fault as the page shows it: where, what, how heavy, by which clause."""
    return {"where": _place(fault.key, menu), "what": _message(fault.message), "fault": fault}


def _message(message: str) -> str:
    for pattern, text in MESSAGES:
        if found := re.fullmatch(pattern, message):
            return gettext(text) % dict(zip("ab", found.groups(), strict=False))
    return message


def _place(key: str, menu: Menu) -> str:
    """`nodes.bills.options.1` -> the node's title and the key."""
    parts = key.split(".")
    node = menu.nodes.get(parts[1]) if parts[0] == "nodes" and len(parts) > 1 else None
    if node is None:
        return key
    title = house.titled(node.title) or node.id
    return f"{title}, {parts[3]}" if len(parts) > 3 else title
