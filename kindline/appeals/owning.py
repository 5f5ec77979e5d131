"""Whose appeal it is: the client on whose card it stands, proposed by what he gave, named by an employee."""

from __future__ import annotations

import contextlib
import datetime as dt

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q, QuerySet

from kindline.appeals import lookup, moves, rights
from kindline.appeals.models import Appeal
from kindline.clients import actions as clients
from kindline.clients import folding, phones, queries, search
from kindline.clients.models import Client, ClientKind
from kindline.conversations.errors import MissingFieldsError
from kindline.conversations.models import Contact
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard import loader

RIGHT = "name_client"
MOST = 5


def candidates(appeal: Appeal, asked: str = "") -> list[Client]:
    """Whose it may be: those found by the words of `asked`, else by the phone and e-mail that the applicant gave."""
    if asked.strip():
        return queries.find(asked, limit=MOST)
    country = loader.load(appeal.profile).calendar.country
    known = Q()
    if appeal.phone:
        known |= Q(points__kind="phone", points__value=phones.normalised(appeal.phone, country) or appeal.phone)
    if appeal.email:
        known |= Q(points__kind="email", points__value__iexact=appeal.email)
    found = queries.all_clients().filter(known).distinct().prefetch_related("accounts__premise") if known else ()
    return list(found[:MOST])


def unclaimed(client: Client) -> QuerySet[Appeal]:
    """Appeals on nobody's card that carry the client's name with a phone or an e-mail address of his."""
    values = client.points.values_list("kind", "value")
    words = [folding.digits(value) if kind == "phone" else value.casefold() for kind, value in values]
    named = [name for name in (client.surname, client.firm_name) if name]
    if not words or not named:
        return Appeal.objects.none()
    found = Appeal.objects.filter(Q(surname__in=named) | Q(firm_name__in=named), client=None)
    return found.extra(where=[lookup.MATCH], params=[" | ".join(map(search.quoted, words))])  # noqa: S610 - quoted


def name_client(*, appeal: Appeal, client: Client, employee: Employee, now: dt.datetime) -> Appeal:
    """The appeal is this client's: it stands on his card with its contact, is found by his account, erased with him.

    Clause: krc-6.1-02, krc-6.1-55 (one registry, whoever wrote by whatever way). Naming him again changes nothing.
    Raises: NotYoursError.
    """
    with transaction.atomic():
        right = rights.check(loader.load(appeal.profile), RIGHT, employee, appeal)
        held = Appeal.objects.select_for_update(of=("self",)).get(pk=appeal.pk)
        if held.client_id == client.pk:
            return held
        data = {"client": client.pk, "before": held.client_id}
        held.client = client
        held.save(update_fields=["client"])
        if held.contact_id is not None:
            Contact.objects.filter(pk=held.contact_id, client=None).update(client=client)
        lookup.index(held)
        moves.keep(held, "appeal_client_named", data, employee=employee, now=now, clauses=right.clauses)
        return held


def make_card(*, appeal: Appeal, employee: Employee, now: dt.datetime) -> Appeal:
    """A card of his own for an applicant who is on nobody's: names, address, phone and e-mail as the appeal has them.

    So the form of address that an employee corrects by hand is remembered for him too (krc-5.8-12, krc-6.1-45). A phone
    or e-mail that is none is left on the appeal. On a card already, it stays there.
    Raises: NotYoursError; MissingFieldsError where nobody is named.
    """
    with transaction.atomic():
        rights.check(loader.load(appeal.profile), RIGHT, employee, appeal)
        held = Appeal.objects.select_for_update(of=("self",)).get(pk=appeal.pk)
        if held.client_id is not None:
            return held
        if not (held.surname or held.given_name or held.firm_name):
            raise MissingFieldsError({"surname": ()})
        client = clients.create_client(
            fields=_card_of(held), points=_points_of(held), country=loader.load(held.profile).calendar.country,
            via=held.channel, actor=actor(employee), now=now,
        )  # fmt: skip
        return name_client(appeal=held, client=client, employee=employee, now=now)


def _card_of(appeal: Appeal) -> dict[str, str]:
    kind = appeal.applicant_kind if appeal.applicant_kind in ClientKind.values else ClientKind.PERSON
    names = ("surname", "given_name", "patronymic", "firm_name", "residence")
    return {"kind": str(kind), **{name: getattr(appeal, name) for name in names}}


def _points_of(appeal: Appeal) -> list[tuple[str, str]]:
    phone = phones.normalised(appeal.phone, loader.load(appeal.profile).calendar.country)
    found = [("phone", phone)] if phone else []
    with contextlib.suppress(ValidationError):
        validate_email(appeal.email)
        found.append(("email", appeal.email))
    return found
