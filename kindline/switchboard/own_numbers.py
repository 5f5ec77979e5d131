"""Telephone numbers of the house itself: of its units and people, as the staff's list and the telephones have them."""

from __future__ import annotations

import re

from kindline.clients import phones
from kindline.staff.models import Employee, Unit
from kindline.switchboard.dialling_models import Mobile

APART = re.compile(r"[,;\n]+")
"""Between several numbers of one unit."""
TAIL = 7
"""So many last figures tell a number that is looked at closer from all others."""


def has(number: str, country: str) -> bool:
    """Whether a number is one of ours: who is called there is at work, and no client whose rest is kept."""
    if not number.startswith("+"):
        return False
    if Mobile.objects.filter(number=number, employee__is_active=True).exists():
        return True
    written = [*Unit.objects.exclude(phone="").values_list("phone", flat=True)]
    written += Employee.objects.filter(is_active=True).exclude(phone="").values_list("phone", flat=True)
    parts = (part for one in written for part in APART.split(one))
    return any(phones.normalised(part, country) == number for part in parts if _ends_alike(part, number))


def _ends_alike(written: str, number: str) -> bool:
    return re.sub(r"\D", "", written)[-TAIL:] == number[-TAIL:]
