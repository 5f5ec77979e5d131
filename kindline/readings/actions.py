"""What is done to readings: sent, confirmed, corrected, declined. Each action ends in facts about the sending."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal

from django.db import IntegrityError, transaction

from kindline.clients.models import Account
from kindline.journal import actions as journal
from kindline.readings import checking, outdating, queries
from kindline.readings.checking import ACCEPTED, ASKED_BACK, DUPLICATE, REFUSED, Offered, Verdict
from kindline.readings.errors import (
    KeyReusedError,
    LeftToEmployeeError,
    NoReasonError,
    RefusedReadingError,
    SettledError,
    TooManySendingsError,
)
from kindline.readings.lines import Line, Outcome, Sender
from kindline.readings.models import Meter, Reading, ReadingState, Refused, Sending
from kindline.standard.profile import Profile

WINDOW = dt.timedelta(minutes=15)
FROM_ONE_NETWORK = 20
"""Sendings without log-in of one sender, a browser or a telephone, within the window."""
FACTS = {
    ACCEPTED: "reading_accepted", ASKED_BACK: "reading_asked_back", REFUSED: "reading_refused",
    DUPLICATE: "reading_known",
}  # fmt: skip


def submit_readings(
    *, profile: Profile, key: str, lines: Sequence[Line], sender: Sender, title: str = "", now: dt.datetime
) -> tuple[Sending, list[Outcome]]:
    """Take readings from any channel: each is accepted, asked back, refused with the reason, or known already.

    The same key again changes nothing and tells what came of it.
    Clause: krc-5.7.3-06, yumek-9.2-07, yumek-9.2-08 (answered at once, at any hour).
    Raises: KeyReusedError; TooManySendingsError.
    """
    lines = [line.storable() for line in lines]
    sha256 = digest_of(lines)
    if (known := known_sending(key, sha256)) is not None:
        return known, queries.outcomes(known)
    check_flood(sender.network, now)
    try:
        with transaction.atomic():
            sending = _open(key, sha256, len(lines), sender, title, now)
            found = [_take(profile, sending, n, line, sender, now) for n, line in enumerate(lines, 1)]
            close(sending, [(one.state, one.code) for one in found], sender, now)
            return sending, found
    except IntegrityError:
        if (known := known_sending(key, sha256)) is None:
            raise
        return known, queries.outcomes(known)


@transaction.atomic
def confirm_reading(*, reading_id: int, sender: Sender, now: dt.datetime) -> Reading:
    """Whoever was asked says that the reading is right: it stands from now on.

    Raises: SettledError when it does not wait for an answer; LeftToEmployeeError for a stranger where another one
    stands for that day: it goes on waiting.
    """
    reading = _held(reading_id, ReadingState.ASKED_BACK)
    if not sender.is_known and _of_same_day(reading) is not None:
        raise LeftToEmployeeError
    _make_way(reading, now)
    reading.state, reading.settled_at = ReadingState.ACCEPTED, now
    reading.save(update_fields=["state", "settled_at"])
    outdating.by_reading(reading, sender, now)
    data = {"reading": reading.pk, "channel": sender.channel, "employee": sender.employee_id}
    _keep("reading_confirmed", reading.sending_id, sender, data, now)
    return reading


@transaction.atomic
def correct_reading(
    *, profile: Profile, reading_id: int, value: str, reason: str, sender: Sender, now: dt.datetime
) -> Reading:
    """Put another value in the place of a reading; both are kept, with the reason.

    An employee's correction stands; a client's is judged like any other: one that is asked back takes the place once it
    is confirmed, until then the reading stands.
    Raises: NoReasonError; RefusedReadingError; SettledError.
    """
    if not reason.strip():
        raise NoReasonError
    old = _held(reading_id, ReadingState.ACCEPTED, ReadingState.ASKED_BACK)
    line = Line(old.meter.account.number, old.meter.number, old.zone, value, old.taken_on.isoformat())
    verdict = _judged(profile, old.meter, line.offered, now, before=old.taken_on)
    if verdict.state in (REFUSED, DUPLICATE):
        raise RefusedReadingError(verdict.code)
    state = ReadingState.ACCEPTED if sender.employee_id else ReadingState(verdict.state)
    if state == ReadingState.ASKED_BACK and (waits := _standing(old.meter, old.zone, verdict)) is not None:
        return waits
    key = f"correction {old.pk}" + (f" {uuid.uuid4()}" if state == ReadingState.ASKED_BACK else "")
    new = _row(_open(key, digest_of([line]), 1, sender, "", now), 1, old.meter, old.zone, verdict, state)
    new.reason = reason.strip()
    if state == ReadingState.ACCEPTED or old.state == ReadingState.ASKED_BACK:
        _take_place(old, new, sender, now)
    else:
        new.save()
    close(new.sending, [(state, new.code)], sender, now)
    return new


@transaction.atomic
def decline_reading(*, reading_id: int, reason: str, sender: Sender, now: dt.datetime) -> Reading:
    """A reading that was asked back turns out to be wrong: it will not stand.

    Raises: NoReasonError; SettledError.
    """
    if not reason.strip():
        raise NoReasonError
    reading = _held(reading_id, ReadingState.ASKED_BACK)
    reading.state, reading.settled_at, reading.reason = ReadingState.DECLINED, now, reason.strip()
    reading.save(update_fields=["state", "settled_at", "reason"])
    data = {"reading": reading.pk, "employee": sender.employee_id}
    _keep("reading_declined", reading.sending_id, sender, data, now)
    return reading


def known_sending(key: str, sha256: str) -> Sending | None:
    """The sending of this key. Raises: KeyReusedError when something else was sent under it."""
    known = Sending.objects.filter(key=key).first()
    if known is not None and known.sha256 != sha256:
        raise KeyReusedError
    return known


def check_flood(network: str, now: dt.datetime) -> None:
    """Nobody guesses meters, or last values, by trying. Raises: TooManySendingsError."""
    recent = Sending.objects.filter(network=network, sent_at__gt=now - WINDOW)
    if network and recent.count() >= FROM_ONE_NETWORK:
        raise TooManySendingsError


def digest_of(lines: Sequence[Line]) -> str:
    """By which the same sending is known."""
    return hashlib.sha256(json.dumps([asdict(line) for line in lines]).encode()).hexdigest()


def close(sending: Sending, outcomes: Sequence[tuple[str, str]], sender: Sender, now: dt.datetime) -> None:
    """Say in the journal what was sent and what came of it; the sending has been answered."""
    codes: dict[str, Counter[str]] = {}
    for state, code in outcomes:
        codes.setdefault(state, Counter())[code] += 1
    _tell(sending, codes, sender, now)


def close_counted(
    sending: Sending, codes: Mapping[str, Mapping[str, int]], sender: Sender, now: dt.datetime
) -> None:  # fmt: skip
    """The same of what was taken many at once, by numbers of verdicts and codes."""
    outdating.by_sending(sending.pk, sender, now)
    _tell(sending, codes, sender, now)


def _tell(
    sending: Sending, codes: Mapping[str, Mapping[str, int]], sender: Sender, now: dt.datetime
) -> None:  # fmt: skip
    facts = [_sent(sending, sender)]
    for state, found in codes.items():
        data = {"count": sum(found.values()), "codes": sorted(code for code in found if code)}
        facts.append(journal.NewFact(FACTS[state], "readings", sending.pk, sender.actor, data, now))
    if sender.contact_id:
        taken = {"sending": sending.pk, "count": sending.lines}
        facts.append(journal.NewFact("readings_taken", "contact", sender.contact_id, sender.actor, taken, now))
    journal.record_many(facts)


def _sent(sending: Sending, sender: Sender) -> journal.NewFact:
    data = {"channel": sending.channel, "count": sending.lines, "employee": sender.employee_id}
    return journal.NewFact("reading_sent", "readings", sending.pk, sender.actor, data, sending.sent_at)


def open_sending(
    *, key: str, sha256: str, lines: int, sender: Sender, title: str, now: dt.datetime
) -> Sending:  # fmt: skip
    """The row of a sending, for those who fill it in by many at once; `close_counted` ends it with its facts."""
    return _open(key, sha256, lines, sender, title, now)


def _open(key: str, sha256: str, lines: int, sender: Sender, title: str, now: dt.datetime) -> Sending:
    return Sending.objects.create(
        key=key, sha256=sha256, channel=sender.channel, sent_at=now, answered_at=now, contact_id=sender.contact_id,
        login_id=sender.login_id, employee_id=sender.employee_id, network=sender.network, title=title, lines=lines,
    )  # fmt: skip


def _take(
    profile: Profile, sending: Sending, n: int, line: Line, sender: Sender, now: dt.datetime
) -> Outcome:  # fmt: skip
    meter = queries.meter_of(line.account, line.meter, Meter.objects.select_for_update(of=("self",)))
    verdict = _judged(profile, meter, line.offered, now)
    if verdict.state == REFUSED or meter is None:
        Refused.objects.create(sending=sending, line=n, code=verdict.code, typed=asdict(line))
        return Outcome(n, verdict.state, verdict.code)
    if verdict.state != ACCEPTED and (standing := _standing(meter, line.zone, verdict)) is not None:
        return Outcome(n, verdict.state, verdict.code, standing.pk)
    reading = _row(sending, n, meter, line.zone, verdict, ReadingState(verdict.state))
    reading.save(force_insert=True)
    if reading.state == ReadingState.ACCEPTED:
        outdating.by_reading(reading, sender, now)
    return Outcome(n, verdict.state, verdict.code, reading.pk)


def _judged(
    profile: Profile, meter: Meter | None, offered: Offered, now: dt.datetime, before: dt.date | None = None
) -> Verdict:  # fmt: skip
    limits, today = queries.limits(profile), now.astimezone(profile.zone).date()
    if meter is None:
        return checking.judge(offered, None, None, None, limits, today)
    last = queries.last(meter.pk, offered.zone, before=before)
    day = checking.date(offered.taken_on)
    same = queries.on_day(meter.pk, offered.zone, day) if day and last and last.on >= day else None
    return checking.judge(offered, queries.dial(meter), last, same, limits, today)


def _standing(meter: Meter, zone: str, verdict: Verdict) -> Reading | None:
    """The same reading, kept before."""
    state = ReadingState.ACCEPTED if verdict.state == DUPLICATE else ReadingState.ASKED_BACK
    found = {"taken_on": verdict.taken_on, "value": verdict.value, "state": state}
    return Reading.objects.filter(meter=meter, zone=zone, **found).first()


def _row(
    sending: Sending, n: int, meter: Meter, zone: str, verdict: Verdict, state: ReadingState
) -> Reading:  # fmt: skip
    value, day = verdict.value or Decimal(0), verdict.taken_on
    assert day is not None  # noqa: S101 - the judge has read it
    return Reading(
        sending=sending, meter=meter, zone=zone, value=value, taken_on=day, state=state, code=verdict.code,
        daily=verdict.daily, line=n,
    )  # fmt: skip


def _held(reading_id: int, *states: ReadingState) -> Reading:
    """The reading, held against others; its meter too, as every new reading of it does."""
    row = Reading.objects.filter(pk=reading_id).values_list("meter_id", flat=True).first()
    if row is None:
        raise SettledError
    Meter.objects.select_for_update().filter(pk=row).first()
    found = Reading.objects.select_for_update(of=("self",)).select_related("meter__account").get(pk=reading_id)
    if found.state not in states:
        raise SettledError
    return found


def _take_place(old: Reading, new: Reading, sender: Sender, now: dt.datetime) -> None:
    """The new one is where the old one was. Where that one waited, what stands for the day makes way to both."""
    if new.state == ReadingState.ACCEPTED and old.state == ReadingState.ASKED_BACK:
        _make_way(old, now)
    old.state, old.settled_at = ReadingState.CORRECTED, now
    old.save(update_fields=["state", "settled_at"])
    new.replaces = old
    new.save()
    if new.state == ReadingState.ACCEPTED:
        outdating.by_reading(new, sender, now)
    data = {"reading": old.pk, "new": new.pk, "employee": sender.employee_id}
    _keep("reading_corrected", old.sending_id, sender, data, now)


def _of_same_day(reading: Reading) -> Reading | None:
    """The one that stands for the day of a reading that does not."""
    same = {"meter": reading.meter_id, "zone": reading.zone, "taken_on": reading.taken_on}
    return queries.standing().filter(**same).exclude(pk=reading.pk).first()


def _make_way(reading: Reading, now: dt.datetime) -> None:
    """The reading that stands for the same day is corrected by the one that was confirmed, or by what that replaced."""
    standing = _of_same_day(reading)
    if standing is None:
        return
    standing.state, standing.settled_at = ReadingState.CORRECTED, now
    standing.save(update_fields=["state", "settled_at"])
    while reading.replaces is not None:
        reading = reading.replaces
    reading.replaces = standing
    reading.save(update_fields=["replaces"])


def _keep(kind: str, sending_id: int, sender: Sender, data: Mapping[str, object], now: dt.datetime) -> None:
    journal.record(kind=kind, subject_type="readings", subject_id=sending_id, actor=sender.actor, data=data, at=now)


def add_meter(
    *, account: Account, number: str, service: str, dial: checking.Dial, verified_until: dt.date | None,
    employee_id: int | None, now: dt.datetime,
) -> Meter:  # fmt: skip
    """A meter begins to count for an account. Raises: IntegrityError for a number that the account has already."""
    with transaction.atomic():
        meter = Meter.objects.create(
            account=account, number=number.strip(), service=service, unit=dial.unit, digits=dial.digits,
            decimals=dial.decimals, zones=list(dial.zones), installed_on=dial.installed_on,
            removed_on=dial.removed_on, verified_until=verified_until,
        )  # fmt: skip
        data = {"account": account.number, "employee": employee_id}
        journal.record(kind="meter_added", subject_type="meter", subject_id=meter.pk, data=data, at=now)
        return meter
