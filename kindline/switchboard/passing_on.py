"""To whom a call can be passed on, and keeping him for it: colleagues, departments, deputies, numbers outside."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kindline.clients import phones as numbers
from kindline.staff import standing_in
from kindline.staff.models import Employee
from kindline.standard import transfers
from kindline.standard.profile import Profile
from kindline.switchboard import dispatcher, extensions, own_numbers, permits
from kindline.switchboard.board import utc_now
from kindline.switchboard.dialling_models import Extension
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine import forwarding
from kindline.switchboard.machine.destinations import MOBILE, Destinations
from kindline.switchboard.machine.passing import BLIND, DEPARTMENT, DEPUTY, EMPLOYEE, MODES, OUTSIDE
from kindline.switchboard.wanted import Asked, AskedError

if TYPE_CHECKING:
    from kindline.switchboard.house import House

NO_RIGHT = "no_right"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The destination, and who was kept for it; `endpoint` is empty where a telephone of the house rings."""

    kind: str
    target: str
    employee: int = 0
    number: str = ""
    endpoint: str = ""
    why_not: str = ""


async def chosen(house: House, contact: str, asked: Asked, who: int) -> Chosen:
    """Whoever is named in the request, kept for the call. Raises: AskedError."""
    ask = house.board.in_database
    if "number" in asked.body:
        return await ask(outside, house.profile, house.dialling.destinations, who, asked.text("number"), utc_now())
    if "extension" in asked.body:
        return await ask(department, asked.text("extension"), who, contact, utc_now())
    target = asked.number("target_employee")
    if who == target:
        raise AskedError(422, "self", "name somebody else", field="target_employee")
    absent = asked.number("deputy_for") if "deputy_for" in asked.body else 0
    return await ask(colleague, target, absent, contact, house.profile, utc_now())


async def event(house: House, contact: str, asked: Asked) -> e.TransferAsked:
    """What the call is told. Raises: AskedError."""
    who, mode = asked.number("employee"), asked.text("mode") or MODES[0]
    if mode not in MODES:
        raise AskedError(422, "mode", "a transfer is attended or blind", field="mode")
    may = transfers.of(house.profile)
    if mode == BLIND and not may.blind:
        clauses = [may.clause] if may.clause else []
        raise AskedError(409, forwarding.NOT_ALLOWED, "this standard asks for an introduction first", clauses=clauses)
    found = await chosen(house, contact, asked, who)
    endpoint = "" if found.why_not else found.endpoint
    if not (endpoint or found.why_not):
        endpoint = await house.others.reach(found.employee) or f"op{found.employee}s"
    return e.TransferAsked(
        at=utc_now(), employee=who, target_employee=found.employee, target=found.target, endpoint=endpoint,
        why_not=found.why_not, kind=found.kind, number=found.number, mode=mode,
    )  # fmt: skip


# --- in the database ---
def colleague(target: int, absent: int, contact: str, profile: Profile, now: dt.datetime) -> Chosen:
    """A colleague by his telephone, else by his mobile; with `absent` he deputises for somebody who is away."""
    found = Employee.objects.filter(pk=target).first()
    if found is None:
        raise AskedError(422, "unknown", "there is no such employee", field="target_employee")
    away = standing_in.absent_of(deputy=target, absent=absent, profile=profile, now=now) if absent else None
    if absent and away is None:
        raise AskedError(422, "not_deputy", "he does not deputise for that employee", field="deputy_for")
    kind, name = (DEPUTY, f"{found} ({away})") if away else (EMPLOYEE, str(found))
    why_not, endpoint = dispatcher.keep_colleague(employee=target, contact=contact, now=now), ""
    if why_not == extensions.ABSENT:
        kept = extensions.keep_mobile(employee=target, contact=contact, now=now)
        why_not, endpoint = kept.why_not, kept.mobile
    return Chosen(kind, name, target, endpoint=endpoint, why_not=why_not)


def department(number: str, who: int, contact: str, now: dt.datetime) -> Chosen:
    """A department's extension: the first of its people who can; the others are rung after him."""
    row = Extension.objects.filter(number=number, unit__isnull=False).select_related("unit").first()
    if row is None or row.unit is None:
        raise AskedError(422, "unknown_extension", "no department has this extension", field="extension")
    kept = extensions.find(number=number, dialler=who, tried=(), contact=contact, now=now)
    return Chosen(DEPARTMENT, row.unit.name, kept.employee, number, kept.mobile, absent_or_busy(kept.why_not))


def absent_or_busy(why_not: str) -> str:
    """A department in which nobody works has nobody there."""
    return extensions.ABSENT if why_not == extensions.UNKNOWN else why_not


def outside(profile: Profile, destinations: Destinations, who: int, typed: str, now: dt.datetime) -> Chosen:
    """A number outside, by the rules of every other call there. Raises: AskedError.

    The hours within which clients may be called, and their wishes, are not those of a colleague or a duty service of
    ours. Clause: krc-5.6.4-15, court-3-09.
    """
    employee = Employee.objects.filter(pk=who).first()
    if employee is None or not employee.has_role(*transfers.of(profile).outside):
        raise AskedError(403, NO_RIGHT, "you may not pass a call on to a number outside", field="number")
    emergency = typed in destinations.emergency
    number = typed if emergency else numbers.normalised(typed, profile.calendar.country)
    is_ours = own_numbers.has(number, profile.calendar.country)
    refused = permits.ask(
        profile=profile, destinations=destinations, employee=who, number=number, now=now, by_hand=not is_ours
    )
    if refused:
        raise AskedError(409, refused, "this number must not be called now", field="number")
    return Chosen(OUTSIDE, number, number=number, endpoint=f"{MOBILE}{number}")
