"""Who may sign the answer to an appeal: by the list of names with powers where one is kept, else by role."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from kindline.appeals.models import Appeal
from kindline.staff import signers
from kindline.staff.models import Employee
from kindline.staff.signers import Powers
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.standard.workflows import Transition

ACT = "sign"


def powers_of(profile: Profile, now: dt.datetime | None) -> Powers:
    """The list of those who may sign today, by the organisation's clock."""
    return signers.powers(profile.id, now.astimezone(profile.zone).date() if now else None)


def for_appeal(appeal: Appeal, now: dt.datetime | None) -> Powers:
    """The list under the appeal's standard."""
    return powers_of(loader.load(appeal.profile), now)


def by_role(employee: Employee, transition: Transition) -> bool:
    """Whether the standard's roles give the act to this person: so it is while no list is kept."""
    return employee.has_role(*transition.by)


def signs_somewhere(profile: Profile, employee: Employee, powers: Powers) -> bool:
    """Whether this person signs any answers at all."""
    if powers.is_kept:
        return bool(powers.of(employee))
    return any(by_role(employee, one) for one in (profile.workflow.named(ACT) if profile.workflow else ()))


def pile(rows: QuerySet[Appeal], profile: Profile, employee: Employee, powers: Powers) -> QuerySet[Appeal]:
    """Of the rows those whose answers wait for the signature of this person (krc-5.8-10, krc-6.1-44)."""
    named = profile.workflow.named(ACT) if profile.workflow else ()
    mine = [one for one in named if powers.is_kept or by_role(employee, one)]
    waiting = rows.filter(state__in=[state for one in mine for state in one.sources])
    if not powers.is_kept:
        return waiting
    reached = Q(pk__in=[])
    for power in powers.of(employee):
        kinds = Q(kind__in=power.kinds) if power.kinds else Q()
        units = [one.pk for one in power.units.all()]
        reached |= (kinds & Q(unit__in=units) if units else kinds) or Q(pk__isnull=False)
    return waiting.filter(reached)
