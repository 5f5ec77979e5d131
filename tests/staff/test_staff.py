"""Employees, their roles and skills; log-ins and log-outs are facts."""

import pytest
from django.contrib.admin import site
from django.core.exceptions import ValidationError
from django.forms import modelform_factory
from django.test import Client as Browser
from django.test import RequestFactory

from kindline.journal.queries import facts_of
from kindline.staff import actions, queries
from kindline.staff.admin import EmployeeAdmin
from kindline.staff.models import Employee, Role, Skill

pytestmark = pytest.mark.db


@pytest.fixture
def skills() -> None:
    Skill.objects.bulk_create(Skill(code=code, title=code) for code in ("readings", "billing"))


def _employee(username: str, *roles: str, skills: dict[str, int] | None = None, **fields: object) -> Employee:
    return actions.create_employee(
        username=username, password="correct horse battery", fields={"roles": list(roles), **fields}, skills=skills
    )


def test_who_is_in_charge_and_who_can_serve(skills: None) -> None:
    both = _employee("both", Role.OPERATOR, skills={"readings": 5, "billing": 1})
    one = _employee("one", Role.OPERATOR, skills={"readings": 2})
    head = _employee("head", Role.SUPERVISOR, Role.OPERATOR)
    gone = _employee("gone", Role.DIRECTOR, is_active=False, skills={"readings": 2, "billing": 3})
    assert list(queries.in_charge()) == [head]
    active = Employee.objects.filter(is_active=True)
    assert set(queries.having(active, ["readings"])) == {both, one}
    assert list(queries.having(active, {"readings", "billing"})) == [both]
    assert set(queries.having(active, [])) == {both, one, head}
    assert gone not in queries.with_role(Role.DIRECTOR)
    assert head.has_role(Role.SUPERVISOR)
    assert not head.has_role(Role.DIRECTOR)


def test_skills_are_replaced_and_the_change_is_a_fact(skills: None) -> None:
    head = _employee("head", Role.SUPERVISOR)
    employee = _employee("one", Role.OPERATOR, skills={"readings": 2}, number=7)
    actions.change_employee(employee=employee, fields={"surname": "Нова"}, skills={"billing": 4}, by=head)
    assert [(row.skill.code, row.level) for row in employee.skills.all()] == [("billing", 4)]
    assert queries.by_number(7) == employee
    created, changed = facts_of("employee", employee.pk)
    assert (created.kind, changed.kind) == ("employee_created", "employee_changed")
    assert (changed.actor, changed.data) == (f"employee:{head.pk}", {"fields": ["surname", "skills"], "by": head.pk})


@pytest.mark.parametrize(
    ("fields", "skills", "wrong"),
    [
        ({"roles": ["king"]}, {}, "king"),
        ({"wings": 2}, {}, "wings"),
        ({"number": 7}, {}, "umber"),
        ({}, {"flying": 3}, "flying"),
    ],
)
def test_what_cannot_stand_is_refused(fields: dict[str, object], skills: dict[str, int], wrong: str) -> None:
    _employee("first", number=7)
    with pytest.raises(ValidationError, match=wrong):
        actions.create_employee(username="second", password="x", fields=fields, skills=skills)
    assert not Employee.objects.filter(username="second").exists()


def test_a_log_in_and_a_log_out_are_facts() -> None:
    employee = _employee("one", Role.OPERATOR)
    browser = Browser(REMOTE_ADDR="192.0.2.7")
    assert browser.login(username="one", password="correct horse battery")
    browser.logout()
    kinds = [(fact.kind, fact.actor) for fact in facts_of("employee", employee.pk) if fact.kind.startswith("session")]
    assert kinds == [("session_opened", f"employee:{employee.pk}"), ("session_closed", f"employee:{employee.pk}")]


def test_the_password_is_not_kept_in_the_open() -> None:
    employee = _employee("one")
    assert "battery" not in employee.password
    assert employee.check_password("correct horse battery")


@pytest.mark.clause("court-3-10", "krc-2-09")
def test_competence_leads_to_the_specialist() -> None:
    heat = _employee("heat", Role.SPECIALIST, competences=["heating", "water"])
    _employee("law", Role.SPECIALIST, competences=["contracts"])
    assert list(queries.competent_in("heating")) == [heat]


# --- what he changes himself at the same moment stays ---
def _changed_meanwhile(employee: Employee) -> Employee:
    """The employee as somebody has read him before he set another password and took his telephone elsewhere."""
    read_before = Employee.objects.get(pk=employee.pk)
    actions.change_password(employee=employee, password="a horse of another colour", by=employee)
    actions.take_phone(employee=employee, page="this one")
    return read_before


def _is_as_he_made_it(employee: Employee) -> bool:
    fresh = Employee.objects.get(pk=employee.pk)
    return fresh.check_password("a horse of another colour") and fresh.phone_page == "this one"


def test_a_change_brings_back_no_password_of_before() -> None:
    employee = _employee("one", Role.OPERATOR)
    actions.change_employee(employee=_changed_meanwhile(employee), fields={"language": "uk"}, by=employee)
    assert _is_as_he_made_it(employee)
    assert Employee.objects.get(pk=employee.pk).language == "uk"


def test_nor_does_the_administration() -> None:
    employee = _employee("one", Role.OPERATOR, surname="Нова")
    form = modelform_factory(Employee, fields=["surname"])({"surname": "Стара"}, instance=_changed_meanwhile(employee))
    assert form.is_valid()
    request = RequestFactory().post("/")
    request.user = employee
    EmployeeAdmin(Employee, site).save_model(request, form.save(commit=False), form, change=True)
    assert _is_as_he_made_it(employee)
    assert Employee.objects.get(pk=employee.pk).surname == "Стара"
