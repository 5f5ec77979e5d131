"""What the site tells of outages: notices that somebody gave out, at an address, until they are over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals import incidents
from kindline.appeals.incidents import ExpectedBeforeError, IncidentOverError
from kindline.appeals.models import Incident
from kindline.journal.models import Fact
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
ZONE = loader.load("krc").zone


@pytest.fixture
def head(db: None) -> Employee:
    """Who opens incidents."""
    return Employee.objects.create(username="head", surname="Орлова", roles=[Role.SUPERVISOR])


@pytest.fixture
def opened(head: Employee, site: Callable[[str], Profile]) -> Callable[..., Incident]:
    """An incident in Lesnaya street, with a notice unless another is wanted."""
    profile = site("krc")

    def made(
        notice: str = "Нет горячей воды, идёт ремонт.", expected: dt.datetime | None = None, **more: Any
    ) -> Incident:
        now = timezone.now()
        said: dict[str, Any] = {"title": "Нет воды", "topic": None, "area": "Лесная", "appeals": [], "begun_at": now}
        said |= more
        found = incidents.open_incident(profile=profile, **said, employee=head, now=now)
        return incidents.announce(incident=found, notice=notice, expected_end=expected, employee=head, now=now)

    return made


def test_every_page_says_that_something_goes_on_and_where_to_read_it(
    opened: Callable[..., Incident], visitor: Browser
) -> None:
    opened(expected=timezone.now() + dt.timedelta(hours=3))
    assert 'href="/outages/"' in visitor.get("/ask/").content.decode()
    page = visitor.get("/outages/").content.decode()
    assert "Нет горячей воды, идёт ремонт." in page
    assert "Expected to be over" in page


def test_without_a_notice_nothing_is_told(opened: Callable[..., Incident], visitor: Browser) -> None:
    opened(notice="")
    assert "alarm" not in visitor.get("/ask/").content.decode()
    assert "Nothing is known to be out of order." in visitor.get("/outages/").content.decode()


@pytest.mark.parametrize(("address", "known"), [("ул. Лесная, 12", True), ("Садовая 3", False), ("\x00<b>", False)])
def test_whoever_types_an_address_learns_whether_it_is_his(
    opened: Callable[..., Incident], visitor: Browser, address: str, known: bool
) -> None:
    opened()
    page = visitor.get("/outages/", {"address": address}).content.decode()
    assert ("At your address" in page) is known
    assert ("We know of no outage at this address." in page) is not known
    assert "<b>" not in page


def test_what_is_over_is_told_two_days_longer(
    opened: Callable[..., Incident], head: Employee, visitor: Browser
) -> None:
    found = opened()
    incidents.end_incident(incident=found, employee=head, now=timezone.now())
    assert "Over within two days" in visitor.get("/outages/").content.decode()
    Incident.objects.update(ended_at=timezone.now() - dt.timedelta(days=2, minutes=1))
    assert "идёт ремонт" not in visitor.get("/outages/").content.decode()


def test_a_notice_is_a_fact_and_none_is_given_of_what_is_over(opened: Callable[..., Incident], head: Employee) -> None:
    found, now = opened(), timezone.now()
    [fact] = Fact.objects.filter(kind="incident_announced")
    assert fact.data["notice"] == "Нет горячей воды, идёт ремонт."
    with pytest.raises(ExpectedBeforeError):
        incidents.announce(incident=found, notice="a", expected_end=now, employee=head, now=now)
    incidents.end_incident(incident=found, employee=head, now=now)
    with pytest.raises(IncidentOverError):
        incidents.announce(incident=found, notice="a", expected_end=None, employee=head, now=now)


def test_the_desk_gives_it_out_and_loses_nothing_that_was_refused(
    opened: Callable[..., Incident], head: Employee, visitor: Browser
) -> None:
    found = opened(notice="")
    visitor.force_login(head)
    address = f"/desk/appeals/incidents/{found.pk}/"
    typed = {"verb": "announce", "notice": "Чиним до вечера", "expected_end": "2020-01-01T10:00"}
    refused = visitor.post(address, typed)
    assert refused.status_code == 422
    assert "Чиним до вечера" in refused.content.decode()
    assert "2020-01-01T10:00" in refused.content.decode()
    assert visitor.post(address, typed | {"expected_end": "tomorrow"}).status_code == 422
    assert visitor.post(address, typed | {"expected_end": ""}).status_code == 302
    assert Incident.objects.get().notice == "Чиним до вечера"


def test_planned_works_are_shown_as_planned_with_their_time(
    opened: Callable[..., Incident], visitor: Browser, head: Employee
) -> None:
    """What subscribers are told of stands where the link of the message leads."""
    begins = timezone.now() + dt.timedelta(days=5)
    found = opened(begun_at=begins, expected=begins + dt.timedelta(hours=3))
    page = visitor.get("/outages/").content.decode()
    going_on, planned = page.split("Planned works")
    assert "Nothing is known to be out of order." in going_on
    assert "Нет горячей воды, идёт ремонт." in planned
    assert "Planned from" in planned
    assert f"{begins.astimezone(ZONE):%d.%m.%Y, %H:%M}" in planned
    assert "alarm" not in visitor.get("/ask/").content.decode(), "nothing is out of order yet"
    at_home = visitor.get("/outages/", {"address": "Лесная, 3"}).content.decode()
    assert "At your address" in at_home
    assert at_home.count("Planned from") == 2
    incidents.end_incident(incident=found, employee=head, now=timezone.now())
    assert "Нет горячей воды" not in visitor.get("/outages/").content.decode(), "called off: it never began"


def test_the_desk_takes_a_beginning_that_is_to_come(
    site: Callable[[str], Profile], head: Employee, visitor: Browser
) -> None:
    site("krc")
    visitor.force_login(head)
    begins = (timezone.now() + dt.timedelta(days=2)).astimezone(ZONE).replace(second=0, microsecond=0)
    typed = {"title": "Замена кабеля", "area": "Лесная", "begun_at": "someday"}
    refused = visitor.post("/desk/appeals/incidents/new/", typed)
    assert (refused.status_code, "someday" in refused.content.decode()) == (422, True)
    made = visitor.post("/desk/appeals/incidents/new/", typed | {"begun_at": f"{begins:%Y-%m-%dT%H:%M}"})
    assert made.status_code == 302
    found = Incident.objects.get()
    assert found.begun_at == begins
    assert "planned" in visitor.get(made["Location"]).content.decode()
    early = {"verb": "announce", "notice": "Работы", "expected_end": f"{begins - dt.timedelta(hours=1):%Y-%m-%dT%H:%M}"}
    assert visitor.post(made["Location"], early).status_code == 422
    assert visitor.post(made["Location"], early | {"expected_end": ""}).status_code == 302
    assert "planned" in visitor.get("/desk/appeals/incidents/").content.decode()


def test_a_refusal_asks_the_database_for_no_notices(
    opened: Callable[..., Incident], django_assert_num_queries: Any
) -> None:
    opened()
    with django_assert_num_queries(0):
        refused = Browser(enforce_csrf_checks=True).post("/ask/", {"text": "a"})
    assert refused.status_code == 403


def test_a_page_that_is_shown_while_the_database_is_away_needs_no_notices(
    site: Callable[[str], Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr("kindline.appeals.outages.on_site", away)
    page = Browser().get("/ask/")
    assert page.status_code == 200
    assert "alarm" not in page.content.decode()
