"""Phrases: templates of the standard filled in, ready to be read aloud."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kindline.standard.placeholders import FOUND

if TYPE_CHECKING:
    from kindline.standard.profile import Profile

MISSING = "…"
GENDERS = ("male", "female")


class UnknownPlaceholder(Exception):  # noqa: N818 - said as it reads where it is caught
    """A template asks for something that was not given: give it in the context, or correct the template."""

    def __init__(self, name: str, template: str) -> None:
        self.name = name
        super().__init__(f"nothing is given for {{{name}}} in {template!r}")


def render(template: str, context: Mapping[str, Any]) -> str:
    """The template with every placeholder replaced.

    A value that is known to be missing (None or empty) becomes "…", for the operator to say what fits.
    `gender` is the operator's: male, female, or None for both forms. Raises: UnknownPlaceholder.
    """
    return FOUND.sub(lambda match: _value(match[1], template, context), template)


def _value(inside: str, template: str, context: Mapping[str, Any]) -> str:
    if inside.startswith("gender:"):
        return _by_gender(inside.removeprefix("gender:"), context.get("gender"))
    if inside not in context:
        raise UnknownPlaceholder(inside, template)
    value = context[inside]
    return MISSING if value is None or str(value).strip() == "" else str(value)


def _by_gender(forms: str, gender: Any) -> str:
    """вынужден|вынуждена: the form of the gender, or both where it is not known."""
    male, _, female = forms.partition("|")
    return {"male": male, "female": female}.get(str(gender), f"{male} / {female}")


def greeting(profile: Profile, now: dt.datetime) -> str | None:
    """The greeting of the part of the day, by the profile's bounds and zone; None where it sets none."""
    parts = sorted(profile.variable("day_parts") or (), key=lambda part: str(part["from"]))
    if not parts:
        return None
    local = f"{now.astimezone(profile.zone):%H:%M}"
    begun = [part for part in parts if part["from"] <= local]
    return str((begun or parts)[-1]["greeting"])
