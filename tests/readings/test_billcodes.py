"""Codes of bills for another system that prints them."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command

from kindline.readings import billcodes
from tests.readings.conftest import account_of

pytestmark = pytest.mark.db


def test_another_system_gets_the_codes_that_let_register() -> None:
    accounts, out, month = [account_of("2"), account_of("1")], io.StringIO(), dt.date(2026, 9, 1)
    call_command("bill_codes", "2026-09", stdout=out)
    first, *lines = out.getvalue().splitlines()
    assert first == "account;month;code"
    assert lines == [f"{one.number};2026-09;{billcodes.code_of(one, month)}" for one in reversed(accounts)]
    assert all(billcodes.is_of(one, lines[1 - place].split(";")[2], month) for place, one in enumerate(accounts))


def test_what_is_no_month_is_said() -> None:
    with pytest.raises(CommandError, match="2026-09"):
        call_command("bill_codes", "September")
