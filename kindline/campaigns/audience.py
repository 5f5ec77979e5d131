"""Whom a campaign is for: clients by place or account, and numbers from a list; and who is left out, and why."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.db.models import Q

from kindline.appeals import outages
from kindline.appeals.models import Appeal, Incident
from kindline.campaigns import lists, purposes
from kindline.campaigns.consents import NO_SUBSCRIPTION, Consents
from kindline.campaigns.models import Campaign, Target, Way
from kindline.clients import folding, phones, places, wishes, zones
from kindline.clients.models import Account, Client, ContactPoint
from kindline.conversations.models import Contact
from kindline.notifications import browsers
from kindline.standard import loader
from kindline.switchboard.machine import destinations
from kindline.switchboard.machine.destinations import Destinations

NO_NUMBER, INVALID, DUPLICATE, UNKNOWN_ACCOUNT = "no_number", "invalid_number", "duplicate", "unknown_account"
NO_WAY, FORBIDDEN = "no_way", "forbidden"
DEBT_MAX = 10**10
REASONS = (
    wishes.NO_CONSENT,
    NO_SUBSCRIPTION,
    wishes.DO_NOT_CALL,
    NO_NUMBER,
    NO_WAY,
    FORBIDDEN,
    INVALID,
    DUPLICATE,
    UNKNOWN_ACCOUNT,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is wanted: of our clients those whom all the filters let through that were given, and besides them a list.

    The filters: a street or a house in it, accounts, a debt of at least so much (all three of one account), a topic
    that they have turned to us about; `subscribed`: only those who have subscribed to notices, by the ways of their
    subscription; `incident`: only those whom the campaign's incident concerns. `numbers`: telephone numbers and e-mail
    addresses as they were pasted.
    """

    street: str = ""
    house: str = ""
    accounts: str = ""
    numbers: str = ""
    debt: str = ""
    topic: str = ""
    subscribed: str = ""
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be reached: by which ways, in his own order."""

    phone: str
    client: int | None = None
    email: str = ""
    ways: tuple[str, ...] = (Way.VOICE,)
    zone: str = ""
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
    """Whom the campaign would reach of those asked for; its purpose may need their consent (krc-5.5.2-06..08).

    Raises: ValidationError naming the fields that cannot be read.
    """
    _check(asked)
    found = Audience()
    wanted = [*_clients(campaign, asked, country, found), *_listed(campaign, asked.numbers, country, found)]
    wanted += _browsers(campaign, asked)
    known = known_in(campaign)
    numbers, clients = [one.phone for one in wanted], [one.client for one in wanted]
    consents = Consents(campaign, loader.load(campaign.profile), numbers=numbers, clients=clients)
    for person in wanted:
        reason = consents.hindrance(person.phone, person.client, person.ways)
        reason = DUPLICATE if person.key in known else reason
        if reason:
            found.left.append(Left(person.key, reason))
        else:
            found.people.append(person)
            known |= {person.key, person.email}
    return found


def known_in(campaign: Campaign) -> set[str]:
    """By what those are known who are in a campaign already."""
    targets = Target.objects.filter(campaign=campaign).values_list("phone", "email", "client", "browser_id")
    return {known for one in targets for known in (key_of(*one), one[1])}


def in_order(preferred: Sequence[str], allowed: Sequence[str], addresses: Mapping[str, str]) -> tuple[str, ...]:
    """The ways that can reach a person: first those that he prefers, the others in the campaign's order."""
    ordered = [way for way in preferred if way in allowed] + [way for way in allowed if way not in preferred]
    return tuple(way for way in ordered if addresses.get(way))


def _clients(campaign: Campaign, asked: Asked, country: str, found: Audience) -> Iterator[Person]:
    ids, outside = _ids(campaign, asked, found), _outside(campaign)
    needs_subscription = _needs_subscription(campaign)
    seen_by = browsers.reachable(ids) if Way.PUSH in campaign.ways else set()
    for client in Client.objects.prefetch_related("points").filter(pk__in=ids).order_by("pk"):
        is_chosen = bool(asked.subscribed) or needs_subscription
        allowed = [way for way in campaign.ways if not is_chosen or way in client.notices]
        person = _person(allowed, client, country, outside, has_browser=client.pk in seen_by)
        if person is not None:
            yield person
        else:
            numbers = [point.value for point in client.points.all() if point.kind == "phone"]
            nothing = NO_NUMBER if campaign.ways == [Way.VOICE] else NO_WAY
            nothing = FORBIDDEN if any(map(outside.hindrance, numbers)) else nothing
            found.left.append(Left(str(client), NO_SUBSCRIPTION if needs_subscription and not allowed else nothing))


