"""Places in queues that clients keep while they are away: each is called in its turn by the operator chosen for it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from kindline.clients import zones
from kindline.conversations.callbacks import PENDING
from kindline.conversations.models import Callback
from kindline.switchboard import spending
from kindline.switchboard.calling_hours import CallingHours
from kindline.switchboard.choosing import POINT_S, Caller, Match
from kindline.switchboard.models import Call

AT_ONCE = 200
SETTLED_S = 15
"""A place that was given out is let go when its call does not live so long after."""


@dataclass(frozen=True, slots=True)
class Given(Match):
    """A client who keeps a place in a queue is to be called by an operator."""

    callback: int
    number: str
    queue: str
    since: dt.datetime


Places = Mapping[str, tuple[Caller, Callback]]
"""Places that are kept, by the contact that their call will have."""


def promised(now: dt.datetime, hours: CallingHours | None = None) -> list[tuple[str, float]]:
    """The places in queues that are kept and may be called now: queue and turn."""
    found = _permitted(_free(now), now, hours)
    return [(one.queue, one.waits_since.timestamp() - one.priority * POINT_S) for one in found if one.waits_since]


def numbers() -> set[str]:
    """The numbers that will be called in their turn, now or later."""
    rows = Callback.objects.filter(state__in=PENDING, waits_since__isnull=False)
    return set(rows.values_list("phone", flat=True))


def _free(now: dt.datetime) -> QuerySet[Callback]:
    free = Callback.objects.filter(state__in=PENDING, call=None, waits_since__isnull=False)
    return free.filter(Q(try_after=None) | Q(try_after__lte=now))


def _permitted(rows: QuerySet[Callback], now: dt.datetime, hours: CallingHours | None) -> Iterator[Callback]:
    """Those of them whose clients may be called at this hour: by the zone of the client, and of every card there."""
    told = ArraySubquery(zones.told_by_cards(OuterRef("phone")))
    for one in rows.annotate(told=told, own=F("client__time_zone")).iterator(AT_ONCE):
        if hours is None or hours.permit(one.phone, now, [*one.told, one.own or ""]):
            yield one


def callers(unserved: Sequence[str], now: dt.datetime, hours: CallingHours | None = None) -> Places:
    """Clients who keep a place and may be called, as callers under the contact that their call will have.

    No more than the house may still begin within this hour (X6).
    """
    rows = _free(now).exclude(queue__in=unserved).order_by("waits_since")
    found = list(islice(_permitted(rows, now, hours), AT_ONCE))
    made = {}
    for one in found[: spending.left(now)] if found else ():
        contact = str(uuid.uuid4())
        since = one.waits_since.timestamp() if one.waits_since else 0.0
        made[contact] = (Caller(contact, one.queue, moments(one.refused), one.priority, since), one)
    return made


def moments(refused: Mapping[str, str] | None) -> dict[int, float]:
    """Who did not take a call, and when, in seconds."""
    return {int(one): dt.datetime.fromisoformat(at).timestamp() for one, at in (refused or {}).items()}


def called(wanted: Sequence[Match], kept: Places) -> list[Match]:
    """The pairs, those for a kept place with what is needed to call its client."""
    return [_given(one, kept[one.contact][1]) if one.contact in kept else one for one in wanted]


def _given(one: Match, place: Callback) -> Given:
    since = place.waits_since or place.promised_at
    return Given(one.contact, one.employee, place.pk, place.phone, place.queue, since)


def held(wanted: Sequence[Given]) -> dict[int, Callback]:
    """The places, locked: another switchboard may have been quicker."""
    if not wanted:
        return {}
    rows = Callback.objects.select_for_update(skip_locked=True, of=("self",))
    return {one.pk: one for one in rows.filter(pk__in=[one.callback for one in wanted], call=None, state__in=PENDING)}


def give(kept: Sequence[Match], locked: Mapping[int, Callback], now: dt.datetime) -> None:
    """Note which call each place has got."""
    for one in kept:
        if isinstance(one, Given):
            place = locked[one.callback]
            place.call, place.given_at = uuid.UUID(one.contact), now
            place.save(update_fields=["call", "given_at"])
            spending.count(1, now)


@transaction.atomic
def let_go(now: dt.datetime) -> int:
    """Let go of places whose call has ended, or never began, without saying what it came to."""
    living = Call.objects.filter(pk=OuterRef("call"), ended_at=None)
    settled = now - dt.timedelta(seconds=SETTLED_S)
    rows = Callback.objects.select_for_update(skip_locked=True, of=("self",))
    lost = list(rows.filter(~Exists(living), state__in=PENDING, call__isnull=False, given_at__lt=settled))
    begun = set(Call.objects.filter(pk__in=[one.call for one in lost]).values_list("pk", flat=True))
    for one in lost:
        if one.call not in begun and one.given_at is not None:
            spending.give_back(one.given_at)
    return Callback.objects.filter(pk__in=[one.pk for one in lost]).update(call=None)
