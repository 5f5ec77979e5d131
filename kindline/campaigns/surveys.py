"""Surveys by operators: who is next, the call that needs permission, what was answered (krc-5.5.2-06..08)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from kindline.campaigns import calling, purposes
from kindline.campaigns.actions import held, keep
from kindline.campaigns.errors import NotNowError, NotPermittedError
from kindline.campaigns.models import Campaign, CampaignState, Kind, Target, TargetState
from kindline.clients import wishes
from kindline.conversations import actions as conversations
from kindline.conversations import keeping
from kindline.conversations.models import Contact
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

TAKEN_S = 600
"""How long a person stays on one operator's screen before another may get him."""
ANSWERED, REFUSED, LATER, BARRED = "answered", "refused", "later", wishes.DO_NOT_CALL
ENDINGS = (ANSWERED, LATER, REFUSED, BARRED)
ANSWER_MAX = 2000
OVER: dict[str, str] = {CampaignState.STOPPED: "stopped", CampaignState.DONE: "over"}


@transaction.atomic
def take_next(*, campaign: Campaign, employee: Employee, profile: Profile, now: dt.datetime) -> Target | None:
    """The next person for this operator, by the person's clock; nobody else gets him for a while. None: nobody now."""
    fresh = Campaign.objects.get(pk=campaign.pk)
    if not _runs(fresh):
        return None
    free = Q(taken_until=None) | Q(taken_until__lt=now) | Q(employee=employee)
    rows = fresh.targets.select_for_update(skip_locked=True, of=("self",)).filter(free, state=TargetState.WAITING)
    due = rows.filter(next_at__lte=now, zone__in=_awake(fresh, profile, now))
    mine = due.filter(employee=employee, taken_until__gte=now).first()
    target = mine or due.order_by("next_at", "pk").first()
    if target is not None and target != mine:
        target.employee, target.taken_until = employee, now + dt.timedelta(seconds=TAKEN_S)
        target.save(update_fields=["employee", "taken_until"])
    return target


def _awake(campaign: Campaign, profile: Profile, now: dt.datetime) -> list[str]:
    """The zones of who is due whose clock allows a call now; the others are put off until their morning, at once."""
    due = campaign.targets.filter(state=TargetState.WAITING, next_at__lte=now).order_by()
    zones = list(due.values_list("zone", flat=True).distinct())
    windows = {zone: calling.window_of(campaign, profile, zone) for zone in zones}
    for zone, window in windows.items():
        if not window.holds(now):
            asleep = due.filter(zone=zone).select_for_update(skip_locked=True).values("pk")
            Target.objects.filter(pk__in=asleep).update(next_at=window.opens(now))
    return [zone for zone, window in windows.items() if window.holds(now)]


def _runs(campaign: Campaign) -> bool:
    return campaign.state == CampaignState.RUNNING and campaign.kind == Kind.SURVEY


def open_call(*, target: Target, profile: Profile, employee: Employee, now: dt.datetime) -> Target:
    """Open the contact of a call for a survey, and check that the consumer permits it; the switchboard dials next.

    Clause: krc-5.5.2-06, krc-5.5.2-07, krc-5.5.2-08.
    Raises: NotNowError; NotPermittedError on a wish not to be called or without consent, which is kept as a fact.
    """
    with transaction.atomic():
        fresh = Target.objects.select_for_update(of=("self",)).select_related("campaign", "client").get(pk=target.pk)
        campaign = fresh.campaign
        _check_now(fresh, campaign, employee, profile, now)
        contact = _contact(fresh, campaign, profile, employee, now)
        reason = wishes.hindrances([fresh.phone], needs_consent=True).get(fresh.phone, "")
        said = {"purpose": campaign.purpose, "permitted": not reason, "reason": reason}
        keeping.keep(contact, "survey_permission_checked", said, employee=employee, now=now)
        purpose = purposes.of(profile).get(campaign.purpose)
        clauses = (purpose.clause,) if purpose else ()
        if reason:
            _refuse(fresh, campaign, contact, NotPermittedError(reason, clauses), employee, now)
        else:
            _lead(fresh, contact, employee, now)
            fresh.employee = employee
            fresh.save(update_fields=["employee"])
            calling.begin_call(fresh, campaign, contact.pk, employee, now)
    if reason:
        raise NotPermittedError(reason, clauses)
    return fresh


def _check_now(target: Target, campaign: Campaign, employee: Employee, profile: Profile, now: dt.datetime) -> None:
    if not (_runs(campaign) and calling.window_of(campaign, profile, target.zone).holds(now)):
        raise NotNowError("the survey does not run now, or people may not be called at this hour")
    others = target.employee_id not in (None, employee.pk) and target.taken_until and target.taken_until >= now
    if target.state != TargetState.WAITING or others:
        raise NotNowError("this person was taken by somebody else meanwhile")