def _browsers(campaign: Campaign, asked: Asked) -> list[Person]:
    """Who has subscribed to the place in a browser without an account: named by it or, of subscribers, all.

    Of a browser neither accounts nor debts nor topics are known: such a filter lets none through. An incident's notice
    and news go to browsers by themselves.
    """
    is_known = asked.accounts.strip() or asked.debt.strip() or asked.topic or asked.incident
    is_named = asked.street.strip() or asked.subscribed
    if Way.PUSH not in campaign.ways or is_known or not is_named or _needs_subscription(campaign):
        return []
    publication = loader.load(campaign.profile).publication
    topics = publication.subscription.outage_topics if publication and publication.subscription else ()
    there = browsers.at_place(asked.street, asked.house, topics).values_list("pk", flat=True)
    return [Person("", ways=(Way.PUSH,), browser=key) for key in there]


def _outside(campaign: Campaign) -> Destinations:
    """Which numbers may be called: none that is foreign or costs extra is even asked for (X6)."""
    return destinations.of(loader.load(campaign.profile), os.environ.get(destinations.PREFIXES, ""))


def _person(
    allowed: Sequence[str], client: Client, country: str, outside: Destinations, *, has_browser: bool
) -> Person | None:
    numbers, emails = _points_of(client)
    if Way.VOICE in allowed:  # who has several is called by one that may be called
        numbers = [number for number in numbers if not outside.hindrance(number)] or numbers
    mobile = next((number for number in numbers if phones.is_mobile(number)), "")
    phone = (mobile if Way.SMS in allowed else "") or next(iter(numbers), "")
    email = next(iter(emails), "")
    called = "" if phone and outside.hindrance(phone) else phone
    addresses: dict[str, str] = {Way.VOICE: called, Way.SMS: phone if phone == mobile else "", Way.EMAIL: email}
    addresses[Way.PUSH] = "there" if has_browser else ""
    ways = in_order(client.ways, allowed, addresses)
    zone = zones.zone_of(phone, client.time_zone, country)
    return Person(phone, client.pk, email, ways, zone) if ways else None


def _points_of(client: Client) -> tuple[list[str], list[str]]:
    """The numbers and addresses of a card, the confirmed and the newest first."""
    points = sorted(client.points.all(), key=lambda point: (point.confirmed_at is None, -point.pk))
    numbers = [point.value for point in points if point.kind == "phone"]
    return numbers, [point.value for point in points if point.kind == "email"]


def _needs_subscription(campaign: Campaign) -> bool:
    return purposes.consent_of(campaign, loader.load(campaign.profile)) == purposes.SUBSCRIPTION


def _check(asked: Asked) -> None:
    wrong = {}
    if asked.house.strip() and not asked.street.strip():
        wrong["house"] = "a house without its street is no place"
    if asked.debt.strip() and _owed(asked.debt) is None:
        wrong["debt"] = "a sum such as 1000"
    if wrong:
        raise ValidationError(wrong)


def _ids(campaign: Campaign, asked: Asked, found: Audience) -> set[int]:
    """The clients whom all the filters let through that were given; nobody where none was."""
    let_through = [*_by_accounts(asked, found), *_by_topic(asked.topic)]
    if asked.incident and campaign.incident:
        let_through.append(_concerned(campaign.incident))
    if asked.subscribed:
        let_through.append(set(Client.objects.exclude(notices=[]).values_list("pk", flat=True)))
    return set.intersection(*let_through) if let_through else set()


def _by_accounts(asked: Asked, found: Audience) -> Iterator[set[int]]:
    """Who holds an account that lies there, is named and owes so much."""
    fits = Q()
    if asked.street.strip():
        fits &= Q(premise__in=places.named(asked.street, asked.house))
    least = _owed(asked.debt)
    if least is not None:  # a balance below nought is a debt
        fits &= Q(balance__lte=-least, balance__lt=0)
    if asked.accounts.strip():
        fits &= Q(number__in=_known_accounts(asked.accounts, found))
    if fits:
        yield set(Account.objects.filter(fits).values_list("client_id", flat=True))


def _owed(typed: str) -> Decimal | None:
    """A sum of money as people write it: «1 000,50»; None for what is none."""
    try:
        least = Decimal("".join(typed.split()).replace(",", "."))
    except InvalidOperation:
        return None
    return least if least.is_finite() and 0 <= least < DEBT_MAX else None


