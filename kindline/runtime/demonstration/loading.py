"""Loads the demonstration organisation once; another load finds it and does nothing."""

from __future__ import annotations

import datetime as dt
from random import Random

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kindline.conversations.models import Contact
from kindline.runtime.demonstration import (
    answered,
    books,
    bulk,
    clientele,
    complaints,
    consulting,
    events,
    history,
    inspected,
    meters,
    organisation,
    planned,
    ratings,
    templated,
    visitors,
)
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile

SEED = 20260101
CONTACTS = 480
OPEN_SHARE = 0.12


def load(*, contacts: int = CONTACTS, now: dt.datetime | None = None) -> str:
    """Load the organisation of the instance's profile, with half a year of history, unless it has employees."""
    if Employee.objects.exists():
        return "kept as it is"
    profile = loader.load(settings.KINDLINE["profile"])
    with transaction.atomic():
        dice = Random(f"{SEED}/{profile.id}")  # noqa: S311 - the same organisation every time, no secret
        moment = now or timezone.now()
        employees = organisation.make(profile, _password(), dice)
        clients = clientele.make(profile, dice, moment)
        books.make(profile, moment)
        meters.make(profile, Random(f"{SEED}/meters/{profile.id}"), moment)  # noqa: S311
        harvest = history.make(history.world_of(profile, dice), contacts, moment)
        complaints.make(profile, dice, moment)
        visitors.make(profile, dice, moment)
        events.make(profile, Random(f"{SEED}/events/{profile.id}"), moment)  # noqa: S311
        ratings.make(profile, Random(f"{SEED}/ratings/{profile.id}"), moment)  # noqa: S311
        consulting.make(profile, moment)
        inspected.make(profile, moment)
        answered.make(profile, Random(f"{SEED}/answered/{profile.id}"), moment)  # noqa: S311
        templated.make(profile, moment)
        planned.make(profile, moment)
    return f"{len(employees)} employees, {len(clients)} clients, {len(harvest.talks)} contacts"


def more_history(count: int, *, now: dt.datetime | None = None) -> str:
    """Add `count` synthetic contacts to an organisation that is there already.

    Raises: ValueError when there is no organisation yet.
    """
    profile: Profile = loader.load(settings.KINDLINE["profile"])
    moment = now or timezone.now()
    dice = Random(f"{SEED}/{profile.id}/{Contact.objects.count()}")  # noqa: S311
    world = history.world_of(profile, dice)
    if not world.clients or not world.operators:
        raise ValueError("there is nobody to talk yet: load the demonstration first (kindline seed --demo)")
    written = 0
    while written < count:
        with transaction.atomic():
            harvest = history.make(world, min(count - written, 2000), moment)
        written += len(harvest.talks)
    return f"{written} contacts"


def more_appeals(
    count: int,
    *,
    open_share: float = OPEN_SHARE,
    now: dt.datetime | None = None,
    progress: bulk.Progress = lambda _done, _of: None,
) -> str:
    """Add `count` synthetic appeals of the last year with their clients, of them `open_share` still open.

    Raises: ValueError when there is no organisation yet.
    """
    profile: Profile = loader.load(settings.KINDLINE["profile"])
    clients = bulk.add(profile, count, open_share=open_share, now=now or timezone.now(), progress=progress)
    return f"{count} appeals of {clients} clients"


def _password() -> str:
    return str(settings.KINDLINE.get("demo_password") or Random().randbytes(8).hex())  # noqa: S311 - never used to log in
