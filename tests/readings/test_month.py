"""The month's end: what is still to come, by house and by day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from kindline.clients.models import Account, Client, Premise
from kindline.readings import month, queries
from kindline.readings.models import Reading, ReadingState
from kindline.staff.models import Employee
from tests.desk.looking import check_everywhere
from tests.readings.conftest import NOW, Household, meter

db = pytest.mark.db
ON = dt.date(2026, 3, 20)


def neighbour(house: str, number: str) -> Account:
    """An account in another house of the same street, with a water meter."""
    owner = Client.objects.create(surname="Орлова", created_at=NOW, changed_at=NOW)
    place = Premise.objects.create(city="Самара", street="Садовая", house=house)
    made = Account.objects.create(number=number, client=owner, premise=place, service="", opened_on="2020-01-01")
    meter(made, "W-9", "m3", 5, [""], 3)
    return made


@db
def test_each_house_with_what_stands_is_asked_back_and_is_still_to_come(household: Household) -> None:
    other = neighbour("9", "900")
    before = {one.house: (one.expected, one.stand, one.asked_back, one.to_come) for one in month.houses(ON)}
    assert before == {"5": (3, 0, 0, 3), "9": (1, 0, 0, 1)}
    household.send(household.line("1200"), household.line("9000", zone="night"))
    after = {one.house: (one.expected, one.stand, one.asked_back, one.to_come) for one in month.houses(ON)}
    assert after == {"5": (3, 1, 1, 1), "9": (1, 0, 0, 1)}
    accounts = [household.account.pk, other.pk]
    assert sum(one.to_come for one in month.houses(ON)) == len(queries.due(accounts, ON)), "the same as of each client"
    assert [one.house for one in month.houses(ON, "садовая, 9")] == ["9"]


@db
def test_each_day_says_what_came_and_what_was_left(household: Household) -> None:
    household.send(household.line("1200", "2026-03-18"))
    household.send(household.line("1210", "2026-03-20"))
    found = {one.day.day: (one.came, one.to_come) for one in month.days(ON)}
    assert len(found) == 20
    assert (found[17], found[18], found[19], found[20]) == ((0, 3), (1, 2), (0, 2), (0, 2)), "the first one counts"


@db
def test_what_was_declined_or_is_of_another_month_has_not_come(household: Household) -> None:
    household.send(household.line("9000"))
    Reading.objects.filter(value=9000).update(state=ReadingState.DECLINED)
    assert month.houses(ON)[0].to_come == 3
    assert month.houses(dt.date(2026, 2, 28))[0].to_come == 0, "in February all have come"


@db
def test_a_meter_that_was_taken_away_is_not_waited_for(household: Household) -> None:
    household.water.removed_on = dt.date(2026, 3, 1)
    household.water.save()
    assert month.houses(ON)[0].expected == 2


@db
def test_the_page_and_its_table(household: Household) -> None:
    who = Employee.objects.create(username="clerk", surname="Иванова", roles=["specialist"], language="en")
    browser = Browser()
    browser.force_login(who)
    today = timezone.now().astimezone(household.profile.zone).date()
    page = browser.get("/desk/readings/month/", {"q": "Садовая", "on": "2999-01-01"}).content.decode()
    assert "Readings still to come: 3" in page
    assert f'value="{today.isoformat()}"' in page, "no day that is still to come"
    table: Any = browser.get("/desk/readings/month/", {"format": "csv"})
    lines = b"".join(table.streaming_content).decode().splitlines()
    assert lines[1:] == ['"Самара, Садовая, 5",3,0,0,3']
    assert "/desk/readings/month/" in browser.get("/desk/readings/").content.decode()
    stranger = Browser()
    stranger.force_login(Employee.objects.create(username="other", roles=["administrator"]))
    assert stranger.get("/desk/readings/month/").status_code == 403


@pytest.mark.browser
@pytest.mark.db(transaction=True)
def test_the_page_in_a_real_browser(
    household: Household, browser: Chromium, live_server: LiveServer, settings: Any
) -> None:
    neighbour("9", "900")
    clerk = Employee.objects.create(username="clerk", surname="Иванова", roles=["specialist"], language="ru")
    signed = Browser()
    signed.force_login(clerk)
    context = browser.new_context(base_url=live_server.url, locale="ru", viewport={"width": 1440, "height": 900})
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": signed.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/desk/readings/month/")
    expect(page.locator("table.stack tbody tr")).to_have_count(2)
    check_everywhere(page, "readings-month")
    page.locator("#m-q").fill("садовая, 9")
    page.locator("#m-q").press("Enter")
    expect(page.locator("table.stack tbody tr")).to_have_count(1)
    context.close()
