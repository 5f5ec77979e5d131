"""Who is it: the client of a contact, the proof, and the account data that stays closed without it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from kindline.clients import folding
from kindline.clients.models import Account, Client
from kindline.conversations import errors, fields, norms, opening
from kindline.conversations.keeping import guarded, held, keep, profile_of, progress_of, save
from kindline.conversations.models import Contact
from kindline.conversations.progress import Progress
from kindline.staff.models import Employee


def start_search(*, contact: Contact, by: str, employee: Employee | None, now: dt.datetime) -> None:
    """The operator begins to look for the client (`by` caller, name, account, address): the search is timed."""
    with guarded(contact, "search", employee=employee, now=now):
        keep(held(contact), "client_search_started", {"by": by}, employee=employee, now=now)


def set_client(*, contact: Contact, client: Client, via: str, employee: Employee | None, now: dt.datetime) -> Contact:
    """The client is found (`via` caller, name, account, address or created); what his card says need not be asked."""
    with guarded(contact, "set client", employee=employee, now=now):
        fresh = held(contact)
        opening.begin(fresh, now)
        profile = profile_of(fresh)
        if fresh.client_id != client.pk:
            searches = progress_of(fresh, profile).of_kind("client_search_started")
            since = searches[-1].at if searches else now
            data = {"client": client.pk, "via": via, "duration_s": (now - since).total_seconds()}
            keep(fresh, "client_found", data, employee=employee, now=now)
            fresh.client, fresh.account, fresh.identified_at = client, None, None
        fields.prefill(fresh, client, profile, employee, now)
        save(fresh, "client", "account", "identified_at")
        return fresh


def identify(
    *,
    contact: Contact,
    account: Account,
    given: Mapping[str, str],
    method: str = "asked",
    employee: Employee | None,
    now: dt.datetime,
) -> Contact:
    """The client named what proves who he is (`given`: field -> what he said) and it agrees with the account.

    Raises: MissingFieldsError for what the standard requires and was not named; MismatchError when something differs.
    """
    with guarded(contact, "identify", employee=employee, now=now):
        fresh = held(contact)
        opening.begin(fresh, now)
        named = {name: value for name, value in given.items() if str(value).strip()}
        _check_proof(fresh, account, named)
        fresh.client, fresh.account, fresh.identified_at = account.client, account, now
        data = {"client": account.client_id, "account": account.number, "method": method, "fields": sorted(named)}
        keep(fresh, "identified", data, employee=employee, now=now)
        for name, value in named.items():
            fields.write(fresh, name, value, "asked", employee=employee, now=now)
        fields.prefill(fresh, account.client, profile_of(fresh), employee, now)
        save(fresh, "client", "account", "identified_at")
        return fresh


def refuse_identification(*, contact: Contact, reason: str, employee: Employee | None, now: dt.datetime) -> Contact:
    """The client will not or cannot identify himself; account data stays closed."""
    with guarded(contact, "refuse identification", employee=employee, now=now):
        fresh = held(contact)
        opening.begin(fresh, now)
        keep(fresh, "identification_refused", {"reason": reason}, employee=employee, now=now)
        return fresh


def show_account(*, contact: Contact, account: Account, employee: Employee | None, now: dt.datetime) -> Account:
    """Open the data of an account for the operator.

    Raises: NotIdentifiedError while the client is not identified for this account, or a lock of the guide holds.
    """
    with guarded(contact, "account_shown", employee=employee, now=now):
        fresh = held(contact)
        progress = progress_of(fresh, profile_of(fresh))
        proven = fresh.identified_at is not None and fresh.client_id == account.client_id
        if not proven or progress.locking("account_shown"):
            raise errors.NotIdentifiedError(_locking_clauses(progress))
        keep(fresh, "account_shown", {"account": account.number}, employee=employee, now=now)
        return account


def _locking_clauses(progress: Progress) -> tuple[str, ...]:
    branches = [branch for branch in progress.script.branches if "account_shown" in branch.locks]
    steps = [step for branch in branches for step in branch.steps if step.required]
    return tuple(dict.fromkeys(clause for step in steps for clause in step.clauses))


def _check_proof(contact: Contact, account: Account, named: Mapping[str, str]) -> None:
    required = norms.required_fields(profile_of(contact), "identified", channel=contact.channel, direction="in")
    missing = norms.missing(required, named, ())
    if missing:
        raise errors.MissingFieldsError(missing)
    if not named:
        raise errors.MissingFieldsError({"account_number": ()})
    if not all(_agrees(account, name, value) for name, value in named.items()):
        raise errors.MismatchError("what was named does not agree with the account: check it and ask again")


def _agrees(account: Account, name: str, value: str) -> bool:
    client = account.client
    if name == "account_number":
        return folding.digits(value) == folding.digits(account.number)
    if name == "address":
        return _same_place(account, value)
    if name == "phone":
        tail = folding.digits(value)[-7:]
        return bool(tail) and any(folding.digits(point.value).endswith(tail) for point in client.points.all())
    if name in ("surname", "given_name", "patronymic"):
        return folding.words(value) == folding.words(str(getattr(client, name)))
    if name in ("client_name", "full_name"):
        return set(folding.words(value)) >= set(folding.words(f"{client.surname} {client.given_name}"))
    return False


def _same_place(account: Account, value: str) -> bool:
    """Street, house and flat were all named; the town may be left out."""
    premise = account.premise
    said = folding.address_words(value)
    place = folding.address_words(f"{premise.street} {premise.house} {premise.flat}")
    return bool(place) and all(said.count(word) >= place.count(word) for word in place)
