"""What programs were told and what they were answered is not kept for ever: sweeps over what is old."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import F, Value
from django.db.models.fields import TextField
from django.db.models.functions import Cast, Concat

from kindline.api.models import Delivery, DeliveryState, Submission

BATCH = 1000


def sweep_deliveries(*, now: dt.datetime, limit: int = BATCH) -> int:
    """Forget news that was delivered, or given up, `KINDLINE_WEBHOOK_KEEP_DAYS` ago; how many."""
    old = Delivery.objects.exclude(state=DeliveryState.WAITING).filter(made_at__lt=_since("WEBHOOK", now))
    return Delivery.objects.filter(pk__in=list(old.order_by("pk").values_list("pk", flat=True)[:limit])).delete()[0]


def sweep_answers(*, now: dt.datetime, limit: int = BATCH) -> int:
    """Forget keys and answers of `KINDLINE_SUBMISSIONS_KEEP_DAYS` ago; how many. The same key is a new deed then.

    That a token registered an appeal stays, since it may read that appeal; its key becomes one that nobody can send.
    """
    old = Submission.objects.filter(made_at__lt=_since("SUBMISSIONS", now)).exclude(key__startswith=FORGOTTEN)
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:limit])
    gone = Submission.objects.filter(pk__in=keys, is_registration=False).delete()[0]
    emptied = {"key": Concat(Value(FORGOTTEN), Cast(F("pk"), TextField())), "sha256": "", "answer": ""}
    return gone + Submission.objects.filter(pk__in=keys, is_registration=True).update(**emptied)


FORGOTTEN = " "
"""No key of a program begins with a space (see `once.KEY`)."""


def _since(what: str, now: dt.datetime) -> dt.datetime:
    return now - dt.timedelta(days=settings.API_KEEPS_DAYS[what])
