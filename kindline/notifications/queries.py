"""What there is of short messages: the register of those that go out, those that came, what waits."""

from __future__ import annotations

import uuid

from django.db.models import Count, QuerySet

from kindline.notifications import states
from kindline.notifications.models import IncomingSms, Sms


def outgoing() -> QuerySet[Sms]:
    """The register of short messages that go out, the latest first."""
    return (
        Sms.objects.select_related("client", "employee").annotate(pieces=Count("parts")).order_by("-queued_at", "-pk")
    )


def about(matter: str) -> QuerySet[Sms]:
    """The messages about a matter, in the order of time."""
    return Sms.objects.filter(about=matter).order_by("queued_at", "pk")


def came_in(contact_id: uuid.UUID) -> QuerySet[IncomingSms]:
    """What came within a contact, in the order of time."""
    return IncomingSms.objects.filter(contact_id=contact_id).order_by("came_at", "pk")


def failed() -> int:
    """How many did not arrive."""
    return Sms.objects.filter(state__in=(states.FAILED, states.EXPIRED)).count()
