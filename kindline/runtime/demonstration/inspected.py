"""Offices, workplaces, a stand and the site of the invented organisation, and what was seen there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from kindline.quality import corrections, inspecting, inspection_planning, places
from kindline.quality.inspecting import Answer
from kindline.quality.inspection_models import Correction, InspectedPlace, Inspection
from kindline.runtime.demonstration import words
from kindline.staff import queries as staff
from kindline.staff.models import Employee
from kindline.standard.inspections import Item
from kindline.standard.profile import Profile

ENTERED = dt.timedelta(days=200)
LOOKS = {"office": 60, "documents": 40, "workplace": 20, "appearance": 16, "operator_workplace": 120, "site": 90}
"""How many days ago each checklist was gone through last; the stand never was, and papers are overdue."""
WINDOWS, PLACES = 3, 2


def make(profile: Profile, now: dt.datetime) -> int:
    """The objects, one round of inspections, and what of it is put right; how many inspections were carried out."""
    if profile.inspections is None:
        return 0
    admin = staff.with_role(*profile.inspections.objects_by).first()
    inspector = Employee.objects.filter(username="supervisor").first()
    if admin is None or inspector is None:
        return 0
    _objects(profile, admin, now - ENTERED)
    done = [
        row for name, days in LOOKS.items() for row in _look(profile, name, inspector, now - dt.timedelta(days=days))
    ]
    _put_right(profile, now)
    inspection_planning.sweep(profile=profile, now=now)
    return len(done)


def _objects(profile: Profile, admin: Employee, at: dt.datetime) -> None:
    said = words.organisation(profile.id)["inspected"]
    head = Employee.objects.get(username="unit_head")

    def enter(kind: str, name: str, **more: object) -> InspectedPlace:
        fields = {"name": name, "head": head, **more}
        return places.enter(profile=profile, kind=kind, fields=fields, employee=admin, now=at)

    for unit in staff.offices():
        office = enter(
            "office", unit.name, unit=unit, address=unit.address, hours=unit.hours, phone=unit.phone,
            email=said["email"], windows=WINDOWS,
        )  # fmt: skip
        for number in range(1, WINDOWS + 1):
            enter("workplace", f"{said['window']} {number}", office=office)
        enter("stand", said["stand"], office=office)
    centre = enter("call_centre", said["call_centre"], phone=said["centre_phone"])
    for number in range(1, PLACES + 1):
        enter("workplace", f"{said['place']} {number}", office=centre)
    enter("site", said["site"])


def _look(profile: Profile, name: str, inspector: Employee, at: dt.datetime) -> list[Inspection]:
    """Each place by one checklist; in the first of them the first item without a photo is not in order."""
    checklist = profile.inspections.checklists.get(name) if profile.inspections else None
    if checklist is None:
        return []
    made = [
        row
        for scope in inspection_planning.scopes(profile, checklist)
        for row in inspection_planning.plan(profile=profile, checklist=checklist, scope=scope, due_on=at.date(), now=at)
    ]
    head = Employee.objects.get(username="unit_head")
    for number, row in enumerate(made):
        by = inspector if inspecting.may_inspect(profile, row, inspector) else head
        _carry_out(profile, row, checklist.items, number == 0, by, at)
    return made


def _carry_out(
    profile: Profile, row: Inspection, items: Iterable[Item], faulty: bool, by: Employee, at: dt.datetime
) -> None:
    answers = {item.id: _good(item) for item in items}
    wrong = next((item for item in items if item.answer == "look" and not item.photo), None)
    if faulty and wrong is not None:
        answers[wrong.id] = Answer("not_met", comment=words.organisation(profile.id)["inspected"]["remark"])
    inspecting.begin(profile=profile, inspection=row, employee=by, now=at)
    inspecting.keep(profile=profile, inspection=row, answers=answers, employee=by, now=at)
    inspecting.finish(profile=profile, inspection=row, correct_until=None, employee=by, now=at)


def _good(item: Item) -> Answer:
    if item.answer == "look":
        return Answer("met")
    norm = item.norm
    return Answer(number=f"{norm.least if norm.least is not None else norm.most or 2:g}")


def _put_right(profile: Profile, now: dt.datetime) -> None:
    """The oldest of what was not in order is put right, and waits to be looked at again."""
    first: Correction | None = corrections.open_ones(profile).first()
    if first is not None:
        said = words.organisation(profile.id)["inspected"]["done"]
        corrections.done(profile=profile, correction=first, result=said, employee=first.responsible, now=now)
