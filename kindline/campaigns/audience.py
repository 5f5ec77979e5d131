"""Whom a campaign is for: clients by place or account, and numbers from a list; and who is left out, and why."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q

from kindline.appeals.models import Appeal
from kindline.campaigns.models import Campaign, Kind, Target, Way
from kindline.clients import phones, wishes, zones
from kindline.clients.models import Account, Client, ContactPoint
from kindline.conversations.models import Contact
from kindline.notifications import browsers
from kindline.standard import loader

NUMBERS_MAX = 50_000
NO_NUMBER, INVALID, DUPLICATE, UNKNOWN_ACCOUNT = "no_number", "invalid_number", "duplicate", "unknown_account"
NO_WAY = "no_way"
REASONS = (wishes.NO_CONSENT, wishes.DO_NOT_CALL, NO_NUMBER, NO_WAY, INVALID, DUPLICATE, UNKNOWN_ACCOUNT)
DIGITS_LEAST = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is wanted: everybody in a street or house, the holders of accounts, those who owe at least so much, who have
    turned to us about a topic; numbers and e-mail addresses as they were pasted.

    `subscribed`: of the clients only those who have subscribed to notices, by the ways of their subscription.
    """

    street: str = ""
    house: str = ""
    accounts: str = ""
    numbers: str = ""
    debt: str = ""
    topic: str = ""
    subscribed: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be reached: by which ways, in his own order."""

    phone: str
    client: int | None = None
    email: str = ""
    ways: tuple[str, ...] = (Way.VOICE,)
    zone: str = ""
    is_barred: bool = False
    browser: int | None = None

    @property
    def key(self) -> str:
        """By what he is known in a campaign."""
        return key_of(self.phone, self.email, self.client, self.browser)


def key_of(phone: str, email: str, client: int | None, browser: int | None) -> str:
    """By what somebody is known in a campaign: a number or an address, else the card or the browser that he has."""
    return phone or email or (f"client {client}" if client else f"browser {browser}")


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
    """Whom the campaign would reach of those asked for; a survey needs their consent (krc-5.5.2-06..08)."""
    found = Audience()
    wanted = [*_clients(campaign, asked, country, found), *_listed(campaign, asked.numbers, country, found)]
    wanted += _browsers(campaign, asked)
    targets = Target.objects.filter(campaign=campaign).values_list("phone", "email", "client", "browser_id")
    known = {key_of(*one) for one in targets}
    needs_consent = campaign.kind == Kind.SURVEY
    barred = wishes.hindrances([one.phone for one in wanted if one.phone], needs_consent=needs_consent)
    for person in wanted:
        reason = DUPLICATE if person.key in known else _hindrance(person, barred)
        if reason:
            found.left.append(Left(person.key, reason))
        else:
            found.people.append(person)
            known.add(person.key)
    return found


def _hindrance(person: Person, barred: Mapping[str, str]) -> str:
    return barred.get(person.phone, wishes.DO_NOT_CALL if person.is_barred else "")


def in_order(preferred: Sequence[str], allowed: Sequence[str], addresses: Mapping[str, str]) -> tuple[str, ...]:
    """The ways that can reach a person: first those that he prefers, the others in the campaign's order."""
    ordered = [way for way in preferred if way in allowed] + [way for way in allowed if way not in preferred]
    return tuple(way for way in ordered if addresses.get(way))


def _clients(campaign: Campaign, asked: Asked, country: str, found: Audience) -> Iterator[Person]:
    ids = _ids(asked, found)
    seen_by = browsers.reachable(ids) if Way.PUSH in campaign.ways else set()
    for client in Client.objects.prefetch_related("points").filter(pk__in=ids).order_by("pk"):
        allowed = [way for way in campaign.ways if not asked.subscribed or way in client.notices]
        person = _person(allowed, client, country, has_browser=client.pk in seen_by)
        if person is not None:
            yield person
        else:
            found.left.append(Left(str(client), NO_NUMBER if campaign.ways == [Way.VOICE] else NO_WAY))


def _browsers(campaign: Campaign, asked: Asked) -> list[Person]:
    """Who has subscribed to the place in a browser without an account: named by it or, of subscribers, all."""
    is_all = asked.subscribed and not (asked.accounts.strip() or asked.debt.strip() or asked.topic)
    if Way.PUSH not in campaign.ways or not (asked.street.strip() or is_all):
        return []
    publication = loader.load(campaign.profile).publication
    topics = publication.subscription.outage_topics if publication and publication.subscription else ()
    there = browsers.at_place(asked.street, asked.house, topics).values_list("pk", flat=True)
    return [Person("", ways=(Way.PUSH,), browser=key) for key in there]


