"""The words of a step made ready to read aloud: who speaks, to whom, when, about what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from kindline.clients.models import Client
from kindline.conversations.models import Contact
from kindline.conversations.progress import Progress
from kindline.staff.models import Employee
from kindline.standard import names, phrases, placeholders
from kindline.standard.profile import Profile
from kindline.standard.scripts import Step

UNKNOWN = phrases.MISSING
GENDERS: Mapping[str, names.Gender] = {"m": "male", "f": "female"}
INTRODUCTIONS = {
    "given_name": ("given_name",),
    "given_patronymic": ("given_name", "patronymic"),
    "given_surname": ("given_name", "surname"),
    "full_name": ("surname", "given_name", "patronymic"),
}
PLAIN_FIELDS = ("matter", "reason", "specialist", "interval", "service", "office", "phone")


def said(step: Step, progress: Progress, context: Mapping[str, Any]) -> list[str]:
    """The step's phrases for the circumstances, with every placeholder filled."""
    return [filled(text, context) for text in step.words(progress.flags)]


def filled(text: str, context: Mapping[str, Any]) -> str:
    """A text with its placeholders filled."""
    return phrases.render(text, dict(context))


def context_of(contact: Contact, profile: Profile, progress: Progress, now: dt.datetime) -> dict[str, Any]:
    """What the placeholders of this contact stand for; what is not known yet shows as an ellipsis."""
    context: dict[str, Any] = dict.fromkeys(placeholders.NAMES, UNKNOWN)
    context |= {name: str(value) for name, value in profile.variables.items() if name in placeholders.NAMES}
    context["greeting"] = phrases.greeting(profile, now)
    context |= _operator(contact.employee, profile)
    context |= _colleague(progress)
    context |= {name: str(value) for name in PLAIN_FIELDS if (value := progress.fields.get(name))}
    context |= _service(profile, progress)
    context |= _client(contact, profile, progress)
    context |= _outcomes(profile, progress)
    return context


def client_name(contact: Contact, profile: Profile, fields: Mapping[str, Any]) -> str:
    """How the client is addressed: as he asked, else by his card or by what he said, in the proper form."""
    client = contact.client
    if client is not None and client.address_as:
        return client.address_as
    if said_name := fields.get("client_name"):
        return str(said_name)
    surname, given, patronymic = (str(fields.get(part, "")) for part in ("surname", "given_name", "patronymic"))
    if given or surname:
        return names.address(profile, surname, given, patronymic, GENDERS.get(client.gender) if client else None)
    return proper_name(client, profile) if client is not None else ""


def proper_name(client: Client, profile: Profile) -> str:
    """The form of address of a client by his card."""
    if client.address_as or not (client.given_name or client.surname):
        return client.address_as or client.firm_name
    gender = GENDERS.get(client.gender)
    return names.address(profile, client.surname, client.given_name, client.patronymic, gender)


def operator_words(employee: Employee | None, profile: Profile) -> dict[str, str]:
    """What the placeholders of an employee and of the profile itself stand for, where it is known."""
    told = {name: str(value) for name, value in profile.variables.items() if name in placeholders.NAMES}
    told |= {name: str(value) for name, value in _operator(employee, profile).items() if value not in (None, UNKNOWN)}
    return told


def _operator(employee: Employee | None, profile: Profile) -> dict[str, Any]:
    if employee is None:
        return {}
    form = INTRODUCTIONS.get(str(profile.variable("intro_form", "given_name")), INTRODUCTIONS["given_name"])
    unit = {} if "department" in profile.variables else {"department": employee.unit.name if employee.unit else UNKNOWN}
    return unit | {
        "operator_number": str(employee.number) if employee.number else UNKNOWN,
        "operator_name": " ".join(filter(None, (getattr(employee, part) for part in form))) or UNKNOWN,
        "operator_full_name": str(employee),
        "operator_given_name": employee.given_name or UNKNOWN,
        "gender": GENDERS.get(employee.gender),
    }


def _client(contact: Contact, profile: Profile, progress: Progress) -> dict[str, Any]:
    name = client_name(contact, profile, progress.fields)
    found: dict[str, Any] = {"client_name": name} if name else {}
    if specialist := progress.fields.get("specialist") or _colleague(progress).get("specialist"):
        found["specialist_dative"] = names.dative(profile.language, str(specialist))
    return found


def _colleague(progress: Progress) -> dict[str, Any]:
    """Who the call is passed on to, as soon as he was chosen: whose phone was called last, and his department.

    Clause: krc-5.6.4-18. A number outside, or a department where nobody is, is named as it was chosen.
    """
    called = [*progress.of_kind("transfer_offered")[-1:], *progress.of_kind("transfer_started")[-1:]]
    if not called:
        return {}
    chosen = max(called, key=lambda fact: fact.at).data
    person = Employee.objects.select_related("unit").filter(pk=chosen.get("target_employee")).first()
    if person is None:
        return {"specialist": chosen.get("target", UNKNOWN)}
    return {"specialist": str(person), "specialist_department": person.unit.name if person.unit else UNKNOWN}


def _service(profile: Profile, progress: Progress) -> dict[str, Any]:
    """The service whose passport was chosen, by its title."""
    chosen = profile.services.get(str(progress.fields.get("service", "")))
    if chosen is None:
        return {}
    terms = {name: getattr(chosen, name) for name in ("documents_term", "payment_term", "result_term")}
    return {"service": chosen.title[profile.language], **{name: text for name, text in terms.items() if text}}


def _outcomes(profile: Profile, progress: Progress) -> dict[str, Any]:
    found: dict[str, Any] = {"appeal_number": UNKNOWN}  # before there is one; the standard's variable is its pattern
    for fact in progress.of_kind("appeal_registered"):
        found["appeal_number"] = fact.data.get("number", UNKNOWN)
        found["deadline"] = _day(profile, fact.data.get("limit_at"))
    for fact in progress.of_kind("appeal_forwarded"):
        found["body"] = fact.data.get("body", UNKNOWN)
    due = progress.fields.get("due_at") or next(
        (fact.data.get("due_at") for fact in progress.of_kind("callback_promised")), None
    )
    if due:
        found["due"] = _moment(profile, str(due))
    if interval := progress.fields.get("interval"):
        found["duration"] = str(interval)
    return found


def _day(profile: Profile, moment: str | None) -> str:
    return dt.datetime.fromisoformat(moment).astimezone(profile.zone).strftime("%d.%m.%Y") if moment else UNKNOWN


def _moment(profile: Profile, moment: str) -> str:
    try:
        return dt.datetime.fromisoformat(moment).astimezone(profile.zone).strftime("%d.%m.%Y %H:%M")
    except ValueError:
        return moment
