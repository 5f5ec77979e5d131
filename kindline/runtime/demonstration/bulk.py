"""A registry of any size for benches: invented appeals of a year with their clients, written by COPY."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Model

from kindline.appeals import lookup, numbers
from kindline.appeals.models import Appeal, NumberSeries
from kindline.clients import folding
from kindline.clients.models import Client, Premise
from kindline.conversations.models import Topic
from kindline.journal import partitions
from kindline.runtime.demonstration import copying, words
from kindline.runtime.demonstration.persons import Person
from kindline.staff.models import Employee, Role
from kindline.standard import deadlines
from kindline.standard.profile import Profile

DAYS = 365
OPEN_DAYS = 45
BATCH = 20_000
APPEALS_A_CLIENT = 4
INDEX_ANEW = 50_000
"""From so many on it is quicker to make the index of words anew than to keep it."""
Progress = Callable[[int, int], None]
Row = dict[str, Any]


@dataclass
class Plan:
    """Who and what the invented appeals are about."""

    profile: Profile
    dice: Random
    now: dt.datetime
    open_share: float
    limits: dict[tuple[str, str, int], deadlines.Deadline] = field(default_factory=dict)
    places: dict[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def speech(self) -> dict[str, Any]:
        """Words of the profile's language."""
        return words.language(self.profile.language)

    @cached_property
    def pieces(self) -> list[list[tuple[str, frozenset[str]]]]:
        """Pieces of letters, each with the words that it is found by."""
        known = self.speech["written"]
        return [[(text, frozenset(lookup.words_in(text, self.profile.language))) for text in part] for part in known]

    @cached_property
    def kinds(self) -> list[str]:
        """Kinds that the standard sets a limit for."""
        named = [kind for rule in self.profile.deadlines for kind in rule.when.get("kind", ())]
        return list(dict.fromkeys(named)) or ["application", "complaint"]

    @cached_property
    def executors(self) -> list[tuple[int, int | None]]:
        """Who carries appeals out, with their units."""
        found = Employee.objects.filter(roles__overlap=[Role.SPECIALIST, Role.SITE_ADMINISTRATOR, Role.UNIT_HEAD])
        return list(found.order_by("pk").values_list("pk", "unit"))

    @cached_property
    def topics(self) -> list[int]:
        """Topics of our own."""
        return list(Topic.objects.filter(profile=self.profile.id).order_by("pk").values_list("pk", flat=True))

    def address(self, place: str) -> frozenset[str]:
        """What a town or a street is found by."""
        if place not in self.places:
            self.places[place] = frozenset(lookup.address_words(place, self.profile.language))
        return self.places[place]

    def limit(self, kind: str, channel: str, day: int) -> deadlines.Deadline:
        """The limit of what was registered so many days ago; one derivation a day."""
        key = kind, channel, day
        if key not in self.limits:
            at = self.now - dt.timedelta(days=day)
            self.limits[key] = deadlines.derive(
                self.profile, kind=kind, channel=channel, sent=at, received=at, registered=at
            )
        return self.limits[key]


