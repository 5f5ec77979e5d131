"""Objects of inspections: entered, changed, given up; who may do that is said by the standard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from kindline.conversations.errors import RefusedError
from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.quality import inspection_planning
from kindline.quality.inspection_models import InspectedPlace, PlaceKind
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.inspections import SHOWN, Inspections
from kindline.standard.profile import Profile

SUBJECT = "inspected_place"
TEXTS = ("name", "address", "hours", "phone", "email", "participants")
FIELDS = (*TEXTS, "windows", "unit", "office", "head")
WITHIN = (PlaceKind.WORKPLACE, PlaceKind.STAND)
AROUND = (PlaceKind.OFFICE, PlaceKind.CALL_CENTRE)


class NotTheirsError(RefusedError):
    """The standard gives this to other roles."""

    code = "not_yours"


class UnfitPlaceError(RefusedError):
    """A name or a head is missing, a workplace is in no office, or an office is in another one."""

    code = "unfit_place"


class KnownPlaceError(RefusedError):
    """An object of that name is there already."""

    code = "known_place"


def of(profile: Profile) -> Inspections:
    """The inspections of the standard. Raises: NotTheirsError where it has none."""
    if profile.inspections is None:
        raise NotTheirsError("the standard has no inspections: write inspections.yaml")
    return profile.inspections


def check_enters(profile: Profile, employee: Employee) -> None:
    """Raises: NotTheirsError when the employee may not enter objects."""
    if not employee.has_role(*of(profile).objects_by):
        raise NotTheirsError("the standard gives objects of inspections to others")


def enter(
    *, profile: Profile, kind: str, fields: Mapping[str, Any], employee: Employee, now: dt.datetime
) -> InspectedPlace:
    """A new object, to be inspected from now on (krc-2-39, krc-2-46).

    `fields`: FIELDS; texts may be left out, `windows` is a number or None, the others are rows.
    Raises: NotTheirsError; UnfitPlaceError; KnownPlaceError.
    """
    check_enters(profile, employee)
    if kind not in PlaceKind.values:
        raise UnfitPlaceError(f"no kind {kind!r}")
    row = InspectedPlace(profile=profile.id, kind=kind, entered_at=now, **_fit(kind, fields))
    _kept(row)
    _note(row, "place_entered", {"place_kind": kind, "employee": employee.pk}, employee, now)
    return row


@transaction.atomic
def change(
    *, profile: Profile, place: InspectedPlace, fields: Mapping[str, Any], employee: Employee, now: dt.datetime
) -> InspectedPlace:
    """What is known of it is corrected; where signs say it, the signs are to be looked at anew (krc-5.1-03..07).

    Raises: NotTheirsError; UnfitPlaceError; KnownPlaceError.
    """
    check_enters(profile, employee)
    row = InspectedPlace.objects.select_for_update().get(pk=place.pk)
    fit = _fit(row.kind, fields)
    changed = [name for name, value in fit.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, fit[name])
    if changed:
        _kept(row)
        _note(row, "place_changed", {"fields": changed, "employee": employee.pk}, employee, now)
    if set(changed) & set(SHOWN):
        inspection_planning.plan_anew(profile, row, now)
    return row


@transaction.atomic
def leave(*, profile: Profile, place: InspectedPlace, employee: Employee, now: dt.datetime) -> None:
    """The object is there no more: what was planned for it is dropped, its history stays. Raises: NotTheirsError."""
    check_enters(profile, employee)
    rows = InspectedPlace.objects.filter(pk=place.pk) | InspectedPlace.objects.filter(office=place)
    for row in rows.filter(left_at=None):
        row.left_at = now
        row.save(update_fields=["left_at"])
        _note(row, "place_changed", {"fields": ["left_at"], "employee": employee.pk}, employee, now)
    inspection_planning.drop_gone(profile, now)


def _fit(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {name: storable(str(fields.get(name) or "")).strip() for name in TEXTS}
    found |= {name: fields.get(name) for name in FIELDS if name not in TEXTS}
    office = found["office"]
    if not found["name"] or found["head"] is None or (kind in WITHIN) != (office is not None):
        raise UnfitPlaceError("name it, say who answers for it, and in which office a workplace or stand is")
    if office is not None and office.kind not in AROUND:
        raise UnfitPlaceError("a workplace is in an office or in the call centre")
    return found


def _kept(row: InspectedPlace) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise KnownPlaceError(row.name) from error


def _note(row: InspectedPlace, kind: str, data: dict[str, Any], employee: Employee, now: dt.datetime) -> None:
    journal.record(kind=kind, subject_type=SUBJECT, subject_id=row.pk, actor=actor(employee), data=data, at=now)
