"""Inspections: planned, drawn by lot, carried out, frozen; every answer a verdict; what is not met is put right."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from kindline.files.models import Attachment
from kindline.files.taking import Upload
from kindline.journal.queries import facts_of
from kindline.quality import corrections, inspecting, inspection_planning, judging, places
from kindline.quality.inspecting import Answer
from kindline.quality.inspection_models import Correction, InspectedPlace, Inspection, InspectionDraw
from kindline.quality.models import Measurement
from kindline.staff.models import Employee, Role, Unit
from kindline.standard import loader
from kindline.standard.inspections import Checklist, Item
from kindline.standard.profile import Profile
from tests.files import makers
from tests.files.conftest import place as store_place

__all__ = ["store_place"]
pytestmark = pytest.mark.db
clause = pytest.mark.clause
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)  # a Monday at noon in Moscow
KRC = loader.load("krc")
assert KRC.inspections is not None
LISTS = KRC.inspections.checklists
RULED = {id_: one for id_, one in KRC.clauses.items() if one.rule is not None and one.rule.kind == "looked_at"}


def after(days: float) -> dt.datetime:
    """So many days after the beginning."""
    return NOW + dt.timedelta(days=days)


@pytest.fixture
def krc(under: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> Profile:
    """The settlement centre, judged by the clauses that an inspector looks at."""
    under("krc")
    short = dataclasses.replace(KRC, clauses=RULED)
    monkeypatch.setattr(judging, "loader", SimpleNamespace(load=lambda _id: short, profile_ids=loader.profile_ids))
    return KRC


@dataclasses.dataclass
class House:
    """Those who work there and what can be inspected."""

    profile: Profile
    admin: Employee
    inspector: Employee
    head: Employee
    clerks: list[Employee]
    office: InspectedPlace
    centre: InspectedPlace
    places: dict[str, InspectedPlace]

    def planned(self, checklist: str, due_on: dt.date | None = None) -> Inspection:
        """An inspection by a checklist, planned and begun by the inspector."""
        found = LISTS[checklist]
        scope = self.centre if found.within == "call_centre" else self.places.get(found.object, self.office)
        due = due_on or after(7).date()
        rows = inspection_planning.plan(profile=self.profile, checklist=found, scope=scope, due_on=due, now=NOW)
        return inspecting.begin(profile=self.profile, inspection=rows[0], employee=self.inspector, now=NOW)

    def answered(self, inspection: Inspection, answers: Mapping[str, Answer], now: dt.datetime = NOW) -> Inspection:
        """Kept as typed."""
        return inspecting.keep(
            profile=self.profile, inspection=inspection, answers=answers, employee=self.inspector, now=now
        )

    def finish(self, inspection: Inspection, now: dt.datetime = NOW, until: dt.date | None = None) -> Inspection:
        """Finished by the inspector."""
        return inspecting.finish(
            profile=self.profile, inspection=inspection, correct_until=until, employee=self.inspector, now=now
        )

    def photographed(self, inspection: Inspection, folder: Path) -> None:
        """A photo where one is demanded."""
        for item in LISTS[inspection.checklist].items:
            if item.photo:
                path = folder / f"{inspection.pk}-{item.id}.png"
                path.write_bytes(makers.picture())
                inspecting.add_photo(
                    profile=self.profile, inspection=inspection, item=item.id, upload=Upload(path.name, path),
                    employee=self.inspector, now=NOW,
                )  # fmt: skip


@pytest.fixture
def house(krc: Profile) -> House:
    """An office with four desks and four clerks, the call centre, a stand, the site."""

    def person(name: str, *roles: str, unit: Unit | None = None) -> Employee:
        return Employee.objects.create(username=name, surname=name, roles=list(roles), unit=unit)

    unit = Unit.objects.create(code="office-1", name="Садовая", is_office=True)
    admin, head = person("admin", Role.ADMINISTRATOR), person("head", Role.UNIT_HEAD, unit=unit)
    inspector = person("inspector", Role.SUPERVISOR, Role.DIRECTOR)
    clerks = [person(f"clerk{number}", Role.COUNTER, unit=unit) for number in range(4)]

    def entered(kind: str, name: str, office: InspectedPlace | None = None, **more: Any) -> InspectedPlace:
        fields = {"name": name, "office": office, "head": head, **more}
        return places.enter(profile=krc, kind=kind, fields=fields, employee=admin, now=NOW)

    office = entered("office", "Офис на Садовой", unit=unit, address="Садовая, 3", hours="8-20", windows=4)
    centre = entered("call_centre", "Контакт-центр")
    for number in range(4):
        entered("workplace", f"Окно {number}", office)
    entered("workplace", "Место 1", centre)
    found = {"stand": entered("stand", "Стенд", office), "site": entered("site", "Сайт")}
    return House(krc, admin, inspector, head, clerks, office, centre, found)


def good(item: Item) -> Answer:
    """An answer by which the item is met."""
    if item.answer == "look":
        return Answer("met")
    return Answer(number=str(item.norm.least if item.norm.least is not None else item.norm.most or 0))


def bad(item: Item) -> Answer:
    """An answer by which it is not met, and why; a number just outside the clause's limit."""
    if item.answer == "look":
        return Answer("not_met", comment="не так")
    if item.answer == "count":
        return Answer(number="2")
    least = item.norm.least
    return Answer(number=str(least - 1 if least is not None else (item.norm.most or 0) + 0.5), comment="не так")


