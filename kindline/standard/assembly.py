"""A profile folder being read: its documents, their faults, and the profile when there are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kindline.standard import (
    building,
    calendars,
    clause_checks,
    holds,
    inspections,
    legal,
    local_rules,
    messages,
    orders,
    part_checks,
    passports,
    publication,
    schema,
    workflow_checks,
    workflows,
)
from kindline.standard.clauses import Clause
from kindline.standard.documents import Document, Place, read
from kindline.standard.faults import Fault, errors
from kindline.standard.menus import Bound, Menu
from kindline.standard.orders import Approval
from kindline.standard.profile import Profile
from kindline.standard.references import References
from kindline.standard.shapes import ListOf, Shape

SINGLE = {
    "menu.yaml": schema.MENU,
    "deadlines.yaml": schema.DEADLINES,
    "lexicon.yaml": schema.LEXICON,
    "workflow.yaml": workflow_checks.WORKFLOW,
    "services.yaml": passports.SERVICES,
    "publication.yaml": publication.PUBLICATION,
    "content.yaml": publication.CONTENT,
    "inspections.yaml": inspections.INSPECTIONS,
    "local.yaml": local_rules.LOCAL,
}
FOLDERS: dict[str, Shape] = {
    "clauses": ListOf(schema.CLAUSE),
    "scripts": schema.SCRIPT,
    "forms": schema.FORMS,
    "messages": ListOf(schema.MESSAGE),
}
OTHER = {"standard.yaml", "versions", "README.md", "NOTES.md"}


class Assembly:
    """Reads once, checks once, then builds; every part that is wrong is left out of further checks."""

    def __init__(self, path: Path, menu: Path | None = None, amendments: Sequence[str] = ()) -> None:
        self.path = path
        self.amendments = [f"versions/{name}" for name in amendments]
        self.menu_file = menu
        self.documents: dict[str, Document] = {}
        self.faults: list[Fault] = []
        self.clauses: dict[str, tuple[Mapping[str, Any], Place]] = {}
        self.rules: dict[str, Mapping[str, Any]] = {}
        self.scripts: dict[str, tuple[Mapping[str, Any], Place]] = {}
        self.forms: dict[str, tuple[Mapping[str, Any], Place]] = {}
        self.messages: dict[str, tuple[Mapping[str, Any], Place]] = {}
        self.parts: dict[str, Any] = {}
        self.broken: set[str] = set()  # parts of which something could not be read
        self.wrong: set[str] = set()  # ids of entries that are there, but wrong
        self.references = References({}, {})
        self.versions: list[tuple[Mapping[str, Any], Place]] = []  # standard.yaml of each, as it was written
        self.local: tuple[local_rules.LocalRule, ...] = ()
        self._checked = False

    # --- reading and checking ---------------------------------------------------------------

    def check(self) -> list[Fault]:
        """Every fault and warning, once."""
        if not self._checked:
            self._checked = True
            if self._read_standard():
                self._read_parts()
                self._check_across()
        self.faults = sorted(set(self.faults))
        return self.faults

    def _read_standard(self) -> bool:
        if not (self.path / "standard.yaml").is_file():
            name = f"{self.path.name}/standard.yaml"
            self.faults.append(Fault(name, 1, "(file)", "there is no such file", "a profile begins with standard.yaml"))
            return False
        document = self._document("standard.yaml")
        if self._shape(document, schema.STANDARD):
            self.parts["standard.yaml"] = document.data
            self.versions.append((document.data, document.place()))
            self.faults += part_checks.standard(document.data, document.place())
            for amendment in self.amendments:
                self._amend_standard(document, self._document(f"{amendment}/standard.yaml"))
        return isinstance(document.data, dict)

    def _amend_standard(self, base: Document, amendment: Document) -> None:
        """The version, order and dates of an amendment take the place of the base's; variables are merged."""
        if self._shape(amendment, schema.AMENDMENT):
            self.versions.append((amendment.data, amendment.place()))
            changed = {key: value for key, value in amendment.data.items() if key != "repealed"}
            for name in ("variables", "assumed"):
                changed[name] = {**(base.data.get(name) or {}), **(amendment.data.get(name) or {})}
            base.data = self.parts["standard.yaml"] = {**base.data, **changed}

    def _repeal(self, amendment: str) -> None:
        """The clauses that an amendment takes out of force."""
        document = self.documents[f"{amendment}/standard.yaml"]
        named = document.data.get("repealed") if isinstance(document.data, dict) else None
        for index, clause in enumerate(named if isinstance(named, list) else []):
            if self.clauses.pop(clause, None) is None:
                place = document.place().child("repealed").child(index)
                self.faults.append(place.fault(f"no clause {clause!r} to repeal", "correct the id"))

    def _read_parts(self) -> None:
        for root in ("", *self.amendments):
            for folder, shape in FOLDERS.items():
                for file in sorted((self.path / root / folder).glob("*.yaml")):
                    name = f"{root}/{folder}/{file.name}" if root else f"{folder}/{file.name}"
                    self._collect(folder, self._document(name), shape)
            if root:
                self._repeal(root)
        for name, shape in SINGLE.items():
            if not self._file(name).is_file():
                continue
            if self._shape(document := self._document(name), shape):
                self.parts[name] = document.data
            else:
                self.broken.add(name)
        for file in sorted(self.path.iterdir()):
            if (
                file.name not in OTHER
                and file.name not in SINGLE
                and file.name not in FOLDERS
                and not file.name.startswith(".")
            ):
                said = Fault(
                    self._shown(file.name), 1, "(file)", "not a part of a profile", "remove or rename it", "warning"
                )
                self.faults.append(said)

    def _collect(self, folder: str, document: Document, shape: Shape) -> None:
        """The entries of a file whose shape is right; one that is wrong does not spoil its neighbours."""
        if not isinstance(document.data, list):
            shape = shape.shape if isinstance(shape, ListOf) and shape.single else shape
            self._keep(folder, document.data, document.place(), self._shape(document, shape))
            return
        one = shape.shape if isinstance(shape, ListOf) else shape
        for index, entry in enumerate(document.data):
            place = document.place().child(index)
            found = list(one.check(entry, place))
            self.faults += found
            self._keep(folder, entry, place, not found)

    def _keep(self, folder: str, entry: Any, place: Place, good: bool) -> None:
        targets = {"clauses": self.clauses, "scripts": self.scripts, "forms": self.forms, "messages": self.messages}
        target = targets[folder]
        if not good:
            self.broken.add(folder)
            self.wrong |= {entry["id"]} if isinstance(entry, dict) and isinstance(entry.get("id"), str) else set()
            return
        if entry["id"] in target and self._root(target[entry["id"]][1]) == self._root(place):
            self.faults.append(place.child("id").fault(f"{entry['id']} is there twice", "give each its own id"))
        target[entry["id"]] = (entry, place)

    def _root(self, place: Place) -> str:
        """The amendment in which something stands; nothing for the base."""
        here = [root for root in self.amendments if place.document.file.startswith(self._shown(root) + "/")]
        return here[0] if here else ""

    def _check_across(self) -> None:
        raw_standard = self.documents["standard.yaml"].data
        variables = raw_standard.get("variables")
        self._go_by_local_rules()
        if "standard.yaml" in self.parts:
            at = self.documents["standard.yaml"].place().child("legal_sources")
            self.faults += legal.check(raw_standard.get("legal_sources"), at, self.clauses)
            self.faults += orders.check(self.versions, self.clauses)
        self.references = References(
            variables if isinstance(variables, dict) else {}, {key: raw for key, (raw, _) in self.clauses.items()}
        )
        known = part_checks.Known(self)
        for key, (raw, place) in self.clauses.items():
            own = clause_checks.clause(raw, place, str(raw_standard.get("id", "")))
            self.faults += [replace(fault, clause=key) for fault in own]
            self._rule(key, raw, place, known)
        for raw, place in self.scripts.values():
            self.faults += part_checks.script(self._resolved_timers(raw, place), place, known)
        self.faults += holds.check(self.scripts, self.clauses)
        at = self.documents["standard.yaml"].place().child("variables").child(holds.VARIABLE)
        self.faults += holds.check_reminder(variables, self.scripts, at)
        for raw, place in self.forms.values():
            self.faults += part_checks.form(raw, place, known)
        for raw, place in self.messages.values():
            self.faults += messages.check(raw, place, list(raw_standard.get("languages") or ()), self.clauses)
        for name, checked in (
            ("menu.yaml", part_checks.menu),
            ("deadlines.yaml", part_checks.deadlines),
            ("lexicon.yaml", part_checks.lexicon),
            ("workflow.yaml", workflow_checks.workflow),
            ("services.yaml", passports.check),
            ("publication.yaml", publication.check),
            ("inspections.yaml", inspections.check),
        ):
            if name in self.parts:
                self.parts[name] = self._resolved(name)
                self.faults += checked(self.parts[name], self.documents[name].place(), known)
        self._check_content()
        self._check_inspections()
        self.faults += self.references.faults

    def _go_by_local_rules(self) -> None:
        """Values that a local rule tightens take the place of the standard's; what loosens it is refused (krc-1-03)."""
        raw = self.parts.get("local.yaml")
        if raw is not None:
            found = list(local_rules.check(raw, self.documents["local.yaml"].place(), self.clauses))
            self.faults += found
            if not found:
                self.local = local_rules.build(raw, self.clauses)
                self.clauses = local_rules.tightened(raw, self.clauses)
        if "deadlines.yaml" in self.parts:
            at, before = self.documents["deadlines.yaml"].place(), self.parts["deadlines.yaml"]
            self.parts["deadlines.yaml"] = after = local_rules.shortened(before, self.clauses, self.local)
            self.faults += local_rules.over_term(after, at, self.clauses)

    def _check_content(self) -> None:
        """The first texts against the slots; where the slots themselves are wrong, that is said alone."""
        if "content.yaml" in self.parts and "publication.yaml" not in self.broken:
            place, slots = self.documents["content.yaml"].place(), self.parts.get("publication.yaml", {})
            self.faults += publication.check_content(self.parts["content.yaml"], place, slots)

    def _check_inspections(self) -> None:
        """Rules that ask an inspector, against the checklists; where these are wrong, that is said alone."""
        if "inspections.yaml" not in self.broken:
            places = {key: place for key, (_, place) in self.clauses.items()}
            self.faults += inspections.check_rules(self.parts.get("inspections.yaml", {}), self.rules, places)

    def _rule(self, key: str, raw: Mapping[str, Any], place: Place, known: part_checks.Known) -> None:
        if "rule" not in raw:
            return
        before = len(self.references.faults)
        resolved = self.references.resolve(raw["rule"], place.child("rule"), raw)
        if len(self.references.faults) == before:
            checked = clause_checks.rule(raw, resolved, place.child("rule"), known)
            found = [replace(fault, clause=key) for fault in checked]
            self.faults += found
            if not errors(found):
                self.rules[key] = resolved

    def _resolved_timers(self, raw: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
        timers = []
        for index, timer in enumerate(raw.get("timers") or ()):
            own = self.clauses.get(timer.get("clause", ""), ({}, place))[0]
            timers.append(self.references.resolve(timer, place.child("timers").child(index), own))
        resolved = {**raw, "timers": timers}
        self.scripts[raw["id"]] = (resolved, place)
        return resolved

    def _resolved(self, name: str) -> Any:
        """The menu, deadlines or lexicon with references replaced; a bare $name means the entry's own clause."""

        def walk(raw: Any, place: Place, own: Mapping[str, Any]) -> Any:
            if isinstance(raw, dict):
                own = self._own(raw) or own
                return {key: walk(value, place.child(key), own) for key, value in raw.items()}
            if isinstance(raw, list):
                return [walk(value, place.child(index), own) for index, value in enumerate(raw)]
            return self.references.resolve(raw, place, own)

        return walk(self.parts[name], self.documents[name].place(), {})

    def _own(self, raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
        named = raw.get("clause")
        several: list[Any] = raw["clauses"] if isinstance(raw.get("clauses"), list) else []
        merged: dict[str, Any] = {}
        for key in reversed([named, *several]):
            if isinstance(key, str) and key in self.clauses:
                clause = self.clauses[key][0]
                merged["value"] = {**merged.get("value", {}), **(clause.get("value") or {})}
                merged["phrases"] = clause.get("phrases") or merged.get("phrases")
        return merged or None

    @property
    def menu_name(self) -> str:
        """The menu's file as it is named in faults."""
        return str(self.menu_file) if self.menu_file is not None else self._shown("menu.yaml")

    def menu(self) -> Menu | None:
        """The menu alone, where it has no faults."""
        raw = self.parts.get("menu.yaml")
        if not raw:
            return None
        built = building.menu(raw, self.menu_name, self._marks("menu.yaml"))
        return replace(built, limits={**self._menu_limits(), **built.limits})

    def _menu_limits(self) -> dict[str, Bound]:
        """The limits that the clauses themselves set on menus, so that a menu cannot leave them out."""
        found = {}
        for key, rule in self.rules.items():
            if rule["kind"] == "menu_shape":
                name = {"longest_prompt_s": "message_s_max"}.get(rule["property"], rule["property"])
                found[name] = Bound(key, rule.get("max", rule.get("equals", rule.get("min"))))
        return found

    def _file(self, name: str) -> Path:
        return self.menu_file if name == "menu.yaml" and self.menu_file is not None else self.path / name

    def _document(self, name: str) -> Document:
        document = read(self._file(name), self.menu_name if name == "menu.yaml" else self._shown(name))
        self.documents[name] = document
        self.faults += document.faults
        return document

    def _shown(self, name: str) -> str:
        return f"{self.path.name}/{name}"

    def _shape(self, document: Document, shape: Shape) -> bool:
        if document.data is None:
            if not document.faults:
                self.faults.append(Fault(document.file, 1, "(file)", "the file is empty", "write it or remove it"))
            return False
        found = list(shape.check(document.data, document.place()))
        self.faults += found
        return not found

    # --- building ---------------------------------------------------------------------------

    def profile(self) -> Profile:
        """The profile; only to be called when `check` found no error."""
        raw = self.parts["standard.yaml"]
        ring = raw["variables"].get("ring_period_s")
        approved = raw["approved"]
        return Profile(
            id=raw["id"],
            title=raw["title"],
            title_en=raw["title_en"],
            body=raw["body"],
            languages=tuple(raw["languages"]),
            zone=ZoneInfo(raw["zone"]),
            version=raw["version"],
            approved=Approval(approved["order"], approved.get("date"), approved.get("by", "")),
            valid_from=raw["valid_from"],
            valid_to=raw.get("valid_to"),
            calendar=building.calendar(raw["calendar"], calendars.edits_of(raw["id"])),
            hours={key: building.opening(one) for key, one in (raw.get("hours") or {}).items()},
            variables=raw["variables"],
            assumed=raw.get("assumed") or {},
            texts=raw.get("texts") or {},
            clauses=dict(self._clauses()),
            scripts={key: building.script(one, ring) for key, (one, _) in self.scripts.items()},
            menu=self.menu(),
            deadlines=tuple(building.deadline(one) for one in self.parts.get("deadlines.yaml", {}).get("rules", ())),
            lexicons=tuple(building.lexicon(one) for one in self.parts.get("lexicon.yaml", {}).get("lists", ())),
            forms={key: building.form(one) for key, (one, _) in self.forms.items()},
            workflow=workflows.build(self.parts["workflow.yaml"]) if "workflow.yaml" in self.parts else None,
            messages={key: messages.build(one) for key, (one, _) in self.messages.items()},
            path=self.path,
            legal_sources=legal.build(raw.get("legal_sources")),
            repealed_by=orders.build(raw.get("repealed_by")),
            local_rules=self.local,
            sections=raw.get("sections") or {},
            services=passports.build(self.parts["services.yaml"]) if "services.yaml" in self.parts else {},
            publication=publication.build(self.parts["publication.yaml"], self.parts.get("content.yaml", {}))
            if "publication.yaml" in self.parts
            else None,
            inspections=inspections.build(self.parts["inspections.yaml"], self.rules)
            if "inspections.yaml" in self.parts
            else None,
        )

    def _clauses(self) -> Iterator[tuple[str, Clause]]:
        for key, (raw, place) in self.clauses.items():
            lines = [place.child("examples").child(index).line for index in range(len(raw.get("examples") or ()))]
            yield key, building.clause(raw, self.rules.get(key), place.document.file, place.line, lines)

    def _marks(self, name: str) -> dict[str, int]:
        return {".".join(map(str, path)): line for path, line in self.documents[name].lines.items()}
