"""What every template knows: the organisation's name and the languages of the interface."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kindline.desk import house

LANGUAGES = (("uk", "УКР"), ("ru", "РУС"), ("en", "ENG"))


def everywhere(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - a context processor's shape
    """The organisation and the languages."""
    profile = house.profile()
    company = profile.variable("company") or profile.title
    return {"organisation": company, "languages": LANGUAGES, "profile": profile}
