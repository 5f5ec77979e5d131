"""Appeals: the registry, what is open, what is due, where else to turn."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet

from kindline.appeals.models import Appeal, Body, JoinedLetter
from kindline.appeals.stage_models import Stage
from kindline.clients import queries as clients
from kindline.clients.models import Client
from kindline.conversations import queries as conversations
from kindline.conversations.models import Contact
from kindline.staff import queries as staff
from kindline.staff.models import Employee, Role
from kindline.standard import deadlines
from kindline.standard.profile import Profile

SHOWN = ("client", "topic", "contact", "unit", "executor")
SOON_DAYS = 3
EVERYTHING = (Role.SUPERVISOR, Role.DIRECTOR)
"""Who answers for the appeals of all units."""
DUE = ("overdue", "today", "soon", "extended", "over_target", "silent", "late_stage")
Letters = QuerySet[JoinedLetter]


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that the desk shows of a client at a glance."""

    client: Client
    holdings: clients.Holdings
    contacts: list[Contact]
    open_appeals: list[Appeal]


def card(client: Client) -> Card:
    """The client's card; showing it must go through `cards.open_card`, which keeps the view as a fact."""
    return Card(
        client, clients.holdings(client), conversations.previous_contacts(client), list(open_appeals(client=client))
    )


def appeals() -> QuerySet[Appeal]:
    """All appeals, the latest first."""
    return Appeal.objects.select_related(*SHOWN).order_by("-registered_at")


def open_appeals(*, client: Client | None = None) -> QuerySet[Appeal]:
    """Appeals that have not left the registry, the most urgent first."""
    found = (
        Appeal.objects.filter(closed_at=None).select_related("client", "topic").order_by("limit_at", "registered_at")
    )
    return found.filter(client=client) if client else found


def due_ones(rows: QuerySet[Appeal], due: str, now: dt.datetime, profile: Profile) -> QuerySet[Appeal]:
    """Of the rows those that wait for an answer and are overdue, due today, due soon, extended, or over the target.

    `silent`: those whose applicant did not send in time what he was asked for (krc-5.7.2-26); `late_stage`: those of
    which a stage of the service that was asked for is late (krc-2-29).
    """
    waiting = rows.filter(closed_at=None, answered_at=None)
    midnight = dt.datetime.combine(now.astimezone(profile.zone).date() + dt.timedelta(days=1), dt.time(0), profile.zone)
    plain = {
        "overdue": Q(limit_at__lt=now),
        "today": Q(limit_at__gte=now, limit_at__lt=midnight),
        "soon": Q(limit_at__gte=midnight, limit_at__lt=midnight + soon(profile)),
        "over_target": Q(target_at__lt=now, limit_at__gte=now),
        "silent": Q(data_due_at__lte=now),
    }
    if due in plain:
        return waiting.filter(plain[due])
    if due == "late_stage":
        late = Stage.objects.filter(
            begun_at__isnull=False, done_at=None, due_on__lt=now.astimezone(profile.zone).date()
        )
        return rows.filter(closed_at=None, service_request__in=late.values("request"))
    return waiting.filter(extensions__effective_at__isnull=False).distinct()


def soon(profile: Profile) -> dt.timedelta:
    """How far ahead of a limit counts as soon, in days: by the profile's digest."""
    digest = profile.workflow.digest if profile.workflow else None
    return dt.timedelta(days=digest.soon_days if digest else SOON_DAYS)


def of_head(head: Employee, rows: QuerySet[Appeal]) -> QuerySet[Appeal]:
    """Of a head of a unit the appeals that it, or a unit below it, received or carries out; of others in charge all.

    Clause: krc-6.2-03, krc-6.2-04 (the ladder tells the head above where a unit has none).
    """
    if head.has_role(*EVERYTHING) or head.unit is None:
        return rows
    units = staff.units_below(head.unit)
    return rows.filter(Q(control_unit__in=units) | Q(unit__in=units))


@lru_cache(maxsize=64)
def kinds(profile: Profile) -> tuple[str, ...]:
    """The kinds of appeal that the profile's clauses or deadlines know, or a letter may be; all where they know none.

    A profile never changes, so its hundreds of clauses are gone through once.
    """
    named = [kind for clause in profile.clauses.values() for kind in _listed(clause.value.get("kinds"))]
    named += [kind for rule in profile.deadlines for kind in rule.when.get("kind", ())]
    named += profile.workflow.intake.kinds if profile.workflow and profile.workflow.intake else ()
    return tuple(kind for kind in dict.fromkeys(named) if kind in deadlines.KINDS) or tuple(deadlines.KINDS)


def subjects(profile: Profile) -> list[str]:
    """What an appeal may be about, where a deadline depends on it."""
    return list(dict.fromkeys(subject for rule in profile.deadlines for subject in rule.when.get("subject", ())))


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else [value] if isinstance(value, str) else []


def of_contact(contact: Contact) -> QuerySet[Appeal]:
    """The appeals registered in a contact."""
    return Appeal.objects.filter(contact=contact).order_by("registered_at")


def bodies(profile_id: str, text: str = "") -> QuerySet[Body]:
    """Other bodies, by what they are competent in (court-1-35, krc-6.1-17)."""
    found = Body.objects.filter(profile=profile_id).order_by("name")
    return found.filter(Q(name__icontains=text) | Q(competence__icontains=text)) if text else found


def holding_recordings() -> QuerySet[Contact]:
    """Contacts whose recordings must be kept because an appeal made in them is still open (krc-5.5.2-14)."""
    return Contact.objects.filter(appeals__isnull=False, appeals__closed_at=None).distinct()


def letters_of(appeal: Appeal) -> Letters:
    """The letters of an appeal, in and out, in the order in which they came to it."""
    return appeal.letters.select_related("incoming", "outgoing", "paper", "notice", "answer").order_by("pk")


def appeal_of(*, incoming: int | None = None, paper: int | None = None) -> Appeal | None:
    """The appeal to which a letter belongs."""
    which = Q(incoming=incoming) if incoming is not None else Q(paper=paper)
    found = JoinedLetter.objects.filter(which).select_related("appeal").first()
    return found.appeal if found else None
