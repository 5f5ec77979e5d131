"""A client proves to the voice menu who he is: no employee, no guide, the same demands of the standard."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from kindline.clients.models import Account
from kindline.conversations import errors, norms
from kindline.conversations.keeping import guarded, held, keep, profile_of, save
from kindline.conversations.models import Contact

METHOD = "menu"


def identify_by_keys(*, contact_id: uuid.UUID, account: Account, proven: Sequence[str], now: dt.datetime) -> Contact:
    """Keep that the fields `proven` agreed with the account, and that its data are told to him now.

    Clause: krc-5.6.4-06, krc-6.1-03, voe-6-19, voe-6-20.
    Raises: MissingFieldsError for what the standard requires and his keys have not proved; AlreadyClosedError.
    """
    contact = Contact.objects.get(pk=contact_id)
    with guarded(contact, "identify", employee=None, now=now):
        fresh = held(contact)
        required = norms.required_fields(profile_of(fresh), "identified", channel=fresh.channel, direction="in")
        missing = norms.missing(required, proven, ())
        if missing:
            raise errors.MissingFieldsError(missing)
        fresh.client, fresh.account, fresh.identified_at = account.client, account, now
        data = {"client": account.client_id, "account": account.number, "method": METHOD, "fields": sorted(proven)}
        keep(fresh, "identified", data, employee=None, now=now)
        keep(fresh, "account_shown", {"account": account.number}, employee=None, now=now)
        save(fresh, "client", "account", "identified_at")
        return fresh
