"""Telephone numbers in one form (E.164), whatever the line or a person wrote."""

from __future__ import annotations

import phonenumbers

HIDDEN = frozenset({"", "anonymous", "unknown", "unavailable", "restricted", "private", "asserted-id"})
INTERNAL_DIGITS_MAX = 5


def normalised(raw: str, country: str) -> str:
    """The number as E.164 by the country's habits («8 (927) 111-22-33» in RU -> +79271112233).

    A short internal number stays as it is; a hidden or senseless one becomes empty.
    """
    text = raw.strip()
    if text.casefold() in HIDDEN:
        return ""
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return _internal(text)
    if not phonenumbers.is_possible_number(parsed):
        return _internal(text)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _internal(text: str) -> str:
    return text if text.isascii() and text.isdecimal() and len(text) <= INTERNAL_DIGITS_MAX else ""


def spoken(number: str, country: str) -> str:
    """The number as people of the country write it, in groups; what is not E.164 stays."""
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return number
    same = phonenumbers.region_code_for_country_code(parsed.country_code or 0) == country
    style = phonenumbers.PhoneNumberFormat.NATIONAL if same else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)


def is_mobile(number: str) -> bool:
    """Whether a short message can go to this number (E.164)."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
    return kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def is_given_out(number: str) -> bool:
    """Whether somebody can have this number (E.164) by the plan of its country."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
