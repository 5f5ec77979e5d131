"""Why the invented clients complain, what is done against it, and who controls the standard."""

from __future__ import annotations

import datetime as dt
from random import Random

from kindline.appeals import frequency, reasons, rights
from kindline.appeals.models import Appeal, Reason
from kindline.runtime.demonstration import words
from kindline.staff import responsibility
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile

HALF_YEAR = dt.timedelta(days=182)
NAMED_SHARE = 0.9
MEASURE_DAYS = 20


def make(profile: Profile, dice: Random, now: dt.datetime) -> None:
    """Name the reasons of the complaints there are, plan a measure against the first, and name who controls."""
    plan = words.organisation(profile.id)
    director = Employee.objects.filter(roles__contains=[Role.DIRECTOR]).first()
    if director is None or not rights.may(profile, "analyse_reasons", director):
        return
    listed = [reasons.add_reason(profile=profile, title=one, employee=director, now=now) for one in plan["reasons"]]
    _name(profile, listed, dice, now)
    head = Employee.objects.filter(roles__contains=[Role.UNIT_HEAD]).first() or director
    reasons.plan_measure(
        reason=listed[0], title=plan["measure"], responsible=head, units=[head.unit] if head.unit else [],
        due_on=(now + dt.timedelta(days=MEASURE_DAYS)).date(), employee=director, now=now,
    )  # fmt: skip
    responsibility.name_controllers(
        profile=profile, number="1-К", signed_on=now.date() - HALF_YEAR, valid_from=now.date() - HALF_YEAR,
        persons=[director, head], employee=director, now=now,
    )  # fmt: skip


def _name(profile: Profile, listed: list[Reason], dice: Random, now: dt.datetime) -> None:
    """The first reasons are the most frequent; some complaints have none yet."""
    span = frequency.Span((now - HALF_YEAR).date(), now.date())
    rows = list(frequency.complaints(profile, span))
    weights = [1 / (place + 1) for place in range(len(listed))]
    for row in rows:
        row.reason = dice.choices(listed, weights)[0] if dice.random() < NAMED_SHARE else None
    Appeal.objects.bulk_update(rows, ["reason"])