def verdicts(inspection: Inspection, now: dt.datetime = NOW) -> dict[str, str]:
    """What the ordinary judge makes of it."""
    judging.judge_subjects(subjects={("inspection", str(inspection.pk))}, now=now)
    rows = Measurement.objects.filter(subject_type="inspection", subject_id=str(inspection.pk))
    return dict(rows.values_list("clause", "verdict"))


def ruled(checklist: Checklist) -> set[str]:
    """The clauses of a checklist that have a verdict."""
    return {clause for item in checklist.items for clause in item.clauses} & set(RULED)


class TestVerdicts:
    def test_every_clause_that_is_looked_at_has_an_item(self) -> None:
        assert {clause for one in LISTS.values() for clause in ruled(one)} == set(RULED)
        assert len(RULED) == 65

    @pytest.mark.parametrize("name", LISTS)
    def test_what_is_met_is_met(self, house: House, name: str) -> None:
        row = house.planned(name)
        house.finish(house.answered(row, {item.id: good(item) for item in LISTS[name].items}))
        assert verdicts(row) == dict.fromkeys(ruled(LISTS[name]), "met")
        assert not Correction.objects.exists()

    @pytest.mark.parametrize("name", LISTS)
    def test_what_is_not_met_is_not_met_and_is_put_right_by_the_head_of_the_office(
        self, house: House, name: str, tmp_path: Path
    ) -> None:
        row = house.planned(name)
        house.answered(row, {item.id: bad(item) for item in LISTS[name].items})
        house.photographed(row, tmp_path)
        house.finish(row)
        assert verdicts(row) == dict.fromkeys(ruled(LISTS[name]), "not_met")
        wrong = {item.id for item in LISTS[name].items if item.answer != "count"}
        assert {one.item for one in Correction.objects.filter(responsible=house.head)} == wrong

    @pytest.mark.parametrize("name", LISTS)
    def test_what_nobody_looked_at_in_time_is_not_measurable_since_the_last_look(self, house: House, name: str) -> None:
        row = house.planned(name)
        inspection_planning.sweep(profile=house.profile, now=after(7))
        assert verdicts(row, after(7)) == {}  # the last day is still in time
        inspection_planning.sweep(profile=house.profile, now=after(8.5))
        inspection_planning.sweep(profile=house.profile, now=after(9))
        assert verdicts(row, after(9)) == dict.fromkeys(ruled(LISTS[name]), "not_measurable")
        seen = Measurement.objects.filter(subject_type="inspection", subject_id=str(row.pk)).first()
        assert seen is not None
        assert seen.observed == "since 2026-03-02"
        assert facts_of("inspection", row.pk).filter(kind="inspection_overdue").count() == 1
        house.finish(house.answered(row, {item.id: good(item) for item in LISTS[name].items}, after(9)), after(9))
        assert set(verdicts(row, after(9)).values()) == {"met"}

    def test_a_number_is_held_against_the_clause(self, house: House) -> None:
        row = house.planned("appearance")
        answers = {item.id: good(item) for item in LISTS["appearance"].items} | {"skirt": Answer(number="3,5")}
        house.answered(row, answers | {"skirt": Answer(number="3,5", comment="коротка")})
        house.finish(row)
        verdicts(row)
        one = Measurement.objects.get(clause="krc-5.4.2-10")
        assert (one.verdict, one.observed, one.limit, one.unit) == ("not_met", "3.5", "≤ 3", "cm")
        assert len(one.evidence) == 1

    def test_what_does_not_apply_has_no_verdict(self, house: House) -> None:
        row = house.planned("appearance")
        spared = {item.id for item in LISTS["appearance"].items if item.may_not_apply}
        answers = {i.id: Answer("not_applicable") if i.id in spared else good(i) for i in LISTS["appearance"].items}
        house.finish(house.answered(row, answers))
        assert spared == {"skirt", "waistcoat", "badge_chest"}
        assert not {"krc-5.4.2-10", "krc-5.4.2-11", "krc-5.4.2-17"} & set(verdicts(row))

    def test_one_row_of_the_table_not_met_and_the_table_is_not(self, house: House) -> None:
        row = house.planned("operator_workplace")
        answers = {item.id: good(item) for item in LISTS["operator_workplace"].items}
        house.finish(house.answered(row, answers | {"noise": Answer("not_met", comment="слышно зал")}))
        found = verdicts(row)
        assert {one for one, said in found.items() if said == "not_met"} == {"krc-5.5.3-01", "krc-5.5.3-10"}

    @clause("krc-2-38", "krc-2-39", "krc-2-44", "krc-2-46", "krc-2-47")
    def test_what_an_office_has_is_counted_and_not_judged(self, house: House) -> None:
        row = house.planned("office")
        counts = {"carriers": "2", "materials": "11", "monitors": "1", "coolers": "0", "tables": "3", "chairs": "12"}
        answers = {item.id: good(item) for item in LISTS["office"].items}
        house.finish(house.answered(row, answers | {name: Answer(number=one) for name, one in counts.items()}))
        assert not [one for one in verdicts(row) if one.startswith("krc-2-")]
        facts = facts_of("inspection", row.pk).filter(kind="item_looked_at", data__verdict="counted")
        assert {fact.data["item"]: fact.data["value"] for fact in facts} == {k: float(v) for k, v in counts.items()}
        assert {fact.data["clause"] for fact in facts} == {"krc-2-38", "krc-2-39", "krc-2-47"}
        assert (house.office.windows, house.office.hours, str(house.places["stand"].office)) == (
            4, "8-20", "Офис на Садовой",
        )  # fmt: skip
        hall = next(area for area in LISTS["office"].areas if area.id == "hall")
        assert hall.clauses == ("krc-2-44",)


