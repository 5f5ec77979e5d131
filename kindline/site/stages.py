"""The stages of a service that was asked for, as the client sees them: done, going on until a day, to come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils import formats

from kindline.appeals import wording
from kindline.appeals.models import Appeal
from kindline.appeals.stage_models import ServiceRequest, Stage
from kindline.appeals.stages import AWAITED
from kindline.site import words
from kindline.standard.passports import Passport
from kindline.standard.profile import Profile


def told(profile: Profile, appeal: Appeal) -> dict[str, Any] | None:
    """The service of an appeal with its stages and the documents that are awaited; None where it asks for none.

    Clause: krc-2-28, krc-2-29.
    """
    found = ServiceRequest.objects.filter(appeal=appeal).prefetch_related("stages").first()
    return of_request(profile, found, is_closed=appeal.closed_at is not None) if found else None


def several(profile: Profile, appeals: Iterable[Appeal]) -> dict[int, dict[str, Any]]:
    """The same of many appeals, by their keys, in two queries."""
    closed = {one.pk: one.closed_at is not None for one in appeals}
    rows = ServiceRequest.objects.filter(appeal__in=closed).prefetch_related("stages")
    return {one.appeal_id: of_request(profile, one, is_closed=closed[one.appeal_id]) for one in rows}


def of_request(profile: Profile, request: ServiceRequest, *, is_closed: bool) -> dict[str, Any]:
    """A request by its passport; what has left the registry awaits nothing."""
    passport = profile.services.get(request.service) or Passport(request.service, {}, (), "")
    awaited = set() if is_closed else set(request.marked(*AWAITED))
    return {
        "title": wording.in_language(passport.title) or request.service,
        "stages": [_stage(profile, one, passport) for one in request.stages.all()],
        "lacking": [wording.in_language(one.title) for one in passport.documents if one.id in awaited],
        "until": day(request.due_on),
    }


def _stage(profile: Profile, one: Stage, passport: Passport) -> dict[str, Any]:
    norm = passport.stage(one.stage)
    return {
        "title": wording.in_language(norm.title) if norm else one.stage,
        "by": wording.in_language(norm.by) if norm and norm.by else "",
        "state": "done" if one.done_at else "present" if one.begun_at else "to_come",
        "done": words.day(profile, one.done_at),
        "until": day(one.due_on),
    }


def day(date: dt.date | None) -> str:
    """A date in words; empty where there is none."""
    return formats.date_format(date, "DATE_FORMAT") if date else ""
