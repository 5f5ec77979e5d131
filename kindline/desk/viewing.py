"""Every look at a client's card is a fact: once for a contact and an employee."""

from __future__ import annotations

from django.core.cache import cache
from django.utils import timezone

from kindline.clients import actions as clients
from kindline.clients.models import Client
from kindline.conversations.models import Contact
from kindline.journal.models import Fact
from kindline.staff.actions import actor
from kindline.staff.models import Employee

REMEMBER_S = 12 * 3600


def note(contact: Contact, client: Client | None, me: Employee) -> None:
    """Keep that the employee sees the card of a client in a contact."""
    if client is None or not cache.add(f"viewed/{me.pk}/{contact.pk}/{client.pk}", 1, REMEMBER_S):
        return
    noted = Fact.objects.filter(subject_type="client", subject_id=str(client.pk), kind="client_viewed", actor=actor(me))
    if noted.filter(data__contact=str(contact.pk), at__gte=contact.started_at).exists():
        return
    clients.note_view(client=client, employee_id=me.pk, contact_id=contact.pk, actor=actor(me), now=timezone.now())
