"""May this employee call that number outside now? One question for the screen and for his telephone (X6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from kindline.clients import wishes, zones
from kindline.conversations.callbacks import PENDING
from kindline.conversations.models import Callback, CallbackOrigin
from kindline.journal import actions as journal
from kindline.standard.profile import Profile
from kindline.switchboard import calling_hours
from kindline.switchboard.dialling_models import DialAlarm, OutsideCall
from kindline.switchboard.machine.destinations import ABROAD, PREMIUM, VARIABLE, Destinations
from kindline.switchboard.models import Operator

HOUR = dt.timedelta(hours=1)
KEPT_FOR = dt.timedelta(days=1)
CALLS_MAX = 60
"""Calls of one employee within an hour, where the profile does not say it."""
FRAUD = frozenset({PREMIUM, ABROAD})
TRIES_MAX = 3
"""So many numbers that cost extra, dialled within an hour, are no mistake."""
OFF_HOURS, DO_NOT_CALL, TOO_MANY = "off_hours", wishes.DO_NOT_CALL, "too_many"
SHOWN = 6
"""So many figures of a refused number are kept: which country or service it was, not whose."""


@transaction.atomic
def ask(
    *, profile: Profile, destinations: Destinations, employee: int, number: str, now: dt.datetime, by_hand: bool = False
) -> str:
    """Why an employee may not call a number: no_number, premium, abroad, off_hours, do_not_call, too_many; else empty.

    `by_hand`: nobody has looked yet whether the client wants to be called now (he was dialled, or stands in a list).
    Every call is counted; that somebody goes too far is a fact. Emergency services are never refused.
    """
    Operator.objects.select_for_update().filter(pk=employee).first()  # two calls of one employee are counted in turn
    why_not = ""
    if number not in destinations.emergency:
        why_not = destinations.hindrance(number) or (_unwanted(profile, number, now) if by_hand else "")
        why_not = why_not or _too_many(profile, employee, now)
    OutsideCall.objects.create(employee_id=employee, at=now, refused=why_not)
    if why_not:
        _refused(employee, number, why_not, now)
    return why_not


def _unwanted(profile: Profile, number: str, now: dt.datetime) -> str:
    """Whether the client is not to be called now; a call for which he waits is always permitted."""
    return "" if number in awaited([number]) else _hindrance(profile, number, now)


def _hindrance(profile: Profile, number: str, now: dt.datetime) -> str:
    hours = calling_hours.of(profile)
    if hours is not None and not hours.permit(number, now, zones.told_by_cards(number)):
        return OFF_HOURS
    return wishes.hindrances([number], needs_consent=False).get(number, "")


def awaited(numbers: Iterable[str]) -> set[str]:
    """The numbers on which a call is awaited: promised by an operator, or asked for in a queue or on the site.

    Who hung up while he waited has asked for no call: his hours and his wishes hold (krc-5.4.1-23, krc-5.5.2-06).
    """
    open_ = Callback.objects.filter(phone__in=list(numbers), state__in=PENDING)
    return set(open_.exclude(origin=CallbackOrigin.ABANDONED).values_list("phone", flat=True))


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Why a client is not called now (off_hours, do_not_call), and from when he may be; None: not by the clock."""

    why: str
    until: dt.datetime | None = None


def held_back(profile: Profile, numbers: Iterable[str], now: dt.datetime) -> dict[str, HeldBack]:
    """The numbers on a list of calls that may not be called now, each with the reason."""
    wanted = set(numbers)
    free = wanted - awaited(wanted)
    unwanted = wishes.hindrances(free, needs_consent=False)
    found = {number: HeldBack(why) for number, why in unwanted.items()}
    hours = calling_hours.of(profile)
    for number in free - set(found):
        told = list(zones.told_by_cards(number))
        if hours is not None and not hours.permit(number, now, told):
            found[number] = HeldBack(OFF_HOURS, hours.opens(number, now, told))
    return found


def _too_many(profile: Profile, employee: int, now: dt.datetime) -> str:
    limit = int((profile.variable(VARIABLE, {}) or {}).get("calls_an_hour_max", CALLS_MAX))
    return TOO_MANY if _lately(employee, now).filter(refused="").count() >= limit else ""


def _lately(employee: int, now: dt.datetime) -> QuerySet[OutsideCall]:
    return OutsideCall.objects.filter(employee=employee, at__gt=now - HOUR)


def _refused(employee: int, number: str, why_not: str, now: dt.datetime) -> None:
    """Write it down; raise the alarm at the first call too many, and at the third number that costs extra."""
    facts = [_fact("dial_refused", employee, {"number": f"{number[:SHOWN]}…", "reason": why_not}, now)]
    tries = _lately(employee, now).filter(refused__in=FRAUD if why_not in FRAUD else [TOO_MANY]).count()
    if (why_not in FRAUD and tries == TRIES_MAX) or (why_not == TOO_MANY and tries == 1):
        facts.append(_fact("dial_alarm", employee, {"reason": why_not, "count": tries}, now))
        DialAlarm.objects.create(employee_id=employee, reason=why_not, count=tries, at=now)
    journal.record_many(facts)


def _fact(kind: str, employee: int, data: dict[str, object], now: dt.datetime) -> journal.NewFact:
    return journal.NewFact(kind, "employee", employee, f"employee:{employee}", data, now)


def forget(now: dt.datetime) -> None:
    """Calls of yesterday count nothing any more."""
    OutsideCall.objects.filter(at__lt=now - KEPT_FOR).delete()
