"""Inspections (`inspections.yaml`): what is looked at where, how it is answered, how often and by whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kindline.standard.acts import STAFF_ROLES
from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.shapes import Choice, Flag, ListOf, MapOf, Number, Record, Text, Title, near

if TYPE_CHECKING:
    from kindline.standard.part_checks import Known

OBJECTS = ("office", "call_centre", "workplace", "employee", "stand", "site")
"""Of what there can be a checklist. An employee is looked at in an office."""
DRAWN = ("workplace", "employee")
"""Of these there are many in an office: a few may be drawn by lot."""
ANSWERS = ("look", "number", "count")
"""met or not met as the inspector saw it; a number against the clause's limit; a number that has no norm."""
SHOWN = ("address", "hours", "phone", "email", "centre_phone", "participants", "windows")
"""What of an office's card stands beside an item, so that it can be compared."""
WITHIN = ("office", "call_centre")
RULE = "looked_at"
SINCE = "since "
"""How what was observed begins where nobody has looked for too long: the day of the last look follows."""
KEY = Text(pattern=r"[a-z][a-z0-9_]*", cure="write small Latin letters, digits and _, a letter first")
CLAUSES = ListOf(Text(), least=1, single=True)
DAYS = Number(whole=True, least=1)
ITEM = Record(
    {"id": KEY, "clauses": CLAUSES, "look": Text(), "look_en": Text()},
    {"answer": Choice(ANSWERS), "unit": Text(), "photo": Flag(), "may_not_apply": Flag(), "shows": Choice(SHOWN)},
)
AREA = Record({"id": KEY, "title": Title(), "items": ListOf(ITEM, least=1)}, {"clauses": CLAUSES})
CHECKLIST = Record(
    {
        "id": KEY,
        "object": Choice(OBJECTS),
        "title": Title(),
        "every_days": DAYS,
        "inspectors": ListOf(Choice(STAFF_ROLES), least=1),
        "areas": ListOf(AREA, least=1),
    },
    {"clauses": CLAUSES, "within": Choice(WITHIN), "sample": DAYS, "roles": ListOf(Choice(STAFF_ROLES), least=1)},
)
INSPECTIONS = Record(
    {
        "checklists": ListOf(CHECKLIST, least=1),
        "planned_days_ahead": DAYS,
        "correct_within_days": DAYS,
        "seen_by": ListOf(Choice(STAFF_ROLES), least=1),
        "objects_by": ListOf(Choice(STAFF_ROLES), least=1),
    },
    {"assumed": MapOf(Text()), "clauses": CLAUSES},
)


@dataclass(frozen=True, slots=True)
class Norm:
    """The limit of a number, as the clause's rule has it."""

    least: float | None = None
    most: float | None = None

    def is_kept(self, number: float) -> bool:
        """Whether the number lies within."""
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at: the clauses for which it stands, the words in the standard's language and in English."""

    id: str
    clauses: tuple[str, ...]
    look: str
    look_en: str
    answer: str = "look"
    unit: str = ""
    photo: bool = False  # demanded where it is not met
    may_not_apply: bool = False
    shows: str = ""
    norm: Norm = Norm()

    def words(self, language: str) -> str:
        """What to look at, in English where that is asked for."""
        return self.look_en if language == "en" else self.look


@dataclass(frozen=True, slots=True)
class Area:
    """Items that are seen from one place, under a title."""

    id: str
    title: Mapping[str, str]
    items: tuple[Item, ...]
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checklist:
    """What is looked at in one kind of object, how often, by whom; `sample` of how many of an office, 0 for all."""

    id: str
    object: str
    title: Mapping[str, str]
    every_days: int
    inspectors: tuple[str, ...]
    areas: tuple[Area, ...]
    clauses: tuple[str, ...] = ()
    within: str = "office"  # in what the objects are
    sample: int = 0
    roles: tuple[str, ...] = ()  # of the employees who are looked at

    @property
    def items(self) -> tuple[Item, ...]:
        """Its items, in the order in which one walks."""
        return tuple(item for area in self.areas for item in area.items)

    def item(self, id_: str) -> Item | None:
        """The item of that id."""
        return next((item for item in self.items if item.id == id_), None)

    @property
    def is_drawn(self) -> bool:
        """Whether it is planned by office, and a lot says which of its workplaces or employees are looked at."""
        return self.object in DRAWN


@dataclass(frozen=True, slots=True)
class Inspections:
    """All checklists; how early one is planned, how long a fault may stay, who sees it all and who enters objects."""

    checklists: Mapping[str, Checklist]
    planned_days_ahead: int
    correct_within_days: int
    seen_by: tuple[str, ...]
    objects_by: tuple[str, ...]
    clauses: tuple[str, ...] = ()

    def cited(self) -> Iterator[str]:
        """The clauses that stand behind checklists, their areas and items."""
        yield from self.clauses
        for one in self.checklists.values():
            yield from one.clauses
            for area in one.areas:
                yield from area.clauses
                for item in area.items:
                    yield from item.clauses


