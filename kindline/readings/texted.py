"""Readings by short message: `account meter value`, judged like any others, answered by a short message."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Protocol

from django.utils import translation

from kindline.clients.models import Account, ContactPoint
from kindline.readings import actions, checking, marks, queries, wording
from kindline.readings.checking import ACCEPTED, ASKED_BACK, DUPLICATE
from kindline.readings.errors import ReadingsError
from kindline.readings.lines import Line, Outcome, Sender
from kindline.readings.models import Reading, ReadingState
from kindline.standard import phrases
from kindline.standard.profile import Profile

CHANNEL = "sms"
ACCOUNT = re.compile(r"[0-9][0-9-]{3,}", re.ASCII)
LEAST, WORDS_MAX = 3, 3
CONFIRMED_WITHIN = dt.timedelta(days=3)


class Texted(Protocol):
    """A short message as conversations hand it over."""

    @property
    def key(self) -> str:
        """By which it is known however often it is asked about."""

    @property
    def text(self) -> str:
        """Its words."""

    @property
    def phone(self) -> str:
        """Whose number it came from."""

    @property
    def contact(self) -> Any:
        """The contact that it belongs to."""


def answer(profile: Profile, texted: Texted, now: dt.datetime) -> str | None:
    """What is answered to readings, or to a yes to what was asked back; None for any other text.

    Clause: krc-2-57.
    """
    if not queries.are_taken(profile):
        return None
    with translation.override(profile.language):
        if _is_yes(profile, texted.text):
            return _confirmed(profile, texted, now)
        found = parsed(texted.text)
        return _submitted(profile, texted, found, now) if found else None


def parsed(text: str) -> list[str] | None:
    """Account, meter and values of a text, words around them left out; None where it is no such text.

    A text with words is a reading only where the account is one of ours: what may be a complaint goes to a person.
    """
    words = text.replace(";", " ").replace("№", " ").split()
    figures = [word.rstrip(".,") for word in words if any(sign.isdigit() for sign in word)]
    if len(figures) < LEAST or not ACCOUNT.fullmatch(figures[0]):
        return None
    if not all(checking.number(value) is not None for value in figures[2:]):
        return None
    is_plain = len(figures) == len(words)
    is_ours = is_plain or Account.objects.filter(number=checking.account(figures[0])).exists()
    return figures if is_ours and len(words) - len(figures) <= WORDS_MAX else None


def _submitted(profile: Profile, texted: Texted, found: list[str], now: dt.datetime) -> str:
    account, number, *values = found
    today = now.astimezone(profile.zone).date().isoformat()
    meter = queries.meter_of(account, number)
    zones = list(meter.zones) if meter else [""]
    if len(values) != len(zones):
        return _said(profile, "sms_readings_how", {})
    lines = [Line(account, number, zone, value, today) for zone, value in zip(zones, values, strict=True)]
    try:
        _sending, outcomes = actions.submit_readings(
            profile=profile, key=texted.key, lines=lines, sender=_sender(texted), now=now
        )
    except ReadingsError as error:
        return wording.said(error.code)
    is_own = meter is not None and _is_own(meter.account, texted.phone)
    told = [_told(profile, line, one, is_own=is_own) for line, one in zip(lines, outcomes, strict=True)]
    return " ".join(dict.fromkeys(told))


def _told(profile: Profile, line: Line, one: Outcome, *, is_own: bool) -> str:
    if one.state in (ACCEPTED, DUPLICATE):
        return _said(profile, "sms_reading_accepted", {"number": line.meter, "text": line.value})
    said = wording.said(one.code) if is_own else wording.to_stranger(one.code, one.state)
    return f"{said} {_said(profile, 'sms_reading_yes', {})}" if one.state == ASKED_BACK else said


def _confirmed(profile: Profile, texted: Texted, now: dt.datetime) -> str | None:
    """The readings of the latest message within days that were asked back of this number stand from now on."""
    asked = Reading.objects.filter(
        state=ReadingState.ASKED_BACK, sending__channel=CHANNEL, sending__network=_network(texted.phone),
        sending__sent_at__gt=now - CONFIRMED_WITHIN,
    )  # fmt: skip
    latest = asked.order_by("-sending__sent_at", "-sending").values("sending")[:1]
    found = list(asked.filter(sending=latest).select_related("meter").order_by("pk"))
    told = [_settled(profile, reading, texted, now) for reading in found]
    return " ".join(dict.fromkeys(told)) or None


def _settled(profile: Profile, reading: Reading, texted: Texted, now: dt.datetime) -> str:
    try:
        actions.confirm_reading(reading_id=reading.pk, sender=_sender(texted), now=now)
    except ReadingsError as error:
        return wording.said(error.code)
    named = {"number": reading.meter.number, "text": wording.figures(reading.value)}
    return _said(profile, "sms_reading_accepted", named)


def _is_yes(profile: Profile, text: str) -> bool:
    words = (profile.variable("sms", {}) or {}).get("yes") or []
    return text.strip(" .!").casefold() in [str(word).casefold() for word in words]


def _said(profile: Profile, name: str, values: dict[str, str]) -> str:
    """A text of the organisation (messages/sms.yaml)."""
    found = profile.messages[name].wordings
    return phrases.render(found[profile.language].text, values)


def _sender(texted: Texted) -> Sender:
    return Sender(CHANNEL, contact_id=texted.contact.pk, network=_network(texted.phone))


def _network(phone: str) -> str:
    """A keyed mark of the number, by which a flood of guesses is held back: nobody finds the number by trying all."""
    return marks.of_phone(phone)


def _is_own(account: Account, phone: str) -> bool:
    """Whether the number is on the card of the account's client."""
    points = ContactPoint.objects.filter(client=account.client_id, kind="phone", value=phone)
    return points.exists()
