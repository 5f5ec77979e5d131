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
from kindline.staff.models import Employee, Scope
from kindline.staff.tokens import issue_token
from tests.files.conftest import NOW

pytestmark = pytest.mark.db
ONE, OTHER = Giver("login/1"), Giver("login/2")
MB = 1024 * 1024


@pytest.fixture(autouse=True)
def _small(settings: Any) -> None:
    small = {"day_many": 3, "day_size": 10 * MB, "year_size": 25 * MB}
    quotas = {"client": small, "employee": {**small, "day_many": 4}, "program": {**small, "day_many": 5}}
    settings.FILES = {**settings.FILES, "quotas": quotas}


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


def test_employees_and_programs_have_quotas_of_their_own() -> None:
    """Each employee and each token by itself, whatever clients gave (ASVS 5.2.4)."""
    clerk, other = (Employee.objects.create(username=name) for name in ("clerk", "other"))
    tokens = [
        issue_token(
            employee=clerk, title=title, scopes=[Scope.CREATE], days=1, requests_a_minute=60, by=None, now=NOW
        )[0] for title in ("site", "app")
    ]  # fmt: skip
    assert taken(quota.employee(clerk), [1] * 5) == [True] * 4 + [False]
    assert taken(quota.employee(other), [1]) == [True]
    for one in tokens:
        assert taken(quota.program(one), [1] * 6) == [True] * 5 + [False]


def test_what_was_given_back_counts_for_nothing() -> None:
    for once in ("", "a form"):
        for _ in range(5):
            assert quota.charge(giver=ONE, size=4 * MB, now=NOW, once=once)
            quota.give_back(giver=ONE, size=4 * MB, once=once)
    assert quota.charge(giver=ONE, size=1, now=NOW, once="a form")
    assert not quota.charge(giver=ONE, size=1, now=NOW, once="a form")
    assert taken(ONE, [1, 1, 1]) == [True, True, False]


def test_a_refusal_says_from_when_again() -> None:
    later = NOW + dt.timedelta(hours=3)
    taken(ONE, [1, 1, 1])
    with pytest.raises(OverQuotaError) as day:
        quota.charge(giver=ONE, size=1, now=later)
    assert day.value.again_at == NOW + quota.DAY
    taken(OTHER, [10 * MB])
    taken(OTHER, [10 * MB], NOW + quota.DAY)
    with pytest.raises(OverQuotaError) as year:
        quota.charge(giver=OTHER, size=6 * MB, now=NOW + 2 * quota.DAY)
    assert year.value.again_at == NOW + quota.YEAR


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