def build(raw: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]]) -> Inspections:
    """The checklists of a checked file; `rules` by clause, their references resolved: they hold the limits."""
    return Inspections(
        checklists={one["id"]: _checklist(one, rules) for one in raw["checklists"]},
        planned_days_ahead=raw["planned_days_ahead"],
        correct_within_days=raw["correct_within_days"],
        seen_by=tuple(raw["seen_by"]),
        objects_by=tuple(raw["objects_by"]),
        clauses=_several(raw.get("clauses")),
    )


def _checklist(raw: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]]) -> Checklist:
    several = {key: tuple(raw.get(key) or ()) for key in ("inspectors", "roles")}
    areas = tuple(_area(one, rules) for one in raw["areas"])
    return Checklist(**{**raw, **several, "areas": areas, "clauses": _several(raw.get("clauses"))})


def _area(raw: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]]) -> Area:
    items = tuple(_item(one, rules) for one in raw["items"])
    return Area(raw["id"], raw["title"], items, _several(raw.get("clauses")))


def _item(raw: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]]) -> Item:
    clauses = _several(raw["clauses"])
    rule = rules.get(clauses[0], {}) if raw.get("answer") == "number" else {}
    return Item(**{**raw, "clauses": clauses, "norm": Norm(rule.get("min"), rule.get("max"))})


def _several(raw: Any) -> tuple[str, ...]:
    return () if raw is None else tuple(raw) if isinstance(raw, list) else (raw,)


def check(raw: Mapping[str, Any], place: Place, known: Known) -> Iterator[Fault]:
    """Own ids, clauses that there are, samples only where there are many, employees by role, units of numbers."""
    yield from _clauses(raw, place, known)
    yield from _twice([one["id"] for one in raw["checklists"]], place.child("checklists"))
    for index, one in enumerate(raw["checklists"]):
        at = place.child("checklists").child(index)
        yield from _clauses(one, at, known)
        yield from _sense(one, at)
        yield from _items(one, at.child("areas"), known)


def _sense(one: Mapping[str, Any], place: Place) -> Iterator[Fault]:
    if "sample" in one and one["object"] not in DRAWN:
        said = f"of {one['object']} nothing is drawn by lot"
        yield place.child("sample").fault(said, f"remove it, or set object to {' or '.join(DRAWN)}")
    if one["object"] == "employee" and "roles" not in one:
        yield place.child("roles").fault("'roles' is missing", "name the roles of the employees who are looked at")
    if one["object"] != "employee" and "roles" in one:
        yield place.child("roles").fault("only employees have roles", "remove the line")


def _items(one: Mapping[str, Any], place: Place, known: Known) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, area in enumerate(one["areas"]):
        at = place.child(number)
        yield from _clauses(area, at, known)
        for index, item in enumerate(area["items"]):
            here = at.child("items").child(index)
            yield from _clauses(item, here, known)
            if item["id"] in seen:
                yield here.child("id").fault(f"{item['id']!r} is there twice", "give each its own")
            seen.add(item["id"])
            if ("unit" in item) != (item.get("answer", "look") != "look"):
                yield here.child("unit").fault("a number has a unit, a look has none", "write answer and unit, or none")


def _twice(names: list[str], place: Place) -> Iterator[Fault]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield place.child(index).child("id").fault(f"{name!r} is there twice", "give each its own")


def _clauses(entry: Mapping[str, Any], place: Place, known: Known) -> Iterator[Fault]:
    for index, clause in enumerate(_several(entry.get("clauses"))):
        if clause not in known.clauses:
            at = place.child("clauses")
            at = at.child(index) if isinstance(entry["clauses"], list) else at
            yield at.fault(f"no clause {clause!r}", near(clause, known.clauses))


def check_rules(
    raw: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]], places: Mapping[str, Place]
) -> Iterator[Fault]:
    """Each rule that asks an inspector has an item in the checklist that it names; a limit goes with a number."""
    lists = {one["id"]: one for one in raw.get("checklists") or ()}
    for clause, rule in rules.items():
        if rule["kind"] != RULE:
            continue
        at = places[clause].child("rule")
        for name in _several(rule["checklist"]):
            if name not in lists:
                yield at.child("checklist").fault(f"no checklist {name!r}", near(name, lists or {"(none)"}))
            elif not (found := _standing_for(lists[name], clause)):
                cure = f"add an item with this clause to {name} in inspections.yaml"
                yield at.child("checklist").fault(f"no item of {name} stands for {clause}", cure)
            elif {"min", "max"} & set(rule) and not any(item.get("answer") == "number" for item in found):
                yield at.fault("a limit, and no number is asked for", "set answer: number and unit on the item")
    yield from _numbers(raw, rules, places)


def _numbers(
    raw: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]], places: Mapping[str, Place]
) -> Iterator[Fault]:
    for one in raw.get("checklists") or ():
        for item in (item for area in one["areas"] for item in area["items"] if item.get("answer") == "number"):
            clause = _several(item["clauses"])[0]
            if clause in places and not {"min", "max"} & set(rules.get(clause, {})):
                said = f"{item['id']} of {one['id']} asks for a number, and the clause has no limit"
                yield places[clause].child("rule").fault(said, "write min or max, or set answer: count on the item")


def _standing_for(checklist: Mapping[str, Any], clause: str) -> list[Mapping[str, Any]]:
    items = [item for area in checklist["areas"] for item in area["items"]]
    return [item for item in items if clause in _several(item["clauses"])]