def add(profile: Profile, count: int, *, open_share: float, now: dt.datetime, progress: Progress) -> int:
    """Write `count` appeals of the last year, of them `open_share` open; how many clients were made for them.

    Raises: ValueError when there is nobody to work on them.
    """
    plan = Plan(profile, Random(f"{profile.id}/{Appeal.objects.count()}"), now, open_share)  # noqa: S311 - no secret
    if not plan.executors or not plan.topics:
        raise ValueError("there is nobody to answer yet: load the demonstration first (kindline seed --demo)")
    partitions.make(partitions.between((now - dt.timedelta(days=DAYS + 31)).date(), now.date()))
    with transaction.atomic():
        people = _clients(plan, max(1, count // APPEALS_A_CLIENT))
        with _index_anew(count):
            _appeals(plan, people, count, progress)
    return len(people)


@dataclass(frozen=True, slots=True)
class Someone:
    """An invented client with what is found of him."""

    id: int
    person: Person
    phone: str
    email: str
    address: tuple[str, str, str, str]
    account: str
    words: frozenset[str]
    """What he is found by."""

    @property
    def residence(self) -> str:
        """His address on one line."""
        return ", ".join(self.address)


def _clients(plan: Plan, count: int) -> list[Someone]:
    first, place = _next(Client), _next(Premise)
    people = [_someone(plan, first + n) for n in range(count)]
    opened = plan.now - dt.timedelta(days=DAYS * 3)
    made = f"{opened.isoformat()}"
    known = plan.profile.language
    blank = {"firm_name": "", "address_as": "", "do_not_call": False, "survey_consent": False, "kind": "person"}
    blank |= {"dative_as": "", "ways": copying.array([]), "notices": copying.array([]), "time_zone": ""}
    copying.copy("clients_client", (
        {"id": one.id, **one.person.fields(), **blank, "language": known, "residence": one.residence,
         "words": copying.array(sorted(one.words)), "created_at": made, "changed_at": made} for one in people
    ))  # fmt: skip
    places = ("city", "street", "house", "flat")
    copying.copy("clients_premise", (
        {"id": place + n, **dict(zip(places, one.address, strict=True))} for n, one in enumerate(people)
    ))  # fmt: skip
    service, day = "supply", opened.date().isoformat()
    copying.copy("clients_account", (
        {"number": one.account, "client_id": one.id, "premise_id": place + n, "service": service, "opened_on": day,
         "balance": 0} for n, one in enumerate(people)
    ))  # fmt: skip
    copying.copy("clients_contactpoint", ({"client_id": one.id, "kind": "phone", "value": one.phone} for one in people))
    for table in ("clients_client", "clients_premise"):
        copying.settle(table)
    return people


def _next(model: type[Model]) -> int:
    """The first key that no row has."""
    return int(model.objects.aggregate(last=Max("pk"))["last"] or 0) + 1  # type: ignore[attr-defined]


def _someone(plan: Plan, key: int) -> Someone:
    dice, speech = plan.dice, plan.speech
    person = words.person(dice, plan.profile.language)
    address = speech["city"], dice.choice(speech["streets"]), str(dice.randint(1, 180)), str(dice.randint(1, 240))
    phone = f"{speech['phone'].format(n=0)[:5]}{1_000_000 + key % 9_000_000:07}"
    email, account = f"client{key}@example.org", f"9{key:09}"
    found = {email, *folding.words(email), account, folding.digits(phone), folding.tail(phone)}
    found |= plan.address(address[0]) | plan.address(address[1]) | {*address[2:]}
    for name in (person.surname, person.given_name, person.patronymic):
        found |= lookup.name_words(name, plan.profile.language)
    return Someone(key, person, phone, email, address, account, frozenset(found))


def _appeals(plan: Plan, people: Sequence[Someone], count: int, progress: Progress) -> None:
    offsets = sorted((DAYS * plan.dice.random() ** 1.05 for _ in range(count)), reverse=True)
    series = {row.year: row.last for row in NumberSeries.objects.filter(profile=plan.profile.id)}
    key = _next(Appeal)
    for start in range(0, count, BATCH):
        part = offsets[start : start + BATCH]
        rows = [_appeal(plan, plan.dice.choice(people), key + start + n, ago, series) for n, ago in enumerate(part)]
        copying.copy("appeals_appeal", rows)
        copying.copy("journal_fact", (fact for row in rows for fact in _facts(row)))
        progress(min(start + BATCH, count), count)
    for year, last in series.items():
        NumberSeries.objects.update_or_create(profile=plan.profile.id, year=year, defaults={"last": last})
    copying.settle("appeals_appeal")


def _appeal(plan: Plan, one: Someone, key: int, days_ago: float, series: dict[int, int]) -> Row:
    dice, profile = plan.dice, plan.profile
    at = plan.now - dt.timedelta(days=days_ago)
    year = at.astimezone(profile.zone).year
    own = numbers.series_of(profile, year)
    series[own] = series.get(own, 0) + 1
    number = numbers.written(profile, year, series[own])
    kind, channel = dice.choice(plan.kinds), dice.choice(deadlines.CHANNELS)
    parts = [dice.choice(part) for part in plan.pieces]
    limit = plan.limit(kind, channel, int(days_ago))
    executor, unit = dice.choice(plan.executors)
    stamp = at.isoformat()
    return {
        "id": key, "profile": profile.id, "version": profile.version, "number": number, "client_id": one.id,
        "kind": kind, "kinds_voiced": copying.array([kind]), "subject": "", "topic_id": dice.choice(plan.topics),
        "channel": channel, "form": "written", "applicant_kind": "person", "firm_name": "", "came_by": "",
        "surname": one.person.surname, "given_name": one.person.given_name,
        "patronymic": one.person.patronymic, "residence": one.residence, "phone": one.phone, "email": one.email,
        "none_fields": "{}", "substance": " ".join(text for text, _ in parts), "received_at": stamp,
        "registered_at": stamp, "target_at": copying.moment(limit.target), "limit_at": copying.moment(limit.limit),
        "derivation": json.dumps(limit.steps, ensure_ascii=False), "limit_clauses": copying.array(limit.clauses),
        "limit_rule": limit.rule or "",
        "revision": 1,
        "requester": "", "in_court": False, "answer_by": "", "management_notified_at": stamp,
        "lookup": copying.vector(_words(one, number, parts)), **_stage(plan, at, days_ago, executor, unit),
    }  # fmt: skip


def _stage(plan: Plan, at: dt.datetime, days_ago: float, executor: int, unit: int | None) -> Row:
    """How far the appeal has come: open ones are mostly those of the last weeks."""
    flow = plan.profile.workflow
    start = flow.start if flow else "registered"
    share = plan.open_share * (DAYS / OPEN_DAYS if days_ago < OPEN_DAYS else 0) if plan.open_share < 1 else 1
    if plan.dice.random() < share:
        given = plan.dice.random() < 0.7
        return {"state": "assigned" if given else start, "end": "", "closed_at": None, "answered_at": None,
                "executor_id": executor if given else None, "unit_id": unit if given else None}  # fmt: skip
    closed = (at + dt.timedelta(days=min(days_ago, plan.dice.uniform(0.5, 30)))).isoformat()
    return {"state": "closed", "end": "answered", "closed_at": closed, "answered_at": closed,
            "executor_id": executor, "unit_id": unit}  # fmt: skip


def _words(one: Someone, number: str, parts: Sequence[tuple[str, frozenset[str]]]) -> set[str]:
    return {number.casefold(), numbers.running(number), *one.words}.union(*(known for _, known in parts))


def _facts(row: Row) -> Iterator[Row]:
    shared = {
        "subject_type": "appeal",
        "subject_id": str(row["id"]),
        "clauses": row["limit_clauses"],
        "actor": "system",
    }
    data = {name: row[name] for name in ("number", "channel", "form", "received_at", "registered_at")}
    told = json.dumps(data | {"appeal_kind": row["kind"]}, ensure_ascii=False)
    yield {**shared, "at": row["registered_at"], "kind": "appeal_created", "data": told}
    if row["closed_at"]:
        gone = json.dumps({"end": row["end"], "way_out": "answered"})
        yield {**shared, "at": row["closed_at"], "kind": "appeal_closed", "data": gone}


@contextmanager
def _index_anew(count: int) -> Iterator[None]:
    """Without the index of words while many rows are written; it is made anew at the end."""
    if count < INDEX_ANEW:
        yield
        return
    index = next(one for one in Appeal._meta.indexes if one.name == "appeal_lookup")
    with connection.schema_editor() as editor:
        editor.remove_index(Appeal, index)
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no index is made over rows that wait to be checked
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
    with connection.schema_editor() as editor:
        editor.add_index(Appeal, index)
