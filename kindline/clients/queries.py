"""Who the clients are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from kindline.clients import phones, search
from kindline.clients.models import Account, Client, ContactPoint
from kindline.journal import prepared

STREETS = """
WITH RECURSIVE known AS (
    (SELECT city, street FROM clients_premise ORDER BY city, street LIMIT 1)
    UNION ALL
    SELECT following.city, following.street FROM known, LATERAL (
        SELECT city, street FROM clients_premise WHERE (city, street) > (known.city, known.street)
        ORDER BY city, street LIMIT 1) AS following
)
SELECT city, street FROM known
"""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What belongs to a client: accounts with their premises, and ways to reach him."""

    accounts: list[Account]
    phones: list[ContactPoint]
    emails: list[ContactPoint]


def holdings(client: Client) -> Holdings:
    """The client's accounts, phones and e-mail addresses, those confirmed last first."""
    points = sorted(client.points.all(), key=lambda point: (point.confirmed_at is None, -(point.pk or 0)))
    return Holdings(
        list(client.accounts.select_related("premise").order_by("number")),
        [point for point in points if point.kind == "phone"],
        [point for point in points if point.kind == "email"],
    )


def find(text: str, *, limit: int = 20) -> list[Client]:
    """Clients found by name (any order), phone, account or address."""
    return search.find(text, limit=limit)


def by_caller(caller: str, country: str) -> list[Client]:
    """The clients known by the number that calls; a flat's shared phone may give several."""
    number = phones.normalised(caller, country)
    return list(search.by_phone(number)[:10]) if number else []


def by_account(number: str) -> Account | None:
    """The account with this number, however it is grouped."""
    plain = "".join(number.split()).replace("-", "")
    return Account.objects.select_related("client", "premise").filter(number=plain).first()


def streets() -> list[tuple[str, str]]:
    """Every street of a place of supply, with its city; from one to the next by the index, however many houses."""
    return [(city, street) for city, street in prepared.rows(STREETS)]


def all_clients() -> QuerySet[Client]:
    """Every client, by name."""
    return Client.objects.order_by("surname", "firm_name", "pk")
