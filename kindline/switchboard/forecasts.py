"""What callers were told of their wait, beside what came true."""

from __future__ import annotations

import datetime as dt

from django.db.models import Avg, FloatField
from django.db.models.fields.json import KT
from django.db.models.functions import Abs, Cast

from kindline.journal import queries as journal


def mean_error_s(since: dt.datetime, until: dt.datetime) -> float | None:
    """How far forecasts were from the waits that came true, either way; None when nobody was told of one."""
    told = journal.facts_between(since, until, kind="wait_forecast_compared")
    error = Abs(Cast(KT("data__error_s"), FloatField()))
    found: float | None = told.order_by().aggregate(mean=Avg(error))["mean"]
    return None if found is None else round(found, 1)
