"""What the journal says of the calls of campaigns, followed with a cursor of its own."""

from __future__ import annotations

import contextlib
import datetime as dt

from django.db.models import Q

from kindline.campaigns import actions, calling, writing
from kindline.campaigns.actions import UNFINISHED
from kindline.campaigns.errors import WrongStateError
from kindline.campaigns.models import Campaign, Target, TargetState, Way
from kindline.conversations import actions as conversations
from kindline.conversations.errors import AlreadyClosedError
from kindline.conversations.models import Contact
from kindline.journal import cursor
from kindline.journal.models import Fact
from kindline.notifications.models import Push, Sms
from kindline.standard.profile import Profile

CURSOR = "campaigns"
BATCH = 2000
ENDING, ERASED, OVER = "call_ended", "client_erased", "incident_ended"
TEXTS = {"sms_delivered": writing.DELIVERED, "sms_failed": writing.FAILED, "sms_expired": writing.FAILED}
LETTERS = {
    "message_sent": writing.SENT, "message_failed": writing.FAILED, "message_bounced": writing.BOUNCED,
    "message_called_off": writing.NOT_HANDED,
}  # fmt: skip
PUSHES = {"push_shown": writing.DELIVERED, "push_failed": writing.FAILED, "push_expired": writing.FAILED}
OUTBOXES = {
    "sms": (Way.SMS, "sms_id", TEXTS),
    "outgoing": (Way.EMAIL, "letter_id", LETTERS),
    "push": (Way.PUSH, "push_id", PUSHES),
}
"""What the outboxes say of a message of ours, and what it means to a campaign."""


def follow(*, profile: Profile, now: dt.datetime, limit: int = BATCH) -> int:
    """Take note of what has become of the calls of campaigns; returns how many facts were read.

    Returns 0 while another follower is at work.
    """
    try:
        with cursor.reading(CURSOR, limit) as facts:
            told = _ours([fact for fact in facts if fact.kind in (*calling.OUTCOMES, ENDING)])
            over = [int(fact.subject_id) for fact in facts if fact.kind == OVER]
            _hold(told, over)
            for fact in told:
                _take(fact, profile, now)
            for fact in facts:
                _take_news(fact, profile, now)
            _forget([fact.subject_id for fact in facts if fact.kind == ERASED], now)
            _stop_of(over, now)
            return len(facts)
    except cursor.CursorBusyError:
        return 0


def _hold(told: list[Fact], incidents: list[int]) -> None:
    """Campaigns before their people, as whoever stops one does: those that end now, or get a call back."""
    known = {fact.subject_id for fact in told if fact.kind in calling.OUTCOMES}
    unknown = {fact.subject_id for fact in told} - known
    unplaced = Target.objects.filter(contact_id__in=unknown, state=TargetState.CALLING)
    concerned = Q(pk__in=unplaced.values("campaign_id")) | Q(incident_id__in=incidents, state__in=actions.OPEN)
    list(Campaign.objects.select_for_update().filter(concerned).order_by("pk"))


def _take_news(fact: Fact, profile: Profile, now: dt.datetime) -> None:
    """News of a short message, letter or push notice, where it is one of a campaign."""
    way, field, known = OUTBOXES.get(fact.subject_type, ("", "", {}))
    if fact.kind not in known:
        return
    outcome = known[fact.kind]
    if fact.kind == "message_called_off" and fact.data.get("uncertain"):
        outcome = writing.SENT  # it may have arrived: nobody is written to twice
    if fact.kind in NOT_HANDED and NOT_HANDED[fact.kind].objects.filter(pk=fact.subject_id, submitted_at=None).exists():
        outcome = writing.NOT_HANDED
    for key in Target.objects.filter(**{field: int(fact.subject_id)}).values_list("pk", flat=True):
        writing.note_news(target_id=key, way=way, outcome=outcome, profile=profile, now=now)


NOT_HANDED: dict[str, type[Sms] | type[Push]] = {"sms_expired": Sms, "push_expired": Push}


def _forget(clients: list[str], now: dt.datetime) -> None:
    """Who was erased is in no campaign any more: neither number nor answers, and he is not tried again."""
    rows = Target.objects.select_for_update(of=("self",)).select_related("campaign")
    for target in rows.filter(client_id__in=[int(one) for one in clients]):
        target.phone, target.email, target.answers, target.client = f"erased {target.pk}", "", {}, None
        target.save(update_fields=["phone", "email", "answers", "client"])
        if target.state in UNFINISHED:
            calling.skip(target, target.campaign, ERASED, None, now)


def _stop_of(incidents: list[int], now: dt.datetime) -> None:
    """What tells of an incident ends with it: nobody is told any more that something is so which is over."""
    for campaign in Campaign.objects.filter(incident_id__in=incidents, state__in=actions.OPEN):
        with contextlib.suppress(WrongStateError):
            actions.stop_campaign(campaign=campaign, reason=actions.INCIDENT_OVER, employee=None, now=now)


def _ours(facts: list[Fact]) -> list[Fact]:
    contacts = {fact.subject_id for fact in facts}
    known = {str(one) for one in Target.objects.filter(contact_id__in=contacts).values_list("contact_id", flat=True)}
    return [fact for fact in facts if fact.subject_id in known]


def _take(fact: Fact, profile: Profile, now: dt.datetime) -> None:
    contact = fact.subject_id
    if fact.kind in calling.OUTCOMES:
        calling.note_outcome(contact=contact, outcome=str(fact.data["outcome"]), profile=profile, now=now)
        return
    left = Target.objects.filter(contact_id=contact, state=TargetState.CALLING).first()
    if left is not None:  # it ended before anybody called the client: the operator's own phone was not answered
        calling.release(target=left, now=now)
    _close(contact, now)


def _close(contact: str, now: dt.datetime) -> None:
    """An operator's call that nobody answered is finished; what was answered is finished by the operator."""
    found = Contact.objects.filter(pk=contact, closed_at=None).first()
    if found is None or found.direction != "out" or _talked(contact):
        return
    with contextlib.suppress(AlreadyClosedError):
        conversations.close_unserved(contact=found, outcome="not_reached", now=now)


def _talked(contact: str) -> bool:
    facts = Fact.objects.filter(subject_type="contact", subject_id=contact)
    return facts.filter(kind="client_dial_ended", data__outcome="answered").exists() or (
        facts.filter(kind="call_answered").exists()
    )
