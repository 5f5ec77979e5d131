"""Those in charge see how far the wait that callers were told was from the wait that came true."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.journal import actions as journal

pytestmark = pytest.mark.db


def floor(browser: Browser) -> str:
    return browser.get("/desk/supervisor/?part=1").content.decode()


def test_the_mean_error_of_today_stands_on_the_floor_once_somebody_was_told(as_supervisor: Browser) -> None:
    for told_s in (40.0, 90.0):
        data = {"queue": "general", "expected_wait_s": told_s, "wait_s": 60.0, "error_s": told_s - 60.0}
        journal.record(
            kind="wait_forecast_compared", subject_type="contact", subject_id="c", data=data, at=timezone.now()
        )
    assert "<strong>25</strong>" in floor(as_supervisor)


def test_nothing_is_said_while_nobody_was_told(as_supervisor: Browser) -> None:
    shown = floor(as_supervisor)
    assert 'class="card count"' in shown
    assert "<strong>None" not in shown
    assert "<strong></strong>" not in shown
