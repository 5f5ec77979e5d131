"""Short messages of clients become contacts: answered by the program where a service can, else by an employee."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import Error, transaction
from django.utils.module_loading import import_string

from kindline.clients.models import Client, ContactPoint
from kindline.conversations import closing, opening
from kindline.conversations.keeping import held, keep
from kindline.conversations.models import Contact
from kindline.notifications import actions as notifications
from kindline.notifications.errors import NotificationError
from kindline.notifications.models import IncomingSms, Sms
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

log = logging.getLogger(__name__)
SMS = "sms"
ANSWERED_BY_ITSELF = "self_service"
"""How a contact ends that the program has answered."""
ENDINGS = ("answered", "nothing_to_answer")
"""How an employee may end one."""


@dataclass(frozen=True, slots=True)
class Text:
    """A short message as the services see it."""

    key: str
    text: str
    phone: str
    client: Client | None
    contact: Contact


Service = Callable[[Profile, Text, dt.datetime], str | None]


def take_waiting(*, profile: Profile, now: dt.datetime, limit: int = 200) -> int:
    """Make contacts of the short messages that came; how many. Clause: krc-2-57."""
    waiting = IncomingSms.objects.filter(contact_id=None).order_by("pk").values_list("pk", flat=True)
    return sum(take_one(incoming=key, profile=profile, now=now) for key in waiting[:limit])


@transaction.atomic
def take_one(*, incoming: int, profile: Profile, now: dt.datetime) -> bool:
    """One message joins the open contact of its number, or begins one; once, whoever else is at work."""
    rows = IncomingSms.objects.select_for_update(skip_locked=True)
    row = rows.filter(pk=incoming, contact_id=None).first()
    if row is None:
        return False
    contact, is_new = _contact(row, profile)
    row.contact_id = contact.pk
    row.save(update_fields=["contact_id"])
    keep(contact, "text_came", {"sms": row.pk}, employee=None, now=row.came_at)
    answer = _answer(row, contact, profile, now)
    if answer and is_new:
        closing.close_written(contact=contact, outcome=ANSWERED_BY_ITSELF, employee=None, now=now)
    return True


def _contact(row: IncomingSms, profile: Profile) -> tuple[Contact, bool]:
    going_on = Contact.objects.select_for_update(of=("self",)).filter(channel=SMS, caller=row.phone, closed_at=None)
    known = going_on.order_by("-started_at").first() if row.phone else None
    if known is not None:
        return known, False
    made = opening.open_contact(profile=profile, channel=SMS, caller=row.phone, called=row.to, now=row.came_at)
    client = _client(row.phone)
    if client is not None:
        made.client = client
        made.save(update_fields=["client"])
        data = {"client": client.pk, "via": "caller", "duration_s": 0.0}
        keep(made, "client_found", data, employee=None, now=row.came_at)
    return made, True


def _client(phone: str) -> Client | None:
    """The only client with this number; where several share it, nobody is guessed."""
    points = ContactPoint.objects.filter(kind="phone", value=phone).select_related("client")
    found = {point.client_id: point.client for point in points[:2]} if phone else {}
    return next(iter(found.values())) if len(found) == 1 else None


def _answer(row: IncomingSms, contact: Contact, profile: Profile, now: dt.datetime) -> Sms | None:
    """What a service answers, queued; a service that fails leaves the message to an employee."""
    text = Text(f"sms {row.pk}", row.text, row.phone, contact.client, contact)
    for name in settings.SMS_SERVICES if row.text and row.phone else ():
        service: Service = import_string(name)
        try:
            with transaction.atomic():
                said = service(profile, text, now)
                if said:
                    return _by_itself(row, contact, name, said, profile, now)
        except (Error, NotificationError):
            log.exception("%s could not answer short message %s: it waits for an employee", name, row.pk)
    return None


def _by_itself(
    row: IncomingSms, contact: Contact, name: str, said: str, profile: Profile, now: dt.datetime
) -> Sms:  # fmt: skip
    sent = notifications.queue_sms(
        key=f"answer {row.pk}", phone=row.phone, text=said, country=profile.calendar.country,
        about=matter(contact), client=contact.client, employee=None, now=now,
    )  # fmt: skip
    row.answered_by = name
    row.save(update_fields=["answered_by"])
    service = name.rpartition(".")[0].rpartition(".")[2]
    keep(contact, "text_answered", {"sms": sent.pk, "service": service}, employee=None, now=now)
    return sent


@transaction.atomic
def reply(
    *, contact: Contact, text: str, key: str, country: str, employee: Employee, now: dt.datetime
) -> Sms:  # fmt: skip
    """An employee answers the client by a short message; the same key is the same answer.

    Clause: krc-2-57. Raises: AlreadyClosedError; BadNumberError, EmptyError, TooLongError of `notifications`.
    """
    fresh = held(contact)
    known = Sms.objects.filter(key=f"reply {key}").first()
    if known is not None:
        return known
    sent = notifications.queue_sms(
        key=f"reply {key}", phone=fresh.caller, text=text, country=country, about=matter(fresh),
        client=fresh.client, employee=employee, now=now,
    )  # fmt: skip
    fresh.employee, fresh.answered_at = fresh.employee or employee, fresh.answered_at or now
    fresh.save(update_fields=["employee", "answered_at"])
    keep(fresh, "text_sent", {"sms": sent.pk, "employee": employee.pk}, employee=employee, now=now)
    return sent


def matter(contact: Contact) -> str:
    """What short messages of a contact are about, as `notifications` keeps it."""
    return f"contact:{contact.pk}"
