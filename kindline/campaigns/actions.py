"""What is done to campaigns: made, filled, started, paused, stopped, finished; each ends in a fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from kindline.campaigns import purposes
from kindline.campaigns.audience import Asked, Audience, gather, known_in
from kindline.campaigns.errors import IncidentOverError, NobodyError, WrongStateError
from kindline.campaigns.models import Campaign, CampaignState, Kind, Target, TargetState, Way
from kindline.correspondence import actions as letters
from kindline.journal import actions as journal
from kindline.notifications import actions as notifications
from kindline.notifications import pushing, segments
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard import calling_hours

FIELDS = frozenset(
    """kind purpose incident title text ways questions confirm_key operator_key on_machine at_once per_operator
    ring_limit_s tries pause_s hours_from hours_until""".split()
)
KEYS = frozenset("123456789")
AT_ONCE_MAX = 50
TEXT_MAX = 1500
SMS_PARTS_MAX = 6
"""So many short messages may one text be in a campaign."""
OPEN = (CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED)
BY_HAND, NO_VOICE, INCIDENT_OVER = "by_hand", "no_voice", "incident_over"
UNFINISHED = (TargetState.WAITING, TargetState.CALLING, TargetState.WRITTEN)


@transaction.atomic
def create_campaign(*, profile: Profile, fields: Mapping[str, Any], employee: Employee, now: dt.datetime) -> Campaign:
    """Make a campaign; it calls nobody before it is started.

    Clause: krc-2-02, krc-2-42, krc-5.5.2-06..08, krc-6.1-04.
    Raises: ValidationError naming each field that cannot stand.
    """
    unknown = sorted(set(fields) - FIELDS)
    if unknown:
        raise ValidationError(dict.fromkeys(unknown, "a campaign has no such field"))
    campaign = Campaign(profile=profile.id, created_by=employee, created_at=now, **fields)
    _check(campaign, profile)
    campaign.save()
    data = {"campaign_kind": campaign.kind, "purpose": campaign.purpose, "incident": campaign.incident_id}
    keep("campaign_created", campaign, data, employee=employee, now=now)
    return campaign


@transaction.atomic
def change_campaign(
    *, campaign: Campaign, profile: Profile, fields: Mapping[str, Any], employee: Employee, now: dt.datetime
) -> Campaign:
    """Change a draft before anybody was told anything; with other ways its people are to be gathered anew.

    Raises: WrongStateError once it was started; ValidationError naming each field that cannot stand.
    """
    fresh = held(campaign)
    if fresh.state != CampaignState.DRAFT:
        raise WrongStateError("only a draft can be changed: make a new campaign")
    unknown = sorted(set(fields) - FIELDS)
    if unknown:
        raise ValidationError(dict.fromkeys(unknown, "a campaign has no such field"))
    changed = sorted(name for name, value in fields.items() if getattr(fresh, name) != value)
    for name in changed:
        setattr(fresh, name, fields[name])
    if "kind" in changed and fresh.targets.exists():
        raise ValidationError({"kind": "people were added already: make a new campaign"})
    _check(fresh, profile)
    fresh.save()
    if "ways" in changed:
        fresh.targets.all().delete()
    keep("campaign_changed", fresh, {"fields": changed}, employee=employee, now=now)
    return fresh


def _check(campaign: Campaign, profile: Profile) -> None:
    wrong = _wrong_words(campaign, profile) | _wrong_settings(campaign) | _wrong_hours(campaign, profile)
    if wrong:
        raise ValidationError(wrong)
    campaign.full_clean(exclude=["created_by"])


def _wrong_words(campaign: Campaign, profile: Profile) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not purposes.fits(profile, campaign.kind, campaign.purpose):
        wrong["purpose"] = "the standard allows no campaign for this purpose"
    if campaign.kind == Kind.SURVEY and not campaign.questions:
        wrong["questions"] = "write at least one question"
    if not campaign.ways or (campaign.kind == Kind.SURVEY and campaign.ways != [Way.VOICE]):
        wrong["ways"] = "at least one way; a survey is asked by voice"
    if campaign.kind == Kind.MESSAGE and Way.SMS in campaign.ways and _is_long(campaign.text):
        wrong["text"] = f"at most {SMS_PARTS_MAX} short messages: make it shorter"
    if campaign.kind == Kind.MESSAGE and not campaign.text.strip():
        wrong["text"] = "write what is to be said"
    if len(campaign.text) > TEXT_MAX:
        wrong["text"] = f"at most {TEXT_MAX} letters: nobody listens longer"
    return wrong


def _is_long(text: str) -> bool:
    return len(segments.cut(text.strip()).pieces) > SMS_PARTS_MAX


def _wrong_settings(campaign: Campaign) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for name in ("confirm_key", "operator_key"):
        if getattr(campaign, name) not in KEYS | {""}:
            wrong[name] = "a key from 1 to 9"
    if campaign.confirm_key and campaign.confirm_key == campaign.operator_key:
        wrong["operator_key"] = "another key than the one that confirms"
    if campaign.at_once > AT_ONCE_MAX:
        wrong["at_once"] = f"at most {AT_ONCE_MAX} calls at once"
    return wrong


def _wrong_hours(campaign: Campaign, profile: Profile) -> dict[str, str]:
    norm = calling_hours.of(profile)
    if campaign.hours_from >= campaign.hours_until:
        return {"hours_until": "later than the beginning"}
    if norm is None:
        return {}
    outside = {"hours_from": campaign.hours_from < norm.begins, "hours_until": campaign.hours_until > norm.ends}
    said = f"clients may be called from {norm.begins:%H:%M} until {norm.ends:%H:%M}"
    return {name: said for name, is_outside in outside.items() if is_outside}


def fill(*, campaign: Campaign, asked: Asked, country: str, employee: Employee, now: dt.datetime) -> Audience:
    """Add people to a campaign; who is left out is told with the reason.

    They are looked for before the campaign is held: its calls do not wait for that.
    Raises: WrongStateError when the campaign is over, or was changed meanwhile.
    """
    seen = _fillable(Campaign.objects.select_related("incident").get(pk=campaign.pk))
    found = gather(campaign=seen, asked=asked, country=country)
    with transaction.atomic():
        fresh = _fillable(held(campaign))
        if any(getattr(fresh, name) != getattr(seen, name) for name in ("kind", "purpose", "ways", "incident_id")):
            raise WrongStateError("the campaign was changed meanwhile: add the people again")
        known = known_in(fresh)  # somebody else may have added people while these were looked for
        found.people = [one for one in found.people if one.key not in known]
        _add(fresh, found, employee, now)
    return found


def _fillable(campaign: Campaign) -> Campaign:
    if campaign.state not in OPEN:
        raise WrongStateError("the campaign is over: make a new one")
    return campaign


def _add(campaign: Campaign, found: Audience, employee: Employee, now: dt.datetime) -> None:
    rows = [
        Target(
            campaign=campaign, client_id=one.client, phone=one.phone, email=one.email, ways=list(one.ways),
            way=one.ways[0], zone=one.zone, browser_id=one.browser, next_at=now,
        )
        for one in found.people
    ]  # fmt: skip
    Target.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    data = {"added": len(rows), "left_out": len(found.left)}
    keep("campaign_filled", campaign, data, employee=employee, now=now)


@transaction.atomic
def start_campaign(*, campaign: Campaign, employee: Employee, now: dt.datetime) -> Campaign:
    """Let a campaign call, for the first time or again after a pause.

    Raises: WrongStateError; NobodyError when there is nobody to be called; IncidentOverError.
    """
    fresh = held(campaign)
    if fresh.state not in (CampaignState.DRAFT, CampaignState.PAUSED):
        raise WrongStateError("only a draft or a paused campaign can be started")
    if fresh.incident is not None and fresh.incident.ended_at is not None:
        raise IncidentOverError("the incident is over: nobody is told of it any more")
    waiting = fresh.targets.filter(state__in=UNFINISHED).count()
    if not waiting:
        raise NobodyError("there is nobody to be called: add people first")
    fresh.state, fresh.reason, fresh.started_at = CampaignState.RUNNING, "", fresh.started_at or now
    fresh.save(update_fields=["state", "reason", "started_at"])
    keep("campaign_started", fresh, {"waiting": waiting}, employee=employee, now=now)
    return fresh


@transaction.atomic
def pause_campaign(
    *, campaign: Campaign, reason: str = BY_HAND, employee: Employee | None, now: dt.datetime
) -> Campaign:
    """Begin no more calls until it is started again; calls under way go on.

    Raises: WrongStateError.
    """
    fresh = held(campaign)
    if fresh.state != CampaignState.RUNNING:
        raise WrongStateError("only a running campaign can be paused")
    fresh.state, fresh.reason = CampaignState.PAUSED, reason
    fresh.save(update_fields=["state", "reason"])
    keep("campaign_paused", fresh, {"reason": reason}, employee=employee, now=now)
    return fresh


@transaction.atomic
def stop_campaign(
    *, campaign: Campaign, reason: str = BY_HAND, employee: Employee | None, now: dt.datetime
) -> Campaign:  # fmt: skip
    """End a campaign for good; who was not called is not called any more, calls under way go on.

    `reason`: by_hand, or incident_over. Raises: WrongStateError.
    """
    fresh = held(campaign)
    if fresh.state not in OPEN:
        raise WrongStateError("the campaign is over already")
    waiting = fresh.targets.filter(state=TargetState.WAITING)
    count = waiting.update(state=TargetState.SKIPPED, reason="stopped", next_at=None)
    count += notifications.call_off(about=f"campaign:{fresh.pk}", now=now)
    count += pushing.call_off(about=f"campaign:{fresh.pk}", now=now)
    count += letters.call_off(about=f"campaign:{fresh.pk}", now=now)
    fresh.state, fresh.ended_at, fresh.reason = CampaignState.STOPPED, now, "" if reason == BY_HAND else reason
    fresh.save(update_fields=["state", "ended_at", "reason"])
    keep("campaign_stopped", fresh, {"waiting": count, "reason": reason}, employee=employee, now=now)
    return fresh


@transaction.atomic
def finish_if_done(*, campaign: Campaign, now: dt.datetime) -> bool:
    """End a running campaign in which nobody waits any more; says whether it was so."""
    fresh = held(campaign)
    if fresh.state != CampaignState.RUNNING or fresh.targets.filter(state__in=UNFINISHED).exists():
        return False
    fresh.state, fresh.ended_at = CampaignState.DONE, now
    fresh.save(update_fields=["state", "ended_at"])
    reached = (TargetState.REACHED, TargetState.CONFIRMED, TargetState.TO_OPERATOR)
    data = {"targets": fresh.targets.count(), "reached": fresh.targets.filter(state__in=reached).count()}
    keep("campaign_finished", fresh, data, employee=None, now=now)
    return True


def held(campaign: Campaign) -> Campaign:
    """The campaign's row, locked until the transaction ends."""
    return Campaign.objects.select_for_update().get(pk=campaign.pk)


def keep(kind: str, campaign: Campaign, data: dict[str, Any], *, employee: Employee | None, now: dt.datetime) -> None:
    """Write a fact about a campaign."""
    said = {**data, "employee": employee.pk if employee else None} if kind not in WITHOUT_EMPLOYEE else data
    journal.record(kind=kind, subject_type="campaign", subject_id=campaign.pk, actor=actor(employee), data=said, at=now)


WITHOUT_EMPLOYEE = frozenset({"campaign_finished", "campaign_swept", "campaign_written"})
