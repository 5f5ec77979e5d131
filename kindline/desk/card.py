"""The client's card as the operator's screen draws it: who, accounts, what is open, what was said before."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import formats

from kindline.appeals import wording as appeal_words
from kindline.appeals.models import Appeal
from kindline.clients import queries as clients
from kindline.clients.models import Account, Client
from kindline.conversations import wording as conversation_words
from kindline.conversations.models import Contact
from kindline.desk import house, metering, preferring, wording
from kindline.journal.models import Fact
from kindline.standard.profile import Profile

PREVIOUS = 6


def brief(client: Client) -> dict[str, Any]:
    """A client in a list: the name and what tells him from others of that name (never an account's data)."""
    places = [str(account.premise) for account in client.accounts.all()]
    return {
        "id": client.pk,
        "name": str(client),
        "about": "; ".join(dict.fromkeys([*places, client.residence])).strip("; "),
    }


def card(client: Client, contact: Contact, profile: Profile, now: dt.datetime) -> dict[str, Any]:
    """The whole card; accounts that have not been shown in this contact carry no data."""
    held = clients.holdings(client)
    shown = shown_in(contact)
    return {
        "id": client.pk,
        "name": str(client),
        "about": "",
        "kind": client.kind,
        "address_as": conversation_words.proper_name(client, profile),
        "language": client.language,
        "residence": client.residence,
        "do_not_call": client.do_not_call,
        "survey_consent": client.survey_consent,
        **preferring.shown(client),
        "phones": [point.value for point in held.phones],
        "emails": [point.value for point in held.emails],
        "accounts": [_account(account, account.number in shown, profile, now) for account in held.accounts],
        "contacts": [previous(other) for other in _previous(client, contact)],
        "appeals": [appeal(other, now) for other in _open_appeals(client)],
    }


def candidates(contact: Contact, profile: Profile) -> list[Client]:
    """Clients who are known by the number that calls, or is called."""
    if not contact.number or contact.client_id:
        return []
    return clients.by_caller(contact.number, profile.calendar.country)


def previous(contact: Contact) -> dict[str, Any]:
    """An earlier contact in a line."""
    script = house.profile().scripts.get(contact.guide.get("script", ""))
    titles = {outcome.id: outcome.title for outcome in script.outcomes} if script else {}
    outcome = titles.get(contact.outcome)
    return {
        "id": str(contact.pk),
        "channel": contact.channel,
        "direction": contact.direction,
        "at": _moment(contact.started_at),
        "topic": contact.topic.title if contact.topic else "",
        "outcome": house.titled(outcome) if outcome else contact.outcome,
        "summary": contact.summary[:160],
        "employee": str(contact.employee) if contact.employee else "",
    }


def appeal(found: Appeal, now: dt.datetime) -> dict[str, Any]:
    """An appeal in a line, with its limit and how that came about."""
    return {
        "id": found.pk,
        "number": found.number,
        "kind": appeal_words.kind_title(found.kind),
        "topic": found.topic.title if found.topic else "",
        "state": wording.appeal_state_title(found.state),
        "registered": _moment(found.registered_at),
        "limit": _day(found.limit_at),
        "overdue": bool(found.limit_at and found.closed_at is None and found.limit_at < now),
        "derivation": list(found.derivation),
        "clauses": list(found.limit_clauses),
    }


def _account(account: Account, shown: bool, profile: Profile, now: dt.datetime) -> dict[str, Any]:
    if not shown:
        hidden = {"id": account.pk, "number": str(account.pk), "address": "", "balance": "", "balance_on": ""}
        return {"service": account.service, "shown": False, "meters": [], **hidden}
    return {
        "id": account.pk,
        "number": account.number,
        "service": account.service,
        "address": str(account.premise),
        "balance": formats.number_format(account.balance, 2, force_grouping=True),
        "balance_on": formats.date_format(account.balance_on, "SHORT_DATE_FORMAT") if account.balance_on else "",
        "shown": True,
        "meters": metering.meters_of(account, now.astimezone(profile.zone).date()),
    }


def shown_in(contact: Contact) -> set[str]:
    """The accounts that were opened in this contact."""
    facts = Fact.objects.filter(subject_type="contact", subject_id=str(contact.pk), kind="account_shown")
    return {str(fact.data.get("account")) for fact in facts.filter(at__gte=contact.started_at)}


def _previous(client: Client, contact: Contact) -> list[Contact]:
    found = Contact.objects.filter(client=client).exclude(pk=contact.pk).order_by("-started_at")
    return list(found.select_related("topic", "employee")[:PREVIOUS])


def _open_appeals(client: Client) -> list[Appeal]:
    found = Appeal.objects.filter(client=client, closed_at=None)
    return list(found.select_related("topic").order_by("limit_at")[:10])


def _moment(value: dt.datetime) -> str:
    here = house.local(value)
    return f"{formats.date_format(here, 'SHORT_DATE_FORMAT')} {here:%H:%M}" if here else ""


def _day(value: dt.datetime | None) -> str:
    here = house.local(value)
    return formats.date_format(here, "SHORT_DATE_FORMAT") if here else ""
