"""Who works here, in which role, with which skills."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Count, Q, QuerySet

from kindline.staff.models import Employee, Role, Unit

IN_CHARGE = (Role.SUPERVISOR, Role.UNIT_HEAD, Role.DIRECTOR)
AT_THE_PHONE = (Role.OPERATOR, Role.COUNTER, Role.SPECIALIST, Role.SUPERVISOR, Role.UNIT_HEAD)


def with_role(*roles: str) -> QuerySet[Employee]:
    """Active employees holding any of the roles."""
    return Employee.objects.filter(is_active=True, roles__overlap=list(roles)).order_by("number", "surname", "pk")


def in_charge() -> QuerySet[Employee]:
    """Active supervisors, heads of unit and directors."""
    return with_role(*IN_CHARGE)


def having(rows: QuerySet[Employee], codes: Collection[str]) -> QuerySet[Employee]:
    """Those of some employees who have every one of the skills."""
    wanted = set(codes)
    if not wanted:
        return rows
    counted = rows.annotate(matched=Count("skills", filter=Q(skills__skill__code__in=wanted), distinct=True))
    return counted.filter(matched=len(wanted))


def competent_in(topic: str) -> QuerySet[Employee]:
    """Active specialists and heads who answer for a topic (krc-5.6.4-15, court-3-10)."""
    return Employee.objects.filter(is_active=True, competences__contains=[topic]).order_by("surname", "pk")


def by_number(number: int) -> Employee | None:
    """The employee with this operator number."""
    return Employee.objects.filter(number=number).first()


def units_below(unit: Unit) -> tuple[int, ...]:
    """The keys of a unit and of all units below it, however deep: one query."""
    below: dict[int | None, list[int]] = {}
    for key, parent in Unit.objects.values_list("pk", "parent"):
        below.setdefault(parent, []).append(key)
    return _down(unit.pk, below)


def _down(unit: int, below: Mapping[int | None, list[int]]) -> tuple[int, ...]:
    return unit, *(key for child in below.get(unit, ()) for key in _down(child, below))


def units() -> QuerySet[Unit]:
    """All units, by name."""
    return Unit.objects.order_by("name", "pk")


def offices() -> QuerySet[Unit]:
    """Units that receive clients in person."""
    return Unit.objects.filter(is_office=True).order_by("name")
