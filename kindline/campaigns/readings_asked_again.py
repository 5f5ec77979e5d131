"""Whose reading was asked back and not answered is asked once more, by the way that he chose for notices.

So long after it came as the profile says (`readings.unsettled_days`), while an employee sees it too. A profile without
the text asks nobody. Who sent it may be a stranger: it is the client of the account who is asked.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import BigIntegerField, CharField, Exists, OuterRef, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.translation import override

from kindline.campaigns import noticing
from kindline.campaigns.noticing import Said
from kindline.journal import actions as journal
from kindline.journal import strain
from kindline.journal.models import Fact
from kindline.readings import queries, wording
from kindline.readings.models import Reading
from kindline.standard.profile import Profile

EMAIL, SMS = "reading_asked_again", "sms_reading_asked_again"
KIND = "reading_asked_again"
ABOUT = "reading-asked-again"
OLDEST = dt.timedelta(days=30)
"""What waits longer is left to the employee: at first it may be much, and nobody remembers it."""
BATCH = 200


def sweep(*, profile: Profile, now: dt.datetime, limit: int = BATCH) -> int:
    """Ask those who were not asked yet; how many were tried. As often as you like.

    Nobody is asked outside the calling hours, nor who has not subscribed to notices or wants no calls and messages; nor
    while requests wait on this machine (faults O1). Clause: krc-5.7.3-06.
    """
    has_text = EMAIL in profile.messages or SMS in profile.messages
    if not has_text or strain.holds(strain.BULK) or not noticing.are_hours(profile, now):
        return 0
    accounts = dict.fromkeys(due(profile, now).values_list("meter__account", flat=True)[:limit])
    return sum(_ask(account, profile, now) for account in accounts)


def due(profile: Profile, now: dt.datetime) -> QuerySet[Reading]:
    """Readings that have waited too long, of clients who may be told and were not asked once more."""
    rows = _unasked(queries.unsettled(profile, now), now).filter(meter__account__client__do_not_call=False)
    return rows.exclude(meter__account__client__notices=[])


def _unasked(rows: QuerySet[Reading], now: dt.datetime) -> QuerySet[Reading]:
    """Those of them about which nobody was asked once more."""
    told = Fact.objects.annotate(reading=Cast(KT("data__reading"), BigIntegerField()))
    sending = Cast(OuterRef("sending_id"), CharField())
    asked = told.filter(kind=KIND, subject_type="readings", subject_id=sending, reading=OuterRef("pk"))
    return rows.filter(~Exists(asked), sending__sent_at__gt=now - OLDEST)


@transaction.atomic
def _ask(key: int, profile: Profile, now: dt.datetime) -> int:
    """About all of an account together, by the first way by which its client can be told.

    What has not waited long yet too: so he is asked once. That he was tried is kept, whatever came of it; how many
    there were.
    """
    waiting = _unasked(queries.asked_back(), now).filter(meter__account=key)
    rows = list(waiting.select_for_update(of=("self",), skip_locked=True))
    if not rows:  # they are settled, or another worker is at them
        return 0
    account = rows[0].meter.account
    with override(profile.language):
        text = ", ".join(f"{one.meter.number}: {wording.figures(one.value)}" for one in rows)
    said = Said(f"{ABOUT} {rows[0].pk}", ABOUT, EMAIL, SMS, {"number": account.number, "text": text})
    way = noticing.tell(client=account.client, said=said, profile=profile, now=now)
    journal.record_many([_asked(one, way, now) for one in rows])
    return len(rows)


def _asked(one: Reading, way: str, now: dt.datetime) -> journal.NewFact:
    return journal.NewFact(KIND, "readings", one.sending_id, "system", {"reading": one.pk, "way": way}, now)
