"""Contacts, topics and promised calls."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from kindline.clients.models import Client
from kindline.conversations.models import Callback, CallbackOrigin, CallbackState, Contact, Topic


def previous_contacts(client: Client, *, before: dt.datetime | None = None, limit: int = 20) -> list[Contact]:
    """The client's latest contacts on any channel, so that nothing is asked twice (krc-2-08)."""
    found = Contact.objects.filter(client=client).select_related("topic", "employee").order_by("-started_at")
    return list((found.filter(started_at__lt=before) if before else found)[:limit])


def contacts() -> QuerySet[Contact]:
    """All contacts, the latest first."""
    return Contact.objects.select_related("client", "employee", "topic").order_by("-started_at")


def topics(profile_id: str) -> QuerySet[Topic]:
    """The topics of a profile, parents before children."""
    return Topic.objects.filter(profile=profile_id).select_related("parent").order_by("parent__title", "title")


@dataclass(frozen=True, slots=True)
class KeptShare:
    """Of the calls that were promised and are decided: in how many the client was reached in the promised window."""

    kept: int
    due: int
    """All of them: reached in time or late, not reached, cancelled."""
    cancelled: int = 0

    @property
    def share(self) -> float | None:
        """Kept / promised; None where none is decided yet."""
        return self.kept / self.due if self.due else None


KEPT = Q(state=CallbackState.KEPT, closed_at__lte=F("due_at"))
CANCELLED = Q(state=CallbackState.CANCELLED)


def decided(since: dt.datetime, until: dt.datetime, now: dt.datetime) -> QuerySet[Callback]:
    """The callbacks promised in a time of which it is known whether they were kept: done, cancelled, or overdue.

    Who gave up waiting is called as well, but nobody promised it to him.
    """
    found = Callback.objects.filter(promised_at__gte=since, promised_at__lt=until)
    found = found.exclude(origin=CallbackOrigin.ABANDONED)
    return found.filter(Q(state__in=(CallbackState.KEPT, CallbackState.CANCELLED)) | Q(due_at__lte=now))


def kept_share(now: dt.datetime, days: int = 30) -> KeptShare:
    """How the promises of the last days were kept; a cancelled one was promised as well, and its number is told."""
    found = decided(now - dt.timedelta(days=days), now + dt.timedelta.resolution, now)
    return KeptShare(
        **found.aggregate(kept=Count("pk", filter=KEPT), due=Count("pk"), cancelled=Count("pk", filter=CANCELLED))
    )
