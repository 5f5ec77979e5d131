"""Subscribers to notices are reminded of readings that are still to come, on the days that the profile names.

`reading_reminder` of a profile: `days` of the month. A profile without it, or without the text, reminds nobody.
"""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from kindline.campaigns import noticing
from kindline.campaigns.noticing import Said
from kindline.clients.models import Account
from kindline.journal import actions as journal
from kindline.journal import strain
from kindline.readings import month
from kindline.readings.models import ReadingReminder
from kindline.standard.profile import Profile

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
    if not norm or here.day not in norm["days"] or not noticing.are_hours(profile, now):
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
    said = Said(f"{ABOUT} {account.pk} {on}", ABOUT, EMAIL, SMS, {"number": account.number})
    try:
        with transaction.atomic():
            row = ReadingReminder.objects.create(account_id=account.pk, day=on, made_at=now)
            row.way = noticing.tell(client=client, said=said, profile=profile, now=now)
            row.save(update_fields=["way"])
            data = {"account": account.number, "way": row.way}
            journal.record(
                kind="reading_reminded", subject_type="client", subject_id=client.pk, data=data, at=now
            )  # fmt: skip
    except IntegrityError:  # another worker was quicker
        return
