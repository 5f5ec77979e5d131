"""The site's own services are looked at round the clock: kept by day, told when they go, judged by month."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client as Browser

from kindline.journal.models import Fact
from kindline.quality import judging
from kindline.quality.models import Measurement
from kindline.site import availability
from kindline.site.models import ServiceDay
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
clause = pytest.mark.clause
NOW = dt.datetime(2026, 3, 30, 9, tzinfo=dt.UTC)
MINUTES = dt.timedelta(minutes=1)


@pytest.fixture
def krc(site: Callable[[str], Profile]) -> Profile:
    """The site of krc."""
    return site("krc")


def good(address: str) -> int:
    """Every page answers."""
    return 200


@clause("krc-5.7-17")
def test_every_service_is_looked_at_when_its_turn_has_come(krc: Profile) -> None:
    asked: list[str] = []

    def ask(address: str) -> int:
        asked.append(address)
        return 200

    assert availability.sweep(profile=krc, now=NOW, ask=ask) == 5
    assert sorted(asked) == ["/account/enter/", "/ask/", "/consultation/", "/faq/", "/readings/"]
    assert availability.sweep(profile=krc, now=NOW + 4 * MINUTES, ask=ask) == 0
    assert availability.sweep(profile=krc, now=NOW + 5 * MINUTES, ask=ask) == 5
    row = ServiceDay.objects.get(service="reception")
    assert (row.checks, row.failed, row.down_since) == (2, 0, None)


@clause("krc-5.7-17")
def test_what_goes_down_is_told_and_the_month_is_judged(krc: Profile) -> None:
    for number, status in enumerate((200, 500, 0, 200)):
        availability.note(profile=krc, service="reception", status=status, now=NOW + number * 5 * MINUTES)
    down, up = Fact.objects.get(kind="service_down"), Fact.objects.get(kind="service_up")
    assert (down.data["status"], up.data["down_s"]) == (500, 600.0)
    judging.judge_subjects(subjects={("service_month", "reception/2026-03")}, now=NOW)
    found = Measurement.objects.get(clause="krc-5.7-17", subject_id="reception/2026-03")
    assert (found.verdict, found.observed) == ("not_met", "0.5")
    for number in range(1, 200):
        availability.note(profile=krc, service="answers", status=200, now=NOW + number * 5 * MINUTES)
    judging.judge_subjects(subjects={("service_month", "answers/2026-03")}, now=NOW)
    assert Measurement.objects.get(subject_id="answers/2026-03").verdict == "met"


def test_the_last_day_of_a_month_still_counts_and_what_is_down_stays_down(krc: Profile) -> None:
    eve = dt.datetime(2026, 3, 31, 20, tzinfo=dt.UTC)  # an hour before April in Moscow
    availability.note(profile=krc, service="reception", status=200, now=eve)
    availability.note(profile=krc, service="reception", status=200, now=eve + 5 * MINUTES)
    availability.note(profile=krc, service="reception", status=0, now=eve + 10 * MINUTES)
    availability.note(profile=krc, service="reception", status=0, now=eve + 15 * MINUTES)
    availability.note(profile=krc, service="reception", status=0, now=eve + 65 * MINUTES)
    assert Fact.objects.filter(kind="service_down").count() == 1
    told = Fact.objects.filter(kind="service_watched", subject_id="reception/2026-03").latest("pk")
    assert (told.data["checks"], told.data["failed"], told.data["share"]) == (4, 2, 0.5)
    april = ServiceDay.objects.get(day=dt.date(2026, 4, 1))
    assert april.down_since == eve + 10 * MINUTES
    months = [(one.month, one.checks) for one in availability.months(krc, eve + 70 * MINUTES)]
    assert months == [("2026-04", 1), ("2026-03", 4)]


@clause("krc-5.7-17")
def test_a_page_is_really_opened_and_what_does_not_answer_is_0(settings: Any, db: None) -> None:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/ask/" else 503)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    settings.KINDLINE = {**settings.KINDLINE, "ports": {**settings.KINDLINE["ports"], "web": server.server_port}}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert [availability.status_of(one) for one in ("/ask/", "/faq/")] == [200, 503]
    finally:
        server.shutdown()
        server.server_close()
    assert availability.status_of("/ask/") == 0


@clause("krc-5.7-17")
@pytest.mark.parametrize("address", ["/ask/", "/readings/", "/account/enter/", "/consultation/", "/faq/"])
def test_every_page_that_is_looked_at_is_there(krc: Profile, visitor: Browser, address: str) -> None:
    asked = availability.availability_of(krc)
    assert asked is not None
    assert address in {one.address for one in asked.services.values()}
    assert visitor.get(address).status_code == availability.OK


def test_the_page_is_open_to_who_answers_for_what_is_published(krc: Profile) -> None:
    availability.sweep(profile=krc, now=NOW, ask=good)
    availability.note(profile=krc, service="reception", status=500, now=NOW + 5 * MINUTES)
    for role in Role.values:
        browser = Browser(headers={"accept-language": "en"})
        browser.force_login(Employee.objects.create(username=role, roles=[role], language="en"))
        allowed = role in (Role.SITE_ADMINISTRATOR, Role.UNIT_HEAD, Role.DIRECTOR)
        page = browser.get("/desk/availability/")
        assert page.status_code == (200 if allowed else 403)
        if allowed:
            assert "does not answer" in page.content.decode()
            assert "99 %" in page.content.decode()
