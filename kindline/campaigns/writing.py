"""Campaigns by SMS, e-mail and push: given to the outbox, followed by its news, and by the next way on failure."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from kindline.campaigns import calling, pacing
from kindline.campaigns.actions import keep
from kindline.campaigns.models import Campaign, CampaignState, Kind, Target, TargetState, Way
from kindline.clients.models import Client
from kindline.correspondence import actions as letters
from kindline.correspondence.errors import CorrespondenceError
from kindline.correspondence.models import Outgoing, OutgoingState
from kindline.correspondence.norms import Draft
from kindline.journal import strain
from kindline.notifications import actions as notifications
from kindline.notifications import push_wires, pushing, states, wires
from kindline.notifications.errors import NobodyThereError, NotificationError
from kindline.notifications.models import Push, PushAddress, Sms
from kindline.notifications.tasks import send_soon
from kindline.standard.profile import Profile

WRITTEN_WAYS = (Way.SMS, Way.EMAIL, Way.PUSH)
ABOUT = "campaign:"
BATCH = 100
QUEUED_MOST = 200
"""So many may wait in the outbox at once: a pause or a stop holds back all the others, and no answer is behind more."""
DELIVERED, SENT = "delivered", "sent"
NO_GATEWAY, NO_RELAY, NO_PUSH, BAD_ADDRESS = "no_gateway", "no_relay", "no_push", "bad_address"
MISSING = {Way.SMS: NO_GATEWAY, Way.EMAIL: NO_RELAY, Way.PUSH: NO_PUSH}
NOT_HANDED = "not_handed"
"""It waited until the hours were over, and was never handed over: tried again another day."""
CALLED_OFF = "called_off"
"""The campaign was stopped before it was handed over."""
SILENT = "silent"
BOUNCED, FAILED = "bounced", "failed"
LATE_JOY = (TargetState.WRITTEN, TargetState.WAITING, TargetState.SENT, TargetState.NOT_REACHED)
"""States in which the news that a short message or push notice was delivered after all still counts."""


def write_due(*, profile: Profile, now: dt.datetime) -> int:
    """Give the messages that are due in running campaigns to the outbox; how many were. Clause: krc-2-42, krc-2-57.

    None while requests wait on this machine: bulk mail stands back for clients who are there (faults O1).
    """
    if strain.holds(strain.BULK):
        return 0
    running = Campaign.objects.filter(state=CampaignState.RUNNING, profile=profile.id, kind=Kind.MESSAGE)
    return sum(_write(campaign.pk, profile, now) for campaign in running.order_by("pk"))


@transaction.atomic
def _write(campaign_id: int, profile: Profile, now: dt.datetime) -> int:
    rows = Campaign.objects.select_for_update(skip_locked=True).filter(pk=campaign_id, state=CampaignState.RUNNING)
    campaign = rows.first()
    if campaign is None:
        return 0
    queued = Sms.objects.filter(about=about(campaign), state=states.QUEUED).count()
    queued += pushing.waiting(about(campaign)).count()
    queued += Outgoing.objects.filter(about=about(campaign), state=OutgoingState.QUEUED).count()
    due = campaign.targets.select_for_update(skip_locked=True, of=("self",)).filter(
        state=TargetState.WAITING, way__in=WRITTEN_WAYS, next_at__lte=now
    )
    waiting = list(due.order_by("next_at", "pk")[: min(BATCH, max(0, QUEUED_MOST - queued))])
    targets = calling.skip_hindered(calling.awake(waiting, campaign, profile, now), campaign, profile, now)
    count = sum(_hand_over(target, campaign, profile, now) for target in targets)
    if any(target.push_id for target in targets):
        send_soon()
    return count


def _hand_over(target: Target, campaign: Campaign, profile: Profile, now: dt.datetime) -> bool:
    """Queue the message of one person; where that cannot be, the next way is tried."""
    try:
        with transaction.atomic():
            message = _queue(target, campaign, profile, now)
    except (NotificationError, CorrespondenceError):
        return not conclude(target, campaign, profile, BAD_ADDRESS, now)
    if message is None:
        return not conclude(target, campaign, profile, MISSING[Way(target.way)], now)
    target.state, target.written_at, target.next_at, target.tries = TargetState.WRITTEN, now, None, target.tries + 1
    target.save(update_fields=["state", "written_at", "next_at", "tries", "sms_id", "letter_id", "push_id"])
    data = {"target": target.pk, "way": target.way, "message": message, "tries": target.tries}
    keep("campaign_written", campaign, data, employee=None, now=now)
    return True


def _queue(target: Target, campaign: Campaign, profile: Profile, now: dt.datetime) -> int | None:
    """The id of the message in its outbox; None where there is no gateway or relay."""
    key = f"campaign {target.pk} {target.way} {target.tries + 1}"
    if target.way == Way.SMS and wires.is_set():
        closes = calling.window_of(campaign, profile, target.zone).closes(now)
        target.sms_id = notifications.queue_sms(
            key=key, phone=target.phone, text=campaign.text, country=profile.calendar.country, about=about(campaign),
            client=target.client, expires_at=closes, employee=None, now=now,
        ).pk  # fmt: skip
        return target.sms_id
    if target.way == Way.EMAIL and settings.MAIL.get("relay"):
        draft = Draft(subject=campaign.title, text=campaign.text, language=profile.language)
        target.letter_id = letters.queue_message(
            profile=profile, key=key, recipient=target.email, draft=draft, about=about(campaign), employee=None, now=now
        ).pk
        return target.letter_id
    if target.way == Way.PUSH and push_wires.is_set():
        closes = calling.window_of(campaign, profile, target.zone).closes(now)
        target.push_id = pushing.queue_push(
            key=key, title=campaign.title, text=campaign.text, to=_reader(target), about=about(campaign),
            urgency="high", expires_at=closes, now=now,
        ).pk  # fmt: skip
        return target.push_id
    return None


def _reader(target: Target) -> Client | PushAddress:
    """The client with his browsers, else the browser alone. Raises: NobodyThereError where that is gone."""
    if target.client is not None:
        return target.client
    found = PushAddress.objects.filter(pk=target.browser_id or 0).first()
    if found is None:
        raise NobodyThereError("the browser is gone")
    return found


ENDS = {
    (TargetState.SENT, BOUNCED),
    *((TargetState.WRITTEN, one) for one in (DELIVERED, SENT, FAILED, BOUNCED, NOT_HANDED)),
}
"""In which states which news ends the message of a person."""


def note_news(*, target_id: int, way: str, outcome: str, profile: Profile, now: dt.datetime) -> None:
    """What became of a message of ours, as its outbox tells it; later or repeated news changes nothing more."""
    rows = Target.objects.select_for_update(of=("self",)).select_related("campaign")
    target = rows.get(pk=target_id)
    if outcome == DELIVERED and target.state in LATE_JOY:
        target.way = way
        _settle(target, target.campaign, pacing.Step(TargetState.REACHED), outcome, way, now)
    elif target.way == way and (target.state, outcome) in ENDS:
        conclude(target, target.campaign, profile, outcome, now)


def conclude(target: Target, campaign: Campaign, profile: Profile, outcome: str, now: dt.datetime) -> bool:
    """What follows from the end of one message: reached, sent, again, or the next way. Returns True."""
    window, by = calling.window_of(campaign, profile, target.zone), target.way
    if outcome == NOT_HANDED and target.tries < campaign.tries:
        step = pacing.Step(TargetState.WAITING, window.opens(now + dt.timedelta(seconds=campaign.pause_s)))
    elif outcome == SENT:
        step = pacing.Step(TargetState.SENT)
    else:
        step = calling.moved_on(target, pacing.Step(TargetState.NOT_REACHED), window, now)
        if outcome == SILENT and step.state == TargetState.NOT_REACHED:
            step = pacing.Step(TargetState.SENT)
    if step.state == TargetState.WAITING and campaign.state not in RUNS_ON:
        is_stopped = campaign.state == CampaignState.STOPPED
        step = pacing.Step(TargetState.SKIPPED if is_stopped else TargetState.NOT_REACHED)
        outcome = CALLED_OFF if is_stopped and outcome == NOT_HANDED else outcome
    _settle(target, campaign, step, outcome, by, now)
    return True


RUNS_ON = (CampaignState.RUNNING, CampaignState.PAUSED)


def _settle(
    target: Target, campaign: Campaign, step: pacing.Step, outcome: str, way: str, now: dt.datetime
) -> None:  # fmt: skip
    target.state, target.next_at, target.outcome = step.state, step.next_at, outcome
    target.reason = "stopped" if step.state == TargetState.SKIPPED else target.reason
    target.save(update_fields=["state", "next_at", "outcome", "reason", "way", "tries"])
    data = {"target": target.pk, "way": way, "state": target.state, "outcome": outcome, "tries": target.tries}
    keep("campaign_outcome", campaign, data, employee=None, now=now)


@transaction.atomic
def sweep(*, profile: Profile, now: dt.datetime, limit: int = 500) -> int:
    """Whoever has been written to and of whom nothing is heard for the campaign's pause is tried by his next way.

    Unknown is not failed: where there is no next way the message counts as sent. Letters that wait when the hours are
    over are called off. Late or twice changes nothing.
    """
    _call_off_late(profile, now)
    silent = Target.objects.select_for_update(skip_locked=True, of=("self",)).filter(state=TargetState.WRITTEN)
    found = [one for one in silent.select_related("campaign").order_by("written_at")[:limit] if _is_silent(one, now)]
    for target in found:
        conclude(target, target.campaign, profile, SILENT, now)
    return len(found)


def _call_off_late(profile: Profile, now: dt.datetime) -> None:
    """A letter waits for a server that is away no longer than its person may be told: nobody is written to at night."""
    queued = Outgoing.objects.filter(state=OutgoingState.QUEUED, about__startswith=ABOUT).values_list("pk", flat=True)
    written = Target.objects.filter(state=TargetState.WRITTEN, way=Way.EMAIL, letter_id__in=list(queued))
    late: dict[str, list[int]] = {}
    for target in written.select_related("campaign"):
        if calling.window_of(target.campaign, profile, target.zone).closes(target.written_at or now) <= now:
            late.setdefault(about(target.campaign), []).append(target.letter_id or 0)
    for matter, keys in late.items():
        letters.call_off(about=matter, among=keys, now=now)


def _is_silent(target: Target, now: dt.datetime) -> bool:
    """Only what was handed over can be silent; what waits in an outbox is not."""
    if (target.written_at or now) > now - dt.timedelta(seconds=target.campaign.pause_s):
        return False
    waits = (states.QUEUED, states.SENDING)
    if target.way == Way.PUSH:
        return not Push.objects.filter(pk=target.push_id or 0, state__in=waits).exists()
    return target.way == Way.SMS and not Sms.objects.filter(pk=target.sms_id or 0, state__in=waits).exists()


def about(campaign: Campaign) -> str:
    """What messages of a campaign are about, as the outboxes keep it."""
    return f"{ABOUT}{campaign.pk}"