def _person(allowed: Sequence[str], client: Client, country: str, *, has_browser: bool) -> Person | None:
    points = sorted(client.points.all(), key=lambda point: (point.confirmed_at is None, -point.pk))
    numbers = [point.value for point in points if point.kind == "phone"]
    emails = [point.value for point in points if point.kind == "email"]
    mobile = next((number for number in numbers if phones.is_mobile(number)), "")
    phone = (mobile if Way.SMS in allowed else "") or next(iter(numbers), "")
    email = next(iter(emails), "")
    addresses: dict[str, str] = {Way.VOICE: phone, Way.SMS: phone if phone == mobile else "", Way.EMAIL: email}
    addresses[Way.PUSH] = "there" if has_browser else ""
    ways = in_order(client.ways, allowed, addresses)
    zone = zones.zone_of(phone, client.time_zone, country)
    return Person(phone, client.pk, email, ways, zone, client.do_not_call) if ways else None


def _ids(asked: Asked, found: Audience) -> set[int]:
    ids: set[int] = set()
    place = Q()
    if asked.street.strip():
        place &= Q(premise__street__icontains=asked.street.strip())
    if asked.house.strip():
        place &= Q(premise__house__iexact=asked.house.strip())
    if asked.street.strip():  # a house without its street is no place
        ids |= set(Account.objects.filter(place).values_list("client_id", flat=True))
    ids |= _by_debt(asked.debt) | _by_topic(asked.topic) | set(_by_account(asked.accounts, found))
    if not asked.subscribed:
        return ids
    subscribers = set(Client.objects.exclude(notices=[]).values_list("pk", flat=True))
    is_all = not (asked.street.strip() or asked.accounts.strip() or asked.debt.strip() or asked.topic)
    return subscribers if is_all else ids & subscribers


def _by_debt(typed: str) -> set[int]:
    """Who owes at least so much on an account; a balance below nought is a debt."""
    try:
        least = Decimal(typed.replace(",", ".").replace(" ", ""))
    except InvalidOperation:
        return set()
    return set(Account.objects.filter(balance__lte=-least, balance__lt=0).values_list("client_id", flat=True))


def _by_topic(topic: str) -> set[int]:
    """Who has turned to us about a topic, by its code, in a contact or an appeal."""
    if not topic:
        return set()
    rows = (Contact.objects.filter(topic__code=topic), Appeal.objects.filter(topic__code=topic))
    return {key for found in rows for key in found.exclude(client=None).values_list("client_id", flat=True)}


def _by_account(accounts: str, found: Audience) -> Iterator[int]:
    wanted = dict.fromkeys(word.replace("-", "") for word in accounts.replace(",", " ").replace(";", " ").split())
    holders = dict(Account.objects.filter(number__in=wanted).values_list("number", "client_id"))
    for number in wanted:
        if number in holders:
            yield holders[number]
        else:
            found.left.append(Left(number, UNKNOWN_ACCOUNT))


def _listed(campaign: Campaign, text: str, country: str, found: Audience) -> Iterator[Person]:
    """The numbers and e-mail addresses of a list, with their clients where we know them."""
    written = [(cell, _address(cell, country)) for cell in listed(text)]
    values = [value for _cell, value in written if value]
    points = ContactPoint.objects.filter(value__in=values).select_related("client").order_by("-client_id")
    owners = {point.value: point.client for point in points}
    for cell, value in written:
        person = _of_list(campaign, value, owners.get(value), country) if value else None
        if person is not None:
            yield person
        else:
            found.left.append(Left(cell, NO_WAY if value else INVALID))


def _address(cell: str, country: str) -> str:
    """A number as E.164, or an e-mail address in small letters; empty for what is neither."""
    if "@" in cell:
        try:
            validate_email(cell.casefold())
        except ValidationError:
            return ""
        return cell.casefold()
    number = phones.normalised(cell, country)
    return number if number.startswith("+") else ""


def _of_list(campaign: Campaign, value: str, client: Client | None, country: str) -> Person | None:
    is_mail = "@" in value
    mobile = value if not is_mail and phones.is_mobile(value) else ""
    addresses: dict[str, str] = {
        Way.VOICE: "" if is_mail else value,
        Way.SMS: mobile,
        Way.EMAIL: value if is_mail else "",
    }
    ways = in_order(client.ways if client else [], campaign.ways, addresses)
    zone = "" if is_mail else zones.zone_of(value, client.time_zone if client else "", country)
    phone, email = ("", value) if is_mail else (value, "")
    barred = client.do_not_call if client else False
    return Person(phone, client.pk if client else None, email, ways, zone, barred) if ways else None


def listed(text: str) -> list[str]:
    """Numbers and e-mail addresses of a pasted list or a CSV: in each line the first cell that may be one."""
    rows: Iterable[list[str]] = csv.reader(io.StringIO(text.replace(";", ",").replace("\t", ",")))
    found = []
    for row in rows:
        cell = next((cell for cell in row if "@" in cell or sum(map(str.isdigit, cell)) >= DIGITS_LEAST), "")
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
