"""Promises to call: one is kept for the call that is to fulfil it, so that nobody else calls the same client."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from kindline.conversations.callbacks import PENDING
from kindline.conversations.errors import CallbackDoneError
from kindline.conversations.models import Callback
from kindline.switchboard.models import Call
from kindline.switchboard.places import SETTLED_S
from kindline.switchboard.wanted import AskedError

CALLED = "called"


@transaction.atomic
def claim(callback: int, contact: str, now: dt.datetime) -> str:
    """The number of a promise, kept for this call: the dispatcher and colleagues leave it alone.

    Raises: AskedError, also when this client is being called now for another promise.
    """
    phone = Callback.objects.filter(pk=callback).values_list("phone", flat=True).first()
    if phone is None:
        raise AskedError(404, "no_callback", "there is no such callback")
    found = _open(phone, now)
    mine = next((one for one in found if one.pk == callback), None)
    if mine is None:
        raise AskedError(409, CallbackDoneError.code, "this client was called, or need not be called any more")
    _keep(mine, contact, now)
    return phone


@transaction.atomic
def claim_of(number: str, contact: str, now: dt.datetime) -> int | None:
    """The promise to a number that comes first, kept for this call; None: nothing is promised to it.

    Raises: AskedError when this client is being called now, for whichever promise.
    """
    found = _open(number, now)
    if not found:
        return None
    _keep(found[0], contact, now)
    return found[0].pk


def _open(number: str, now: dt.datetime) -> list[Callback]:
    """The open promises to a number, locked; none of them has a call under way. Raises: AskedError."""
    open_ = Callback.objects.select_for_update().filter(phone=number, state__in=PENDING).order_by("due_at", "pk")
    found = list(open_)
    if any(_under_way(one, now) for one in found):
        raise AskedError(409, CALLED, "this client is being called now")
    return found


def _keep(found: Callback, contact: str, now: dt.datetime) -> None:
    found.call, found.given_at = uuid.UUID(contact), now
    found.save(update_fields=["call", "given_at"])


def _under_way(one: Callback, now: dt.datetime) -> bool:
    """Whether a call lives for it, or was begun a moment ago and has no row yet."""
    if one.call is None:
        return False
    row = Call.objects.filter(pk=one.call).values("ended_at").first()
    if row is not None:
        return row["ended_at"] is None
    return one.given_at is not None and (now - one.given_at).total_seconds() < SETTLED_S
