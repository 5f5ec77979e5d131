"""What programs were told and answered long ago is swept; what still binds is not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from kindline.api import retention, tasks, webhooks
from kindline.api.models import Delivery, Submission
from kindline.journal import sweeping
from tests.api.calling import APPEALS, Program

pytestmark = pytest.mark.db
LONG = dt.timedelta(days=91)


@pytest.fixture(autouse=True)
def kept(settings: Any) -> None:
    """Terms that the test names itself."""
    settings.API_KEEPS_DAYS = {"WEBHOOK": 30, "SUBMISSIONS": 90}


def test_news_delivered_long_ago_goes_and_what_waits_stays(site: Program) -> None:
    now = timezone.now()
    hook = webhooks.subscribe(token=site.token, url="https://city.example/a", events=["closed"], now=now)
    for fact, (state, days) in enumerate([("delivered", 31), ("failed", 31), ("waiting", 31), ("delivered", 29)]):
        Delivery.objects.create(
            subscription=hook, fact=fact, event="closed", body="{}", state=state, next_at=now,
            made_at=now - dt.timedelta(days=days),
        )  # fmt: skip
    assert [retention.sweep_deliveries(now=now, limit=1) for _ in range(3)] == [1, 1, 0]
    assert list(hook.deliveries.order_by("fact").values_list("fact", flat=True)) == [2, 3]


def test_an_old_key_is_forgotten_but_not_what_the_token_registered(site: Program) -> None:
    made = site.post(key="k1").json()
    site.post(f"{APPEALS}/{made['id']}/messages", {"text": "ещё"}, key="k2")
    assert retention.sweep_answers(now=timezone.now()) == 0
    assert retention.sweep_answers(now=timezone.now() + LONG) == 2
    assert retention.sweep_answers(now=timezone.now() + LONG) == 0, "once"
    left = Submission.objects.get()
    assert (left.answer, left.sha256, left.is_registration) == ("", "", True)
    assert site.get(f"{APPEALS}/{made['id']}").status_code == 200, "its own"
    again = site.post(key="k1")
    assert again.status_code == 201
    assert again.json()["id"] != made["id"], "the same key is a new deed"


def test_the_job_sweeps_everything(site: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "close_old_connections", lambda: None)  # the test's own is open
    site.post(key="k1")
    Submission.objects.update(made_at=timezone.now() - LONG, is_registration=False)
    tasks.sweep_api(0)
    assert not Submission.objects.exists()
