"""Subscribers to notices are reminded of readings that are still to come, on the days that the profile names.

`reading_reminder` of a profile: `days` of the month. A profile without it, or without the text, reminds nobody.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from kindline.clients.models import Account, Client
from kindline.correspondence import actions as letters
from kindline.correspondence import wording
from kindline.correspondence.addressing import of_client
from kindline.correspondence.errors import CorrespondenceError
from kindline.journal import actions as journal
from kindline.journal import strain
from kindline.notifications import actions as notifications
from kindline.notifications import push_wires, pushing, wires
from kindline.notifications.errors import NotificationError
from kindline.readings import month
from kindline.readings.models import ReadingReminder
from kindline.standard import phrases
from kindline.standard.profile import Profile
from kindline.switchboard import calling_hours

VARIABLE = "reading_reminder"
EMAIL, SMS = "reading_reminder", "sms_reading_reminder"
ABOUT = "reading-reminder"
BATCH = 500


def sweep(*, profile: Profile, now: dt.datetime, limit: int = BATCH) -> int:
    """Remind the accounts that are due today and were not tried today; how many were tried. As often as you like.

    Nobody is reminded outside the calling hours, nor who has not subscribed, nor who wants no calls and messages; nor
    while requests wait on this machine (faults O1).
    """
    if strain.holds(strain.BULK):
        return 0
    norm, here = profile.variable(VARIABLE), now.astimezone(profile.zone)
    hours = calling_hours.of(profile)
    if not norm or here.day not in norm["days"] or (hours and not hours.begins <= here.time() < hours.ends):
        return 0
    found = list(due(here.date())[:limit])
    for account in found:
        _remind(account, profile, here.date(), now)
    return len(found)


def due(on: dt.date) -> QuerySet[Account]:
    """Accounts of subscribers for which a reading is still to come, and that were not tried on this day."""
    tried = ReadingReminder.objects.filter(account_id=OuterRef("pk"), day=on)
    rows = Account.objects.filter(~Exists(tried), pk__in=month.wanting(on), client__do_not_call=False)
    return rows.exclude(client__notices=[]).select_related("client").order_by("pk")


def _remind(account: Account, profile: Profile, on: dt.date, now: dt.datetime) -> None:
    """By the first way by which he can be told; that he was tried is kept, whatever came of it."""
    client = account.client
    order = [way for way in dict.fromkeys([*client.ways, *client.notices]) if way in client.notices and way in WAYS]
    try:
        with transaction.atomic():
            row = ReadingReminder.objects.create(account_id=account.pk, day=on, made_at=now)
            row.way = next((way for way in order if WAYS[way](account, client, profile, on, now)), "")
            row.save(update_fields=["way"])
            data = {"account": account.number, "way": row.way}
            journal.record(
                kind="reading_reminded", subject_type="client", subject_id=client.pk, data=data, at=now
            )  # fmt: skip
    except IntegrityError:  # another worker was quicker
        return


def _by_sms(account: Account, client: Client, profile: Profile, on: dt.date, now: dt.datetime) -> bool:
    phone, message = _point(client, "phone"), profile.messages.get(SMS)
    if not phone or message is None or not wires.is_set():
        return False
    text = phrases.render(message.wordings[profile.language].text, {"number": account.number})
    try:
        with transaction.atomic():
            notifications.queue_sms(
                key=f"{ABOUT} {account.pk} {on}", phone=phone, text=text, country=profile.calendar.country, about=ABOUT,
                client=client, employee=None, now=now,
            )  # fmt: skip
    except NotificationError:
        return False
    return True


def _by_email(account: Account, client: Client, profile: Profile, on: dt.date, now: dt.datetime) -> bool:
    address = _point(client, "email")
    if not address or EMAIL not in profile.messages or not settings.MAIL.get("relay"):
        return False
    occasion = wording.Occasion(profile.language, of_client(client), values={"number": account.number})
    try:
        with transaction.atomic():
            letters.queue_message(
                profile=profile, key=f"{ABOUT} {account.pk} {on}", recipient=address,
                draft=wording.written(profile, EMAIL, occasion), about=ABOUT, employee=None, now=now,
            )  # fmt: skip
    except CorrespondenceError:
        return False
    return True


def _point(client: Client, kind: str) -> str:
    found = client.points.filter(kind=kind).order_by("pk").values_list("value", flat=True).first()
    return found or ""


def _by_push(account: Account, client: Client, profile: Profile, on: dt.date, now: dt.datetime) -> bool:
    """The words of the short message, under the subject of the letter."""
    message, letter = profile.messages.get(SMS), profile.messages.get(EMAIL)
    if message is None or letter is None or not push_wires.is_set():
        return False
    occasion = wording.Occasion(profile.language, of_client(client), values={"number": account.number})
    text = phrases.render(message.wordings[profile.language].text, {"number": account.number})
    try:
        with transaction.atomic():
            pushing.queue_push(
                key=f"{ABOUT} {account.pk} {on}", title=wording.written(profile, EMAIL, occasion).subject, text=text,
                to=client, about=ABOUT, now=now,
            )  # fmt: skip
    except (NotificationError, CorrespondenceError):
        return False
    return True


WAYS = {"sms": _by_sms, "email": _by_email, "push": _by_push}
