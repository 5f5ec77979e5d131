"""How people reach the organisation when the site is no way on: by telephone and by e-mail (ASVS 34: every refusal)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from kindline.clients import phones
from kindline.standard.profile import Profile

VARIABLES = ("phone", "email")
"""What the standard names for it (`variables` of standard.yaml)."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Number and address as people read them, and the number as their telephones dial it."""

    phone: str
    tel: str
    email: str


def of(profile: Profile) -> Reach:
    """What the standard names; empty where it names nothing."""
    phone, email = (str(profile.variable(name) or "") for name in VARIABLES)
    return Reach(phone, phones.normalised(phone, profile.calendar.country) or phone.replace(" ", ""), email)


def lacking(profile: Profile) -> list[str]:
    """The variables that the standard ought to set and does not."""
    return [name for name in VARIABLES if not profile.variable(name)]


def said(profile: Profile) -> str:
    """The ways on as a sentence in the language of the page; empty where there are none."""
    found = of(profile)
    phone = [gettext("Or call us: %(phone)s.") % {"phone": found.phone}] if found.phone else []
    email = [gettext("Or write to us: %(email)s.") % {"email": found.email}] if found.email else []
    return " ".join([*phone, *email])
