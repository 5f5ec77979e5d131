"""How much one giver may give: a day, a year, each giver by himself, and never more by giving at once."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connections

from kindline.files import quota
from kindline.files.errors import OverQuotaError
from kindline.files.models import Given
from kindline.files.quota import Giver
from tests.files.conftest import NOW

pytestmark = pytest.mark.db
ONE, OTHER = Giver("login/1"), Giver("login/2")
MB = 1024 * 1024


@pytest.fixture(autouse=True)
def _small(settings: Any) -> None:
    settings.FILES = {**settings.FILES, "day_many": 3, "day_size": 10 * MB, "year_size": 25 * MB}


def taken(giver: Giver, sizes: list[int], now: dt.datetime = NOW) -> list[bool]:
    """Which of the files are counted, and which refused."""
    found = []
    for size in sizes:
        try:
            quota.charge(giver=giver, size=size, now=now)
        except OverQuotaError:
            found.append(False)
        else:
            found.append(True)
    return found


def test_so_many_a_day_and_each_giver_by_himself() -> None:
    assert taken(ONE, [1, 1, 1, 1]) == [True, True, True, False]
    assert taken(OTHER, [1]) == [True]
    assert taken(ONE, [1], NOW + quota.DAY - dt.timedelta(seconds=1)) == [False]
    assert taken(ONE, [1], NOW + quota.DAY) == [True]


def test_so_much_a_day_and_a_smaller_one_still_goes() -> None:
    assert taken(ONE, [8 * MB, 3 * MB, 2 * MB, 1]) == [True, False, True, False]
    assert taken(OTHER, [11 * MB]) == [False]


def test_so_much_a_year() -> None:
    days = [NOW + n * quota.DAY for n in range(3)]
    assert [taken(ONE, [10 * MB], day) for day in days] == [[True], [True], [False]]
    assert taken(ONE, [5 * MB], days[2]) == [True]
    assert taken(ONE, [10 * MB], NOW + quota.YEAR) == [True]


def test_an_address_that_many_share_may_give_more_and_has_no_year() -> None:
    shared = Giver("a1b2", is_shared=True)
    assert taken(shared, [3 * MB] * 16) == [True] * 15 + [False]
    assert not Given.objects.filter(giver__startswith="year/").exists()


def test_what_is_over_is_forgotten() -> None:
    taken(ONE, [1])
    assert quota.sweep(now=NOW + quota.DAY) == 1
    assert quota.sweep(now=NOW + quota.YEAR) == 1


@pytest.mark.db(transaction=True)
def test_given_at_once_it_is_never_more() -> None:
    ledger: list[bool] = []

    def give() -> None:
        try:
            ledger.extend(taken(ONE, [1, 1]))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=give) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert ledger.count(True) == 3
