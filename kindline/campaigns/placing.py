"""Asking the switchboard to place the calls of running message campaigns; it does so, and its facts say the rest."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.db.models import Count, Q

from kindline.campaigns import actions, calling
from kindline.campaigns.errors import WrongStateError
from kindline.campaigns.models import Campaign, CampaignState, Kind, Target, TargetState, Way
from kindline.journal import strain
from kindline.standard.profile import Profile
from kindline.switchboard import asking
from kindline.switchboard.asking import SwitchboardError

log = logging.getLogger(__name__)
SERVER_ERROR = 500
VOICE_S = 60.0
"""How long a voice may take to say a message for the first time."""


def place_due(*, profile: Profile, now: dt.datetime) -> int:
    """Begin the calls that are due in all running campaigns; returns how many were asked for.

    The campaign that calls fewest comes first, so that none takes all lines. None calls while requests wait on this
    machine: who is there goes first (faults O1). Clause: krc-2-02, krc-2-42.
    """
    under_way = Count("targets", filter=Q(targets__state=TargetState.CALLING))
    running = Campaign.objects.filter(state=CampaignState.RUNNING, profile=profile.id)
    count, is_strained = 0, strain.holds(strain.BULK, now)
    for campaign in running.annotate(under_way=under_way).order_by("under_way", "pk"):
        is_over = actions.finish_if_done(campaign=campaign, now=now)
        if not (is_over or is_strained) and campaign.kind == Kind.MESSAGE:
            count += _place(campaign, profile, now)
    return count


def _place(campaign: Campaign, profile: Profile, now: dt.datetime) -> int:
    due = campaign.targets.filter(state=TargetState.WAITING, way=Way.VOICE, next_at__lte=now)
    zones = set(due.values_list("zone", flat=True))
    if not any(calling.window_of(campaign, profile, zone).holds(now) for zone in zones):
        return 0
    if not _prepared(campaign, now):
        return 0
    targets = calling.claim(campaign=campaign, profile=profile, now=now)
    return sum(_ask(target, campaign, profile, now) for target in targets)


def _prepared(campaign: Campaign, now: dt.datetime) -> bool:
    """Whether the switchboard is there and can say the message; a message that no voice can say pauses the campaign."""
    try:
        asking.post("/announcements/prepare", _message(campaign), VOICE_S)
    except SwitchboardError as error:
        log.warning("campaign %s cannot call now: %s", campaign.pk, error)
        if error.code == actions.NO_VOICE:
            _pause(campaign, now)
        return False
    return True


def _pause(campaign: Campaign, now: dt.datetime) -> None:
    try:
        actions.pause_campaign(campaign=campaign, reason=actions.NO_VOICE, employee=None, now=now)
    except WrongStateError:
        log.info("campaign %s does not run any more", campaign.pk)


def _message(campaign: Campaign) -> dict[str, Any]:
    return {"text": campaign.text, "confirm": campaign.confirm_key, "operator": campaign.operator_key}


def _ask(target: Target, campaign: Campaign, profile: Profile, now: dt.datetime) -> bool:
    """Ask for one call; what may have been taken is left to the facts and to the sweep.

    Where the switchboard is not ready the target waits again; a call that it refuses was a try, so that none is asked
    for without end.
    """
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
        if error.status < SERVER_ERROR:
            contact = str(target.contact_id)
            calling.note_outcome(contact=contact, outcome=calling.NOT_PLACED, profile=profile, now=now)
        elif error.code != "unreachable":
            calling.release(target=target, now=now)
        return False
    return True
