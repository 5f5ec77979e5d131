"""A request for a service follows its passport: the set of documents is checked, the stages go on in their order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from kindline.appeals import measuring, moves, rights, stage_notices
from kindline.appeals.models import Appeal
from kindline.appeals.stage_models import ServiceRequest, Stage
from kindline.conversations.documents import FAULTY, MARKS, MISSING, THERE, service_of
from kindline.conversations.errors import RefusedError
from kindline.conversations.models import DocumentSet
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.passports import Passport
from kindline.standard.passports import Stage as Norm
from kindline.standard.profile import Profile

KIND, RIGHT = "service_request", "lead_stages"
AWAITED = (FAULTY, MISSING)


class NotAServiceError(RefusedError):
    """The appeal asks for no service, or is led by a passport already."""

    code = "not_a_service"


class StageStateError(RefusedError):
    """Stages go in their order, and each ends once."""

    code = "stage_state"


class IncompleteSetError(RefusedError):
    """The stage does not end before the set of documents is complete; `lacking` are their titles."""

    code = "set_incomplete"

    def __init__(self, lacking: list[str], clauses: tuple[str, ...]) -> None:
        self.lacking, self.clauses = lacking, clauses
        super().__init__(f"still awaited: {', '.join(lacking)}")


@transaction.atomic
def follow_passport(
    *, appeal: Appeal, service: str, marks: Mapping[str, str], employee: Employee | None, now: dt.datetime
) -> ServiceRequest:
    """Lead a request for a service by its passport: its set of documents is checked, its first stage has begun.

    What is neither given nor filled in as the form, nor was brought to the counter in the same visit, is missing, and
    is awaited as long as the passport says. `employee`: None, when the applicant himself chose the service on the site.
    Clause: krc-2-11, krc-2-28, krc-2-29.
    Raises: NotAServiceError; NotYoursError; UnknownPartError, MissingFieldsError for the service; WrongStateError.
    """
    held, profile = _held(appeal, employee)
    passport = service_of(profile, service)
    if KIND not in (held.kind, *held.kinds_voiced) or ServiceRequest.objects.filter(appeal=held).exists():
        raise NotAServiceError(f"{held.number} asks for no service, or follows a passport already")
    made = ServiceRequest(appeal=held, service=service, followed_at=now, checked_at=now, checked_by=employee)
    _mark(made, passport, {**_brought(held, service), **marks}, None, profile, now)
    made.save()
    for position, norm in enumerate(passport.stages, 1):
        Stage.objects.create(request=made, position=position, stage=norm.id)
    data = {"service": service, **_awaited(made, passport, profile)}
    moves.keep(held, "passport_followed", data, employee=employee, now=now, clauses=passport.clauses)
    _begin_next(made, passport, profile, held.registered_at)
    _changed(held)
    return made


@transaction.atomic
def check_set(
    *, request: ServiceRequest, marks: Mapping[str, str], due_on: dt.date | None = None, employee: Employee,
    now: dt.datetime,
) -> ServiceRequest:  # fmt: skip
    """Check the set anew: what came meanwhile, what is faulty; the rest is awaited until `due_on`, or as before.

    Clause: krc-2-11. Raises: NotYoursError; WrongStateError; PastDayError.
    """
    held, profile = _held(request.appeal, employee)
    fresh = ServiceRequest.objects.select_for_update().get(pk=request.pk)
    passport = profile.services.get(fresh.service) or Passport(fresh.service, {}, (), "")
    if due_on is not None and due_on != fresh.due_on:
        measuring.check_day(due_on, profile, now)
    _mark(fresh, passport, {**fresh.marks, **marks}, due_on, profile, now)
    fresh.checked_at, fresh.checked_by = now, employee
    fresh.save()
    moves.keep(held, "set_checked", _awaited(fresh, passport, profile), employee=employee, now=now)
    _changed(held)
    return fresh


@transaction.atomic
def end_stage(*, stage: Stage, employee: Employee, now: dt.datetime) -> Stage:
    """A stage is done: the next one begins, its term runs from now, and the client is told by his way.

    Clause: krc-2-28, krc-2-29.
    Raises: NotYoursError; WrongStateError; StageStateError; IncompleteSetError while documents are awaited.
    """
    held, profile = _held(stage.request.appeal, employee)
    request = ServiceRequest.objects.select_for_update().get(pk=stage.request_id)
    fresh = Stage.objects.select_for_update().get(pk=stage.pk)
    if fresh.begun_at is None or fresh.done_at is not None:
        raise StageStateError("stages go in their order, and each ends once")
    passport = profile.services.get(request.service) or Passport(request.service, {}, (), "")
    _check_documents(request, passport, fresh, profile)
    fresh.done_at, fresh.done_by = now, employee
    fresh.save(update_fields=["done_at", "done_by"])
    data = _ended(fresh, passport, profile, now)
    data["way"] = stage_notices.tell(fresh, held, passport, profile, now)
    moves.keep(held, "stage_ended", data, employee=employee, now=now, clauses=_clauses(profile))
    _begin_next(request, passport, profile, now)
    _changed(held)
    return fresh


def due_of(norm: Norm | None, begun_at: dt.datetime, profile: Profile) -> dt.date | None:
    """The last day of a stage that began then, on the organisation's calendar; None where the passport has no term.

    Clause: krc-2-29.
    """
    if norm is None or norm.term is None:
        return None
    return norm.term.last_day(begun_at.astimezone(profile.zone).date(), profile.calendar)


def lacking(request: ServiceRequest, passport: Passport, language: str) -> list[str]:
    """The titles of what is missing or faulty (krc-2-11)."""
    awaited = set(request.marked(*AWAITED))
    return [one.title[language] for one in passport.documents if one.id in awaited]


def _held(appeal: Appeal, employee: Employee | None) -> tuple[Appeal, Profile]:
    held = moves.held_open(appeal)
    profile = loader.load(held.profile)
    if employee is not None:
        rights.check(profile, RIGHT, employee, held)
    return held, profile


def _brought(appeal: Appeal, service: str) -> dict[str, str]:
    """What was brought to the counter in the visit in which the appeal was made."""
    found = DocumentSet.objects.filter(contact=appeal.contact_id, service=service).first()
    return dict(found.marks) if found else {}


def _mark(
    request: ServiceRequest, passport: Passport, marks: Mapping[str, str], due_on: dt.date | None, profile: Profile,
    now: dt.datetime,
) -> None:  # fmt: skip
    """The mark of every document of the passport, and until when the rest is awaited."""
    known = {one.id: marks.get(one.id) or (THERE if one.is_form else MISSING) for one in passport.documents}
    request.marks = {name: mark if mark in MARKS else MISSING for name, mark in known.items()}
    if not request.marked(*AWAITED):
        request.due_on, request.completed_at = None, request.completed_at or now
        return
    within = passport.documents_within
    usual = within.last_day(now.astimezone(profile.zone).date(), profile.calendar) if within else None
    request.due_on, request.completed_at = due_on or request.due_on or usual, None


def _awaited(request: ServiceRequest, passport: Passport, profile: Profile) -> dict[str, Any]:
    due_on = request.due_on.isoformat() if request.due_on else ""
    found = lacking(request, passport, profile.language)
    return {"complete": not found, "awaited": found, "due_on": due_on}


def _check_documents(request: ServiceRequest, passport: Passport, stage: Stage, profile: Profile) -> None:
    norm = passport.stage(stage.stage)
    if norm is not None and norm.needs_documents and request.completed_at is None:
        raise IncompleteSetError(lacking(request, passport, profile.language), _clauses(profile))


def _clauses(profile: Profile) -> tuple[str, ...]:
    right = profile.workflow.rights.get(RIGHT) if profile.workflow else None
    return right.clauses if right else ()


def _ended(stage: Stage, passport: Passport, profile: Profile, now: dt.datetime) -> dict[str, Any]:
    norm = passport.stage(stage.stage)
    in_time = stage.due_on is None or now.astimezone(profile.zone).date() <= stage.due_on
    return {
        "stage": stage.stage, "title": norm.title[profile.language] if norm else stage.stage,
        "due_on": stage.due_on.isoformat() if stage.due_on else "", "in_time": in_time,
    }  # fmt: skip


def _begin_next(request: ServiceRequest, passport: Passport, profile: Profile, at: dt.datetime) -> None:
    following = request.stages.select_for_update().filter(begun_at=None).order_by("position").first()
    if following is not None:
        following.begun_at = at
        following.due_on = due_of(passport.stage(following.stage), at, profile)
        following.save(update_fields=["begun_at", "due_on"])


def _changed(appeal: Appeal) -> None:
    appeal.revision += 1
    appeal.save(update_fields=["revision"])