@pytest.mark.django_db(transaction=True)
def test_the_judge_finds_an_inspection_by_itself(house: House) -> None:
    row = house.planned("site")
    house.finish(house.answered(row, {item.id: good(item) for item in LISTS["site"].items}))
    while judging.judge_new(now=NOW):
        pass
    assert set(Measurement.objects.values_list("clause", "verdict")) == {("krc-5.7-08", "met"), ("krc-5.7-09", "met")}


class TestCarryingOut:
    def test_what_is_typed_is_kept_until_it_is_finished(self, house: House) -> None:
        row = house.planned("site")
        house.answered(row, {"style": Answer("not_met", comment="шрифт")})
        house.answered(row, {"tasks": Answer("met")})
        kept = inspecting.answers_of(Inspection.objects.get(pk=row.pk))
        assert kept == {"style": Answer("not_met", comment="шрифт"), "tasks": Answer("met")}

    def test_it_is_not_finished_without_answer_reason_and_photo(self, house: House) -> None:
        row = house.planned("workplace")
        answers = {"accessories": Answer("not_met"), "order": Answer("na"), "pens": Answer(number="две"),
                   "things": Answer("not_met", comment="чашка"), "monitor": Answer("not_applicable")}  # fmt: skip
        house.answered(row, answers)
        with pytest.raises(inspecting.UnansweredError) as refused:
            house.finish(row)
        assert refused.value.wrong == {"accessories": "comment", "order": "answer", "promotional": "answer",
                                       "pens": "number", "things": "photo", "monitor": "answer",
                                       "papers": "answer"}  # fmt: skip
        assert Inspection.objects.get(pk=row.pk).finished_at is None

    @pytest.mark.parametrize("typed", ["", "-1", "nan", "inf", "1e99", "9" * 30, "Ⅳ", "3 см"])
    def test_what_is_no_number_is_no_answer(self, house: House, typed: str) -> None:
        item = LISTS["workplace"].item("pens")
        assert item is not None
        assert inspecting.missing(item, Answer(number=typed)) == "number"

    def test_a_finished_inspection_is_frozen_with_time_and_name(self, house: House) -> None:
        row = house.planned("site")
        house.finish(house.answered(row, {item.id: good(item) for item in LISTS["site"].items}))
        found = Inspection.objects.get(pk=row.pk)
        assert (found.finished_at, found.inspector, found.sha256) == (NOW, house.inspector, inspecting.seal(found))
        with pytest.raises(inspecting.InspectionOverError):
            house.answered(row, {"style": Answer("not_met")})
        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            Inspection.objects.filter(pk=row.pk).update(answers={})
        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            found.delete()

    def test_one_carries_it_out_and_another_takes_it_over_by_beginning(self, house: House) -> None:
        row = house.planned("office")
        with pytest.raises(inspecting.OthersInspectionError):
            inspecting.keep(profile=house.profile, inspection=row, answers={}, employee=house.head, now=NOW)
        inspecting.begin(profile=house.profile, inspection=row, employee=house.head, now=NOW)
        with pytest.raises(inspecting.OthersInspectionError):
            house.answered(row, {})

    def test_only_the_roles_of_the_standard_and_nobody_himself(self, house: House) -> None:
        row = house.planned("appearance")
        for employee in (house.admin, house.clerks[0]):
            with pytest.raises(inspecting.NotInspectorError):
                inspecting.begin(profile=house.profile, inspection=row, employee=employee, now=NOW)
        assert row.employee is not None
        row.employee.roles = [Role.COUNTER, Role.SUPERVISOR]
        row.employee.save()
        with pytest.raises(inspecting.NotInspectorError):
            inspecting.begin(profile=house.profile, inspection=row, employee=row.employee, now=NOW)

    def test_one_sees_ones_own_once_it_is_finished(self, house: House) -> None:
        row = house.planned("appearance")
        own, other = row.employee, next(one for one in house.clerks if one != row.employee)
        assert own is not None
        assert not inspecting.may_see(house.profile, own, row)
        house.finish(house.answered(row, {item.id: good(item) for item in LISTS["appearance"].items}))
        row.refresh_from_db()
        assert inspecting.may_see(house.profile, own, row)
        assert not inspecting.may_see(house.profile, other, row)
        assert not inspecting.may_see(house.profile, own)

    def test_a_photo_is_a_file_of_the_inspection(self, house: House, tmp_path: Path) -> None:
        row = house.planned("site")
        house.photographed(row, tmp_path)
        house.answered(row, {"style": Answer("not_met", comment="шрифт")})
        kept = inspecting.answers_of(Inspection.objects.get(pk=row.pk))["style"]
        assert Attachment.objects.get().pk in kept.photos
        assert str(Attachment.objects.get().owner) == f"inspection/{row.pk}"


