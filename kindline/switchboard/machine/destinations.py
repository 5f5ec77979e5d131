"""Which numbers outside may be called: one list for whoever calls, and whatever for (X6: no toll fraud)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers

from kindline.standard.profile import Profile

PREFIXES = "KINDLINE_DIAL_PREFIXES"
"""The setting that opens more than the profile: prefixes with their plus, or whole short numbers."""
VARIABLE = "dialling"
NO_NUMBER, PREMIUM, ABROAD = "no_number", "premium", "abroad"
REFUSALS = frozenset({NO_NUMBER, PREMIUM, ABROAD})
COSTLY = frozenset(
    {
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
    }
)


MOBILE = "tel:"
"""How the endpoint of a leg begins that is called through the trunk: an employee's mobile number follows."""


def mobile(endpoint: str) -> str:
    """The number of an endpoint that is a mobile; empty for a telephone of the house."""
    return endpoint.removeprefix(MOBILE) if endpoint.startswith(MOBILE) else ""


def in_browser(endpoint: str) -> bool:
    """Whether an endpoint is a page, here or at another node (`op7w@kl-2`)."""
    return endpoint.partition("@")[0].endswith("w")


@dataclass(frozen=True, slots=True)
class Destinations:
    """The numbers that may be called from a country: its own, except what costs extra, and what is allowed besides."""

    country: str
    emergency: frozenset[str] = frozenset()
    """Always let through, whatever else holds."""
    refused: tuple[str, ...] = ()
    """Prefixes of numbers that cost extra, where the plan of numbers does not tell it."""
    allowed: tuple[str, ...] = ()
    """Prefixes that are let through all the same, and short numbers of the network."""

    def hindrance(self, number: str) -> str:
        """Why a number may not be called: no_number, premium or abroad; empty when it may."""
        if number in self.emergency or self._opened(number):
            return ""
        if not number.startswith("+"):
            return NO_NUMBER
        return PREMIUM if _longest(self.refused, number) else self._by_the_plan(number)

    def _opened(self, number: str) -> bool:
        """Whether the setting opens it: a longer prefix that is refused outweighs a shorter one that is allowed."""
        if not number.startswith("+"):
            return number in self.allowed
        opened = _longest(self.allowed, number)
        return bool(opened) and opened >= _longest(self.refused, number)

    def _by_the_plan(self, number: str) -> str:
        try:
            parsed = phonenumbers.parse(number)
        except phonenumbers.NumberParseException:
            return NO_NUMBER
        if phonenumbers.number_type(parsed) in COSTLY:
            return PREMIUM
        own = phonenumbers.country_code_for_region(self.country)
        region = phonenumbers.region_code_for_number(parsed) or self.country  # two countries may share a code
        return "" if parsed.country_code == own and region == self.country else ABROAD


def _longest(prefixes: Iterable[str], number: str) -> int:
    """The length of the longest of the prefixes with which a number begins; 0 for none."""
    return max((len(one) for one in prefixes if one.startswith("+") and number.startswith(one)), default=0)


def of(profile: Profile, opened: str = "") -> Destinations:
    """What the profile says (`dialling`), with what the setting opens."""
    said = profile.variable(VARIABLE, {}) or {}
    return Destinations(
        profile.calendar.country,
        frozenset(str(one) for one in said.get("emergency", ())),
        tuple(str(one) for one in said.get("refused", ())),
        tuple(opened.replace(",", " ").split()),
    )
