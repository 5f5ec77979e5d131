"""Whom a campaign is for: clients by place or account, and numbers from a list; and who is left out, and why."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Q

from kindline.campaigns.models import Campaign, Kind, Target
from kindline.clients import phones, wishes
from kindline.clients.models import Account, Client

NUMBERS_MAX = 50_000
NO_NUMBER, INVALID, DUPLICATE, UNKNOWN_ACCOUNT = "no_number", "invalid_number", "duplicate", "unknown_account"
REASONS = (wishes.NO_CONSENT, wishes.DO_NOT_CALL, NO_NUMBER, INVALID, DUPLICATE, UNKNOWN_ACCOUNT)
DIGITS_LEAST = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is wanted: everybody in a street or house, the holders of accounts, numbers as they were pasted."""

    street: str = ""
    house: str = ""
    accounts: str = ""
    numbers: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be called."""

    phone: str
    client: int | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who is left out, and why."""

    who: str
    reason: str


@dataclass
class Audience:
    """Those to be called, and those left out."""

    people: list[Person] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    @property
    def reasons(self) -> dict[str, int]:
        """How many are left out for which reason."""
        counted = Counter(one.reason for one in self.left)
        return {reason: counted[reason] for reason in REASONS if counted[reason]}


def gather(*, campaign: Campaign, asked: Asked, country: str) -> Audience:
    """Whom the campaign would call of those asked for; a survey needs their consent (krc-5.5.2-06..08)."""
    found = Audience()
    wanted = [*_clients(asked, found), *_numbers(asked.numbers, country, found)]
    known = set(Target.objects.filter(campaign=campaign).values_list("phone", flat=True))
    needs_consent = campaign.kind == Kind.SURVEY
    barred = wishes.hindrances([one.phone for one in wanted], needs_consent=needs_consent)
    for person in wanted:
        reason = DUPLICATE if person.phone in known else barred.get(person.phone, "")
        if reason:
            found.left.append(Left(person.phone, reason))
        else:
            found.people.append(person)
            known.add(person.phone)
    return found


def _clients(asked: Asked, found: Audience) -> Iterator[Person]:
    rows = Client.objects.prefetch_related("points").order_by("pk")
    for client in rows.filter(pk__in=_ids(asked, found)):
        points = [point for point in client.points.all() if point.kind == "phone"]
        points.sort(key=lambda point: (point.confirmed_at is None, -point.pk))
        if points:
            yield Person(points[0].value, client.pk)
        else:
            found.left.append(Left(str(client), NO_NUMBER))


def _ids(asked: Asked, found: Audience) -> set[int]:
    ids: set[int] = set()
    place = Q()
    if asked.street.strip():
        place &= Q(premise__street__icontains=asked.street.strip())
    if asked.house.strip():
        place &= Q(premise__house__iexact=asked.house.strip())
    if asked.street.strip():  # a house without its street is no place
        ids |= set(Account.objects.filter(place).values_list("client_id", flat=True))
    return ids | set(_by_account(asked.accounts, found))


def _by_account(accounts: str, found: Audience) -> Iterator[int]:
    wanted = dict.fromkeys(word.replace("-", "") for word in accounts.replace(",", " ").replace(";", " ").split())
    holders = dict(Account.objects.filter(number__in=wanted).values_list("number", "client_id"))
    for number in wanted:
        if number in holders:
            yield holders[number]
        else:
            found.left.append(Left(number, UNKNOWN_ACCOUNT))


def _numbers(text: str, country: str, found: Audience) -> Iterator[Person]:
    owners: dict[str, int] = {}
    numbers = []
    for written in listed(text):
        number = phones.normalised(written, country)
        if number.startswith("+"):
            numbers.append(number)
        else:
            found.left.append(Left(written, INVALID))
    rows = Client.objects.filter(points__kind="phone", points__value__in=numbers).order_by("-pk")
    owners.update(rows.values_list("points__value", "pk"))
    yield from (Person(number, owners.get(number)) for number in numbers)


def listed(text: str) -> list[str]:
    """The numbers of a pasted list or of a CSV: in each line the first cell with digits (a head has none)."""
    rows: Iterable[list[str]] = csv.reader(io.StringIO(text.replace(";", ",").replace("\t", ",")))
    found = []
    for row in rows:
        cell = next((cell for cell in row if sum(letter.isdigit() for letter in cell) >= DIGITS_LEAST), "")
        if cell.strip():
            found.append(cell.strip())
    return found[:NUMBERS_MAX]


def text_of(content: bytes) -> str:
    """An uploaded list as text, from the encodings that office programs write."""
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            return content.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1").replace("\x00", "")
