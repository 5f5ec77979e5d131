"""One order of locks for everybody: a campaign's row before its people's. Else two of them may wait for each other."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kindline.campaigns import calling, following, placing
from kindline.campaigns.models import Campaign, Target
from kindline.standard.profile import Profile
from tests.campaigns.test_calling import asked, told
from tests.campaigns.test_surveys import ended

pytestmark = pytest.mark.db
Made = Callable[..., Campaign]
LATER = dt.timedelta(minutes=5)
__all__ = ["asked"]


def locked(work: Callable[[], object]) -> list[str]:
    """The tables of campaigns whose rows the work holds, in their order, each once."""
    with CaptureQueriesContext(connection) as queries:
        work()
    held = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    tables = [re.findall(r'FROM "campaigns_(\w+)"', sql)[:1] for sql in held]
    return list(dict.fromkeys(table for found in tables for table in found))


def test_who_gives_a_call_back_holds_the_campaign_first(message: Made, krc: Profile, now: dt.datetime) -> None:
    message("+79270000001")
    [target] = calling.claim(campaign=Campaign.objects.get(), profile=krc, now=now)
    assert locked(lambda: calling.release(target=target, now=now)) == ["campaign", "target"]


def test_so_does_who_sweeps(message: Made, krc: Profile, asked: list[Any], now: dt.datetime) -> None:
    message("+79270000001")
    placing.place_due(profile=krc, now=now)
    assert locked(lambda: calling.sweep(profile=krc, now=now + LATER)) == ["campaign", "target"]
    assert Target.objects.get().state == "waiting"


@pytest.mark.db(transaction=True)
def test_so_does_who_follows_the_journal(message: Made, krc: Profile, asked: list[Any], now: dt.datetime) -> None:
    """What is given back comes in one reading after what others came to, whose rows are held by then."""
    message("+79270000001", "+79270000002")
    placing.place_due(profile=krc, now=now)
    first, second = Target.objects.order_by("pk")
    told(first, "confirmed")
    ended(second)
    assert locked(lambda: following.follow(profile=krc, now=now)) == ["campaign", "target"]
    assert [target.state for target in Target.objects.order_by("pk")] == ["confirmed", "waiting"]


@pytest.mark.db(transaction=True)
def test_what_calls_come_to_holds_no_campaign(message: Made, krc: Profile, asked: list[Any], now: dt.datetime) -> None:
    """Else no more calls could begin while outcomes are read."""
    message("+79270000001")
    placing.place_due(profile=krc, now=now)
    told(Target.objects.get(), "confirmed")
    assert locked(lambda: following.follow(profile=krc, now=now)) == ["target"]
