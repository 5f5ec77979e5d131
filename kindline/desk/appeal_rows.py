"""Rows of the registry: filters read from the address, a line of the export, what can be chosen."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from kindline.appeals import lookup, queries
from kindline.appeals.models import Appeal
from kindline.desk import house, wording
from kindline.staff.models import Employee
from kindline.standard.profile import Profile


def asked(query: QueryDict, me: Employee, now: dt.datetime) -> QuerySet[Appeal]:
    """The appeals that the filters leave, each filter one condition: the number of queries is constant."""
    profile = house.profile()
    found = _state(queries.appeals().filter(profile=profile.id), query.get("state", "open"))
    if kind := query.get("kind", ""):
        found = found.filter(kind=kind)
    found = _executor(found, query.get("executor", ""), me)
    if (due := query.get("due", "")) in queries.DUE:
        found = queries.due_ones(found, due, now, profile).order_by("limit_at", "registered_at")
    if text := query.get("q", "").strip():
        found = lookup.find(found, text, profile.id)
    return found


def choices(profile: Profile) -> dict[str, Any]:
    """What the filters offer: states of the workflow, kinds, dues."""
    states = profile.workflow.states.values() if profile.workflow else ()
    return {
        "states": [(state.id, house.titled(state.title)) for state in states],
        "kinds": [(code, wording.kind_title(code)) for code in wording.APPEAL_KINDS],
        "dues": [(code, wording.due_title(code)) for code in queries.DUE],
    }


def executors() -> QuerySet[Employee]:
    """Everybody who has an appeal that is open."""
    having = Appeal.objects.filter(closed_at=None).exclude(executor=None).values("executor")
    return Employee.objects.filter(pk__in=having).order_by("surname", "given_name", "pk")


def heads() -> list[str]:
    """The heads of the export's columns."""
    return [
        _("Number"), _("Registered"), _("Kind"), _("Topic"), _("State"), _("Own target"), _("Limit"), _("Executor"),
        _("Applicant"),
    ]  # fmt: skip


def line(one: Appeal) -> list[object]:
    """A row of the export."""
    return [
        one.number,
        house.local(one.registered_at),
        wording.kind_title(one.kind),
        one.topic.title if one.topic else "",
        wording.appeal_state_title(one.state),
        house.local(one.target_at),
        house.local(one.limit_at),
        str(one.executor) if one.executor else "",
        one.applicant,
    ]


def _state(rows: QuerySet[Appeal], state: str) -> QuerySet[Appeal]:
    if state == "open":
        return rows.filter(closed_at=None).order_by("limit_at", "registered_at")
    return rows if state in ("", "all") else rows.filter(state=state)


def _executor(rows: QuerySet[Appeal], asked_for: str, me: Employee) -> QuerySet[Appeal]:
    if asked_for == "me":
        return rows.filter(executor=me)
    if asked_for == "none":
        return rows.filter(executor=None)
    return rows.filter(executor=int(asked_for)) if asked_for.isdecimal() and len(asked_for) < 18 else rows
