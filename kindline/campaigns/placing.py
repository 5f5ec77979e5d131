"""Asking the switchboard to place the calls of running message campaigns; it does so, and its facts say the rest."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.db.models import Count

from kindline.campaigns import actions, calling
from kindline.campaigns.door import DOOR
from kindline.campaigns.errors import WrongStateError
from kindline.campaigns.models import Campaign, CampaignState, Kind, Target, TargetState, Way
from kindline.journal import strain, sweeping
from kindline.standard.profile import Profile
from kindline.switchboard import asking, spending
from kindline.switchboard.asking import SwitchboardError

log = logging.getLogger(__name__)
VOICE_S = 60.0
"""How long a voice may take to say a message for the first time."""
Clock = Callable[[], dt.datetime]


def place_due(*, profile: Profile, now: dt.datetime) -> int:
    """Begin the calls that are due in all running campaigns; returns how many were asked for.

    The campaign that calls fewest comes first, so that none takes all lines. None calls while requests wait on this
    machine: who is there goes first (faults O1), nor while the switchboard does not let campaigns in.
    Clause: krc-2-02, krc-2-42.
    """
    clock, count, is_strained = sweeping.going_on(now), 0, strain.holds(strain.BULK)
    for campaign in _running(profile):
        is_over = actions.finish_if_done(campaign=campaign, now=clock())
        if not (is_over or is_strained or DOOR.is_shut(clock())) and campaign.kind == Kind.MESSAGE:
            count += _place(campaign, profile, clock)
    if count:
        spending.tell(clock())
    return count


def _running(profile: Profile) -> list[Campaign]:
    """The running campaigns, that which calls fewest first."""
    rows = Target.objects.filter(state=TargetState.CALLING).order_by().values_list("campaign_id")
    under_way = dict(rows.annotate(calls=Count("pk")))
    running = Campaign.objects.filter(state=CampaignState.RUNNING, profile=profile.id)
    return sorted(running, key=lambda one: (under_way.get(one.pk, 0), one.pk))


def _place(campaign: Campaign, profile: Profile, clock: Clock) -> int:
    now = clock()
    due = campaign.targets.filter(state=TargetState.WAITING, way=Way.VOICE, next_at__lte=now)
    zones = set(due.values_list("zone", flat=True))
    if not any(calling.window_of(campaign, profile, zone).holds(now) for zone in zones):
        return 0
    if not _prepared(campaign, now):
        return 0
    targets = calling.claim(campaign=campaign, profile=profile, now=clock())  # the voice may have taken its time
    return sum(_ask(target, campaign, profile, clock()) for target in targets)


def _prepared(campaign: Campaign, now: dt.datetime) -> bool:
    """Whether the switchboard is there and can say the message; a message that no voice can say pauses the campaign."""
    try:
        asking.post("/announcements/prepare", _message(campaign), VOICE_S)
    except SwitchboardError as error:
        log.warning("campaign %s cannot call now: %s", campaign.pk, error)
        _note_refusal(error, now)
        if error.code == actions.NO_VOICE:
            _pause(campaign, now)
        return False
    return True


def _note_refusal(error: SwitchboardError, now: dt.datetime) -> None:
    if error.status == HTTPStatus.UNAUTHORIZED:
        DOOR.refused(now)


def _pause(campaign: Campaign, now: dt.datetime) -> None:
    try:
        actions.pause_campaign(campaign=campaign, reason=actions.NO_VOICE, employee=None, now=now)
    except WrongStateError:
        log.info("campaign %s does not run any more", campaign.pk)


def _message(campaign: Campaign) -> dict[str, Any]:
    return {"text": campaign.text, "confirm": campaign.confirm_key, "operator": campaign.operator_key}


def _ask(target: Target, campaign: Campaign, profile: Profile, now: dt.datetime) -> bool:
    """Ask for one call; what may have been taken is left to the facts and to the sweep.

    Where the switchboard is not ready, or was asked too late, the target waits again; a call that it cannot make as it
    is was a try, so that none is asked for without end.
    """
    if not calling.still_claimed(target=target, now=now):
        return False
    if DOOR.is_shut(now):  # the call before this one was not let in
        calling.release(target=target, now=now, rest_s=calling.REST_S)
        return False
    until = now + dt.timedelta(seconds=calling.VALID_S)
    body = {
        **_message(campaign), "contact": str(target.contact_id), "number": target.phone, "client": target.client_id,
        "on_machine": campaign.on_machine,
        "ring_limit_s": campaign.ring_limit_s, "about": f"campaign:{campaign.pk}", "until": until.isoformat(),
    }  # fmt: skip
    try:
        asking.post("/announcements", body)
    except SwitchboardError as error:
        log.warning("a call of campaign %s was not placed: %s", campaign.pk, error)
        _note_refusal(error, now)
        if error.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            contact = str(target.contact_id)
            calling.note_outcome(contact=contact, outcome=calling.NOT_PLACED, profile=profile, now=now)
            spending.give_back(now, within=calling.ASKED_WITHIN)
        elif error.code != "unreachable":
            calling.release(target=target, now=now, rest_s=calling.REST_S)
        return False
    DOOR.opened()
    return True
