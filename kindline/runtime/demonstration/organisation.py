"""Units, skills, employees, topics and other bodies of the invented organisation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet

from kindline.appeals.models import Body
from kindline.conversations.models import Topic
from kindline.runtime.demonstration import words
from kindline.staff.models import Employee, EmployeeSkill, Role, Skill, Unit
from kindline.standard.profile import Profile
from kindline.switchboard.dialling_models import Extension

LOGINS: tuple[tuple[str, str, tuple[Role, ...], str], ...] = (
    ("operator1", "operator", (Role.OPERATOR,), "contact-centre"),
    ("operator2", "operator", (Role.OPERATOR,), "contact-centre"),
    ("operator3", "operator", (Role.OPERATOR,), "contact-centre"),
    ("operator4", "operator", (Role.OPERATOR,), "contact-centre"),
    ("counter1", "counter", (Role.COUNTER,), "office"),
    ("specialist1", "specialist", (Role.SPECIALIST,), "profile"),
    ("specialist2", "specialist", (Role.SPECIALIST,), "profile"),
    ("supervisor", "supervisor", (Role.SUPERVISOR, Role.OPERATOR), "contact-centre"),
    ("unit_head", "unit_head", (Role.UNIT_HEAD,), "profile"),
    ("director", "director", (Role.DIRECTOR,), "top"),
    ("siteadmin", "siteadmin", (Role.SITE_ADMINISTRATOR,), "profile"),
    ("admin", "admin", (Role.ADMINISTRATOR, Role.SECURITY), "top"),
)
"""Login, position, roles, unit; operator numbers are given in this order from 11."""
FIRST_NUMBER = 11
DEPARTMENTS = {"50": "profile", "51": "office"}
"""Extensions of departments, beside the numbers of people."""


def invented() -> QuerySet[Employee]:
    """Those of the demonstration who are still let in: their password is printed at each start."""
    return Employee.objects.filter(email__in=[f"{one[0]}@example.org" for one in LOGINS], is_active=True)


def make(profile: Profile, password: str, dice: Random) -> list[Employee]:
    """Make the organisation; returns its employees."""
    plan = words.organisation(profile.id)
    units = _units(plan["units"])
    Extension.objects.bulk_create(Extension(number=number, unit=_unit(units, at)) for number, at in DEPARTMENTS.items())
    Skill.objects.bulk_create(Skill(code=code, title=title) for code, title in plan["skills"].items())
    _topics(profile, plan["topics"])
    Body.objects.bulk_create(Body(profile=profile.id, **body) for body in plan["bodies"])
    return _employees(profile, plan, units, password, dice)


def _units(plans: Iterable[Mapping[str, Any]]) -> dict[str, Unit]:
    made: dict[str, Unit] = {}
    for plan in plans:
        fields = {key: value for key, value in plan.items() if key != "parent"}
        made[plan["code"]] = Unit.objects.create(**fields, parent=made.get(plan.get("parent", "")))
    return made


def _topics(profile: Profile, plans: Iterable[Mapping[str, Any]], parent: Topic | None = None) -> None:
    for plan in plans:
        fields = {key: value for key, value in plan.items() if key != "children"}
        topic = Topic.objects.create(profile=profile.id, parent=parent, **fields)
        _topics(profile, plan.get("children", ()), topic)


def _employees(
    profile: Profile, plan: Mapping[str, Any], units: Mapping[str, Unit], password: str, dice: Random
) -> list[Employee]:
    hashed = make_password(password)
    made = []
    for number, (username, position, roles, where) in enumerate(LOGINS, FIRST_NUMBER):
        made.append(
            Employee(
                username=username, password=hashed, number=number, roles=list(roles), language=profile.language,
                position=plan["positions"][position], unit=_unit(units, where), email=f"{username}@example.org",
                phone=str(100 + number), competences=plan["competences"].get(username, []),
                is_staff=username == "admin", is_superuser=username == "admin",
                **words.person(dice, profile.language).fields(),
            )
        )  # fmt: skip
    Employee.objects.bulk_create(made)
    _deputies({employee.username: employee for employee in made})
    _skills(made, dice)
    return made


def _unit(units: Mapping[str, Unit], where: str) -> Unit:
    offices = [unit for unit in units.values() if unit.is_office]
    found = {"office": offices[0], "top": next(iter(units.values())), "profile": list(units.values())[2]}
    return units[where] if where in units else found[where]


def _deputies(by_login: Mapping[str, Employee]) -> None:
    for login, deputy in (("specialist1", "specialist2"), ("specialist2", "specialist1"), ("supervisor", "unit_head")):
        by_login[login].deputy = by_login[deputy]
    Employee.objects.bulk_update(by_login.values(), ["deputy"])


def _skills(employees: Iterable[Employee], dice: Random) -> None:
    """The first two operators and the supervisor can do everything; the others lack something."""
    skills = list(Skill.objects.order_by("code"))
    rows = []
    for employee in employees:
        if Role.OPERATOR not in employee.roles:
            continue
        whole = employee.username in ("operator1", "operator2", "supervisor")
        known = skills if whole else dice.sample(skills, max(1, len(skills) - 1))
        rows += [EmployeeSkill(employee=employee, skill=skill, level=dice.randint(2, 5)) for skill in known]
    EmployeeSkill.objects.bulk_create(rows)
