"""Contacts under way, in the four standards."""

import datetime as dt
from collections.abc import Callable

import pytest

from kindline.clients import actions as clients
from kindline.clients.models import Account, Client, Premise
from kindline.conversations import actions
from kindline.conversations.models import Contact
from kindline.staff.models import Employee, Role
from kindline.standard import loader

NOW = dt.datetime(2026, 3, 2, 7, 0, tzinfo=dt.UTC)
"""A Monday, ten in the morning in Moscow, nine in Kyiv."""


@pytest.fixture
def now() -> dt.datetime:
    """The moment at which the talk begins."""
    return NOW


@pytest.fixture
def employee(db: None) -> Employee:
    """An operator."""
    return Employee.objects.create(
        username="operator1", number=12, surname="Соколова", given_name="Анна", gender="f", roles=[Role.OPERATOR]
    )


@pytest.fixture
def call(employee: Employee, now: dt.datetime) -> Callable[..., Contact]:
    """An incoming call under a profile, taken by the operator."""

    def begin(profile: str, line: str = "", direction: str = "in") -> Contact:
        contact = actions.open_contact(
            profile=loader.load(profile),
            channel="phone",
            direction=direction,
            line=line,
            caller="+380671112233" if profile in ("court", "voe") else "8 927 111-22-33",
            now=now,
        )
        return actions.start_guide(contact=contact, employee=employee, now=now)

    return begin


@pytest.fixture
def account(db: None, now: dt.datetime) -> Account:
    """A client with an account and a flat."""
    client: Client = clients.create_client(
        fields={
            "surname": "Ёлкин",
            "given_name": "Пётр",
            "patronymic": "Семёнович",
            "residence": "Самара",
            "gender": "m",
        },
        points=[("phone", "+79271112233")],
        country="RU",
        via="office",
        actor="system",
        now=now,
    )
    premise = Premise.objects.create(city="Самара", street="ул. Лесная", house="12а", flat="4")
    return Account.objects.create(
        number="5500123456", client=client, premise=premise, service="heat", opened_on=now.date()
    )


def over(contact: Contact, now: dt.datetime) -> Contact:
    """The talk is over."""
    Contact.objects.filter(pk=contact.pk).update(ended_at=now)
    return Contact.objects.get(pk=contact.pk)