def _contact(target: Target, campaign: Campaign, profile: Profile, employee: Employee, now: dt.datetime) -> Contact:
    contact = conversations.open_contact(
        profile=profile, channel="phone", direction="out", called=target.phone, contact_id=uuid.uuid4(),
        employee=employee, now=now,
    )  # fmt: skip
    said = {"campaign": campaign.pk, "purpose": campaign.purpose}
    keeping.keep(contact, "survey_opened", said, employee=employee, now=now)
    return contact


def _lead(target: Target, contact: Contact, employee: Employee, now: dt.datetime) -> None:
    """The guide of surveys, and the client where he is known."""
    conversations.start_guide(contact=contact, employee=employee, purpose=purposes.GUIDE, now=now)
    if target.client is not None:
        conversations.set_client(contact=contact, client=target.client, via="campaign", employee=employee, now=now)


def _refuse(
    target: Target, campaign: Campaign, contact: Contact, error: NotPermittedError, employee: Employee, now: dt.datetime
) -> None:
    said = {"action": "survey_call", "reason": error.reason}
    keeping.keep(contact, "action_refused", said, employee=employee, now=now, clauses=error.clauses)
    conversations.close_unserved(contact=contact, outcome="refused", now=now)
    calling.skip(target, campaign, error.reason, employee, now)


@transaction.atomic
def record_answers(
    *, target: Target, answers: Mapping[int, str], ending: str, country: str, employee: Employee, now: dt.datetime
) -> Target:
    """Keep what was answered (number of the question -> words) and how the talk ended; answers may be corrected.

    `ending`: answered, later (called again after the pause, unless the survey is over meanwhile), refused, or
    do_not_call, which bars the number.
    Raises: ValidationError for an ending or a choice that there is not.
    """
    campaign = held(target.campaign)  # before its person, as whoever stops it does
    fresh = Target.objects.select_for_update(of=("self",)).select_related("client").get(pk=target.pk)
    fresh.answers = {**fresh.answers, **_checked(campaign, answers)}
    if ending not in ENDINGS:
        raise ValidationError({"ending": "say how the talk ended"})
    fresh.outcome, fresh.taken_until, fresh.employee = ending, None, employee
    fresh.state, fresh.next_at, fresh.reason = TargetState.REACHED, None, ""
    if ending == LATER:
        _call_later(fresh, campaign, now)
    if ending == BARRED:
        fresh.state, fresh.reason = TargetState.SKIPPED, wishes.DO_NOT_CALL
        _bar(fresh, country, employee, now)
    fresh.save()
    _keep_answers(fresh, campaign, employee, now)
    return fresh


def _call_later(target: Target, campaign: Campaign, now: dt.datetime) -> None:
    """He waits for another call, where there will be one: a survey that is over calls nobody."""
    if campaign.state in OVER:
        target.state, target.reason = TargetState.SKIPPED, OVER[campaign.state]
    else:
        target.state, target.next_at = TargetState.WAITING, now + dt.timedelta(seconds=campaign.pause_s)


def _checked(campaign: Campaign, answers: Mapping[int, str]) -> dict[str, str]:
    found = {}
    for number, said in answers.items():
        if not 0 <= number < len(campaign.questions):
            raise ValidationError({"answers": f"there is no question {number + 1}"})
        choices = campaign.questions[number].get("choices") or []
        if said and choices and said not in choices:
            raise ValidationError({f"answer-{number}": "choose one of the answers"})
        found[str(number)] = said.strip()[:ANSWER_MAX]
    return found


def _bar(target: Target, country: str, employee: Employee, now: dt.datetime) -> None:
    by: dict[str, Any] = {"via": "survey", "employee_id": employee.pk, "actor": actor(employee), "now": now}
    if target.client is not None:
        wishes.set_call_wishes(client=target.client, do_not_call=True, survey_consent=False, **by)
    wishes.bar_number(phone=target.phone, country=country, **by)


def _keep_answers(target: Target, campaign: Campaign, employee: Employee, now: dt.datetime) -> None:
    said = {
        "campaign": campaign.pk, "purpose": campaign.purpose, "questions": len(campaign.questions),
        "answered": sum(bool(answer) for answer in target.answers.values()),
    }  # fmt: skip
    contact = Contact.objects.filter(pk=target.contact_id).first() if target.contact_id else None
    if contact is not None:
        keeping.keep(contact, "survey_answered", said, employee=employee, now=now)
    data = {
        "target": target.pk, "contact": str(target.contact_id or ""), "state": target.state, "outcome": target.outcome,
        "tries": target.tries,
    }  # fmt: skip
    keep("campaign_outcome", campaign, data, employee=employee, now=now)
