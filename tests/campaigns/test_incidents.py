"""A campaign that tells of an incident: whom it concerns, and its end with the incident."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from kindline.appeals import incidents, outages
from kindline.appeals.models import Appeal, Incident
from kindline.campaigns import actions, audience, errors, following, queries
from kindline.campaigns.audience import Asked
from kindline.campaigns.models import Campaign, Target
from kindline.clients.models import Account, Client, Premise
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from tests.appeals.registry import registry
from tests.campaigns.conftest import states

pytestmark = pytest.mark.db
Person = Callable[..., Client]
Made = Callable[..., Campaign]


@pytest.fixture
def incident(krc: Profile, supervisor: Employee, now: dt.datetime) -> Callable[..., Incident]:
    """Something has happened in a street."""

    def made(area: str = "Лесная, 12а, 14", **more: Any) -> Incident:
        opened: dict[str, Any] = {
            "title": "Авария",
            "topic": None,
            "appeals": [],
            "begun_at": now,
            "employee": supervisor,
            "now": now,
        }
        return incidents.open_incident(profile=krc, area=area, **opened | more)

    return made


@pytest.mark.parametrize(
    ("area", "told"),
    [("Лесная, 12а, 14", "14"), ("Лесная", "124"), ("Садовая", "3"), ("Лесная, 12", "1"), ("", ""),
     ("Лесная, 4", "2"), ("Петрозаводск", "1234")],
)  # fmt: skip
def test_whom_it_concerns_is_who_lives_there(
    person: Person, message: Made, incident: Callable[..., Incident], area: str, told: str
) -> None:
    for number, house in enumerate(("12а", "4", "7", "14"), start=1):
        person(f"+7927000000{number}", house=house)
    Premise.objects.filter(house="7").update(street="ул. Садовая")
    draft = message(start=False, incident=incident(area))
    found = audience.gather(campaign=draft, asked=Asked(incident="1"), country="RU")
    assert "".join(one.phone[-1] for one in found.people) == told


def test_the_area_is_read_once_however_many_houses_there_are(
    person: Person, message: Made, incident: Callable[..., Incident], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        person(f"+7927000000{number}", house=f"{number + 1}")
    read, seen = outages._streets, list[str]()

    def streets(area: str) -> list[set[str]]:
        seen.append(area)
        return read(area)

    monkeypatch.setattr(outages, "_streets", streets)
    draft = message(start=False, incident=incident("Лесная, 2, 4"))
    found = audience.gather(campaign=draft, asked=Asked(incident="1"), country="RU")
    assert [one.phone[-1] for one in found.people] == ["1", "3"]
    assert seen == ["Лесная, 2, 4"]


def test_whoever_has_appealed_about_it_is_told_and_other_filters_narrow_it(
    person: Person, krc: Profile, now: dt.datetime
) -> None:  # fmt: skip
    here = registry("krc")
    there, afar = person("+79270000001"), person("+79270000002", house="99")
    appeal = here.register()
    Appeal.objects.filter(pk=appeal.pk).update(client=afar)
    by: dict[str, Any] = {"profile": krc, "employee": here.people["supervisor"], "now": now}
    told = incidents.open_incident(title="Авария", topic=None, area="Лесная, 12а", appeals=[appeal], begun_at=now, **by)
    said = {"kind": "message", "purpose": "service_notices", "title": "Вода", "text": "Нет воды.", "incident": told}
    draft = actions.create_campaign(fields=said, **by)

    def clients(**asked: str) -> list[int | None]:
        return [one.client for one in audience.gather(campaign=draft, asked=Asked(**asked), country="RU").people]

    assert clients(incident="1") == [there.pk, afar.pk]
    Account.objects.filter(client=there).update(balance=-500)
    assert clients(incident="1", debt="100") == [there.pk]


@pytest.mark.clause("krc-2-42")
@pytest.mark.db(transaction=True)
@pytest.mark.parametrize("paused", [True, False])
def test_it_ends_with_the_incident(
    message: Made, krc: Profile, incident: Callable[..., Incident], supervisor: Employee, now: dt.datetime, paused: bool
) -> None:
    told = incident()
    running, draft = message("+79270000001", incident=told), message("+79270000002", incident=told, start=False)
    another = message("+79270000003")
    if paused:
        actions.pause_campaign(campaign=running, employee=supervisor, now=now)
    incidents.end_incident(incident=told, employee=supervisor, now=now)
    following.follow(profile=krc, now=now)
    for campaign in (running, draft, another):
        campaign.refresh_from_db()
    assert [(one.state, one.reason) for one in (running, draft, another)] == [
        ("stopped", "incident_over"), ("stopped", "incident_over"), ("running", ""),
    ]  # fmt: skip
    assert states(running) == {"+79270000001": "skipped"}
    stopped = facts_of("campaign", running.pk).get(kind="campaign_stopped")
    assert (stopped.data["reason"], stopped.data["waiting"], stopped.data.get("employee")) == ("incident_over", 1, None)
    assert set(queries.of_incident(told)) == {running, draft}
    assert Target.objects.filter(state="waiting").count() == 1


def test_what_is_over_is_told_to_nobody_though_its_draft_is_still_there(
    message: Made, incident: Callable[..., Incident], supervisor: Employee, now: dt.datetime
) -> None:
    told = incident()
    draft, paused = message("+79270000001", incident=told, start=False), message("+79270000002", incident=told)
    actions.pause_campaign(campaign=paused, employee=supervisor, now=now)
    incidents.end_incident(incident=told, employee=supervisor, now=now)
    for campaign, state in ((draft, "draft"), (paused, "paused")):
        with pytest.raises(errors.IncidentOverError):
            actions.start_campaign(campaign=campaign, employee=supervisor, now=now)
        campaign.refresh_from_db()
        assert campaign.state == state
