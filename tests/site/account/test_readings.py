"""Readings in the personal account, and the services that it lists."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from kindline.clients.login_models import Login
from kindline.readings.models import Reading, ReadingState
from kindline.site import offering
from tests.readings.conftest import Household, account_of, household, meter
from tests.site.account.conftest import seat

__all__ = ["household"]
pytestmark = pytest.mark.db
clause = pytest.mark.clause
DAY = timezone.now().date()


@pytest.fixture
def owner(household: Household) -> Browser:
    """The household's owner, who has entered."""
    login = Login.objects.create(email="elkin@example.com", made_at=timezone.now())
    login.accounts.add(household.account)
    browser = Browser(headers={"accept-language": "en"})
    seat(browser, login)
    return browser


def name(household: Household, zone: str) -> str:
    """A field of the form."""
    return f"m-{household.electricity.pk}-{zone}"


@clause("krc-5.7.3-06")
def test_all_meters_are_sent_by_one_form(owner: Browser, household: Household) -> None:
    page = owner.get("/account/readings/").content.decode()
    assert "Last: 1000" in page
    typed = {name(household, "day"): "1 200", name(household, "night"): "600", "taken_on": DAY.isoformat()}
    assert owner.post("/account/readings/", typed).status_code == 302
    rows = Reading.objects.filter(taken_on=DAY)
    assert {(row.zone, row.sending.channel, row.sending.login_id) for row in rows} == {
        (zone, "account", Login.objects.get().pk) for zone in ("day", "night")
    }
    assert "1200" in owner.get("/account/readings/").content.decode()


