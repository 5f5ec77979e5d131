"""Before a month ends in which the reasons of complaints were not analysed, those who do that are asked for it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from kindline.appeals import addresses, escalation, telling_staff
from kindline.appeals.models import AnalysisMonth
from kindline.correspondence import wires, wording
from kindline.journal import actions as journal
from kindline.journal.queries import facts_of
from kindline.staff import queries as staff
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile

FACT = "analysis_reminded"
ACT = "analyse_reasons"


def wanting(profile: Profile, now: dt.datetime) -> AnalysisMonth | None:
    """The present month, once the day of its reminder has come and nothing was analysed in it; else None.

    Clause: krc-6.2-06.
    """
    term = profile.workflow.analysis_reminder if profile.workflow else None
    if term is None:
        return None
    month = AnalysisMonth.objects.filter(profile=profile.id, due_at__gt=now).order_by("due_at").first()
    if month is None or now < escalation.before(month.due_at, term, profile) or month.analyses.exists():
        return None
    return month


def sweep(*, now: dt.datetime) -> int:
    """Remind everybody who answers for the analysis, once a month, by e-mail too; how many. As often as you like.

    Clause: krc-6.2-06.
    """
    found = [(profile, wanting(profile, now)) for profile in map(loader.load, loader.profile_ids())]
    return sum(_remind(profile, month, now) for profile, month in found if month is not None)


@transaction.atomic
def _remind(profile: Profile, month: AnalysisMonth, now: dt.datetime) -> int:
    held = AnalysisMonth.objects.select_for_update().get(pk=month.pk)
    right = profile.workflow.rights.get(ACT) if profile.workflow else None
    if right is None or facts_of("analysis", held.month).filter(kind=FACT).exists():
        return 0
    people = list(staff.with_role(*right.by))
    for employee in people if wires.relay() is not None else ():
        if employee.email:
            _write(employee, held, profile, now)
    data = {"due_at": held.due_at, "employees": [one.pk for one in people]}
    journal.record(
        kind=FACT, subject_type="analysis", subject_id=held.month, data=data, at=now, clauses=right.clauses
    )  # fmt: skip
    return len(people)


def _write(employee: Employee, month: AnalysisMonth, profile: Profile, now: dt.datetime) -> None:
    day = wording.shown_date(month.due_at - dt.timedelta(seconds=1), profile)
    with translation.override(employee.language):
        subject = gettext("The reasons of complaints are to be analysed until %(day)s") % {"day": day}
        text = telling_staff.pointed(subject, addresses.of("reasons"))
    telling_staff.write(f"analysis:{month.pk}:{employee.pk}", employee, subject, text, profile, now)
