"""Finding a client: by name in any order, phone, account, address, or several of them at once."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db.models import QuerySet

from kindline.clients import folding
from kindline.clients.models import Client

WORDS_MAX = 8
NUMBER = re.compile(r"[+(]?\d[\d\s()+.-]{2,}\d")
MATCH = "array_to_tsvector(clients_client.words) @@ %s::tsquery"


def find(text: str, *, limit: int = 20) -> list[Client]:
    """Clients whom every word of the text fits, the fullest match first; accounts and points come along."""
    wanted = _wanted(text)
    if not wanted:
        return []
    found = _matching(wanted).prefetch_related("points", "accounts__premise").order_by("surname", "given_name", "pk")
    return sorted(found[: limit * 3], key=lambda client: -_fullness(client, wanted))[:limit]


def by_phone(number: str) -> QuerySet[Client]:
    """Clients known by a normalised number, the latest changed first."""
    return Client.objects.filter(points__kind="phone", points__value=number).distinct().order_by("-changed_at")


def index_of(client: Client) -> list[str]:
    """Everything that the client is found by, folded."""
    accounts = list(client.accounts.all())
    points = list(client.points.all())
    texts = [client.surname, client.given_name, client.patronymic, client.firm_name]
    found = {word for text in texts for word in folding.words(text)}
    found |= {word for account in accounts for word in folding.address_words(str(account.premise))}
    found |= set(folding.address_words(client.residence))
    found |= {folding.digits(account.number) or account.number.casefold() for account in accounts}
    for point in points:
        found |= _point_words(point.kind, point.value)
    return sorted(word for word in found if word)


def _point_words(kind: str, value: str) -> set[str]:
    if kind == "phone":
        return {folding.digits(value), folding.tail(value)}
    return {value.casefold(), *folding.words(value)}


def _wanted(text: str) -> list[str]:
    """The search words; a run of digits, however it is grouped, is one number or, when short, a house."""
    numbers = [number for number in NUMBER.findall(text) if len(folding.digits(number)) >= folding.DIGITS_MIN]
    rest = text
    for number in numbers:
        rest = rest.replace(number, " ")
    if "@" in rest:
        return [rest.strip().casefold(), *map(folding.digits, numbers)][:WORDS_MAX]
    return [*map(folding.digits, numbers), *folding.address_words(rest)][:WORDS_MAX]


def _matching(wanted: list[str]) -> QuerySet[Client]:
    return Client.objects.extra(where=[MATCH], params=[" & ".join(map(_alternatives, wanted))])  # noqa: S610


def _alternatives(word: str) -> str:
    """A word as the start of a known one; a long number also as the end of a phone, with any way to dial abroad."""
    return number(word) if word.isdecimal() and len(word) >= folding.DIGITS_MIN else f"{quoted(word)}:*"


def number(digits: str) -> str:
    """Digits as the start of a number or the end of a phone, with any way to dial it, as a condition of tsquery."""
    starts = [f"{quoted(digits)}:*", f"{quoted(folding.tail(digits))}:*"]
    if digits[0] in "80" and len(digits) >= 10:
        starts.append(f"{quoted(folding.tail(digits[1:]))}:*")
    return f"({' | '.join(starts)})"


def quoted(word: str) -> str:
    """A word as a condition of tsquery, whatever signs it has."""
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _fullness(client: Client, wanted: Iterable[str]) -> int:
    """How many words fit wholly, those of the name twice."""
    name = set(folding.words(f"{client.surname} {client.given_name} {client.patronymic} {client.firm_name}"))
    return sum((word in client.words) + (word in name) for word in wanted)
