"""A supervisor with a campaign under krc, and clients with phones and accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from kindline.campaigns import actions, placing
from kindline.campaigns.audience import Asked
from kindline.campaigns.door import Door
from kindline.campaigns.models import Campaign, Target
from kindline.clients import actions as clients
from kindline.clients import wishes
from kindline.clients.models import Account, Client, Premise
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from kindline.standard.profile import Profile

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
"""A Monday, noon in Moscow."""
QUESTIONS = [
    {"text": "Довольны ли Вы обслуживанием?", "choices": ["да", "нет"]},
    {"text": "Что нам улучшить?", "choices": []},
]


@pytest.fixture(autouse=True)
def _let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test knows of another's refusals."""
    monkeypatch.setattr(placing, "DOOR", Door())


@pytest.fixture
def now() -> dt.datetime:
    """Noon in the organisation's zone."""
    return NOW


@pytest.fixture
def krc() -> Profile:
    """The standard of these tests."""
    return loader.load("krc")


@pytest.fixture
def supervisor(db: None) -> Employee:
    """Who makes campaigns."""
    return Employee.objects.create(username="supervisor", surname="Орлова", roles=[Role.SUPERVISOR])


@pytest.fixture
def operator(db: None) -> Employee:
    """Who asks the questions of a survey."""
    return Employee.objects.create(username="operator1", surname="Соколова", number=12, roles=[Role.OPERATOR])


@pytest.fixture
def person(db: None) -> Callable[..., Client]:
    """A client with a phone and an account in Lesnaya street."""

    def made(phone: str = "+79271112233", *, house: str = "12а", number: str = "", **wanted: bool) -> Client:
        points = [("phone", phone)] if phone else []
        client: Client = clients.create_client(
            fields={"surname": f"Ёлкин {phone[-4:]}", "given_name": "Пётр"}, points=points, country="RU", via="office",
            actor="system", now=NOW,
        )  # fmt: skip
        premise = Premise.objects.create(city="Петрозаводск", street="ул. Лесная", house=house, flat="4")
        Account.objects.create(
            number=number or f"55{client.pk:08}", client=client, premise=premise, service="отопление",
            opened_on=NOW.date(),
        )  # fmt: skip
        asked = {"do_not_call": False, "survey_consent": False, **wanted}
        return wishes.set_call_wishes(client=client, via="desk", employee_id=None, actor="system", now=NOW, **asked)

    return made


@pytest.fixture
def message(supervisor: Employee, krc: Profile) -> Callable[..., Campaign]:
    """A message campaign with these numbers, started."""

    def made(*numbers: str, start: bool = True, **fields: Any) -> Campaign:
        said = {
            "kind": "message",
            "purpose": "service_notices",
            "title": "Отключение",
            "text": "Завтра не будет горячей воды.",
            **fields,
        }
        campaign = actions.create_campaign(profile=krc, fields=said, employee=supervisor, now=NOW)
        asked = Asked(numbers="\n".join(numbers))
        actions.fill(campaign=campaign, asked=asked, country="RU", employee=supervisor, now=NOW)
        if start and numbers:
            campaign = actions.start_campaign(campaign=campaign, employee=supervisor, now=NOW)
        return campaign

    return made


@pytest.fixture
def survey(supervisor: Employee, krc: Profile) -> Callable[..., Campaign]:
    """A survey of satisfaction with the clients of Lesnaya street, started."""

    def made(*, start: bool = True, **fields: Any) -> Campaign:
        said = {
            "kind": "survey", "title": "Качество", "purpose": "survey_satisfaction", "questions": QUESTIONS, **fields,
        }  # fmt: skip
        campaign = actions.create_campaign(profile=krc, fields=said, employee=supervisor, now=NOW)
        asked = Asked(street="Лесная")
        actions.fill(campaign=campaign, asked=asked, country="RU", employee=supervisor, now=NOW)
        if start and campaign.targets.exists():
            campaign = actions.start_campaign(campaign=campaign, employee=supervisor, now=NOW)
        return campaign

    return made


def states(campaign: Campaign) -> dict[str, str]:
    """The state of each number of a campaign."""
    return dict(Target.objects.filter(campaign=campaign).values_list("phone", "state"))


def by_day() -> str:
    """A zone in which it is two in the afternoon: people there may be called whenever the tests run."""
    return f"Etc/GMT{dt.datetime.now(dt.UTC).hour - 14:+d}"
