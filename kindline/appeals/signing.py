"""Who may sign the answer to an appeal: by the list of names with powers where one is kept, else by role."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext

from kindline.appeals.models import Appeal
from kindline.staff import signers
from kindline.staff.models import Employee
from kindline.staff.signers import Held, Powers
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


def ground(appeal: Appeal, employee: Employee, now: dt.datetime | None) -> Held | None:
    """By which power of the list this person would sign now; None where roles sign, or where he may not."""
    return for_appeal(appeal, now).ground(employee, appeal.kind, appeal.unit_id)


def signed_as(profile: Profile, held: Held | None) -> str:
    """What a letter says of who signs for another: for whom, and by what power; of one's own power nothing.

    Clause: krc-5.8-10, krc-6.1-44.
    """
    if held is None or held.deputy is None:
        return ""
    absent = held.deputy.absent
    told = {
        "absent": ", ".join(filter(None, [str(absent), absent.position])),
        "order": held.deputy.order,
        "power": held.power.order,
    }
    with translation.override(profile.language):
        return gettext("Signed for: %(absent)s. Ground of deputising: %(order)s. Power to sign: %(power)s.") % told


def named(held: Held) -> str:
    """Who may sign, and for whom where that is not himself."""
    if held.deputy is None:
        return str(held.employee)
    return gettext("%(deputy)s for %(absent)s") % {"deputy": held.deputy.deputy, "absent": held.deputy.absent}


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
    return waiting.filter(reached(powers, employee))


def reached(powers: Powers, employee: Employee, appeal: str = "") -> Q:
    """Which appeals the powers of this person reach; `appeal` leads to them from other rows, as `appeal__`."""
    found = Q(pk__in=[])
    for power in powers.of(employee):
        kinds = Q((f"{appeal}kind__in", power.kinds)) if power.kinds else Q()
        units = [one.pk for one in power.units.all()]
        found |= (kinds & Q((f"{appeal}unit__in", units)) if units else kinds) or Q(pk__isnull=False)
    return found
