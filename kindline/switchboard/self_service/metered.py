"""Meter readings by the keys of a telephone: which meter, which value, and what the validator says of it."""

from __future__ import annotations

import uuid

from kindline.readings import actions as readings
from kindline.readings import queries
from kindline.readings.checking import ACCEPTED, ASKED_BACK, DUPLICATE
from kindline.readings.errors import LeftToEmployeeError, SettledError
from kindline.readings.lines import Line, Outcome, Sender
from kindline.readings.models import Reading, ReadingState
from kindline.readings.queries import Row
from kindline.standard import numerals
from kindline.switchboard.self_service.told import Reply, Told

CHANNEL = "menu"
METERS_MAX = 9
"""So many can be chosen by a key."""
TAIL = 3
"""So many figures of a meter's number tell it from the client's others."""
SURE, ANEW = "1", "2"


def meter(told: Told) -> Reply | None:
    """Which of several meters (or zones of one); a client who has only one is not asked."""
    found, chosen = rows(told), told.answers.get("meter")
    if not found:
        return Reply(told.words("no_meters"))
    if len(found) == 1:
        return None
    if chosen is None:
        return told.asks("meter", _choices(told, found))
    if not 1 <= int(chosen) <= len(found):
        return told.wrong(told.words("no_such_meter", choices=_choices(told, found)), "meter")
    return None


def value(told: Told) -> Reply | None:
    """The value, once the meter is known and named."""
    return None if "value" in told.answers else told.asks("value", _named(told, "this_meter", _row(told)))


def take(told: Told) -> Reply:
    """Judge the value like one from any other channel; what is said to be accepted is kept already.

    Clause: yumek-9.2-07, yumek-9.2-08.
    """
    if told.answers.get("sure") == SURE:
        return _confirmed(told)
    if "sure" in told.answers:
        return _anew(told)
    row = _row(told)
    line = Line(row.meter.account.number, row.meter.number, row.zone, told.answers["value"], told.today.isoformat())
    key = f"menu {told.contact} {told.round}"
    _, outcomes = readings.submit_readings(
        profile=told.profile, key=key, lines=[line], sender=_sender(told), now=told.now
    )
    return _said(told, outcomes[0])


def rows(told: Told) -> list[Row]:
    """The meters of the account by their zones, always in the same order."""
    account = told.account
    return queries.rows_of([account.pk], told.today)[:METERS_MAX] if account else []


def _said(told: Told, outcome: Outcome) -> Reply:
    if outcome.state == ASKED_BACK:
        answers = {**told.answers, "reading": str(outcome.reading)}
        return Reply(told.words("asked_back"), "sure", answers)
    if outcome.state in (ACCEPTED, DUPLICATE):
        return _done(told, outcome.state)
    said = told.words("too_many_digits" if outcome.code == "too_many_digits" else "not_accepted")
    return told.wrong(said, "value")


def _confirmed(told: Told) -> Reply:
    """He says that it is right: it stands; said twice it is as said once."""
    reading = int(told.answers["reading"])
    try:
        readings.confirm_reading(reading_id=reading, sender=_sender(told), now=told.now)
    except LeftToEmployeeError:
        return Reply(told.words("left_to_employee"), done=True)
    except SettledError:
        standing = Reading.objects.filter(pk=reading, state=ReadingState.ACCEPTED).exists()
        return _done(told, ACCEPTED) if standing else told.wrong(told.words("not_accepted"), "value", but=PARTS)
    return _done(told, ACCEPTED)


def _anew(told: Told) -> Reply:
    """It was a mistake: it will not stand, and the value is typed once more; another key asks the same again."""
    if told.answers["sure"] != ANEW:
        return told.wrong(told.words("asked_back"), "sure")
    try:
        reason = told.words("typed_anew")
        readings.decline_reading(
            reading_id=int(told.answers["reading"]), reason=reason, sender=_sender(told), now=told.now
        )
    except SettledError:
        pass  # somebody has looked at it meanwhile, or it is the same round again
    kept = {name: one for name, one in told.answers.items() if name not in (*PARTS, "value")}
    return Reply(_named(told, "this_meter", _row(told)), "value", kept)


PARTS = ("reading", "sure")
"""What belongs to a reading that was asked back."""


def _done(told: Told, state: str) -> Reply:
    """Kept; who has several meters may go on with another."""
    said, found = told.words("duplicate" if state == DUPLICATE else "accepted"), rows(told)
    if len(found) < 2:
        return Reply(said, done=True)
    more = f"{said} {told.words('another')} {_choices(told, found)}"
    return Reply(more, "meter", {"account": told.answers["account"]}, done=True)


def _row(told: Told) -> Row:
    return rows(told)[int(told.answers.get("meter", "1")) - 1]


def _choices(told: Told, found: list[Row]) -> str:
    return " ".join(_named(told, "meter", row, str(key)) for key, row in enumerate(found, 1))


def _named(told: Told, words: str, row: Row, key: str = "") -> str:
    digits = "".join(one for one in row.meter.number if one.isdecimal())[-TAIL:]
    service = numerals.spelled(row.meter.service, told.language)
    tail, pressed = (numerals.figures(one, told.language) for one in (digits, key))
    said = told.words(words, service=service, tail=tail, zone=told.zone(row.zone), key=pressed)
    return said[:1].upper() + said[1:]


def _sender(told: Told) -> Sender:
    return Sender(CHANNEL, contact_id=uuid.UUID(told.contact))