def _known_accounts(typed: str, found: Audience) -> list[str]:
    wanted = dict.fromkeys(word.replace("-", "") for word in typed.replace(",", " ").replace(";", " ").split())
    known = set(Account.objects.filter(number__in=wanted).values_list("number", flat=True))
    found.left += [Left(number, UNKNOWN_ACCOUNT) for number in wanted if number not in known]
    return list(known)


def _concerned(incident: Incident) -> set[int]:
    """Who holds an account within the incident's area, and who has appealed about it."""
    is_there = outages.within(incident.area)

    def fits(city: str, street: str, house: str) -> bool:
        return is_there(set(folding.address_words(f"{city} {street} {house}")))

    there = Account.objects.filter(premise__in=places.of(fits)) if incident.area else Account.objects.none()
    appealed = Appeal.objects.filter(incident=incident).exclude(client=None)
    return {*there.values_list("client_id", flat=True), *appealed.values_list("client_id", flat=True)}


def _by_topic(topic: str) -> Iterator[set[int]]:
    """Who has turned to us about a topic, by its code, in a contact or an appeal."""
    if topic:
        rows = (Contact.objects.filter(topic__code=topic), Appeal.objects.filter(topic__code=topic))
        yield {key for found in rows for key in found.exclude(client=None).values_list("client_id", flat=True)}


def _listed(campaign: Campaign, text: str, country: str, found: Audience) -> Iterator[Person]:
    """The persons of a list, with their clients where we know the number or the address."""
    rows = lists.rows(text, country)
    values = [value for row in rows for value in (row.phone, row.email) if value]
    points = ContactPoint.objects.filter(value__in=values).select_related("client").order_by("-client_id")
    owners = {point.value: point.client for point in points.prefetch_related("client__points")}
    outside, needs_subscription = _outside(campaign), _needs_subscription(campaign)
    cards = {client.pk for client in owners.values()}
    seen_by = browsers.reachable(cards) if Way.PUSH in campaign.ways else set()
    for row in rows:
        is_barred = bool(row.phone and outside.hindrance(row.phone))
        client = owners.get(row.phone) or owners.get(row.email)
        allowed = [way for way in campaign.ways if not needs_subscription or way in (client.notices if client else ())]
        if client is None or client.pk not in cards:
            person = _of_list(allowed, row, client, country, is_called=not is_barred)
        else:
            cards.remove(client.pk)  # of a second row of his only what is written in it: nobody is told twice
            person = _of_card(allowed, row, client, country, outside, has_browser=client.pk in seen_by)
        if person is not None:
            yield person
        else:
            found.left.append(Left(row.written, _why_nobody(row, is_barred=is_barred, is_news=needs_subscription)))


def _why_nobody(row: lists.Row, *, is_barred: bool, is_news: bool) -> str:
    if not (row.phone or row.email):
        return INVALID
    return NO_SUBSCRIPTION if is_news else FORBIDDEN if is_barred else NO_WAY


def _of_list(
    allowed: Sequence[str], row: lists.Row, client: Client | None, country: str, *, is_called: bool
) -> Person | None:
    """Somebody by what is written in his row alone."""
    mobile = row.phone if phones.is_mobile(row.phone) else ""
    addresses: dict[str, str] = {Way.VOICE: row.phone if is_called else "", Way.SMS: mobile, Way.EMAIL: row.email}
    ways = in_order(client.ways if client else [], allowed, addresses)
    zone = zones.zone_of(row.phone, client.time_zone if client else "", country) if row.phone else ""
    return Person(row.phone, client.pk if client else None, row.email, ways, zone) if ways else None


def _of_card(
    allowed: Sequence[str], row: lists.Row, client: Client, country: str, outside: Destinations, *, has_browser: bool
) -> Person | None:
    """A client of ours: his row as it is written, and what it lacks from his card: address, browser, another number.

    The number of the row stands as long as one of the ways can use it.
    """

    def uses(number: str) -> bool:
        called = Way.VOICE in allowed and not outside.hindrance(number)
        return called or (Way.SMS in allowed and phones.is_mobile(number))

    numbers, emails = _points_of(client)
    candidates = [one for one in (row.phone, *numbers) if one]
    phone = next((one for one in candidates if uses(one)), row.phone)
    email = row.email or next(iter(emails), "")
    addresses: dict[str, str] = {
        Way.VOICE: phone if phone and not outside.hindrance(phone) else "",
        Way.SMS: phone if phones.is_mobile(phone) else "",
        Way.EMAIL: email,
        Way.PUSH: "there" if has_browser else "",
    }
    ways = in_order(client.ways, allowed, addresses)
    zone = zones.zone_of(phone, client.time_zone, country) if phone or client.time_zone else ""
    return Person(phone, client.pk, email, ways, zone) if ways else None
