"""Readings in words: zones, units, channels, what was found and what to do about it."""

from __future__ import annotations

from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

ZONES = {"": _("whole day"), "day": _("day"), "night": _("night"), "peak": _("peak"), "half_peak": _("half-peak")}
UNITS = {"kWh": _("kWh"), "m3": _("m³"), "Gcal": _("Gcal")}
CHANNELS = {
    "account": _("personal account"),
    "web": _("site"),
    "phone": _("telephone"),
    "office": _("office"),
    "sms": _("SMS"),
    "menu": _("voice menu"),
    "api": _("a program"),
    "file": _("a file"),
}
STATES = {
    "accepted": _("accepted"),
    "asked_back": _("asked back"),
    "refused": _("not accepted"),
    "duplicate": _("known already"),
    "corrected": _("corrected"),
    "declined": _("found wrong"),
}
CODES = {
    "unknown_meter": _("There is no such meter in this account. Check both numbers: they stand on the bill."),
    "unknown_zone": _("This meter has no such zone. Choose one of those that it shows."),
    "not_a_number": _("This is not a number. Type the figures of the meter, such as 1234 or 1234.5."),
    "too_many_digits": _("The meter has fewer figures before the point. Check what you typed."),
    "too_many_decimals": _("The meter shows fewer figures after the point. Leave the last ones out."),
    "not_a_day": _("This is not a day. Type it as 2026-03-31 or 31.03.2026."),
    "future": _("This day is still to come. Name the day on which the meter was read."),
    "meter_absent": _("The meter did not hang here on that day. Check the day, or take the other meter."),
    "too_old": _("That was long ago. Is the day right?"),
    "older_than_last": _("There is a later reading already. Is the day right?"),
    "differs_same_day": _("Another value was sent for the same day. Which one is right?"),
    "lower_than_last": _("The value is lower than the one before. Is it right?"),
    "grows_too_much": _("That is much more than usual. Is it right?"),
    "stands_still": _("The meter has not moved for a long time. Is it right?"),
    "rollover": _("The meter began at nought again."),
    "duplicate": _("We have this reading already."),
    "key_reused": _("These readings were changed after they had been sent. Send them once more."),
    "unreadable_file": _(
        "This file cannot be read. Send CSV or XLSX with the columns account, meter, zone, reading, date."
    ),
    "file_too_large": _("The file is too large. Divide it, and send the parts one by one."),
    "file_failed": _(
        "This file could not be gone through. Send it once more; if it fails again, tell the administrator."
    ),
    "too_many_files": _("Many files came from this account today. Send the rest tomorrow, or call us."),
    "settled": _("Somebody has settled this reading meanwhile. Look at it again."),
    "left_to_employee": _(
        "Thank you. Another reading was sent for the same day: an employee looks at both. You need do nothing more."
    ),
    "no_reason": _("Write the reason: it is kept with both values."),
    "too_many_sendings": _("Many readings were tried from here, or for this account. Wait an hour, or call us."),
    "billing_away": _("The billing system does not answer. The readings are kept and go to it later."),
}
STRANGER = _("It does not fit with what we know of this meter. Look at the meter once more. Is it right?")
"""Who has not shown that the account is his own does not learn by asking what the meter showed before."""


def said(code: str) -> str:
    """What a code means and what to do."""
    return gettext(CODES[code]) if code in CODES else ""


def to_stranger(code: str, state: str) -> str:
    """The same for somebody who knows no more than two numbers."""
    return gettext(STRANGER) if state == "asked_back" else said(code)


def zone_title(zone: str) -> str:
    """What a zone is called."""
    return gettext(ZONES[zone]) if zone in ZONES else zone


def unit_title(unit: str) -> str:
    """A unit as it is written."""
    return gettext(UNITS[unit]) if unit in UNITS else unit


def channel_title(channel: str) -> str:
    """By which way it came."""
    return gettext(CHANNELS[channel]) if channel in CHANNELS else channel


def state_title(state: str) -> str:
    """What has become of it."""
    return gettext(STATES[state])


def figures(value: Decimal) -> str:
    """A value without nought at its end."""
    plain = f"{value:f}"
    return str(formats.localize(Decimal(plain.rstrip("0").rstrip(".") or "0") if "." in plain else value))
