"""Which fields of the program hold what a standard calls personal data (`value: {pd_fields: […]}`).

What is marked here is told apart everywhere: it is struck out before an answer is published, goes when a person is
erased, and looking at the card that shows it is a fact. A new field of that meaning is refused until it is marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.apps import apps

from kindline.standard.profile import Profile

HELD: Mapping[str, tuple[str, ...]] = {
    "surname": ("clients.Client.surname", "appeals.Appeal.surname", "correspondence.Paper.surname",
                "conversations.Callback.name", "site.Meeting.surname", "site.Consultation.surname"),
    "name": ("clients.Client.given_name", "appeals.Appeal.given_name", "correspondence.Paper.given_name",
             "clients.Client.address_as", "clients.Client.dative_as", "site.Meeting.given_name",
             "site.Consultation.given_name"),
    "patronymic": ("clients.Client.patronymic", "appeals.Appeal.patronymic", "correspondence.Paper.patronymic",
                   "site.Meeting.patronymic", "site.Consultation.patronymic"),
    "registration_address": ("clients.Client.residence", "appeals.Appeal.residence", "correspondence.Paper.address"),
    "address": ("clients.Client.residence", "appeals.Appeal.residence", "correspondence.Paper.address"),
    "phone": ("clients.ContactPoint.value", "appeals.Appeal.phone", "conversations.Callback.phone",
              "notifications.NoticeSubscription.address"),
    "email": ("clients.ContactPoint.value", "appeals.Appeal.email", "notifications.NoticeSubscription.address"),
    "org_name": ("clients.Client.firm_name", "appeals.Appeal.firm_name", "correspondence.Paper.firm_name"),
    "head_full_name": ("appeals.Appeal.surname", "appeals.Appeal.given_name", "appeals.Appeal.patronymic"),
}  # fmt: skip
"""What the standard names, and the fields (app.Model.field) that hold it."""
NOT_KEPT = ("passport", "birth_date", "birth_place", "requisites", "fax")
"""What the standard names and the program never asks for: it may stand in a text alone, and is struck out there."""
WORDS = (
    "surname",
    "given_name",
    "patronymic",
    "residence",
    "passport",
    "birth",
    "firm_name",
    "address_as",
    "dative_as",
)
"""A field with one of these in its name holds personal data."""
STAFF = ("staff.Employee",)
"""Whose name the standard has said aloud, written in answers and worn on a badge."""


def faults() -> list[str]:
    """Fields that are not marked as they should be. Clause: krc-2-33, krc-2-34."""
    marked = {name for names in HELD.values() for name in names}
    there = {f"{model}.{field}" for model, field in _fields()}
    unmarked = [name for name in sorted(there - marked) if _means_a_person(name)]
    return [
        *(f"{name} holds personal data and is not marked in quality.personal_data" for name in unmarked),
        *(f"{name} is marked and is not there" for name in sorted(marked - there)),
    ]


def _fields() -> Iterator[tuple[str, str]]:
    for model in apps.get_models():
        if model.__module__.startswith("kindline."):
            label = f"{model._meta.app_label}.{model.__name__}"
            yield from ((label, field.name) for field in model._meta.get_fields() if field.concrete)


def _means_a_person(name: str) -> bool:
    model, _, field = name.rpartition(".")
    return model not in STAFF and any(word in field for word in WORDS)


def unsaid(profile: Profile) -> list[str]:
    """What the standard names as personal data, and nobody says where it is held. Clause: krc-2-33, krc-2-34."""
    named = {one for clause in profile.clauses.values() for one in clause.value.get("pd_fields", ())}
    return sorted(named - set(HELD) - set(NOT_KEPT))
