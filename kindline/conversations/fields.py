"""What is written down in a talk: each field once, known ones never asked again (yumek-9.2-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from kindline.clients import phones, queries
from kindline.clients.models import Client
from kindline.conversations import norms, opening
from kindline.conversations.errors import MissingFieldsError
from kindline.conversations.keeping import guarded, held, keep, profile_of, progress_of, put, save
from kindline.conversations.models import Contact
from kindline.journal.checking import storable
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

FROM_CARD = ("surname", "given_name", "patronymic", "residence")
LENGTH_MAX = 20_000
REASONS = {
    "dissatisfied": "dissatisfaction",
    "outside_judiciary": "no_consultation",
    "out_of_competence": "no_consultation",
}


def record_field(
    *,
    contact: Contact,
    field: str,
    value: Any,
    source: str = "asked",
    none: bool = False,
    employee: Employee | None,
    now: dt.datetime,
) -> Contact:
    """Write a field down (`source` asked, known or caller_id); `none` = the client answered that there is none.

    Some fields are more than a note: a reason, a measure and a language become facts of their own, and stay. Others
    are taken out again by an empty value, unless what was done already demanded them.
    """
    with guarded(contact, f"field {field}", employee=employee, now=now):
        fresh = held(contact)
        opening.begin(fresh, now)
        if none or _cleaned(fresh, field, value):
            write(fresh, field, value, source, none=none, employee=employee, now=now)
        else:
            _clear(fresh, field, employee, now)
        save(fresh)
        return fresh


def write(
    contact: Contact,
    field: str,
    value: Any,
    source: str,
    *,
    none: bool = False,
    employee: Employee | None,
    now: dt.datetime,
) -> None:
    """Write a field of a held contact; the same value again is nothing new."""
    cleaned = None if none else _cleaned(contact, field, value)
    nothing = [name for name in contact.guide.get("none", []) if name != field]
    if not none and (cleaned in (None, "") or contact.guide.get("fields", {}).get(field) == cleaned):
        return
    contact.guide["none"] = [*nothing, field] if none else nothing
    put(contact, "fields", field, cleaned)
    put(contact, "sources", field, source)
    keep(contact, "field_recorded", {"field": field, "source": source}, employee=employee, now=now)
    if not none:
        _own_fact(contact, field, cleaned, employee, now)


def _clear(contact: Contact, field: str, employee: Employee | None, now: dt.datetime) -> None:
    """Take out what was mistyped, or is not so any more: a fact of its own, for what was written down stays one.

    Raises: MissingFieldsError for what stays: it was demanded of what was done, or is a fact of its own by now.
    """
    fields = contact.guide.get("fields", {})
    if not fields.get(field):
        return
    by = _demanded_by(contact, field)
    if by or field in OWN_FACTS:
        raise MissingFieldsError({field: by})
    contact.guide["fields"] = {name: value for name, value in fields.items() if name != field}
    keep(contact, "field_cleared", {"field": field}, employee=employee, now=now)


def _demanded_by(contact: Contact, field: str) -> tuple[str, ...]:
    """The clauses that require the field of something that was done in this talk."""
    profile = profile_of(contact)
    progress = progress_of(contact, profile)
    filled = [name for name, value in progress.fields.items() if value not in (None, "") and name != field]
    talk = {"channel": contact.channel, "direction": contact.direction}
    needed = [one for kind in progress.flags for one in norms.required_fields(profile, kind, **talk)]
    needed += norms.to_be_written(profile, progress.facts, **talk)
    asking = [one for one in needed if field in (one.name, *one.others)]
    open_ones = [one for one in asking if not one.satisfied(filled, progress.none_fields)]
    return tuple(dict.fromkeys(clause for one in open_ones for clause in one.clauses))


def prefill(contact: Contact, client: Client, profile: Profile, employee: Employee | None, now: dt.datetime) -> None:
    """Write what the client's card already says, except what must prove who he is, and what was taken out again."""
    proofs = {one.name for one in norms.required_fields(profile, "identified", channel=contact.channel)}
    fields, sources = contact.guide.get("fields", {}), contact.guide.get("sources", {})
    taken_out = {name for name, source in sources.items() if source == "known" and not fields.get(name)}
    for field, value in known_of(client).items():
        if value and field not in proofs | taken_out and not fields.get(field):
            write(contact, field, value, "known", employee=employee, now=now)


def known_of(client: Client) -> dict[str, str]:
    """What a card says, by field."""
    held_by = queries.holdings(client)
    found = {field: str(getattr(client, field)) for field in FROM_CARD}
    found["phone"] = held_by.phones[0].value if held_by.phones else ""
    found["email"] = held_by.emails[0].value if held_by.emails else ""
    if len(held_by.accounts) == 1:
        found |= {"account_number": held_by.accounts[0].number, "address": str(held_by.accounts[0].premise)}
    return found


def _cleaned(contact: Contact, field: str, value: Any) -> Any:
    if isinstance(value, list):
        return [storable(str(one))[:LENGTH_MAX] for one in value]
    text = storable(str(value)).strip()[:LENGTH_MAX]
    if field == "phone":
        return phones.normalised(text, profile_of(contact).calendar.country) or text
    return text


OWN_FACTS = ("reason", "measure", "language")


def _own_fact(contact: Contact, field: str, value: Any, employee: Employee | None, now: dt.datetime) -> None:
    branch = contact.guide.get("branch", "")
    own: Mapping[str, tuple[str, dict[str, Any]]] = {
        "reason": ("reason_recorded", {"what": REASONS.get(branch, branch or "other"), "reason": value}),
        "measure": ("measure_taken", {"measure": value, "escalated": _escalated(contact, value)}),
        "language": ("language_agreed", {"language": value}),
    }
    if field in own:
        kind, data = own[field]
        keep(contact, kind, data, employee=employee, now=now)
        if field == "language":
            contact.language = str(value)[:2]
            contact.save(update_fields=["language"])


def _escalated(contact: Contact, measure: str) -> bool:
    """Whether a measure is one that only a supervisor decides, by the profile."""
    return measure in profile_of(contact).variable("supervisor_measures", [])