def test_a_fault_is_said_beside_its_field_and_the_rest_is_taken(owner: Browser, household: Household) -> None:
    typed = {name(household, "day"): "12oo", name(household, "night"): "600", "taken_on": DAY.isoformat()}
    answer = owner.post("/account/readings/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="12oo"' in page
    assert "This is not a number" in page
    assert Reading.objects.filter(zone="night", taken_on=DAY).count() == 1


def test_what_is_asked_back_is_answered_on_the_page(owner: Browser, household: Household) -> None:
    owner.post("/account/readings/", {name(household, "day"): "900", "taken_on": DAY.isoformat()})
    reading = Reading.objects.get(value=900)
    assert "lower than the one before" in owner.get("/account/readings/").content.decode()
    owner.post("/account/readings/", {"verb": "confirm", "reading": str(reading.pk)})
    assert Reading.objects.get(value=900).state == ReadingState.ACCEPTED
    owner.post("/account/readings/", {name(household, "night"): "1", "taken_on": DAY.isoformat()})
    owner.post("/account/readings/", {"verb": "decline", "reading": str(Reading.objects.get(value=1).pk)})
    assert Reading.objects.get(value=1).state == ReadingState.DECLINED


def test_what_came_of_it_is_said(owner: Browser, household: Household) -> None:
    """Who does not see that a list below has grown asks himself whether anything was sent."""
    page, day, night = "/account/readings/", name(household, "day"), name(household, "night")

    def told(**typed: str) -> str:
        return owner.post(page, {"taken_on": DAY.isoformat(), **typed}, follow=True).content.decode()

    empty = owner.post(page, {"taken_on": DAY.isoformat()})
    assert (empty.status_code, "Type the figures of one meter at least." in empty.content.decode()) == (422, True)
    assert "The readings are accepted." in told(**{day: "1200", night: "600"})
    asked = told(**{day: "1100"})
    assert "accepted." not in asked
    reading = str(Reading.objects.get(state=ReadingState.ASKED_BACK).pk)
    assert "This reading does not count." in told(reading=reading, verb="decline")


def test_a_photo_that_is_not_taken_is_told_above_the_form_and_hides_no_other_fault(
    owner: Browser, household: Household
) -> None:
    day, night = name(household, "day"), name(household, "night")
    typed = {day: "1200", night: "6oo", "taken_on": DAY.isoformat(), f"photo-{day}": SimpleUploadedFile("a.exe", b"MZ")}
    answer = owner.post("/account/readings/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    box = page[page.index("Please check:</h2>") :].partition("</div>")[0]
    assert all(said in box for said in (f'href="#f-photo-{day}"', "a.exe", f'href="#{night}"', "This is not a number."))
    assert f'id="f-photo-{day}"' in page
    assert 'value="1200"' in page
    assert not Reading.objects.filter(taken_on=DAY).exists()


def test_a_photo_that_is_too_large_is_told_at_its_own_meter(
    owner: Browser, household: Household, settings: Any
) -> None:
    settings.FILES = {**settings.FILES, "size_max": 1024 * 1024}
    day, night = name(household, "day"), name(household, "night")
    large = SimpleUploadedFile("night.jpg", b"x" * 2**21)
    answer = owner.post("/account/readings/", {day: "1200", night: "600", f"photo-{night}": large})
    page = answer.content.decode()
    assert answer.status_code == 422
    box = page[page.index("Please check:</h2>") :].partition("</div>")[0]
    assert re.findall(r'href="#([^"]+)"', box) == [f"f-photo-{night}"]
    assert box.count("night.jpg: it is too large") == 1


def test_meters_of_others_are_neither_seen_nor_answered_for(owner: Browser, household: Household) -> None:
    other = account_of("7654321")
    strange = meter(other, "S-1", "kWh", 5, [""])
    assert "S-1" not in owner.get("/account/readings/").content.decode()
    owner.post("/account/readings/", {f"m-{strange.pk}-": "5", "taken_on": DAY.isoformat()})
    assert not strange.readings.exists()
    household.send(household.line("5", zone="", meter="W-1"))
    Reading.objects.filter(value=5).update(meter=strange)
    answer = owner.post("/account/readings/", {"verb": "confirm", "reading": str(Reading.objects.get(value=5).pk)})
    assert answer.status_code == 404
    assert Browser().get("/account/readings/").headers["Location"] == "/account/enter/"


def test_a_form_sent_twice_is_one_sending(owner: Browser, household: Household) -> None:
    typed = {name(household, "day"): "1200", "taken_on": DAY.isoformat(), "key": str(uuid.uuid4())}
    assert owner.post("/account/readings/", typed).status_code == 302
    assert owner.post("/account/readings/", typed).status_code == 302
    assert Reading.objects.filter(taken_on=DAY).count() == 1


@clause("krc-5.7.3-01")
def test_the_services_of_the_standard_are_listed_with_their_pages(owner: Browser, household: Household) -> None:
    told = household.profile.variable("internet_services")
    number = household.profile.clauses["krc-5.7.3-01"].value["services"]
    assert len(told) == number
    assert {clause for one in told for clause in one["clauses"]} == {f"krc-5.7.3-{n:02}" for n in range(2, 11)}
    page, offered = owner.get("/account/").content.decode(), offering.offers(household.profile)
    for one in offered:
        assert one.address.replace("&", "&amp;") in page
        assert owner.get(one.address).status_code in (200, 302)
    assert 'value="complaint" selected' in owner.get("/account/ask/?kind=complaint").content.decode()
    assert len(offered) == number == len(told)


def test_the_owner_corrects_the_last_reading_with_a_reason(owner: Browser, household: Household) -> None:
    household.send(household.line("1200", DAY.isoformat()), now=timezone.now())
    last = Reading.objects.get(value=1200)
    typed = {"verb": "correct", "reading": str(last.pk), "value": "1100", "reason": ""}
    answer = owner.post("/account/readings/", typed)
    assert answer.status_code == 422
    assert 'value="1100"' in answer.content.decode(), "nothing typed is lost"
    assert owner.post("/account/readings/", typed | {"reason": "Цифры переставлены"}).status_code == 302
    standing = Reading.objects.get(value=1100)
    assert (standing.state, standing.replaces_id, standing.reason) == ("accepted", last.pk, "Цифры переставлены")
    again = owner.post("/account/readings/", typed | {"reason": "Цифры переставлены"})
    assert again.status_code == 302, "pressed twice"
    assert Reading.objects.filter(value=1100).count() == 1
    other = owner.post("/account/readings/", typed | {"value": "1150", "reason": "Ещё раз"})
    page = other.content.decode()
    assert other.status_code == 422
    assert "Somebody has settled this reading meanwhile" in page
    assert 'value="1150"' in page
    assert 'value="Ещё раз"' in page
    earlier = Reading.objects.get(value=1000)
    assert owner.post("/account/readings/", typed | {"reading": str(earlier.pk)}).status_code == 422
    assert Reading.objects.get(pk=earlier.pk).state == "accepted"
    assert owner.post("/account/readings/", typed | {"reading": "999999"}).status_code == 404
