"""What happened outside the house: breakdowns that are over, and client boxes that were put up and emptied."""

from __future__ import annotations

import datetime as dt
import uuid
from random import Random
from typing import Any

from kindline.appeals import boxes, incidents
from kindline.conversations.models import Topic
from kindline.runtime.demonstration import words
from kindline.staff.models import Employee, Role, Unit
from kindline.standard.profile import Profile

DAY = dt.timedelta(days=1)
EMPTIED_DAYS = 9
HUNG_DAYS = 120


def make(profile: Profile, dice: Random, now: dt.datetime) -> None:
    """Tell of breakdowns that have ended, so that no caller hears of them; hang a box in each office that has one."""
    plan = words.organisation(profile.id)
    head = Employee.objects.filter(roles__contains=[Role.UNIT_HEAD]).first()
    if head is None:
        return
    for told in plan.get("incidents", ()):
        _happened(profile, told, dice, head, now)
    for office in Unit.objects.filter(is_office=True).order_by("code") if boxes.are_kept(profile) else ():
        _emptied(profile, office, dice, head, now)


def _happened(profile: Profile, told: dict[str, Any], dice: Random, head: Employee, now: dt.datetime) -> None:
    """One breakdown, announced at once and over after some hours."""
    begun = now - dice.randint(8, 90) * DAY
    topic = Topic.objects.filter(profile=profile.id, code=told["topic"]).first()
    made = incidents.open_incident(
        profile=profile, title=told["title"], topic=topic, area=told["area"], appeals=[], begun_at=begun,
        employee=head, now=begun,
    )  # fmt: skip
    hours = dt.timedelta(hours=dice.randint(3, 20))
    incidents.announce(incident=made, notice=told["title"], expected_end=begun + hours, employee=head, now=begun)
    incidents.end_incident(incident=made, employee=head, now=begun + hours)


def _emptied(profile: Profile, office: Unit, dice: Random, head: Employee, now: dt.datetime) -> None:
    """A box at the office's door, looked into on each of the last days."""
    hung = now - HUNG_DAYS * DAY
    box = boxes.put_up(profile=profile, place=office.address, unit=office, employee=head, now=hung)
    for back in range(EMPTIED_DAYS, 0, -1):
        at, key = now - back * DAY, uuid.UUID(int=dice.getrandbits(128))
        boxes.empty(box=box, key=key, emptied_at=at, letters=dice.choice((0, 0, 1, 2, 3)), employee=head, now=at)
