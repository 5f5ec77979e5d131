"""What the standard rests on: the orders of its versions, the legal acts, and local rules that are stricter."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kindline.desk import access, house
from kindline.standard import loader
from kindline.standard.faults import ProfileFaults
from kindline.standard.legal import LegalAct
from kindline.standard.orders import Approval
from kindline.standard.profile import Profile


@dataclass(frozen=True, slots=True)
class Version:
    """A version with its order; one whose faults keep it out of force has them instead."""

    name: str
    since: dt.date
    order: Approval | None
    state: str  # past | present | coming | refused
    faults: tuple[str, ...] = ()


@require_safe
@access.for_roles(*access.EVERYBODY)
def show(request: HttpRequest) -> HttpResponseBase:
    """Versions and their orders, legal acts with the clauses that cite them, local rules (krc-8-01, krc-1-04)."""
    profile = house.profile()
    today = timezone.now().astimezone(profile.zone).date()
    context: dict[str, Any] = {
        "versions": versions(profile, today),
        "acts": [(act, _citing(profile, act)) for act in profile.legal_sources],
        "rules": profile.local_rules,
        "repealed": profile.valid_to is not None and profile.valid_to < today,
    }
    return render(request, "desk/basis.html", context)


def versions(profile: Profile, today: dt.date) -> list[Version]:
    """Every version of the standard, the latest first; in force is the last one whose order and day have come."""
    days = [("", _first(profile).valid_from), *loader.versions(profile.path)]
    return [_version(profile, name, since, today) for name, since in reversed(days)]


def _first(profile: Profile) -> Profile:
    return loader.load(profile.id, dt.date.min)


def _version(profile: Profile, name: str, since: dt.date, today: dt.date) -> Version:
    try:
        found = loader.load(profile.id, since if name else dt.date.min)
    except ProfileFaults as refused:
        return Version(name, since, None, "refused", tuple(fault.message for fault in refused.faults))
    state = "coming" if since > today else "present" if found.version == profile.version else "past"
    return Version(found.version, since, found.approved, state)


def _citing(profile: Profile, act: LegalAct) -> list[str]:
    return [name for name, clause in profile.clauses.items() if act.id in clause.law or act.clause == name]
