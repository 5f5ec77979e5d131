"""Alarms of calls outside (X6): on the floor until somebody in charge has found out why."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.utils import timezone

from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.switchboard.dialling_models import DialAlarm

pytestmark = [pytest.mark.db, pytest.mark.fault("X6")]
PAGE = "/desk/supervisor/alarms/"


@pytest.fixture
def alarm(krc: Any, operator: Employee) -> DialAlarm:
    """Somebody dialled costly numbers again and again."""
    return DialAlarm.objects.create(employee=operator, reason="premium", count=3, at=timezone.now())


def settle(browser: Browser, alarm: DialAlarm, finding: str) -> Any:
    return browser.post(f"{PAGE}{alarm.pk}/settle", {"finding": finding})


def test_it_stands_on_the_floor_until_it_is_settled_with_a_reason(
    as_supervisor: Browser, supervisor: Employee, operator: Employee, alarm: DialAlarm
) -> None:
    for place in ("/desk/supervisor/", "/desk/supervisor/?part=1"):
        assert f'data-crossing="dial-{alarm.pk}"' in as_supervisor.get(place).content.decode()
    page = as_supervisor.get(PAGE).content.decode()
    assert "costs extra" in page
    refused = settle(as_supervisor, alarm, "   ")
    assert refused.status_code == 422
    assert "Write what you have found out" in refused.content.decode()
    assert DialAlarm.objects.filter(settled_at=None).exists()

    assert settle(as_supervisor, alarm, "A stolen password <b>; changed.").status_code == 302
    assert "dial-" not in as_supervisor.get("/desk/supervisor/").content.decode()
    assert "A stolen password &lt;b&gt;; changed." in as_supervisor.get(PAGE).content.decode(), "it can be read later"
    [fact] = facts_of("employee", operator.pk).filter(kind="dial_alarm_settled")
    assert (fact.actor, fact.data["reason"]) == (f"employee:{supervisor.pk}", "premium")

    again = settle(as_supervisor, alarm, "Something else")
    assert again.status_code == 422
    assert "Somebody has settled" in again.content.decode()
    assert "Something else" in again.content.decode(), "nothing typed is lost"
    assert DialAlarm.objects.get().finding == "A stolen password <b>; changed."


def test_nobody_settles_an_alarm_about_himself(as_supervisor: Browser, supervisor: Employee, krc: Any) -> None:
    mine = DialAlarm.objects.create(employee=supervisor, reason="too_many", count=1, at=timezone.now())
    assert f"{mine.pk}/settle" not in as_supervisor.get(PAGE).content.decode()
    refused = settle(as_supervisor, mine, "It was I")
    assert refused.status_code == 422
    assert not DialAlarm.objects.exclude(settled_at=None).exists()


def test_operators_neither_see_nor_settle_it(as_operator: Browser, alarm: DialAlarm) -> None:
    assert as_operator.get(PAGE).status_code == 403
    assert settle(as_operator, alarm, "Nothing").status_code == 403
    assert DialAlarm.objects.filter(settled_at=None).exists()


def test_an_alarm_that_is_not_there_is_none(as_supervisor: Browser, alarm: DialAlarm) -> None:
    assert as_supervisor.post(f"{PAGE}{alarm.pk + 1}/settle", {"finding": "x"}).status_code == 404


def test_the_database_keeps_no_settled_alarm_without_a_finding(alarm: DialAlarm, supervisor: Employee) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        DialAlarm.objects.update(settled_at=timezone.now(), settled_by=supervisor)


def test_an_alarm_of_the_house_itself_is_seen_and_settled(as_supervisor: Browser, krc: Any) -> None:
    made = DialAlarm.objects.create(employee=None, reason="abroad", count=2, at=timezone.now())
    for place in ("/desk/supervisor/", PAGE):
        assert "the house itself" in as_supervisor.get(place).content.decode()
    assert settle(as_supervisor, made, "A list from abroad").status_code == 302
    [fact] = facts_of("system", "trunk").filter(kind="trunk_alarm_settled")
    assert fact.data["finding"] == "A list from abroad"
