"""Half a year of invented contacts, written in a few statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from kindline.appeals import lookup, numbers
from kindline.appeals.models import Appeal, ManagementNotice, NumberSeries
from kindline.clients.models import Account, Client
from kindline.conversations.models import Callback, CallbackState, Contact, Topic
from kindline.feedback.models import Rating
from kindline.journal import actions as journal
from kindline.journal import partitions
from kindline.journal.actions import NewFact
from kindline.runtime.demonstration import opinions, plots, shifts, words
from kindline.runtime.demonstration.plots import Harvest
from kindline.runtime.demonstration.talks import Talk
from kindline.staff.models import Employee, Role
from kindline.standard import hours
from kindline.standard.profile import Profile

DAYS = 182


@dataclass
class World:
    """Who may take part."""

    profile: Profile
    dice: Random
    clients: Sequence[Client]
    accounts: dict[int, Account]
    operators: Sequence[Employee]
    topics: Sequence[Topic]
    lines: Sequence[str]


def world_of(profile: Profile, dice: Random) -> World:
    """The organisation that is in the database."""
    accounts = {account.client_id: account for account in Account.objects.order_by("-pk")}
    menu = profile.menu
    return World(
        profile,
        dice,
        list(Client.objects.order_by("pk").prefetch_related("points")),
        accounts,
        [one for one in Employee.objects.order_by("number") if one.roles[:1] == [Role.OPERATOR]],
        list(Topic.objects.filter(profile=profile.id).order_by("pk")),
        list(menu.lines) if menu else [""],
    )


def make(world: World, count: int, now: dt.datetime) -> Harvest:
    """Make up `count` contacts of the last half year and write them with their facts."""
    partitions.make(partitions.between((now - dt.timedelta(days=DAYS + 31)).date(), now.date()))
    partitions.make_ahead(now)
    harvest = Harvest()
    speech = words.talks(world.profile.id, world.profile.language)
    deck, weights = zip(*plots.PLOTS, strict=True)
    for moment in _moments(world, count, now):
        plot = world.dice.choices(deck, weights)[0]
        talk = _talk(world, moment, off_hours=plot is plots.voicemail)
        if talk is not None:
            plot(talk, speech, harvest, now)
            if talk.now < now:
                harvest.talks.append(talk)
    _write(world.profile, harvest, now)
    return harvest


def _moments(world: World, count: int, now: dt.datetime) -> list[dt.datetime]:
    """Moments of the day between nine and six, spread over the days; some of them lie in the last hours."""
    found = []
    for n in range(count):
        day = now - dt.timedelta(days=DAYS * (1 - (n + world.dice.random()) / count))
        local = day.astimezone(world.profile.zone)
        found.append(
            local.replace(
                hour=world.dice.randint(9, 17), minute=world.dice.randint(0, 59), second=world.dice.randint(0, 59)
            )
        )
    return sorted(moment.astimezone(dt.UTC) for moment in found if moment < now - dt.timedelta(minutes=30))


def _talk(world: World, moment: dt.datetime, *, off_hours: bool) -> Talk | None:
    line = world.dice.choice(world.lines)
    script = world.profile.script(channel="phone", direction="in", line=line)
    if off_hours:
        moment += dt.timedelta(hours=13)
    if script is None or hours.is_open(world.profile, line, moment) == off_hours:
        return None
    client = world.dice.choice(world.clients)
    own = [topic for topic in world.topics if topic.competence == "own"]
    return Talk(
        world.profile, world.dice, moment, client, world.dice.choice(world.operators), world.dice.choice(own), script,
        line, account=world.accounts.get(client.pk),
    )  # fmt: skip


def _write(profile: Profile, harvest: Harvest, now: dt.datetime) -> None:
    ended = {talk.contact.id for talk in harvest.talks}
    Contact.objects.bulk_create([talk.contact for talk in harvest.talks], batch_size=500)
    Rating.objects.bulk_create(opinions.of(harvest.talks, profile.menu.rating if profile.menu else None))
    callbacks = [pair for pair in harvest.callbacks if pair[0].contact_id in ended]
    Callback.objects.bulk_create([row for row, _ in callbacks])
    facts = [fact for talk in harvest.talks for fact in talk.facts]
    facts += shifts.facts(harvest.talks)
    facts += _of_callbacks(callbacks)
    facts += _of_appeals(profile, [pair for pair in harvest.appeals if pair[0].contact_id in ended], now)
    journal.record_many(sorted(facts, key=lambda fact: fact.at or now))


def _of_callbacks(callbacks: Sequence[tuple[Callback, Talk]]) -> list[NewFact]:
    """What happened to the promises; the facts of their talks learn their numbers."""
    found = []
    for row, talk in callbacks:
        for fact in talk.facts:
            if fact.kind in ("callback_promised", "callback_made"):
                fact.data["task"] = row.pk  # type: ignore[index]
        data = {"contact": str(row.contact_id), "due_at": row.due_at, "employee": row.employee_id}
        found.append(NewFact("callback_created", "callback", row.pk, "system", data, row.promised_at))
        if row.state == CallbackState.MISSED:
            overdue = {"due_at": row.due_at, "employee": row.employee_id}
            found.append(NewFact("callback_overdue", "callback", row.pk, "system", overdue, row.due_at))
        if row.closed_at:
            kept = {"outcome": "kept", "in_time": row.closed_at <= row.due_at}
            found.append(NewFact("callback_closed", "callback", row.pk, "system", kept, row.closed_at))
    return found


def _of_appeals(profile: Profile, pairs: Sequence[tuple[Appeal, Talk]], now: dt.datetime) -> list[NewFact]:
    """Number the appeals in their order and tell them."""
    lasts = {row.year: row.last for row in NumberSeries.objects.filter(profile=profile.id)}
    for row, _ in sorted(pairs, key=lambda pair: pair[0].registered_at):
        year = row.registered_at.astimezone(profile.zone).year
        own = numbers.series_of(profile, year)
        lasts[own] = lasts.get(own, 0) + 1
        row.number = numbers.written(profile, year, lasts[own])
    for year, last in lasts.items():
        NumberSeries.objects.update_or_create(profile=profile.id, year=year, defaults={"last": last})
    head = Employee.objects.filter(roles__contains=[Role.SUPERVISOR]).first()
    for row, _ in pairs:
        row.executor = head if row.taken_over_at else None
        if row.executor is not None and row.closed_at is None and row.forwarded_at is None:
            row.state, row.unit = "assigned", row.executor.unit
    Appeal.objects.bulk_create([row for row, _ in pairs])
    lookup.index_all([row for row, _ in pairs])
    _notices([row for row, _ in pairs], now)
    return [fact for row, talk in pairs for fact in _told(row, talk)]


def _told(row: Appeal, talk: Talk) -> list[NewFact]:
    actor = f"employee:{talk.employee.pk}"
    filled = [
        "surname",
        "given_name",
        "patronymic",
        "residence",
        "phone",
        "substance",
        "kind",
        *(["email"] if row.email else []),
    ]
    shared = {
        "number": row.number, "appeal_kind": row.kind, "topic": talk.topic.code, "form": row.form, "fields": filled,
        "none_fields": row.none_fields, "target_at": row.target_at, "limit_at": row.limit_at,
    }  # fmt: skip
    own = {"channel": row.channel, "received_at": row.received_at, "registered_at": row.registered_at}
    contact = talk.contact.id
    facts = [
        NewFact("appeal_registered", "contact", contact, actor, shared | {"appeal": row.pk}, row.registered_at),
        NewFact("appeal_created", "appeal", row.pk, actor, shared | own, row.registered_at),
    ]
    if row.management_notified_at:
        told = {"appeal": row.pk, "delay_s": 0.0}
        facts.append(NewFact("management_notified", "contact", contact, "system", told, row.management_notified_at))
    if row.taken_over_at:
        taken, by = {"appeal": row.pk, "by": row.executor_id}, f"employee:{row.executor_id}"
        facts.append(NewFact("appeal_taken_over", "contact", contact, by, taken, row.taken_over_at))
    if row.forwarded_to is not None:
        body = {"appeal": row.pk, "body": row.forwarded_to.name}
        sent = body | {"number": row.number, "received_at": row.received_at}
        facts.append(NewFact("appeal_forwarded", "contact", contact, actor, sent, row.forwarded_at))
        said = body | {"how": "phone"}
        facts.append(NewFact("forwarding_told", "contact", contact, actor, said, row.forwarding_told_at))
    if row.answered_at:
        data = {"appeal": row.pk, "limit_at": row.limit_at, "channel": "phone"}
        facts.append(NewFact("appeal_answered", "contact", contact, "system", data, row.answered_at))
    return facts


def _notices(rows: Sequence[Appeal], now: dt.datetime) -> None:
    heads = Employee.objects.filter(roles__overlap=[Role.SUPERVISOR, Role.UNIT_HEAD, Role.DIRECTOR])
    old = now - dt.timedelta(days=7)
    ManagementNotice.objects.bulk_create(
        ManagementNotice(
            appeal=row,
            employee=head,
            made_at=row.registered_at,
            seen_at=row.registered_at if row.registered_at < old else None,
        )
        for row in rows
        for head in heads
        if row.management_notified_at and (row.closed_at is None or row.registered_at < old)
    )
