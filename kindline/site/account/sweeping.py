"""Codes that were used or are over, sessions that are over, and old entries, are forgotten."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q

from kindline.clients.login_models import Entry, Ticket
from kindline.site.account.sessions import SESSIONS

TICKETS_AFTER = dt.timedelta(days=1)
"""Later than the window in which forms and letters are counted."""
ENTRIES_AFTER = dt.timedelta(days=365)


@transaction.atomic
def sweep(*, now: dt.datetime) -> int:
    """Remove codes a day after they were used or ran out, sessions, and entries after a year; how many rows."""
    old = now - TICKETS_AFTER
    tickets = Ticket.objects.filter(Q(ends_at__lt=old) | Q(used_at__lt=old)).delete()[0]
    return tickets + SESSIONS.sweep(now) + Entry.objects.filter(at__lt=now - ENTRIES_AFTER).delete()[0]
