"""Calls of a campaign: each target is claimed by one caller at a time, and whatever becomes of the call is kept."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.db import transaction

from kindline.campaigns import lines, pacing
from kindline.campaigns.actions import held, keep
from kindline.campaigns.consents import Consents
from kindline.campaigns.models import Campaign, CampaignState, Kind, Target, TargetState, Way
from kindline.conversations import actions as conversations
from kindline.conversations.models import Contact
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard import calling_hours, spending
from kindline.switchboard.models import Call

UNPLACED_S = 60
"""After so long a call that was asked for and is not there was never placed."""
VALID_S = 20
"""So long the switchboard may take to begin a call that was asked for; less than `UNPLACED_S`."""
REST_S = 60
"""So long a call that the switchboard did not take is not asked for again."""
ASKED_WITHIN = dt.timedelta(minutes=10)
"""At most so long after they were claimed the calls of a round are asked for."""
OUTCOMES = ("announcement_ended", "client_dial_ended")
"""The facts that say what a call came to."""
NOT_PLACED = "not_placed"
"""The outcome of a call that the switchboard refused to begin."""
SILENT_S = 30
"""After so long the news of a call that has ended must have come."""


def window_of(campaign: Campaign, profile: Profile, zone: str = "") -> pacing.Window:
    """The hours within which the campaign reaches people, by the clock of their zone or of the organisation.

    Never outside of those in which the standard lets clients be called.
    """
    own = pacing.Window(campaign.hours_from, campaign.hours_until, ZoneInfo(zone) if zone else profile.zone)
    norm = calling_hours.of(profile)
    return own.within(norm.begins, norm.ends) if norm else own


def awake(targets: Sequence[Target], campaign: Campaign, profile: Profile, now: dt.datetime) -> list[Target]:
    """Those whose clock allows it now; the others wait for their own morning."""
    found = []
    for target in targets:
        window = window_of(campaign, profile, target.zone)
        if window.holds(now):
            found.append(target)
        else:
            target.next_at = window.opens(now)
            target.save(update_fields=["next_at"])
    return found


@transaction.atomic
def claim(*, campaign: Campaign, profile: Profile, now: dt.datetime) -> list[Target]:
    """Take the targets that are to be called now, as many as there is room for; nobody else can take them.

    Lines and free operators are one budget of all campaigns, and some lines are left to who calls us. Whoever has asked
    meanwhile not to be called is left out. Clause: krc-2-02, krc-2-42.
    """
    lines.hold()
    fresh = Campaign.objects.select_for_update(skip_locked=True).filter(pk=campaign.pk).first()
    if fresh is None or fresh.state != CampaignState.RUNNING or fresh.kind != Kind.MESSAGE:
        return []
    room = _room(fresh, profile, now)
    due = fresh.targets.select_for_update(skip_locked=True, of=("self",)).filter(
        state=TargetState.WAITING, way=Way.VOICE, next_at__lte=now
    )
    waiting = awake(list(due.order_by("next_at", "pk")[:room]), fresh, profile, now) if room else []
    targets = skip_hindered(waiting, fresh, profile, now)
    for target in targets:
        begin_call(target, fresh, uuid.uuid4(), None, now)
    spending.count(len(targets), now)
    return targets


def _room(campaign: Campaign, profile: Profile, now: dt.datetime) -> int:
    """How many more calls it may begin: its own bound, the free lines, the operators free for all of them."""
    everybody, paced = lines.calling(), campaign.per_operator
    asking = everybody.exclude(campaign__operator_key="")  # nobody else's call comes to an operator
    return pacing.room(
        at_once=campaign.at_once, calling=everybody.filter(campaign=campaign).count(),
        lines=min(lines.free(now), spending.left_to_campaigns(now)),
        per_operator=paced, free=lines.operators_free(profile, now) if paced else 0, calling_in_all=asking.count(),
    )  # fmt: skip


def skip_hindered(
    targets: Sequence[Target], campaign: Campaign, profile: Profile, now: dt.datetime
) -> list[Target]:  # fmt: skip
    """Leave out those who are not to be told (any more); returns the others."""
    numbers, clients = [target.phone for target in targets], [target.client_id for target in targets]
    consents = Consents(campaign, profile, numbers=numbers, clients=clients)
    found = []
    for target in targets:
        by_itself = target.browser_id is not None and target.client_id is None  # its owner subscribed in it
        reason = "" if by_itself else consents.hindrance(target.phone, target.client_id, [target.way])
        if reason:
            skip(target, campaign, reason, None, now)
        else:
            found.append(target)
    return found


def skip(target: Target, campaign: Campaign, reason: str, employee: Employee | None, now: dt.datetime) -> None:
    """Leave a target out for a reason."""
    target.state, target.reason, target.next_at, target.taken_until = TargetState.SKIPPED, reason, None, None
    target.save(update_fields=["state", "reason", "next_at", "taken_until"])
    data = {"target": target.pk, "state": target.state, "outcome": reason, "tries": target.tries}
    keep("campaign_outcome", campaign, data, employee=employee, now=now)


def begin_call(
    target: Target, campaign: Campaign, contact: uuid.UUID, employee: Employee | None, now: dt.datetime
) -> None:
    """A held target is being called: under which contact, and by whom."""
    target.state, target.contact_id, target.called_at = TargetState.CALLING, contact, now
    target.tries, target.next_at = target.tries + 1, None
    target.save(update_fields=["state", "contact_id", "called_at", "tries", "next_at"])
    data = {"target": target.pk, "contact": str(contact), "tries": target.tries}
    keep("campaign_called", campaign, data, employee=employee, now=now)


@transaction.atomic
def note_outcome(*, contact: str, outcome: str, profile: Profile, now: dt.datetime) -> Target | None:
    """What a call of a campaign came to: the target is reached, tried again later, or given up; once for each call."""
    rows = Target.objects.select_for_update(of=("self",)).select_related("campaign")
    target = rows.filter(contact_id=contact, state=TargetState.CALLING).first()
    if target is None:
        return None
    campaign = target.campaign
    patience = pacing.Patience(campaign.tries, campaign.pause_s)
    window, by = window_of(campaign, profile, target.zone), target.way
    step = pacing.after(outcome, tries=target.tries, patience=patience, window=window, now=now)
    data = {"target": target.pk, "contact": contact, "way": by, "outcome": outcome, "tries": target.tries}
    step = moved_on(target, step, window, now)
    target.state, target.next_at, target.outcome, target.taken_until = step.state, step.next_at, outcome, None
    if step.state == TargetState.WAITING and campaign.state == CampaignState.STOPPED:
        target.state, target.next_at, target.reason = TargetState.SKIPPED, None, "stopped"
    target.save(update_fields=["state", "next_at", "outcome", "taken_until", "reason", "way", "tries"])
    keep("campaign_outcome", campaign, data | {"state": target.state}, employee=None, now=now)
    return target


def moved_on(target: Target, step: pacing.Step, window: pacing.Window, now: dt.datetime) -> pacing.Step:
    """Who was not reached by one way is tried by the next of his own order, within his hours."""
    later = target.ways[target.ways.index(target.way) + 1 :] if target.way in target.ways else []
    if step.state != TargetState.NOT_REACHED or not later:
        return step
    target.way, target.tries = later[0], 0
    return pacing.Step(TargetState.WAITING, window.opens(now))


def still_claimed(*, target: Target, now: dt.datetime) -> bool:
    """Whether a call that was claimed may be asked for; the sweep counts its time from now on."""
    rows = Target.objects.filter(pk=target.pk, contact_id=target.contact_id, state=TargetState.CALLING)
    return rows.update(called_at=now) > 0


@transaction.atomic
def release(*, target: Target, now: dt.datetime, rest_s: float = 0) -> None:
    """A call that the switchboard did not take: the target waits again, and the try does not count."""
    campaign = held(target.campaign)  # before its person, as whoever stops it does
    fresh = Target.objects.select_for_update().filter(pk=target.pk, contact_id=target.contact_id).first()
    if fresh is not None and fresh.state == TargetState.CALLING:
        _give_back(fresh, campaign, now, rest_s)


@transaction.atomic
def sweep(*, profile: Profile, now: dt.datetime, limit: int = 500) -> int:
    """Give back targets whose call was never placed, and end those whose call is over without news of it.

    A switchboard that dies in between leaves such ones behind. Running it late or twice changes nothing. A campaign
    that somebody else is at is left to the next time. Who came back to wait as his campaign was stopped is left out.
    """
    stuck = Target.objects.filter(state=TargetState.CALLING, called_at__lt=now - dt.timedelta(seconds=SILENT_S))
    rows = Campaign.objects.select_for_update(skip_locked=True).filter(pk__in=stuck.values("campaign_id"))
    campaigns = {campaign.pk: campaign for campaign in rows.order_by("pk")}
    theirs = stuck.select_for_update(skip_locked=True).filter(campaign__in=campaigns)
    found = list(theirs.order_by("campaign_id", "called_at")[:limit])
    calls = Call.objects.in_bulk([target.contact_id for target in found])
    said = ((target, campaigns[target.campaign_id], calls.get(target.contact_id)) for target in found)
    return sum(_sweep(*one, profile, now) for one in said) + _leave_stopped(now, limit)


def _leave_stopped(now: dt.datetime, limit: int) -> int:
    """What a call or message came to is written without the campaign's row, so that calls can begin meanwhile: whoever
    stops it at that moment does not see who will wait again.
    """
    rows = Target.objects.select_for_update(skip_locked=True, of=("self",)).select_related("campaign")
    found = rows.filter(state=TargetState.WAITING, campaign__state=CampaignState.STOPPED)[:limit]
    for target in found:
        skip(target, target.campaign, "stopped", None, now)
    return len(found)


def _sweep(target: Target, campaign: Campaign, call: Call | None, profile: Profile, now: dt.datetime) -> bool:
    called_at = target.called_at or now
    if call is None and called_at < now - dt.timedelta(seconds=UNPLACED_S):
        _give_back(target, campaign, now)
        return True
    ended = call is not None and call.ended_at is not None
    if ended and call.ended_at < now - dt.timedelta(seconds=SILENT_S):  # type: ignore[union-attr,operator]
        return note_outcome(contact=str(target.contact_id), outcome=_told(target), profile=profile, now=now) is not None
    return False


def _told(target: Target) -> str:
    """What the journal says of a call, also where a transaction that takes long still hides it from followers."""
    facts = facts_of("contact", target.contact_id).filter(kind__in=OUTCOMES)
    last = facts.last()
    return str(last.data["outcome"]) if last else "lost"


def _give_back(target: Target, campaign: Campaign, now: dt.datetime, rest_s: float = 0) -> None:
    """The target waits again; a contact that was opened for the call is finished with it. Both rows are held."""
    stopped = campaign.state == CampaignState.STOPPED
    target.state = TargetState.SKIPPED if stopped else TargetState.WAITING
    next_at = None if stopped else now + dt.timedelta(seconds=rest_s)
    target.tries, target.next_at = max(0, target.tries - 1), next_at
    target.reason, called_at, target.called_at = "stopped" if stopped else "", target.called_at, None
    target.save(update_fields=["state", "tries", "next_at", "reason", "called_at"])
    opened = Contact.objects.filter(pk=str(target.contact_id), closed_at=None).first()
    if opened is not None:
        conversations.close_unserved(contact=opened, outcome="not_placed", now=now)
    if campaign.kind == Kind.MESSAGE and called_at and not Call.objects.filter(pk=str(target.contact_id)).exists():
        spending.give_back(called_at, within=ASKED_WITHIN)
    data = {"target": target.pk, "contact": str(target.contact_id)}
    keep("campaign_swept", campaign, data, employee=None, now=now)