class TestPlanning:
    def test_planned_ahead_once_and_again_after_the_last_look(self, house: House) -> None:
        assert inspection_planning.sweep(profile=house.profile, now=NOW) == 0
        site = LISTS["site"]
        due = NOW.date() + dt.timedelta(days=site.every_days)
        early = after(site.every_days - 14)
        inspection_planning.sweep(profile=house.profile, now=early)
        inspection_planning.sweep(profile=house.profile, now=early)
        row = Inspection.objects.get(checklist="site")
        assert (row.due_on, row.since) == (due, NOW.date())
        inspecting.begin(profile=house.profile, inspection=row, employee=house.inspector, now=early)
        house.finish(house.answered(row, {item.id: good(item) for item in site.items}, early), early)
        nexts = [one for one in inspection_planning.coming(house.profile) if one.checklist.id == "site"]
        assert [one.due_on for one in nexts] == [early.date() + dt.timedelta(days=site.every_days)]

    def test_a_lot_that_anybody_can_draw_again(self, house: House) -> None:
        rows = inspection_planning.plan(
            profile=house.profile, checklist=LISTS["appearance"], scope=house.office, due_on=after(7).date(), now=NOW
        )
        draw = InspectionDraw.objects.get()
        assert draw.population == sorted(one.pk for one in house.clerks)
        drawn = inspection_planning.by_lot(draw.population, draw.seed)[:3]
        assert {row.employee_id for row in rows} == set(drawn)
        assert len(rows) == 3
        fact = facts_of("inspection_draw", draw.pk).get()
        assert (fact.data["seed"], fact.data["of"], fact.data["sample"]) == (draw.seed, 4, 3)

    def test_where_there_is_nobody_to_draw_from_nothing_comes(self, house: House) -> None:
        InspectedPlace.objects.filter(kind="workplace", office=house.centre).update(left_at=NOW)
        names = {one.checklist.id for one in inspection_planning.coming(house.profile)}
        assert names == set(LISTS) - {"operator_workplace"}

    def test_every_lot_is_as_likely(self) -> None:
        firsts = [inspection_planning.by_lot(range(4), f"{seed:016x}")[0] for seed in range(4000)]
        assert all(850 < firsts.count(key) < 1150 for key in range(4))

    def test_who_left_is_not_looked_at(self, house: House) -> None:
        row = house.planned("appearance")
        assert row.employee is not None
        Employee.objects.filter(pk=row.employee.pk).update(is_active=False)
        inspection_planning.sweep(profile=house.profile, now=NOW)
        row.refresh_from_db()
        assert row.dropped_at == NOW

    def test_a_changed_address_makes_the_signs_to_be_looked_at(self, house: House) -> None:
        fields = {"name": house.office.name, "unit": house.office.unit, "head": house.head, "hours": "8-20",
                  "windows": 4, "office": None, "address": "Садовая, 5"}  # fmt: skip
        places.change(profile=house.profile, place=house.office, fields=fields, employee=house.admin, now=after(3))
        assert [row.due_on for row in Inspection.objects.filter(checklist="office")] == [after(17).date()]

    def test_an_object_that_is_given_up_takes_what_is_in_it_along(self, house: House) -> None:
        house.planned("stand")
        places.leave(profile=house.profile, place=house.office, employee=house.admin, now=NOW)
        assert InspectedPlace.objects.filter(left_at=None).count() == 3
        assert not inspection_planning.open_ones(house.profile).exists()

    @pytest.mark.parametrize(
        ("kind", "more"),
        [("office", {"name": " "}), ("office", {"head": None}), ("workplace", {}), ("garden", {}), ("stand", "site")],
    )
    def test_an_object_without_what_is_needed_is_refused(self, house: House, kind: str, more: Any) -> None:
        extra = {"office": house.places["site"]} if more == "site" else more
        with pytest.raises(places.UnfitPlaceError):
            places.enter(
                profile=house.profile, kind=kind, fields={"name": "х", "head": house.head, **extra},
                employee=house.admin, now=NOW,
            )  # fmt: skip

    def test_objects_are_entered_by_the_roles_of_the_standard(self, house: House) -> None:
        with pytest.raises(places.NotTheirsError):
            places.enter(profile=house.profile, kind="site", fields={}, employee=house.inspector, now=NOW)
        fields = {"name": "Сайт", "head": house.head}
        with pytest.raises(places.KnownPlaceError):
            places.enter(profile=house.profile, kind="site", fields=fields, employee=house.admin, now=NOW)

    def test_a_standard_without_inspections_plans_nothing(self, house: House) -> None:
        bare = dataclasses.replace(house.profile, inspections=None)
        assert inspection_planning.sweep(profile=bare, now=after(400)) == 0
        assert not inspecting.may_see(bare, house.inspector)


