"""A service on an appeal's page: the set of its documents, its stages, and what is done to both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from kindline.appeals import rights, stages
from kindline.appeals.models import Appeal
from kindline.appeals.stage_models import ServiceRequest, Stage
from kindline.conversations.documents import MARKS
from kindline.conversations.models import DocumentSet
from kindline.desk import house
from kindline.desk.appeal_acts import Turn
from kindline.desk.wording import titled
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.passports import Passport
from kindline.standard.profile import Profile

MARK_TITLES = {
    "there": _("is there"),
    "faulty": _("is faulty"),
    "missing": _("is missing"),
    "not_needed": _("is not needed"),
}


def context(appeal: Appeal, me: Employee, beside: frozenset[str]) -> dict[str, Any]:
    """What the page shows of a service; nothing where the appeal asks for none."""
    profile = loader.load(appeal.profile)
    request = ServiceRequest.objects.filter(appeal=appeal).first() if "service" in beside else None
    leads = appeal.closed_at is None and rights.may(profile, stages.RIGHT, me, appeal)
    if request is not None:
        return {"service": _told(request, profile), "leads": leads}
    asked = stages.KIND in (appeal.kind, *appeal.kinds_voiced) and bool(profile.services)
    return {"services": _offered(appeal, profile)} if asked and leads else {}


def _offered(appeal: Appeal, profile: Profile) -> list[dict[str, Any]]:
    """The services that the appeal may be about; first the one whose documents were brought in the same visit."""
    brought = set(DocumentSet.objects.filter(contact=appeal.contact_id).values_list("service", flat=True))
    rows = [{"id": one.id, "title": house.titled(dict(one.title))} for one in profile.services.values()]
    return sorted(rows, key=lambda row: row["id"] not in brought)


def _told(request: ServiceRequest, profile: Profile) -> dict[str, Any]:
    passport = profile.services.get(request.service) or Passport(request.service, {}, (), "")
    today = timezone.now().astimezone(profile.zone).date()
    rows = request.stages.select_related("done_by").order_by("position")
    return {
        "row": request,
        "title": house.titled(dict(passport.title)) or request.service,
        "passport": passport,
        "marks": [(code, titled(MARK_TITLES, code)) for code in MARKS],
        "documents": [
            {"id": one.id, "title": house.titled(dict(one.title)), "mark": request.marks.get(one.id, "missing")}
            for one in passport.documents
        ],
        "set_late": bool(request.due_on and request.due_on < today),
        "stages": [_stage(one, passport, today, profile) for one in rows],
    }


def _stage(one: Stage, passport: Passport, today: dt.date, profile: Profile) -> dict[str, Any]:
    norm = passport.stage(one.stage)
    goes_on = one.begun_at is not None and one.done_at is None
    return {
        "row": one,
        "title": house.titled(dict(norm.title)) if norm else one.stage,
        "by": house.titled(dict(norm.by)) if norm and norm.by else "",
        "goes_on": goes_on,
        "late": bool(goes_on and one.due_on and one.due_on < today),
        "was_late": bool(one.done_at and one.due_on and one.done_at.astimezone(profile.zone).date() > one.due_on),
    }


def retyped(context: dict[str, Any], typed: QueryDict) -> dict[str, Any]:
    """The marks as they were typed, where the form is shown again."""
    for one in context.get("service", {}).get("documents", ()):
        one["mark"] = typed.get(f"mark-{one['id']}") or one["mark"]
    return context


def _follow(turn: Turn) -> None:
    stages.follow_passport(
        appeal=turn.appeal, service=turn.text("service"), marks={}, employee=turn.me, now=turn.now
    )  # fmt: skip


def _check(turn: Turn) -> None:
    request = get_object_or_404(ServiceRequest, appeal=turn.appeal)
    marks = {name: mark for name in request.marks if (mark := turn.text(f"mark-{name}")) in MARKS}
    due_on = turn.day("set_due") if turn.text("set_due") else None
    stages.check_set(request=request, marks=marks, due_on=due_on, employee=turn.me, now=turn.now)


def _end(turn: Turn) -> None:
    stage = get_object_or_404(Stage.objects.select_related("request__appeal"), pk=turn.key("stage"),
                              request__appeal=turn.appeal)  # fmt: skip
    stages.end_stage(stage=stage, employee=turn.me, now=turn.now)


ACTS: Mapping[str, Callable[[Turn], None]] = {"follow_passport": _follow, "check_set": _check, "end_stage": _end}
"""What is done to a service, by name."""
