"""The demonstration organisations have meters with a year of believable readings."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest

from kindline.journal.models import Fact
from kindline.readings.models import Meter, Reading
from kindline.runtime.demonstration import clientele, meters
from kindline.standard import loader

NOW = dt.datetime(2026, 3, 27, 12, tzinfo=dt.UTC)


@pytest.mark.db
@pytest.mark.parametrize("profile_id", ["krc", "yumek", "voe", "court"])
def test_a_year_of_readings(profile_id: str) -> None:
    profile = loader.load(profile_id)
    clientele.make(profile, Random("1"), NOW)
    made = meters.make(profile, Random("2"), NOW)
    if profile_id == "court":
        assert (made, Meter.objects.count()) == (0, 0)
        return
    assert made == Reading.objects.count() > 4000
    states = dict.fromkeys(Reading.objects.values_list("state", flat=True))
    assert set(states) == {"accepted", "asked_back"}
    assert Reading.objects.filter(state="asked_back").count() < made / 50
    sent = Fact.objects.filter(kind="reading_sent")
    assert sum(fact.data["count"] for fact in sent) == made