class TestCorrections:
    @pytest.fixture
    def correction(self, house: House) -> Correction:
        """The head has to clear a desk until the tenth day."""
        row = house.planned("workplace")
        answers = {item.id: good(item) for item in LISTS["workplace"].items}
        house.finish(
            house.answered(row, answers | {"order": Answer("not_met", comment="бумаги грудой")}),
            until=after(10).date(),
        )
        return Correction.objects.get()

    @clause("krc-5.3-15")
    def test_the_head_of_the_office_answers_and_nobody_else(self, house: House, correction: Correction) -> None:
        assert (correction.responsible, correction.due_on, correction.title) == (
            house.head, after(10).date(), "бумаги грудой",
        )  # fmt: skip
        with pytest.raises(corrections.NotAnswerableError):
            corrections.done(
                profile=house.profile, correction=correction, result="убрал", employee=house.inspector, now=NOW
            )
        made = corrections.done(
            profile=house.profile, correction=correction, result="убрали", employee=house.head, now=after(9)
        )
        fact = facts_of("inspection", made.inspection_id).get(kind="correction_done")
        assert (made.result, fact.data["in_time"], made.closed_at) == ("убрали", True, None)
        with pytest.raises(corrections.CorrectionStateError):
            corrections.done(
                profile=house.profile, correction=correction, result="ещё", employee=house.head, now=after(9)
            )

    def _again(self, house: House, correction: Correction, answer: Answer, now: dt.datetime) -> Inspection:
        look = correction.repetition
        assert look is not None
        assert [item.id for item in inspecting.items_of(house.profile, look)] == ["order"]
        inspecting.begin(profile=house.profile, inspection=look, employee=house.inspector, now=now)
        house.answered(look, {"order": answer}, now)
        return house.finish(look, now)

    def test_a_look_at_it_closes_it(self, house: House, correction: Correction) -> None:
        look = self._again(house, correction, Answer("met"), after(10))
        correction.refresh_from_db()
        assert correction.closed_at == after(10)
        assert verdicts(look, after(10)) == {"krc-5.3-02": "met"}
        assert verdicts(correction.inspection, after(10))["krc-5.3-02"] == "not_met"

    def test_not_right_yet_it_is_open_until_another_day(self, house: House, correction: Correction) -> None:
        corrections.done(
            profile=house.profile, correction=correction, result="убрали", employee=house.head, now=after(9)
        )
        self._again(house, correction, Answer("not_met", comment="опять груда"), after(10))
        found = Correction.objects.get()
        assert (found.done_at, found.closed_at, found.title) == (None, None, "опять груда")
        assert (found.due_on, found.inspection) == (after(24).date(), correction.inspection)
        self._again(house, found, Answer("met"), after(20))
        found.refresh_from_db()
        assert found.closed_at == after(20)

    def test_a_repetition_that_is_late_leaves_the_first_verdict(self, house: House, correction: Correction) -> None:
        inspection_planning.sweep(profile=house.profile, now=after(11.5))
        look = correction.repetition
        assert look is not None
        look.refresh_from_db()
        assert look.overdue_at == after(11.5)
        assert verdicts(look, after(12)) == {}
