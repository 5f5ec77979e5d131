"""What is done to clients: each action ends in a fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from kindline.clients import phones, search
from kindline.clients.models import Client, ContactPoint
from kindline.journal import actions as journal

FIELDS = frozenset(
    "kind surname given_name patronymic gender firm_name address_as dative_as language residence".split()
)


@transaction.atomic
def create_client(
    *,
    fields: Mapping[str, str],
    points: Sequence[tuple[str, str]] = (),
    country: str,
    via: str,
    actor: str,
    now: dt.datetime,
) -> Client:
    """Add a client with phones and e-mail addresses (kind, value); `via` says how he came to us.

    Raises: ValidationError naming each field that cannot stand.
    """
    client = Client(**_known(fields), created_at=now, changed_at=now)
    if not (client.surname or client.given_name or client.firm_name):
        raise ValidationError({"surname": "a name is needed: a person's or a firm's"})
    client.save()
    for kind, value in points:
        _add_point(client, kind, value, country, now)
    reindex(client=client)
    _keep("client_created", client, actor, {"via": via}, now)
    return client


@transaction.atomic
def change_client(
    *, client: Client, fields: Mapping[str, str], employee_id: int | None, actor: str, now: dt.datetime
) -> Client:
    """Change a client's data, and nothing else of his row; nothing is kept when nothing differs. Returns it as it is.

    Raises: ValidationError for an unknown field.
    """
    said, fresh = _known(fields), _held(client)
    changed = [name for name, value in said.items() if getattr(fresh, name) != value]
    if not changed:
        return fresh
    for name in changed:
        setattr(fresh, name, said[name])
    fresh.changed_at = now
    fresh.save(update_fields=[*changed, "changed_at"])  # the rest is others': wishes, ways, what is erased
    reindex(client=fresh)
    _keep("client_changed", fresh, actor, {"fields": sorted(changed), "employee": employee_id}, now)
    return fresh


ADDRESS_MAX = 200


def set_address(
    *, client: Client, address_as: str, dative_as: str, employee_id: int | None, actor: str, now: dt.datetime
) -> Client:
    """Keep how a client wishes to be addressed, and written to; empty: as his name gives it.

    Clause: krc-5.8-12, krc-6.1-45. Raises: ValidationError for what is too long.
    """
    said = {"address_as": " ".join(address_as.split()), "dative_as": "\n".join(map(str.strip, dative_as.splitlines()))}
    long = {name: f"at most {ADDRESS_MAX} letters" for name, text in said.items() if len(text) > ADDRESS_MAX}
    if long:
        raise ValidationError(long)
    return change_client(client=client, fields=said, employee_id=employee_id, actor=actor, now=now)


@transaction.atomic
def add_point(
    *, client: Client, kind: str, value: str, country: str, employee_id: int | None, actor: str, now: dt.datetime
) -> ContactPoint:  # fmt: skip
    """Add (or confirm again) a phone or e-mail address of a client.

    Raises: ValidationError when the number or address cannot be one.
    """
    point = _add_point(client, kind, value, country, now)
    reindex(client=client)
    _keep("client_changed", client, actor, {"fields": [kind], "employee": employee_id}, now)
    return point


def note_view(*, client: Client, employee_id: int, contact_id: object = None, actor: str, now: dt.datetime) -> None:
    """An employee looked at a client's card."""
    data = {"employee": employee_id, "contact": str(contact_id) if contact_id else None}
    _keep("client_viewed", client, actor, data, now)


@transaction.atomic
def reindex(*, client: Client) -> None:
    """Bring the words that the client is found by up to date (after a change of accounts or points, too).

    His row is held first: of two who change him at once the later one knows what the earlier has written.
    """
    client.words = search.index_of(_held(client))
    Client.objects.filter(pk=client.pk).update(words=client.words)


def _held(client: Client) -> Client:
    """The client's row, locked until the transaction ends; who has just added a point of his goes on."""
    return Client.objects.select_for_update(no_key=True).get(pk=client.pk)


def _known(fields: Mapping[str, str]) -> dict[str, str]:
    unknown = sorted(set(fields) - FIELDS)
    if unknown:
        raise ValidationError(dict.fromkeys(unknown, "a client has no such field"))
    return {name: value.strip() for name, value in fields.items()}


def _add_point(client: Client, kind: str, value: str, country: str, now: dt.datetime) -> ContactPoint:
    cleaned = _phone(value, country) if kind == "phone" else _email(value)
    point, _ = ContactPoint.objects.update_or_create(
        client=client, kind=kind, value=cleaned, defaults={"confirmed_at": now}
    )
    return point


def _phone(value: str, country: str) -> str:
    number = phones.normalised(value, country)
    if not number:
        raise ValidationError({"phone": f"{value!r} is not a telephone number: write it with its code"})
    return number


def _email(value: str) -> str:
    address = value.strip().casefold()
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationError({"email": f"{value!r} is not an e-mail address"}) from error
    return address


def _keep(kind: str, client: Client, actor: str, data: Mapping[str, object], now: dt.datetime) -> None:
    journal.record(kind=kind, subject_type="client", subject_id=client.pk, actor=actor, data=data, at=now)
