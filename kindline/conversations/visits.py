"""A visit: a contact at the counter, opened by the employee who serves it and led by the guide of the office."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from kindline.clients import actions as clients
from kindline.clients.models import Client
from kindline.conversations import errors, norms, opening
from kindline.conversations.keeping import guarded, held, keep, profile_of
from kindline.conversations.models import Contact
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

OFFICE = "office"
CONFIRMED = ("phone", "email", "residence")


@transaction.atomic
def open_visit(
    *, profile: Profile, employee: Employee, contact_id: uuid.UUID | None = None, now: dt.datetime
) -> Contact:
    """A visitor stands at the counter: the contact begins, served at once, and its guide with it.

    Clause: voe-3-01, krc-5.4.3-01.
    """
    contact = opening.open_contact(profile=profile, channel=OFFICE, contact_id=contact_id, employee=employee, now=now)
    contact.answered_at = now
    contact.save(update_fields=["answered_at"])
    opening.begin(contact, now)
    return contact


def confirm_contact_data(
    *, contact: Contact, phone: str = "", email: str = "", residence: str = "", employee: Employee | None,
    now: dt.datetime,
) -> Contact:  # fmt: skip
    """What the client says of his phone, e-mail and residence goes onto his card, new or confirmed.

    Clause: voe-3-25. Raises: MissingFieldsError without a client or without any of them; ValidationError for what
    cannot be a number or an address.
    """
    with guarded(contact, "confirm contact data", employee=employee, now=now):
        fresh = held(contact)
        said = {name: text for name, text in zip(CONFIRMED, (phone, email, residence), strict=True) if text.strip()}
        client = _checked(fresh, said)
        changed = _write_on_card(client, said, profile_of(fresh).calendar.country, employee, now)
        data = {"client": client.pk, "fields": sorted(said), "changed": changed}
        keep(fresh, "contact_data_confirmed", data, employee=employee, now=now)
        return fresh


def _checked(contact: Contact, said: Mapping[str, str]) -> Client:
    """The client, once enough was said. Raises: MissingFieldsError."""
    if contact.client is None:
        raise errors.MissingFieldsError({"client": ()})
    required = norms.required_fields(profile_of(contact), "contact_data_confirmed", channel=contact.channel)
    missing = norms.missing(required, said, ())
    if not said:
        missing.setdefault("phone", ())
    if missing:
        raise errors.MissingFieldsError(missing)
    return contact.client


def _write_on_card(
    client: Client, said: Mapping[str, str], country: str, employee: Employee | None, now: dt.datetime
) -> list[str]:
    """Write onto the client's card; returns what was not there before."""
    by: dict[str, Any] = {"employee_id": employee.pk if employee else None, "actor": actor(employee), "now": now}
    before = set(client.points.values_list("kind", "value"))
    points = [
        clients.add_point(client=client, kind=kind, value=said[kind], country=country, **by)
        for kind in ("phone", "email")
        if kind in said
    ]
    changed = [point.kind for point in points if (point.kind, point.value) not in before]
    if said.get("residence", client.residence) != client.residence:
        clients.change_client(client=client, fields={"residence": said["residence"]}, **by)
        changed.append("residence")
    return changed
