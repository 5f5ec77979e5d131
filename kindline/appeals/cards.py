"""Opening a client's card: what is shown is composed, and that it was shown is a fact."""

from __future__ import annotations

import datetime as dt

from kindline.appeals import queries
from kindline.clients import actions as clients
from kindline.clients.models import Client
from kindline.conversations.models import Contact
from kindline.staff.actions import actor
from kindline.staff.models import Employee


def open_card(*, client: Client, employee: Employee, contact: Contact | None = None, now: dt.datetime) -> queries.Card:
    """Show a client's card to an employee; every view is kept, with the contact for which it was needed."""
    contact_id = contact.pk if contact else None
    clients.note_view(client=client, employee_id=employee.pk, contact_id=contact_id, actor=actor(employee), now=now)
    return queries.card(client)
