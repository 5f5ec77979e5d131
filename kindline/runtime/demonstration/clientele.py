"""Two hundred invented clients with what belongs to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

from kindline.clients import search
from kindline.clients.models import Account, Client, ClientKind, ContactPoint, Premise
from kindline.journal import actions as journal
from kindline.runtime.demonstration import words
from kindline.standard.profile import Profile

COUNT = 200


def make(profile: Profile, dice: Random, now: dt.datetime) -> list[Client]:
    """Make the clients: people, some traders and firms, with phones, e-mail addresses, premises and accounts."""
    plan, speech = words.organisation(profile.id), words.language(profile.language)
    clients = [_client(n, profile, speech, dice, now) for n in range(COUNT)]
    Client.objects.bulk_create(clients)
    ContactPoint.objects.bulk_create(
        point for n, client in enumerate(clients) for point in _points(n, client, speech, dice)
    )
    if plan["accounts"]:
        _accounts(clients, plan["accounts"], speech, dice, now)
    _index(clients)
    journal.record_many(
        [
            journal.NewFact("client_created", "client", one.pk, data={"via": "import"}, at=one.created_at)
            for one in clients
        ]
    )
    return clients


def _client(n: int, profile: Profile, speech: Mapping[str, Any], dice: Random, now: dt.datetime) -> Client:
    person = words.person(dice, profile.language)
    since = now - dt.timedelta(days=dice.randint(200, 2000))
    home = f"{speech['city']}, {dice.choice(speech['streets'])}, {dice.randint(1, 60)}-{dice.randint(1, 90)}"
    client = Client(**person.fields(), language=profile.language, residence=home, created_at=since, changed_at=since)
    if n % 25 == 24:
        firm = speech["firms"][n // 25 % len(speech["firms"])]
        client.kind, client.firm_name = ClientKind.FIRM, firm
    elif n % 25 == 12:
        client.kind = ClientKind.SOLE_TRADER
        client.firm_name = speech["traders"].format(
            name=f"{person.surname} {person.given_name[0]}. {person.patronymic[0]}."
        )
    return client


def _points(n: int, client: Client, speech: Mapping[str, Any], dice: Random) -> list[ContactPoint]:
    numbers = [n + 1] + ([n + 1001] if dice.random() < 0.2 else [])
    points = [ContactPoint(client=client, kind="phone", value=speech["phone"].format(n=number)) for number in numbers]
    if dice.random() < 0.6:
        host = dice.choice(["example.org", "example.com", "example.net"])
        points.append(ContactPoint(client=client, kind="email", value=f"client{n + 1}@{host}"))
    return points


def _accounts(
    clients: list[Client], plan: Mapping[str, Any], speech: Mapping[str, Any], dice: Random, now: dt.datetime
) -> None:
    premises: list[Premise] = []
    accounts: list[Account] = []
    for n, client in enumerate(clients):
        for part in range(2 if n % 9 == 8 else 1):
            flat = "" if client.firm_name else str(dice.randint(1, 120))
            house = f"{dice.randint(1, 60)}{dice.choice(['', '', '', 'а', '/2'])}"
            premises.append(Premise(city=speech["city"], street=dice.choice(speech["streets"]), house=house, flat=flat))
            accounts.append(
                Account(
                    number=f"{plan['prefix']}{n + 1 + part * 500:08}", client=client, premise=premises[-1],
                    service=dice.choice(plan["services"]), opened_on=client.created_at.date(),
                    balance=Decimal(dice.choice([0, 0, 0, -1, -1, 1]) * dice.randint(100, 900_000)) / 100,
                    balance_on=now.date().replace(day=1),
                )
            )  # fmt: skip
    Premise.objects.bulk_create(premises)
    Account.objects.bulk_create(accounts)


def _index(clients: list[Client]) -> None:
    whole = Client.objects.filter(pk__in=[client.pk for client in clients]).prefetch_related(
        "points", "accounts__premise"
    )
    found = list(whole)
    for client in found:
        client.words = search.index_of(client)
    Client.objects.bulk_update(found, ["words"], batch_size=200)
