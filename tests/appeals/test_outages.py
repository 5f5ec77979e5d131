"""Incidents as the telephone tells them: by place, in words, only those that are not over."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from kindline.appeals import outages
from kindline.appeals.models import Incident
from kindline.clients.models import Premise
from kindline.staff.models import Employee
from kindline.standard import loader
from tests.appeals.registry import NOW

pytestmark = pytest.mark.db
KRC = loader.load("krc")


def incident(area: str, title: str = "Нет воды в домах 12 и 14", **more: Any) -> Incident:
    who = Employee.objects.create(username="op", surname="Op", given_name="A", roles=["operator"])
    given = {"profile": "krc", "begun_at": NOW - dt.timedelta(hours=2), "opened_by": who, "opened_at": NOW} | more
    return Incident.objects.create(title=title, area=area, **given)


def place(street: str = "ул. Лесная", house: str = "12", city: str = "Светлогорье") -> Premise:
    return Premise.objects.create(city=city, street=street, house=house, flat="7")


def test_an_incident_is_told_in_words_with_its_day_and_hour(db: None) -> None:
    incident("Лесная")
    [said] = outages.at(KRC, [place()], NOW)
    assert said.startswith("По Вашему адресу: Нет воды в домах двенадцать и четырнадцать.")
    assert "марта" in said
    assert not any(one.isdigit() for one in said)
    assert outages.any_open(KRC, NOW)


@pytest.mark.parametrize(
    ("area", "covered"),
    [
        ("Лесная", True),
        ("Садовая, Лесная 12", True),
        ("ул. Лесная, д. 14; Садовая", False),
        ("ул. Лесная, д. 12", True),
        ("Лесная, 14, 12", True),
        ("Лесная 10, 12-А; Садовая", False),
        ("12", False),
        ("Светлогорье", True),
        ("Светлогорье Садовая", False),
        ("Лес", False),
        (", ;", False),
    ],
)
def test_a_place_is_covered_by_all_words_of_one_street(db: None, area: str, covered: bool) -> None:
    incident(area)
    assert bool(outages.at(KRC, [place()], NOW)) is covered


@pytest.mark.parametrize(
    "more",
    [
        {"ended_at": NOW - dt.timedelta(minutes=1)},
        {"begun_at": NOW + outages.AHEAD + dt.timedelta(hours=1)},
        {"begun_at": NOW + dt.timedelta(hours=1), "ended_at": NOW},
        {"profile": "voe"},
        {"area": ""},
    ],
)
def test_what_is_over_or_to_come_or_of_others_is_not_told(db: None, more: dict[str, Any]) -> None:
    incident(**({"area": "Лесная"} | more))
    assert outages.at(KRC, [place()], NOW) == []
    assert not outages.any_open(KRC, NOW)


def test_planned_work_of_the_next_days_is_told_as_planned_after_what_goes_on(db: None) -> None:
    begins = NOW + dt.timedelta(days=1)
    incident("Лесная", "Замена кабеля", begun_at=begins, expected_end=begins + dt.timedelta(hours=4))
    Incident.objects.create(
        title="Нет воды", area="Лесная", profile="krc", begun_at=NOW, opened_at=NOW, opened_by=Employee.objects.get()
    )
    goes_on, planned = outages.at(KRC, [place()], NOW)
    assert goes_on.startswith("По Вашему адресу: Нет воды.")
    assert planned.startswith("По Вашему адресу запланированы работы: Замена кабеля. Начало третьего марта, с")
    assert "Закончить их должны до" in planned
    assert not any(one.isdigit() for one in planned)


def test_an_old_incident_at_the_place_is_told_however_many_began_after_it(db: None) -> None:
    incident("Лесная", notice="Нет воды", begun_at=NOW - dt.timedelta(days=3))
    who = Employee.objects.get()
    Incident.objects.bulk_create(
        Incident(profile="krc", title="t", area="Садовая", notice="n", begun_at=NOW, opened_at=NOW, opened_by=who)
        for _ in range(60)
    )
    assert len(outages.at(KRC, [place()], NOW)) == 1
    assert [one.title for one in outages.at_address(KRC, "ул. Лесная, 12", NOW)] == ["Нет воды в домах 12 и 14"]


def test_what_has_no_area_concerns_every_address_as_it_does_every_subscriber(db: None) -> None:
    found = incident("", notice="Нет света во всём городе")
    assert outages.concerning(found)("Садовая", "3")
    assert outages.at_address(KRC, "Садовая, 3", NOW) == [found]
    assert outages.any_open(KRC, NOW)
    assert len(outages.at(KRC, [place("Садовая", "3")], NOW)) == 1
    assert outages.at(KRC, [], NOW) == [], "whoever names no place hears nothing of it"


@pytest.mark.parametrize(("hours", "told"), [(5, True), (-1, False)])
def test_the_expected_end_is_told_while_it_lies_ahead(db: None, hours: int, told: bool) -> None:
    incident("Лесная", expected_end=NOW + dt.timedelta(hours=hours))
    [said] = outages.at(KRC, [place()], NOW)
    assert ("Ожидаем, что всё будет исправлено до" in said) is told
    assert not any(one.isdigit() for one in said)
