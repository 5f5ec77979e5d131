"""Hours of the specialists who consult, so that a consultation can be booked in the demonstration."""

from __future__ import annotations

import datetime as dt

from kindline.site.consultations import timetable
from kindline.site.consultations.timetable import Plan
from kindline.staff import queries as staff
from kindline.standard.profile import Profile

SPANS = ((dt.time(10), dt.time(12)), (dt.time(14), dt.time(16)))
WEEK = range(5)


def make(profile: Profile, now: dt.datetime) -> int:
    """Hours on every working day, mornings and afternoons, for each who consults; how many."""
    consulting = timetable.consulting_of(profile)
    planner = staff.with_role(*consulting.organisers).first() if consulting else None
    if consulting is None or planner is None:
        return 0
    since, centre = now.astimezone(profile.zone).date(), next(iter(consulting.centres))
    plans = [
        Plan(day, start, end, consulting.ways, since, centre=centre) for day in WEEK for start, end in SPANS
    ]  # fmt: skip
    for specialist in timetable.who_consult(consulting):
        for plan in plans:
            timetable.add_hours(profile=profile, specialist=specialist, plan=plan, employee=planner, now=now)
    return len(plans) * len(timetable.who_consult(consulting))
