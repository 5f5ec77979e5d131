"""An address on the host of files opens once, however many ask for it at once (ADR 65)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from kindline.files import handing
from kindline.files.handing import Named
from tests.files.conftest import NOW

ADDRESS = Named(handing.FILE, 1, inline=False, until=int(NOW.timestamp()) + handing.LIFE_S, once="word", page="")


@pytest.mark.db(transaction=True)
def test_of_many_that_ask_at_once_one_is_the_first() -> None:
    def asks(_: int) -> bool:
        try:
            return handing.is_first(ADDRESS)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as people:
        assert sorted(people.map(asks, range(12))) == [False] * 11 + [True]
    assert handing.was_opened(ADDRESS)
    assert handing.is_first(ADDRESS._replace(once="another"))
