"""One event that many appeals are about: opened, suggested by what comes in within hours, given one answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kindline.appeals import answering, batches, letters, moves
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Appeal, Incident
from kindline.clients import folding
from kindline.conversations.errors import RefusedError
from kindline.conversations.models import Topic
from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

WORD_MIN = 4
LOOKED_AT_MAX = 5000
SHOWN = 5


class IncidentOverError(RefusedError):
    """Nothing is told of what is over."""

    code = "incident_over"


class ExpectedBeforeError(RefusedError):
    """What goes on cannot have ended already."""

    code = "expected_before"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Appeals of one topic and address area that came within hours of each other."""

    topic: Topic
    area: str
    appeals: tuple[Appeal, ...]


def suggested(profile: Profile, now: dt.datetime) -> list[Suggestion]:
    """What may be one event, by the profile's `incident`: so many appeals of a topic and a street within hours."""
    sign = profile.workflow.incident if profile.workflow else None
    if sign is None:
        return []
    since = now - (sign.within.end(now, profile.calendar, profile.zone) - now)
    rows = Appeal.objects.filter(profile=profile.id, registered_at__gte=since, incident=None, original=None)
    rows = rows.exclude(topic=None).exclude(residence="").select_related("topic").order_by("-registered_at")
    grouped: dict[tuple[int | None, str], list[Appeal]] = {}
    for appeal in rows[:LOOKED_AT_MAX]:
        for word in area_words(appeal.residence):
            grouped.setdefault((appeal.topic_id, word), []).append(appeal)
    found = {tuple(rows): word for (_, word), rows in grouped.items() if len(rows) >= sign.appeals_min}
    told = [Suggestion(rows[0].topic, word, rows) for rows, word in found.items() if rows[0].topic is not None]
    return sorted(told, key=lambda one: -len(one.appeals))[:SHOWN]


def area_words(address: str) -> set[str]:
    """The words of an address that name a street or a town."""
    return {word for word in folding.address_words(address) if len(word) >= WORD_MIN and not word.isdecimal()}


def open_incident(
    *,
    profile: Profile,
    title: str,
    topic: Topic | None,
    area: str,
    appeals: Sequence[Appeal],
    begun_at: dt.datetime,
    employee: Employee,
    now: dt.datetime,
) -> Incident:
    """Make one event of several appeals; others may be attached later. What begins later is planned work.

    Raises: EmptyTextError without a title.
    """
    if not title.strip():
        raise EmptyTextError("say what happened")
    with transaction.atomic():
        made = Incident.objects.create(
            profile=profile.id, title=storable(title.strip()), topic=topic, area=storable(area.strip()),
            begun_at=begun_at, opened_by=employee, opened_at=now,
        )  # fmt: skip
        count = attach(incident=made, appeals=appeals, employee=employee, now=now)
        code = topic.code if topic else ""
        _keep(made, "incident_opened", {"area": made.area, "topic": code, "begun_at": begun_at, "count": count},
              employee, now)  # fmt: skip
        return made


def announce(
    *, incident: Incident, notice: str, expected_end: dt.datetime | None, employee: Employee, now: dt.datetime
) -> Incident:
    """Tell everybody on the site, in these words (none: nothing stands there), and when it is expected to be over.

    Raises: IncidentOverError; ExpectedBeforeError when the expected end is over already, or before the beginning.
    """
    with transaction.atomic():
        held = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
        if held.ended_at is not None:
            raise IncidentOverError(held.title)
        if expected_end is not None and expected_end <= max(now, held.begun_at):
            raise ExpectedBeforeError(expected_end.isoformat())
        held.notice, held.expected_end = storable(notice).strip(), expected_end
        held.save(update_fields=["notice", "expected_end"])
        data = {"notice": held.notice, "expected_end": expected_end}
        _keep(held, "incident_announced", data, employee, now)
        return held


def attach(*, incident: Incident, appeals: Iterable[Appeal], employee: Employee, now: dt.datetime) -> int:
    """Attach open appeals of the same standard to the incident; how many were not attached yet."""
    keys = [one.pk for one in appeals]
    with transaction.atomic():
        rows = Appeal.objects.select_for_update(of=("self",)).filter(pk__in=keys, profile=incident.profile)
        fresh = list(rows.filter(closed_at=None).exclude(incident=incident).order_by("pk"))
        for appeal in fresh:
            appeal.incident = incident
            appeal.save(update_fields=["incident"])
            _keep_of(appeal, "appeal_attached", incident, employee, now)
        return len(fresh)


def detach(*, appeal: Appeal, employee: Employee, now: dt.datetime) -> None:
    """The appeal is about something else after all."""
    with transaction.atomic():
        held = Appeal.objects.select_for_update(of=("self",)).select_related("incident").get(pk=appeal.pk)
        if held.incident is not None:
            incident, held.incident = held.incident, None
            held.save(update_fields=["incident"])
            _keep_of(held, "appeal_detached", incident, employee, now)


def answer_all(*, incident: Incident, text: str, employee: Employee, now: dt.datetime) -> list[batches.Outcome]:
    """Draft one answer for every attached appeal that is not answered, each with its own salutation and signature.

    Each appeal goes by its own workflow and rights; what could not be drafted is told with its reason.
    Raises: EmptyTextError.
    """
    if not text.strip():
        raise EmptyTextError("write the answer")
    said = storable(text).strip()
    Incident.objects.filter(pk=incident.pk).update(answer=said)
    waiting = Appeal.objects.filter(incident=incident, closed_at=None, answered_at=None).order_by("pk")
    done = batches.each(waiting, lambda appeal: _draft(appeal, said, employee, now))
    refused = sum(one.error is not None for one in done)
    _keep(incident, "incident_answered", {"count": len(done) - refused, "refused": refused}, employee, now)
    return done


def end_incident(*, incident: Incident, employee: Employee, now: dt.datetime) -> Incident:
    """The event is over; its appeals go their own ways on. Ending it twice is kept once."""
    with transaction.atomic():
        held = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
        if held.ended_at is None:
            held.ended_at = now
            held.save(update_fields=["ended_at"])
            _keep(held, "incident_ended", {"count": held.appeals.count()}, employee, now)
        return held


def _draft(appeal: Appeal, text: str, employee: Employee, now: dt.datetime) -> None:
    profile = moves.profile_of(appeal)
    subject, whole = letters.subject(profile, appeal), letters.proposed(profile, appeal, text)
    answering.draft_answer(appeal=appeal, subject=subject, text=whole, employee=employee, now=now)


def _keep_of(appeal: Appeal, kind: str, incident: Incident, employee: Employee, now: dt.datetime) -> None:
    moves.keep(appeal, kind, {"incident": incident.pk, "title": incident.title}, employee=employee, now=now)


def _keep(incident: Incident, kind: str, data: dict[str, Any], employee: Employee, now: dt.datetime) -> None:
    known, by = {"title": incident.title}, actor(employee)
    journal.record(
        kind=kind, subject_type="incident", subject_id=incident.pk, actor=by, data=known | data, at=now
    )  # fmt: skip
