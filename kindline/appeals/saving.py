"""Views of the registry that an employee keeps, for himself, for a role or for his unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Q, QuerySet

from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import SavedView
from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.staff.actions import actor
from kindline.staff.models import Employee, Role, Unit

NAME_MAX = 60
OWNER = tuple(f"owner__{name}" for name in ("surname", "given_name", "patronymic", "username"))
SHOWN = ("name", "query", "role", *OWNER, "unit__name")


def save_view(
    *, name: str, query: str, role: str = "", unit: Unit | None = None, employee: Employee, now: dt.datetime
) -> SavedView:
    """Keep filters under a name, for oneself, a role or a unit; the same name again replaces what it stood for.

    Raises: EmptyTextError without a name.
    """
    called = storable(name).strip()[:NAME_MAX]
    if not called:
        raise EmptyTextError("give the view a name")
    shared = role if role in Role.values else ""
    with transaction.atomic():
        kept = {"query": storable(query), "role": shared, "unit": unit, "made_at": now}
        view, _ = SavedView.objects.update_or_create(owner=employee, name=called, defaults=kept)
        data = {"name": called, "query": view.query, "role": shared, "unit": unit.name if unit else ""}
        _keep("view_saved", data, employee, now)
        return view


def remove_view(*, view: SavedView, employee: Employee, now: dt.datetime) -> None:
    """Forget a view of one's own; another's stays."""
    with transaction.atomic():
        if SavedView.objects.filter(pk=view.pk, owner=employee).delete()[0]:
            _keep("view_removed", {"name": view.name}, employee, now)


def views_of(employee: Employee) -> QuerySet[SavedView]:
    """The employee's own views and those shared with one of his roles or with his unit, by name."""
    seen = Q(owner=employee) | Q(role__in=employee.roles)
    seen |= Q(unit=employee.unit_id) if employee.unit_id else Q()
    return SavedView.objects.filter(seen).select_related("owner", "unit").only(*SHOWN).order_by("name", "pk")


def _keep(kind: str, data: Mapping[str, object], employee: Employee, now: dt.datetime) -> None:
    journal.record(
        kind=kind, subject_type="employee", subject_id=employee.pk, actor=actor(employee), data=data, at=now
    )  # fmt: skip
