"""Words of inspections: kinds of objects, answers, what an item lacks, what an office's card says beside it."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.desk import house, measuring
from kindline.quality.inspecting import Answer
from kindline.quality.inspection_models import InspectedPlace, Inspection
from kindline.standard.inspections import Item
from kindline.standard.profile import Profile

KINDS = {
    "office": _("Office"),
    "call_centre": _("Call centre"),
    "workplace": _("Workplace"),
    "stand": _("Information stand"),
    "site": _("Site"),
}
ANSWERS = {"met": _("In order"), "not_met": _("Not in order"), "not_applicable": _("Does not apply")}
MISSING = {
    "answer": _("Say what you see."),
    "number": _("Write a number."),
    "comment": _("Say what is not in order."),
    "photo": _("Add a photo of it."),
}
SHOWN = {
    "address": _("Address"),
    "hours": _("Opening hours"),
    "phone": _("Telephone"),
    "email": _("E-mail"),
    "centre_phone": _("Telephone of the call centre"),
    "participants": _("Participant companies"),
    "windows": _("Windows"),
}


def checklist_title(profile: Profile, name: str) -> str:
    """The title of a checklist; its name where the standard has it no more."""
    found = profile.inspections.checklists.get(name) if profile.inspections else None
    return house.titled(dict(found.title)) if found else name


def subject_of(inspection: Inspection) -> str:
    """What is looked at: the employee, or the object with its office."""
    place = inspection.place
    where = f"{place.name}, {place.office.name}" if place.office else place.name
    return f"{inspection.employee}, {where}" if inspection.employee else where


def language_of(profile: Profile) -> str:
    """In which language items are asked: English, or that of the standard."""
    return "en" if house.language() == "en" else profile.language


def looked_at(profile: Profile, inspection: Inspection, item: str) -> str:
    """The words of an item; empty where the standard has it no more."""
    found = profile.inspections.checklists.get(inspection.checklist) if profile.inspections else None
    return next((one.words(house.language()) for one in found.items if one.id == item), "") if found else ""


def shown(profile: Profile, place: InspectedPlace, name: str) -> str:
    """What the office's card says, to be compared with what is seen; empty where nothing is to be compared."""
    if not name:
        return ""
    value = getattr(place, name, "") if name != "centre_phone" else _centre_phone(profile)
    return f"{gettext(SHOWN[name])}: {value or '—'}"


def _centre_phone(profile: Profile) -> str:
    rows = InspectedPlace.objects.filter(profile=profile.id, kind="call_centre", left_at=None).order_by("pk")
    return rows.values_list("phone", flat=True).first() or ""


def norm(item: Item) -> str:
    """The clause's limit of a number, with its unit."""
    said = [f"≥ {item.norm.least:g}"] if item.norm.least is not None else []
    said += [f"≤ {item.norm.most:g}"] if item.norm.most is not None else []
    return measuring.with_unit(", ".join(said), item.unit) if said else ""


def seen(item: Item, answer: Answer, verdict: str) -> str:
    """An answer in words: a number with its unit, or what was ticked."""
    if item.answer != "look" and verdict != "not_applicable":
        return measuring.with_unit(answer.number.replace(",", "."), item.unit)
    return gettext(ANSWERS[verdict]) if verdict in ANSWERS else "—"
