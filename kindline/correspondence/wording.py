"""Letters made from the standard's own texts: filled in, in the right language, or shown as an example."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kindline.correspondence import norms
from kindline.correspondence.addressing import NOBODY, Person, dative, salutation
from kindline.correspondence.errors import UnknownTemplateError
from kindline.correspondence.norms import Draft
from kindline.standard import phrases, placeholders
from kindline.standard.messages import Message
from kindline.standard.profile import Profile

EXAMPLE = {
    "ru": Person("Петров", "Иван", "Сергеевич", "m"),
    "uk": Person("Петренко", "Іван", "Сергійович", "m"),
    "en": Person("Brown", "John", "", "m"),
}


@dataclass(frozen=True, slots=True)
class Occasion:
    """To whom and on what occasion a text is written."""

    language: str
    person: Person = NOBODY
    origin: str = ""
    values: Mapping[str, Any] | None = None


def template(profile: Profile, name: str, language: str) -> Message:
    """The standard's text of that name. Raises: UnknownTemplateError when it has none in that language."""
    found = profile.messages.get(name)
    if found is None or language not in found.wordings:
        raise UnknownTemplateError(f"the standard {profile.id} has no text {name!r} in {language!r}: see its messages/")
    return found


def written(profile: Profile, name: str, occasion: Occasion) -> Draft:
    """The text filled in. Raises: UnknownTemplateError, and when a value that it needs is missing."""
    found = template(profile, name, occasion.language)
    wording = found.wordings[occasion.language]
    known = _values(profile, occasion)
    lacking = [
        one for one in placeholders.names(wording.subject + wording.text) if not str(known.get(one) or "").strip()
    ]
    if lacking:
        raise UnknownTemplateError(f"{name!r} needs {', '.join(lacking)}: give what is missing")
    return _draft(profile, found, occasion, known)


def preview(profile: Profile, name: str, language: str) -> Draft:
    """The text with example values; what only the occasion knows stands as …"""
    occasion = Occasion(language, EXAMPLE.get(language, NOBODY), origin="email")
    known = dict.fromkeys(placeholders.NAMES) | _values(profile, occasion)
    return _draft(profile, template(profile, name, language), occasion, known)


def _draft(profile: Profile, found: Message, occasion: Occasion, known: Mapping[str, Any]) -> Draft:
    wording = found.wordings[occasion.language]
    subject = phrases.render(wording.subject, known) or norms.prescribed_subject(profile, occasion.origin)
    return Draft(
        subject=subject, text=phrases.render(wording.text, known), language=occasion.language, origin=occasion.origin,
        person=occasion.person, template=found.id, template_version=found.version, is_automatic=found.automatic,
    )  # fmt: skip


def _values(profile: Profile, occasion: Occasion) -> dict[str, Any]:
    person, language = occasion.person, occasion.language
    named = {
        "salutation": salutation(language, person),
        "client_name": str(person),
        "client_name_dative": dative(language, person),
    }
    return {**norms.values(profile), **named, **(occasion.values or {})}


def shown_date(moment: dt.datetime, profile: Profile) -> str:
    """A date as letters carry it, on the organisation's calendar."""
    return f"{moment.astimezone(profile.zone):%d.%m.%Y}"
