"""Contacts, topics and promised calls."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from kindline.clients.models import Client
from kindline.conversations.callbacks import PENDING
from kindline.conversations.models import Callback, CallbackState, Contact, Topic


def previous_contacts(client: Client, *, before: dt.datetime | None = None, limit: int = 20) -> list[Contact]:
    """The client's latest contacts on any channel, so that nothing is asked twice (krc-2-08)."""
    found = Contact.objects.filter(client=client).select_related("topic", "employee").order_by("-started_at")
    return list((found.filter(started_at__lt=before) if before else found)[:limit])


def contacts() -> QuerySet[Contact]:
    """All contacts, the latest first."""
    return Contact.objects.select_related("client", "employee", "topic").order_by("-started_at")


def not_closed(now: dt.datetime, *, older_than_s: float = 0) -> QuerySet[Contact]:
    """Contacts whose talk ended at least `older_than_s` ago and that nobody closed."""
    limit = now - dt.timedelta(seconds=older_than_s)
    return contacts().filter(ended_at__lte=limit, closed_at=None).order_by("ended_at")


def pending_callbacks() -> QuerySet[Callback]:
    """Promised calls not made yet, the most urgent first; overdue ones are among them."""
    return Callback.objects.filter(state__in=PENDING).select_related("contact", "employee", "client").order_by("due_at")


def topics(profile_id: str) -> QuerySet[Topic]:
    """The topics of a profile, parents before children."""
    return Topic.objects.filter(profile=profile_id).select_related("parent").order_by("parent__title", "title")


@dataclass(frozen=True, slots=True)
class KeptShare:
    """How many of the calls that were due were made in time."""

    kept: int
    due: int

    @property
    def percent(self) -> int:
        """The share, percent; 0 where none was due."""
        return round(100 * self.kept / self.due) if self.due else 0


def kept_share(now: dt.datetime, days: int = 30) -> KeptShare:
    """The callbacks of the last days that were due or were made: kept in time, and all; cancelled ones do not count."""
    since = now - dt.timedelta(days=days)
    found = Callback.objects.filter(promised_at__gte=since).exclude(state=CallbackState.CANCELLED)
    due = found.filter(Q(state=CallbackState.KEPT) | Q(due_at__lte=now))
    counted = due.aggregate(
        due=Count("pk"), kept=Count("pk", filter=Q(state=CallbackState.KEPT, closed_at__lte=F("due_at")))
    )
    return KeptShare(counted["kept"], counted["due"])
